import { describe, expect, it } from "vitest";
import { compilePattern } from "./pattern.js";

function matches(pattern: string, text: string, values: Record<string, string> = {}, flags = ""): boolean {
  return compilePattern({ pattern, flags }).matches(text, new Map(Object.entries(values)));
}

describe("a pattern", () => {
  it("matches anywhere unless it is anchored", () => {
    expect(matches("b", "abc")).toBe(true);
    expect(matches("^b", "abc")).toBe(false);
    expect(matches("b$", "abc")).toBe(false);
    expect(matches("", "")).toBe(true);
  });

  it("anchors at the ends of the text, not of a line", () => {
    expect(matches("^/admin$", "/x\n/admin")).toBe(false);
    expect(matches("^/admin$", "/admin\n")).toBe(false);
  });

  it("is case-sensitive unless it says `i`", () => {
    expect(matches("abc", "ABC")).toBe(false);
    expect(matches("abc", "ABC", {}, "i")).toBe(true);
  });

  it("has `\\s` match every space that ECMAScript knows, so that none slips past a deny", () => {
    for (const space of ["\u00a0", "\u2003", "\u3000", "\ufeff", "\v"])
      expect(matches("^a\\sb$", `a${space}b`)).toBe(true);
  });

  it("answers the same each time it is asked", () => {
    const pattern = compilePattern({ pattern: "a+", flags: "g" });
    expect(Array.from({ length: 5 }, () => pattern.matches("caaat"))).toEqual([true, true, true, true, true]);
  });
});

describe("a variable", () => {
  it("stands for its value as a literal", () => {
    expect(matches("^\\$\\.users\\.{{id}}$", "$.users.42", { id: "42" })).toBe(true);
    expect(matches("^\\$\\.users\\.{{id}}$", "$.users.43", { id: "42" })).toBe(false);
    expect(matches("^{{v}}$", "aaa", { v: "a+" })).toBe(false);
    expect(matches("^{{v}}$", "a+", { v: "a+" })).toBe(true);
    expect(matches("^{{v}}$", "{{v}}", { v: "{{v}}" })).toBe(true);
  });

  it("ends where the pattern's boundary says", () => {
    expect(matches("\\.{{id}}(\\.|$)", "$.u.12", { id: "1" })).toBe(false);
    expect(matches("\\.{{id}}(\\.|$)", "$.u.1", { id: "1" })).toBe(true);
    expect(matches("\\.{{id}}(\\.|$)", "$.u.1.x", { id: "1" })).toBe(true);
    expect(matches("\\.{{id}}\\[", "$.u.1[0]", { id: "1" })).toBe(true);
  });

  it("is looked for at every place, not only the first", () => {
    expect(matches("\\.{{id}}$", "$.1.11.1", { id: "1" })).toBe(true);
    expect(matches("b{{v}}$", "aaabaa", { v: "aa" })).toBe(true);
    expect(matches("^{{v}}$", "aaa", { v: "aa" })).toBe(false);
  });

  it("keeps anchors in their places", () => {
    expect(matches("^{{v}}$", "x1", { v: "1" })).toBe(false);
    expect(matches("^{{v}}", "1x", { v: "1" })).toBe(true);
    expect(matches("{{v}}$", "x1", { v: "1" })).toBe(true);
    expect(matches("(a$){{v}}", "a1", { v: "1" })).toBe(false);
    expect(matches("{{v}}^a", "1a", { v: "1" })).toBe(false);
  });

  it("follows the case of the pattern's flags", () => {
    expect(matches("^{{v}}$", "ABC", { v: "abc" })).toBe(false);
    expect(matches("^{{v}}$", "ABC", { v: "abc" }, "i")).toBe(true);
    expect(matches("^{{v}}$", "ſ", { v: "s" }, "i")).toBe(false);
    expect(matches("^x{{v}}$", "XÉ", { v: "é" }, "i")).toBe(true);
  });

  it("may stand more than once, and beside another", () => {
    expect(matches("^{{v}}-{{v}}$", "ab-ab", { v: "ab" })).toBe(true);
    expect(matches("^{{v}}-{{v}}$", "ab-ac", { v: "ab" })).toBe(false);
    expect(matches("^{{v}}{{w}}$", "aab", { v: "a", w: "ab" })).toBe(true);
    expect(compilePattern("{{v}}-{{w}}-{{v}}").variables).toEqual(["v", "w"]);
  });

  it("without a value matches nothing", () => {
    expect(matches("^{{v}}$", "", {})).toBe(false);
    expect(matches("{{v}}", "anything", {})).toBe(false);
    expect(matches("{{v}}", "anything", { v: "" })).toBe(false);
    expect(compilePattern("{{v}}").matches("anything")).toBe(false);
  });

  it("may stand inside a group and among alternatives", () => {
    expect(matches("^(a|{{v}})+$", "a1a1", { v: "1" })).toBe(true);
    expect(matches("^x$|^{{v}}$", "1", { v: "1" })).toBe(true);
    expect(matches("^x$|^{{v}}$", "x", { v: "1" })).toBe(true);
    expect(matches("^x$|^{{v}}$", "x", {})).toBe(false);
    expect(matches("\\b{{v}}\\b", "a 1 b", { v: "1" })).toBe(true);
    expect(matches("\\b{{v}}\\b", "a11b", { v: "1" })).toBe(false);
  });

  it("folds under `iu` as the rest of the pattern does", () => {
    expect(matches("^{{v}}$", "\u017f", { v: "s" }, "iu")).toBe(true);
  });

  it("does not match half of a character of the text under the `u` flag", () => {
    expect(matches("^.{{v}}$", "😀", { v: "\ude00" }, "u")).toBe(false);
    expect(matches("^.{{v}}$", "😀", { v: "\ude00" })).toBe(true);
  });
});

describe("the time that a match takes", () => {
  // A backtracking engine would not come back from any of these within the age of the test runner.
  it.each(["(a+)+$", "^(a|a)*$", "(a|aa)+$", "(.*a){20}$", "(?:a?){50}a{50}$", "^(\\w+\\s?)*$"])(
    "is linear for %s",
    (pattern) => {
      expect(compilePattern(pattern).matches(`${"a".repeat(100_000)}!`)).toBe(false);
    },
  );

  it("and its memory are bounded where every text leads to states of its own", () => {
    const pattern = compilePattern("^(?:.*a.{12}b)?.*c.{13}d$");
    let bits = 1;
    const text = Array.from({ length: 200_000 }, () => {
      bits = (Math.imul(bits, 1_103_515_245) + 12_345) >>> 0;
      return "acxy"[bits >>> 30];
    }).join("");
    expect(pattern.matches(text)).toBe(false);
    expect(pattern.matches(`${text}c${"x".repeat(13)}d`)).toBe(true);
  });

  it("is bounded beside variables too", () => {
    const text = "a".repeat(1000);
    expect(matches("(a+)+{{v}}(a+)+b{{v}}$", text, { v: "aa" })).toBe(false);
  });
});
