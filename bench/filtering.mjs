// The filter from bytes to bytes, beside merely parsing the same bytes.
import { strict as assert } from "node:assert";
import { compilePattern, filterJson } from "@sallyport/core";
import { listDocument, SENSITIVE } from "./documents.mjs";
import { consume, cycled } from "./harness.mjs";
import { naiveDestroy } from "./naive.mjs";

/** The defaults of a policy. */
export const LIMITS = { maxJsonDepth: 512, maxScalarBytes: 2 ** 20 };

/**
 * Stages as a policy with one destroying operation a pattern comes to. New ones each time: what is learnt about
 * documents stays with a stage, and no candidate shall profit from another's.
 *
 * @param {readonly import("@sallyport/core").PatternInput[]} patterns
 * @returns {import("@sallyport/core").Stage[]}
 */
export function destroying(patterns) {
  const operations = patterns.map((pattern, index) => ({
    effect: "destroy",
    pattern: compilePattern(pattern),
    values: new Map(),
    filterId: "no-secrets",
    entityId: "shop-api",
    operationId: `operations/${index}`,
  }));
  return [{ scope: "proxy", operations }];
}

/**
 * `filterJson` for documents that must not be withheld.
 *
 * @param {readonly import("@sallyport/core").Stage[]} stages
 * @returns {(bytes: Uint8Array) => Uint8Array}
 */
export function filterBy(stages) {
  return (bytes) => {
    const result = filterJson(bytes, stages, LIMITS);
    if (!result.ok) throw new Error(result.reason);
    return result.bytes;
  };
}

/** As a contest's `run`, in MB/s. @param {readonly Uint8Array[]} documents */
export function overDocuments(documents, operation) {
  return cycled(documents, (bytes) => {
    operation(bytes);
    return bytes.length / 1e6;
  });
}

/** Throws unless the result is the naive twin's to the byte. Says where, since documents may be long. */
export function assertDestroyed(result, bytes) {
  const expected = naiveDestroy(bytes, new RegExp(SENSITIVE.pattern, SENSITIVE.flags));
  if (expected.equals(result)) return;
  const at = expected.findIndex((byte, index) => byte !== result[index]);
  assert.fail(`not what the naive twin leaves, from byte ${at < 0 ? expected.length : at}`);
}

/**
 * @param {{ kind: "dirty" | "clean", size: string, bytes: number, documents?: number }} options `size` is what the
 *   figure calls `bytes`
 * @returns {import("./harness.mjs").Contest}
 */
export function filtering({ kind, size, bytes, documents: count = 8 }) {
  const documents = Array.from({ length: count }, (_, seed) =>
    listDocument({ bytes, isDirty: kind === "dirty", seed }),
  );
  const filter = filterBy(destroying([SENSITIVE]));
  const what = kind === "dirty" ? "5 properties destroyed in each record" : "nothing to destroy";
  return {
    title: `Filter: ${kilobytes(documents[0])} of ${kind} JSON, bytes to bytes, ${what}`,
    unit: "MB/s",
    verify() {
      for (const document of documents) {
        const result = filter(document);
        assertDestroyed(result, document);
        assert.equal(result.length < document.length, kind === "dirty");
      }
    },
    baseline: {
      words: "JSON.parse(buffer.toString())",
      run: overDocuments(documents, (document) => consume(JSON.parse(document.toString()).data.length)),
    },
    candidates: [
      {
        figure: `filter.${kind}.${size}`,
        words: "filterJson",
        run: overDocuments(documents, (document) => consume(filter(document).length)),
      },
    ],
  };
}

/** How long a document is, for a title. @param {Uint8Array} document */
export function kilobytes({ length }) {
  return `${(length / 1024).toLocaleString("en-US", { maximumFractionDigits: 1 })} KB`;
}
