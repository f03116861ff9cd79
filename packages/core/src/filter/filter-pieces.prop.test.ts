import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeUtf8, toUtf8 } from "../bytes.js";
import { runs } from "../runs.reference.js";
import { createJsonFilter, type FilterOptions, type FilterResult, filterJson } from "./filter-json.js";
import { documents, editedText, edits, recordLists } from "./random-documents.reference.js";
import { anyOperations, anyStages, hashOf, type StagePairs, stageOf } from "./random-stages.reference.js";

const options = { maxJsonDepth: 512, maxScalarBytes: 1024 * 1024, hash: hashOf };
const anyDocument = fc.oneof({ weight: 4, arbitrary: documents }, { weight: 1, arbitrary: recordLists });
const someOperations = fc.array(anyOperations, { minLength: 1, maxLength: 4 });

/** Lengths of pieces, used in turn. */
const cuts = fc.oneof(
  fc.constant([1]),
  fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 8 }),
  fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 4 }),
);

function piecesOf(bytes: Uint8Array, lengths: readonly number[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    // A row of empty pieces would never come to an end.
    const length = Math.max(lengths[turn % lengths.length] ?? 1, turn % lengths.length === 0 ? 1 : 0);
    pieces.push(bytes.subarray(at, at + length));
    at += length;
  }
  return pieces;
}

type Handed = (piece: Uint8Array) => Uint8Array;

/** What comes out of a document that goes in piece by piece. */
function filterPieces(
  bytes: Uint8Array,
  lengths: readonly number[],
  stages: readonly StagePairs[],
  limits: FilterOptions = options,
  handed: Handed = (piece) => piece,
): FilterResult {
  const filter = createJsonFilter(stages.map(stageOf), limits);
  const out: Uint8Array[] = [];
  for (const piece of piecesOf(bytes, lengths)) {
    const given = handed(piece);
    const written = filter.write(given);
    if (!written.ok) break;
    out.push(written.bytes.slice());
    // The piece is the caller's again, who may read into it what comes next.
    if (given !== piece) given.fill(0x22);
  }
  const ended = filter.end();
  return ended.ok ? { ...ended, bytes: Buffer.concat(out) } : ended;
}

/** In a form in which results can be compared, and failures read. */
function summary(result: FilterResult) {
  return result.ok ? { text: decodeUtf8(result.bytes), receipts: result.receipts } : "withheld";
}

function whole(bytes: Uint8Array, stages: readonly StagePairs[], limits: FilterOptions = options) {
  return filterJson(bytes, stages.map(stageOf), limits);
}

