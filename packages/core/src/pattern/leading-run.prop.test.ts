import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { often, runs } from "../runs.reference.js";
import { anchoredPrefixOf } from "./anchored-prefix.js";
import { leadingRunOf } from "./leading-run.js";
import { compilePattern, searchWith } from "./pattern.js";
import { parsePatternSyntax } from "./syntax.js";

const runOf = (source: string, flags = "") => {
  const anchored = anchoredPrefixOf(parsePatternSyntax(source, flags).expression);
  return anchored && leadingRunOf(anchored.rest);
};

const source = fc
  .tuple(
    fc.constantFrom("a", "/", "/a/", "é"),
    fc.constantFrom("[^/]", "\\d", "[a-c]", ".", "[^é]", "[^]", "[\\ud83d]", "[^\\ud83d]"),
    fc.constantFrom("*", "+", "{2,}", "+?", "{1,2}", "?"),
    fc.constantFrom("/", "/a", "a", "é", "-", "\\ude00", "/(a|b)", ""),
    fc.constantFrom("", ".*$", "$", "[^/]+$", "(/|$)", "\\d", "x*$"),
  )
  .map(([prefix, ...parts]) => `^${prefix}${parts.join("")}`);
const text = fc
  .array(fc.constantFrom("a", "b", "/", "/a", "0", "é", "-", "😀", "\ud83d", "\ude00", "\n", "x"), {
    maxLength: 8,
  })
  .map((parts) => parts.join(""));

describe("a run of characters up to a literal that it cannot hold", () => {
  it("matches what its automaton does", () => {
    const seen = { matched: 0, unmatched: 0 };
    fc.assert(
      fc.property(source, fc.constantFrom("", "i", "m", "s", "u"), text, text, (pattern, flags, ...texts) => {
        const parsed = parsePatternSyntax(pattern, flags);
        const prefix = anchoredPrefixOf(parsed.expression)?.prefix;
        fc.pre(prefix !== undefined && runOf(pattern, flags) !== undefined);
        const compiled = compilePattern({ pattern, flags });
        const whole = searchWith(parsed);
        for (const one of texts.flatMap((rest) => [rest, prefix + rest])) {
          seen[compiled.matches(one) ? "matched" : "unmatched"]++;
          expect([one, compiled.matches(one)]).toEqual([one, whole(one)]);
        }
      }),
      { numRuns: runs(1000) },
    );
    expect(seen.matched).toBeGreaterThan(often(25));
    expect(seen.unmatched).toBeGreaterThan(often(25));
  });

  it.each([
    ["^/v1/[^/]+/orders/.*$", 1, "/orders/", true],
    ["^/v1/\\d*/", 0, "/", false],
    ["^/v1/\\d{2,}-x$", 2, "-x", true],
  ])("is in %s", (pattern, least, literal, goesOn) => {
    const run = runOf(pattern);
    expect([run?.least, run?.literal, run?.rest !== undefined]).toEqual([least, literal, goesOn]);
  });

  it("takes a pair of surrogates for one character where the pattern does", () => {
    const matches = (flags: string) =>
      compilePattern({ pattern: "^/[^\\ud83d]+x", flags }).matches("/\u{1f600}x");
    expect([matches("u"), matches("")]).toEqual([true, false]);
  });

  it.each([
    ["the run can hold the literal's first character", "^/v1/.*/a"],
    ["the run has an end of its own", "^/v1/\\d{1,3}/"],
    ["no literal follows", "^/v1/[^/]+(/|$)"],
    ["what repeats is more than a character", "^/v1/(a/)+b"],
    ["something else comes first", "^/v1/(a|b)[^/]+/"],
  ])("is none where %s", (_why, pattern) => {
    expect(runOf(pattern)).toBeUndefined();
  });
});
