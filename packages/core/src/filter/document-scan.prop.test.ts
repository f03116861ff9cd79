import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toUtf8 } from "../bytes.js";
import { compilePattern } from "../pattern/pattern.js";
import { runs } from "../runs.reference.js";
import { createJsonFilter, type FilterResult, filterJson, type Stage } from "./filter-json.js";

const LIMITS = { maxJsonDepth: 512, maxScalarBytes: 1 << 20 };

const PATTERNS = [
  "\\.(a|secret)$",
  "^\\$\\.a$",
  "^\\$\\.(b|id1)\\.",
  "\\[\\*?\\d+\\]\\.b$",
  "\\.id\\d+$",
  "^\\$\\.a\\[\\d+\\]$",
  "\\.é",
  "^\\$\\.b(\\[\\d+\\])*\\.c$",
];

function destroying(patterns: readonly string[]): Stage {
  const operations = patterns.map((pattern, index) => ({
    effect: "destroy" as const,
    pattern: compilePattern(pattern),
    values: new Map(),
    ...{ filterId: "f", entityId: "p", operationId: `operations/${index}` },
  }));
  return { scope: "proxy", operations };
}

const names = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom("a", "b", "c", "secret", "é", 'q"', "", "__proto__") },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 999 }).map((id) => `id${id}`) },
  { weight: 1, arbitrary: fc.constantFrom("n".repeat(256), "n".repeat(257)) },
);

const scalars = fc.constantFrom<unknown>(
  ...[0, -1, 10, 1.5, 1e21, true, false, null, "", "x", "ünicode", 'a "quote"', "0123456789abcdef", "\u2028"],
);

const { document } = fc.letrec<{ document: unknown; value: unknown; container: unknown }>((tie) => ({
  value: fc.oneof({ maxDepth: 4, withCrossShrink: true }, scalars, tie("container")),
  container: fc.oneof(
    { weight: 6, arbitrary: fc.dictionary(names, tie("value"), { maxKeys: 6 }) },
    { weight: 3, arbitrary: fc.array(tie("value"), { maxLength: 4 }) },
    {
      weight: 1,
      arbitrary: fc
        .array(tie("value"), { minLength: 30, maxLength: 45 })
        .map((values) => Object.fromEntries(values.map((value, index) => [`id${index}`, value]))),
    },
  ),
  document: fc.oneof({ weight: 9, arbitrary: tie("container") }, { weight: 1, arbitrary: scalars }),
}));

const texts = fc
  .tuple(document, fc.constantFrom("", " ", "\n\t"))
  .map(([value, indent]) => JSON.stringify(value, undefined, indent));

/** What the general way leaves, which every document in pieces takes. */
function inPieces(bytes: Uint8Array, stages: readonly Stage[]): FilterResult {
  const filter = createJsonFilter(stages, LIMITS);
  const piece = filter.write(bytes);
  if (!piece.ok) return piece;
  const left = piece.bytes.slice();
  const end = filter.end();
  return end.ok ? { ...end, bytes: left } : end;
}

function textOf(result: FilterResult): unknown {
  return result.ok ? { ...result, bytes: new TextDecoder().decode(result.bytes) } : result;
}

describe("a document that only loses members", () => {
  it("is left as the general way leaves it, with the same receipts, whatever was learnt before", () => {
    let removed = 0;
    fc.assert(
      fc.property(
        fc.subarray(PATTERNS, { minLength: 1, maxLength: 4 }),
        fc.array(texts, { minLength: 1, maxLength: 8 }),
        (patterns, series) => {
          const [learning, plain] = [destroying(patterns), destroying(patterns)];
          for (const text of [...series, ...series]) {
            const bytes = toUtf8(text);
            const result = filterJson(bytes, [learning], LIMITS);
            expect(textOf(result)).toEqual(textOf(inPieces(bytes, [plain])));
            expect(new TextDecoder().decode(bytes)).toBe(text);
            if (result.ok) for (const { nodes } of result.receipts) removed += nodes;
          }
        },
      ),
      { numRuns: runs(400) },
    );
    // The comparison is worth nothing where nothing happens.
    expect(removed).toBeGreaterThan(runs(400));
  });

  it("is withheld for the same reason where it is broken, and later documents do not suffer", () => {
    const stage = destroying(PATTERNS);
    let withheld = 0;
    fc.assert(
      fc.property(
        texts,
        fc.nat(),
        fc.constantFrom("", '"', ",", "]", "}", "\\", "0", "\u0001", "tru"),
        (text, at, put) => {
          const place = at % (text.length + 1);
          const bytes = toUtf8(text.slice(0, place) + put + text.slice(place + 1));
          const result = filterJson(bytes, [stage], LIMITS);
          if (!result.ok) withheld++;
          expect(textOf(result)).toEqual(textOf(inPieces(bytes, [destroying(PATTERNS)])));
          expect(textOf(filterJson(toUtf8(text), [stage], LIMITS))).toEqual(
            textOf(inPieces(toUtf8(text), [destroying(PATTERNS)])),
          );
        },
      ),
      { numRuns: runs(300) },
    );
    expect(withheld).toBeGreaterThan(runs(100));
  });
});
