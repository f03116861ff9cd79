import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeUtf8, toUtf8 } from "../bytes.js";
import { compilePattern } from "../pattern/pattern.js";
import { runs } from "../runs.reference.js";
import { filterJson, type Stage } from "./filter-json.js";
import { documents, editedText, edits, tokenPieces } from "./random-documents.reference.js";

const operation = {
  effect: "destroy" as const,
  pattern: compilePattern("\\.nothing-has-this-name$"),
  values: new Map<string, string>(),
  filterId: "filters/0",
  entityId: "p",
  operationId: "operations/0",
};
const stages: readonly Stage[] = [{ scope: "proxy", operations: [operation] }];
const limits = { maxJsonDepth: 512, maxScalarBytes: 1024 };

const isFiltered = (bytes: Uint8Array) => filterJson(bytes, stages, limits).ok;

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe("what is JSON", () => {
  it("is decided as `JSON.parse` decides it", () => {
    let broken = 0;
    fc.assert(
      fc.property(documents, edits, (document, list) => {
        // Half a surrogate pair cannot be sent as UTF-8.
        const text = decodeUtf8(toUtf8(editedText(document, list))) ?? "";
        const expected = isJson(text);
        if (!expected) broken++;
        expect({ text, isFiltered: isFiltered(toUtf8(text)) }).toEqual({ text, isFiltered: expected });
      }),
      { numRuns: runs(3000) },
    );
    expect(broken).toBeGreaterThan(runs(600));
  });

  it("does not depend on where a document is cut off", () => {
    fc.assert(
      fc.property(documents, fc.nat(), (text, at) => {
        const bytes = toUtf8(text);
        const cut = bytes.subarray(0, at % (bytes.length + 1));
        const left = decodeUtf8(cut);
        expect(isFiltered(cut)).toBe(left !== undefined && isJson(left));
      }),
      { numRuns: runs(200) },
    );
  });

  it("is never answered with an exception, whatever the bytes", () => {
    const soup = fc.array(tokenPieces, { maxLength: 20 }).map((list) => toUtf8(list.join("")));
    fc.assert(
      fc.property(
        fc.oneof(fc.uint8Array({ maxLength: 60 }), soup, fc.string({ unit: "binary" }).map(toUtf8)),
        (bytes) => {
          const text = decodeUtf8(bytes)?.replace(/^\ufeff/, "");
          expect(isFiltered(bytes)).toBe(text !== undefined && isJson(text));
        },
      ),
      { numRuns: runs(2000) },
    );
  });

  it("is not forgotten after bytes that were no UTF-8", () => {
    expect(isFiltered(Uint8Array.of(0x22, 0xf0, 0x9f))).toBe(false);
    expect(isFiltered(toUtf8('"\u{1f600}"'))).toBe(true);
  });
});

describe("depth", () => {
  const nested = (depth: number) => toUtf8(`${'[{"a":'.repeat(depth / 2)}1${"}]".repeat(depth / 2)}`);

  it("is withheld above the limit and passes at it", () => {
    expect(isFiltered(nested(512))).toBe(true);
    expect(isFiltered(nested(514))).toBe(false);
    expect(isFiltered(toUtf8(`${"[".repeat(512)}${"]".repeat(512)}`))).toBe(true);
    expect(isFiltered(toUtf8(`${"[".repeat(513)}${"]".repeat(513)}`))).toBe(false);
    expect(isFiltered(toUtf8("[".repeat(513)))).toBe(false);
  });

  it("of 100,000 is withheld, not overflowed", () => {
    expect(filterJson(nested(100_000), stages, limits)).toEqual({
      ok: false,
      reason: "the document is nested deeper than 512",
    });
  });

  it("costs no call stack at the highest limit that a policy may set", () => {
    const deep = { ...limits, maxJsonDepth: 10_000 };
    expect(filterJson(nested(10_000), stages, deep).ok).toBe(true);
  });
});
