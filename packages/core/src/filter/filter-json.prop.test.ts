import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeUtf8, toUtf8 } from "../bytes.js";
import { runs } from "../runs.reference.js";
import { filterJson } from "./filter-json.js";
import { filterByReference, pathsOf } from "./filter-json.reference.js";
import { documents, recordLists } from "./random-documents.reference.js";
import {
  anyCuts,
  anyDestroys,
  anyOperations,
  anyStages,
  blindDestroys,
  hashOf,
  type StagePairs,
  stageOf,
} from "./random-stages.reference.js";

const options = { maxJsonDepth: 512, maxScalarBytes: 1024 * 1024, hash: hashOf };
const anyDocument = fc.oneof({ weight: 5, arbitrary: documents }, { weight: 1, arbitrary: recordLists });
const stageFrom = (operations: typeof anyOperations) => fc.array(operations, { minLength: 1, maxLength: 4 });
const someOperations = stageFrom(anyOperations);
const someDestroys = stageFrom(anyDestroys);
const someBlindDestroys = stageFrom(blindDestroys);
const someCuts = stageFrom(anyCuts);

function filter(text: string, ...stages: readonly StagePairs[]) {
  const result = filterJson(toUtf8(text), stages.map(stageOf), options);
  return result.ok ? { text: decodeUtf8(result.bytes) ?? "", receipts: result.receipts } : undefined;
}

describe("a filtered document", () => {
  it("is, byte for byte and receipt for receipt, what the naive twin makes of it", () => {
    const effects = new Map<string, number>();
    fc.assert(
      fc.property(anyDocument, anyStages, (text, stages) => {
        const expected = filterByReference(
          text,
          stages.map((stage) => stage.map(({ reference }) => reference)),
          hashOf,
        );
        const actual = filter(text, ...stages);
        expect(actual?.text).toBe(expected?.text);
        expect(actual?.receipts.map(({ nodes, paths }) => ({ nodes, paths }))).toEqual(expected?.receipts);
        for (const { effect, nodes } of actual?.receipts ?? []) {
          if (nodes > 0) effects.set(effect, (effects.get(effect) ?? 0) + 1);
        }
      }),
      { numRuns: runs(1500) },
    );
    // The comparison is worth nothing where nothing happens.
    for (const effect of ["destroy", "retain", "mask", "hash"]) {
      expect({ effect, often: (effects.get(effect) ?? 0) > runs(50) }).toEqual({ effect, often: true });
    }
  });

  it("is withheld when a hash without a key would stand in it, and else as with one", () => {
    fc.assert(
      fc.property(documents, someOperations, (text, stage) => {
        const reference = stage.map((pair) => pair.reference);
        const result = filterJson(toUtf8(text), [stageOf(stage)], { ...options, hash: undefined });
        expect(result.ok ? decodeUtf8(result.bytes) : undefined).toBe(
          filterByReference(text, [reference])?.text,
        );
      }),
      { numRuns: runs(300) },
    );
  });

  it("holds no path that a destroy matches", () => {
    fc.assert(
      fc.property(documents, someBlindDestroys, (text, operations) => {
        fc.pre(operations.every(({ reference }) => reference.matchValue === undefined));
        const left = pathsOf(filter(text, operations)?.text ?? "[]") ?? [];
        expect(
          left.filter((path) => operations.some(({ reference }) => reference.pattern.test(path))),
        ).toEqual([]);
      }),
      { numRuns: runs(300) },
    );
  });

  it("is a subsequence of the one that came in, if nothing is replaced", () => {
    fc.assert(
      fc.property(documents, someCuts, (text, operations) => {
        const left = filter(text, operations)?.text ?? "";
        let from = 0;
        for (const unit of left) from = text.indexOf(unit, from) + 1 || Number.POSITIVE_INFINITY;
        expect(from).toBeLessThanOrEqual(text.length);
      }),
      { numRuns: runs(200) },
    );
  });

  it("is the very same object when nothing matches", () => {
    fc.assert(
      fc.property(documents, (text) => {
        const bytes = toUtf8(text);
        const result = filterJson(bytes, [], options);
        expect(result.ok && result.bytes === bytes).toBe(true);
      }),
      { numRuns: runs(100) },
    );
    fc.assert(
      fc.property(documents, someDestroys, (text, operations) => {
        const paths = pathsOf(text) ?? [];
        fc.pre(!paths.some((path) => operations.some(({ reference }) => reference.pattern.test(path))));
        const bytes = toUtf8(text);
        const result = filterJson(bytes, [stageOf(operations)], options);
        expect(result.ok && result.bytes === bytes).toBe(true);
      }),
      { numRuns: runs(100) },
    );
  });

  it("stays as it is when what does not depend on an index is destroyed again", () => {
    fc.assert(
      fc.property(documents, someBlindDestroys, (text, operations) => {
        const once = filter(text, operations)?.text ?? "[]";
        const twice = filter(once, operations);
        expect(twice?.text).toBe(once);
        expect(twice?.receipts.map(({ nodes }) => nodes)).toEqual(operations.map(() => 0));
      }),
      { numRuns: runs(200) },
    );
  });

  it("is still JSON", () => {
    fc.assert(
      fc.property(anyDocument, anyStages, (text, stages) => {
        const left = filter(text, ...stages);
        if (left !== undefined) JSON.parse(left.text);
      }),
      { numRuns: runs(300) },
    );
  });

  it("does not depend on the order of the operations of a stage", () => {
    fc.assert(
      fc.property(documents, someOperations, (text, operations) => {
        const forth = filter(text, operations);
        const back = filter(text, operations.toReversed());
        expect(back?.text).toBe(forth?.text);
        expect(back?.receipts.toReversed()).toEqual(forth?.receipts);
      }),
      { numRuns: runs(200) },
    );
  });

  it("is what its stages make of it one by one", () => {
    fc.assert(
      fc.property(documents, anyStages, (text, stages) => {
        const oneByOne = stages.reduce<string | undefined>(
          (left, stage) => (left === undefined ? undefined : filter(left, stage)?.text),
          text,
        );
        expect(filter(text, ...stages)?.text).toBe(oneByOne);
      }),
      { numRuns: runs(150) },
    );
  });

  it("does not depend on the documents that the same stage has seen before", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(anyDocument, fc.nat(4)), { minLength: 2, maxLength: 6 }),
        someOperations,
        (texts, operations) => {
          const stage = stageOf(operations);
          for (const [text, cut] of texts) {
            // Some are withheld, in whatever state that leaves the stage.
            const bytes = toUtf8(cut === 0 ? text.slice(0, text.length >> 1) : text);
            const used = filterJson(bytes, [stage], options);
            expect(used).toEqual(filterJson(bytes, [stageOf(operations)], options));
          }
        },
      ),
      { numRuns: runs(150) },
    );
  });
});
