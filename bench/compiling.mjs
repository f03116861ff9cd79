// How long it takes to compile what was not seen before, in a process that holds no other policies: on a large heap the
// garbage collector would be measured too.
import { compilePolicy, parsePolicy } from "@sallyport/core";
import { listDocument } from "./documents.mjs";
import { destroying, filterBy } from "./filtering.mjs";
import { consume, quantile } from "./harness.mjs";
import { answerOf, answerWhenAsked } from "./own-process.mjs";
import { thirtyPatterns } from "./pattern-sets.mjs";
import { workingTime } from "./probes.mjs";
import { policyOf, rulesOf } from "./rule-sets.mjs";

/**
 * What is compiled, from something made outside the time. A `variant` gives patterns that no other one has, since
 * patterns that were compiled once are remembered.
 */
const KINDS = {
  /** A policy of so many rules. */
  rules: {
    warmUps: 2,
    times: 1,
    fresh: (count, variant) => policyOf(rulesOf({ count, shape: "typical", label: `r${variant}x` })),
    compile: (document) => consume(compilePolicy(parsePolicy(document)).hash.length),
  },
  /** Thirty patterns, and the first document of so many bytes through them. */
  filter: {
    warmUps: 100,
    times: 20,
    fresh: (bytes, variant) => ({
      patterns: thirtyPatterns(`v${variant}`),
      document: listDocument({ bytes, isDirty: true, seed: 1 }),
    }),
    compile: ({ patterns, document }) => consume(filterBy(destroying(patterns))(document).length),
  },
};

/**
 * Milliseconds in a new process that is warm: the median of a few times.
 *
 * @param {keyof typeof KINDS} kind
 * @param {number} size
 * @returns {Promise<number>}
 */
export function compilingMs(kind, size) {
  return answerOf(import.meta.url, [kind, String(size)]);
}

function measure(kind, size) {
  const { warmUps, times, fresh, compile } = KINDS[kind];
  const measured = Array.from({ length: warmUps + times }, (_, variant) => {
    const made = fresh(Number(size), variant);
    return workingTime(() => compile(made)).ms;
  });
  return quantile(measured.slice(warmUps), 0.5);
}

await answerWhenAsked(import.meta.url, measure);
