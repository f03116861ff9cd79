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
    // The engine still gets faster at the fifth policy of this size.
    warmUps: 5,
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
 * Milliseconds in a new process: the median of a few times, after the warm-ups of the kind or so many.
 *
 * @param {keyof typeof KINDS} kind
 * @param {number} size
 * @param {{ warmUps?: number }} [options]
 * @returns {Promise<number>}
 */
export function compilingMs(kind, size, { warmUps = KINDS[kind].warmUps } = {}) {
  return answerOf(import.meta.url, [kind, String(size), String(warmUps)]);
}

function measure(kind, size, given) {
  const { times, fresh, compile } = KINDS[kind];
  const warmUps = Number(given);
  const measured = Array.from({ length: warmUps + times }, (_, variant) => {
    const made = fresh(Number(size), variant);
    return workingTime(() => compile(made)).ms;
  });
  return quantile(measured.slice(warmUps), 0.5);
}

await answerWhenAsked(import.meta.url, measure);
