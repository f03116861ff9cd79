import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isIncluded, matchesEverything } from "./inclusion.js";
import { compilePattern } from "./pattern.js";

const included = (narrow: string, wide: string, start?: string) =>
  isIncluded(compilePattern(narrow), compilePattern(wide), start);

describe("inclusion of patterns", () => {
  it.each([
    ["^/admin/users$", "^/admin"],
    ["^/admin/users$", "(?i)^/ADMIN"],
    ["^/a/\\d+$", "^/a/[^/]+$"],
    ["\\.(a|b)$", "\\.[a-z]$"],
    ["^/x(y|z)*$", "^/x"],
  ])("%s is in %s and not the other way round", (narrow, wide) => {
    expect(included(narrow, wide)).toBe(true);
    expect(included(wide, narrow)).toBe(false);
  });

  it("holds for texts with a given beginning only, where one is given", () => {
    expect(included("a$", "^/")).toBe(false);
    expect(included("a$", "^/", "/")).toBe(true);
  });

  it("gives up on what is too large to walk", () => {
    expect(isIncluded(compilePattern("(a.{14}b)?x$"), compilePattern("(c.{14}d|)x$"))).toBeUndefined();
  });

  it("agrees with texts", () => {
    const piece = fc.constantFrom("a", "b", "[ab]", ".", "a*", "(a|b)+", "^", "$", "\\b", "b?");
    const source = fc.array(piece, { minLength: 1, maxLength: 4 }).map((pieces) => pieces.join(""));
    const text = fc.string({ unit: fc.constantFrom("a", "b", "-"), maxLength: 6 });
    let refuted = 0;
    fc.assert(
      fc.property(source, source, fc.array(text, { minLength: 20, maxLength: 40 }), (one, other, texts) => {
        fc.pre(!/[\^$b]\*|\?\?|\*\*/.test(one + other));
        const [narrow, wide] = [compilePattern(one), compilePattern(other)];
        const counterexample = texts.find((it) => narrow.matches(it) && !wide.matches(it));
        const answer = isIncluded(narrow, wide);
        if (counterexample !== undefined) {
          refuted++;
          expect({ one, other, counterexample, answer }).toMatchObject({ answer: false });
        }
      }),
      { numRuns: 500 },
    );
    expect(refuted).toBeGreaterThan(50);
  });
});

describe("a pattern that matches everything", () => {
  it.each(["", ".*", "^", "a*", "$", "(?s).*|x", "^(a|.)*", "[^]?"])("is %s", (source) => {
    expect(matchesEverything(compilePattern(source))).toBe(true);
  });

  it("depends on how texts begin", () => {
    expect(matchesEverything(compilePattern("^/"))).toBe(false);
    expect(matchesEverything(compilePattern("^/"), "/")).toBe(true);
    expect(matchesEverything(compilePattern("^/v1"), "/")).toBe(false);
    expect(matchesEverything(compilePattern("^/.*$"), "/")).toBe(false);
  });
});
