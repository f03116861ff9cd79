import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeUtf8, toUtf8 } from "../bytes.js";
import { filterJson } from "./filter-json.js";
import { filterByReference, pathsOf } from "./filter-json.reference.js";
import { anyOperations, blindDestroys, documents, stageOf } from "./random-documents.reference.js";

const limits = { maxJsonDepth: 512, maxScalarBytes: 1024 };
const someOperations = fc.array(anyOperations, { minLength: 1, maxLength: 4 });
const someDestroys = fc.array(blindDestroys, { minLength: 1, maxLength: 4 });

function filter(text: string, ...stages: Parameters<typeof stageOf>[0][]) {
  const result = filterJson(toUtf8(text), stages.map(stageOf), limits);
  return result.ok ? { text: decodeUtf8(result.bytes) ?? "", receipts: result.receipts } : undefined;
}

describe("a filtered document", () => {
  it("is, byte for byte and receipt for receipt, what the naive twin makes of it", () => {
    let changed = 0;
    fc.assert(
      fc.property(documents, fc.array(someOperations, { minLength: 1, maxLength: 3 }), (text, stages) => {
        const expected = filterByReference(
          text,
          stages.map((stage) => stage.map(({ reference }) => reference)),
        );
        const actual = filter(text, ...stages);
        expect(actual?.text).toBe(expected?.text);
        expect(actual?.receipts.map(({ nodes, paths }) => ({ nodes, paths }))).toEqual(expected?.receipts);
        if (actual !== undefined && actual.text !== text) changed++;
      }),
      { numRuns: 2000 },
    );
    expect(changed).toBeGreaterThan(500);
  });

  it("holds no path that a destroy matches", () => {
    fc.assert(
      fc.property(documents, someDestroys, (text, operations) => {
        const left = pathsOf(filter(text, operations)?.text ?? "[]") ?? [];
        expect(
          left.filter((path) => operations.some(({ reference }) => reference.pattern.test(path))),
        ).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });

  it("is a subsequence of the one that came in", () => {
    fc.assert(
      fc.property(documents, someOperations, (text, operations) => {
        const left = filter(text, operations)?.text ?? "";
        let from = 0;
        for (const unit of left) from = text.indexOf(unit, from) + 1 || Number.POSITIVE_INFINITY;
        expect(from).toBeLessThanOrEqual(text.length);
      }),
    );
  });

  it("is the very same object when nothing matches", () => {
    fc.assert(
      fc.property(documents, (text) => {
        const bytes = toUtf8(text);
        const result = filterJson(bytes, [], limits);
        expect(result.ok && result.bytes === bytes).toBe(true);
      }),
    );
    fc.assert(
      fc.property(documents, someDestroys, (text, operations) => {
        const paths = pathsOf(text) ?? [];
        fc.pre(!paths.some((path) => operations.some(({ reference }) => reference.pattern.test(path))));
        const bytes = toUtf8(text);
        const result = filterJson(bytes, [stageOf(operations)], limits);
        expect(result.ok && result.bytes === bytes).toBe(true);
      }),
    );
  });

  it("stays as it is when it is filtered again", () => {
    fc.assert(
      fc.property(documents, someDestroys, (text, operations) => {
        const once = filter(text, operations)?.text ?? "[]";
        expect(filter(once, operations)?.text).toBe(once);
      }),
    );
  });

  it("is still JSON", () => {
    fc.assert(
      fc.property(documents, fc.array(someOperations, { minLength: 1, maxLength: 3 }), (text, stages) => {
        const left = filter(text, ...stages);
        if (left !== undefined) JSON.parse(left.text);
      }),
    );
  });

  it("does not depend on the order of the operations of a stage", () => {
    fc.assert(
      fc.property(documents, someOperations, (text, operations) => {
        expect(filter(text, operations.toReversed())?.text).toBe(filter(text, operations)?.text);
      }),
    );
  });
});
