import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runs } from "../runs.reference.js";
import { anchoredPrefixOf } from "./anchored-prefix.js";
import { compilePattern, searchWith } from "./pattern.js";
import { parsePatternSyntax } from "./syntax.js";

const prefixOf = (source: string, flags = "") =>
  anchoredPrefixOf(parsePatternSyntax(source, flags).expression)?.prefix;

const piece = fc.constantFrom(
  ..."a /a . [^a]+ a? (a|/) (/.*)? $ (/|$) \\d* é 😀 \\ud83d \\ude00 \\b \\B ^ (^|a) (?:\\ba)+ a{2}".split(
    " ",
  ),
);
const source = fc
  .tuple(fc.constantFrom("", "/", "a", "/a/", "é"), fc.array(piece, { maxLength: 4 }))
  .map(([start, pieces]) => `^${start}${pieces.join("")}`);
const text = fc
  .array(fc.constantFrom("a", "/", "/a", "é", "😀", "\ud83d", "\ude00", "0", "\n", "_"), { maxLength: 8 })
  .map((parts) => parts.join(""));

describe("a pattern that begins with a literal at the text's start", () => {
  it("matches what its automaton does from the start", () => {
    let matched = 0;
    fc.assert(
      fc.property(source, fc.constantFrom("", "i", "m", "s", "u"), text, text, (pattern, flags, ...texts) => {
        const parsed = parsePatternSyntax(pattern, flags);
        const prefix = anchoredPrefixOf(parsed.expression)?.prefix;
        fc.pre(prefix !== undefined);
        const compiled = compilePattern({ pattern, flags });
        const whole = searchWith(parsed);
        for (const one of texts.flatMap((rest) => [rest, prefix + rest])) {
          if (compiled.matches(one)) matched++;
          expect([one, compiled.matches(one)]).toEqual([one, whole(one)]);
        }
      }),
      { numRuns: runs(1000) },
    );
    expect(matched).toBeGreaterThan(100);
  });

  it.each([
    ["^/v1/a/[^/]+$", "/v1/a/"],
    ["^/v1(/|$)", "/v1"],
    ["^/v1x?/", "/v1"],
    ["^/v1/.*", "/v1/"],
  ])("in %s", (pattern, prefix) => {
    expect(prefixOf(pattern)).toBe(prefix);
  });

  it.each(["/v1/.*", "(^/a)*b", "^.*/a", "^/a\\b.*", "^/a(x|^)b*", "^/a(?:\\Bx)*"])(
    "is not %s",
    (pattern) => {
      expect(prefixOf(pattern)).toBeUndefined();
    },
  );

  it("is not one without case, nor at the start of a line", () => {
    expect([prefixOf("^/a.*", "i"), prefixOf("^a.*", "i"), prefixOf("^/a.*", "m")]).toEqual([
      "/",
      undefined,
      undefined,
    ]);
  });
});