describe("a document in pieces", () => {
  it("comes out as if it had come whole, wherever it is cut", () => {
    fc.assert(
      fc.property(anyDocument, anyStages, cuts, (text, stages, lengths) => {
        const bytes = toUtf8(text);
        expect(summary(filterPieces(bytes, lengths, stages))).toEqual(summary(whole(bytes, stages)));
      }),
      { numRuns: runs(800) },
    );
  });

  it("is withheld exactly if it is withheld whole, when it is malformed", () => {
    fc.assert(
      fc.property(documents, edits, someOperations, cuts, (text, list, operations, lengths) => {
        const bytes = toUtf8(editedText(text, list));
        expect(summary(filterPieces(bytes, lengths, [operations]))).toEqual(
          summary(whole(bytes, [operations])),
        );
      }),
      { numRuns: runs(600) },
    );
  });

  it("is withheld exactly if it is withheld whole, when bytes of it are changed", () => {
    const changes = fc.array(fc.tuple(fc.nat(2000), fc.nat(255)), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(documents, changes, someOperations, cuts, (text, list, operations, lengths) => {
        const bytes = toUtf8(text);
        for (const [at, byte] of list) bytes[at % bytes.length] = byte;
        expect(summary(filterPieces(bytes, lengths, [operations]))).toEqual(
          summary(whole(bytes, [operations])),
        );
      }),
      { numRuns: runs(300) },
    );
  });

  it("is withheld exactly if it is withheld whole, whatever limit it meets", () => {
    const gap = fc.constantFrom("", " ".repeat(9), "\n".repeat(30), "\t".repeat(70), " ".repeat(150));
    const spread = fc
      .tuple(documents, fc.array(fc.tuple(fc.nat(400), gap), { maxLength: 4 }))
      .map(([text, gaps]) => gaps.reduce((left, [at, space]) => spacedAt(left, at, space), text));
    const limits = fc.record({
      maxJsonDepth: fc.integer({ min: 1, max: 6 }),
      maxScalarBytes: fc.constantFrom(8, 12, 20, 33, 64),
      hash: fc.constantFrom(hashOf, undefined),
    });
    let withheld = 0;
    fc.assert(
      fc.property(spread, someOperations, limits, cuts, (text, operations, limit, lengths) => {
        const bytes = toUtf8(text);
        const expected = summary(whole(bytes, [operations], limit));
        if (expected === "withheld") withheld++;
        expect(summary(filterPieces(bytes, lengths, [operations], limit))).toEqual(expected);
      }),
      { numRuns: runs(800) },
    );
    expect(withheld).toBeGreaterThan(runs(100));
  });

  it("is withheld at every place where it can be cut off, unless what is left is JSON", () => {
    fc.assert(
      fc.property(documents, someOperations, cuts, (text, operations, lengths) => {
        fc.pre(text.length < 300);
        const bytes = toUtf8(text);
        for (let end = 0; end < bytes.length; end++) {
          const left = bytes.subarray(0, end);
          expect(summary(filterPieces(left, lengths, [operations]))).toEqual(
            summary(whole(left, [operations])),
          );
        }
      }),
      { numRuns: runs(40) },
    );
  });

  it("may come in buffers that are used again, in parts of larger ones, and with a byte-order mark", () => {
    const around = (piece: Uint8Array, make: (length: number) => Uint8Array) => {
      const larger = make(piece.length + 7).fill(0x5b);
      larger.set(piece, 3);
      return larger.subarray(3, 3 + piece.length);
    };
    const kinds: Handed[] = [
      (piece) => piece.slice(),
      (piece) => Buffer.from(piece),
      (piece) => around(piece, (length) => new Uint8Array(length)),
      (piece) => around(piece, (length) => Buffer.alloc(length)),
    ];
    fc.assert(
      fc.property(
        documents,
        anyStages,
        cuts,
        fc.constantFrom(...kinds),
        fc.boolean(),
        (text, stages, lengths, handed, hasMark) => {
          const bytes = toUtf8(hasMark ? `\ufeff${text}` : text);
          const given = bytes.slice();
          expect(summary(filterPieces(given, lengths, stages, options, handed))).toEqual(
            summary(whole(toUtf8(text), stages)),
          );
          expect(given).toEqual(bytes);
          expect(summary(whole(handed(bytes), stages))).toEqual(summary(whole(toUtf8(text), stages)));
        },
      ),
      { numRuns: runs(300) },
    );
  });

  it("stays withheld once it is, for the same reason", () => {
    fc.assert(
      fc.property(documents, edits, someOperations, documents, (text, list, operations, more) => {
        const bytes = toUtf8(editedText(text, list));
        fc.pre(!whole(bytes, [operations]).ok);
        const filter = createJsonFilter([stageOf(operations)], options);
        filter.write(bytes);
        const ended = filter.end();
        expect(ended.ok).toBe(false);
        expect(filter.write(toUtf8(more))).toEqual(ended);
        expect(filter.end()).toEqual(ended);
      }),
      { numRuns: runs(150) },
    );
  });
});

/** Puts white space where some may stand, and changes nothing else that matters. */
function spacedAt(text: string, near: number, space: string): string {
  const places = [...text.matchAll(/"(?:\\.|[^"\\])*"|[[\]{},:]/g)].map(
    ({ index, 0: token }) => index + token.length,
  );
  const at = places[near % Math.max(places.length, 1)] ?? 0;
  return text.slice(0, at) + space + text.slice(at);
}
