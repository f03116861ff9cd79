import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runs } from "../runs.reference.js";
import { compileIRegexp } from "./i-regexp.js";

function matches(source: string, text: string, place: "whole" | "anywhere" = "whole"): boolean | undefined {
  const compiled = compileIRegexp(source, place);
  return compiled.kind === "valid" ? compiled.test.matches(text) : undefined;
}

describe("an I-Regexp", () => {
  it.each([
    ["a.c", "abc", true],
    ["a.c", "a\nc", false],
    ["a.c", "a\u2028c", true],
    ["a.c", "a😀c", true],
    ["a.c", "abcd", false],
    ["a|bc", "bc", true],
    ["a|bc", "abc", false],
    ["", "", true],
    ["", "a", false],
    ["(ab){2,3}", "ababab", true],
    ["(ab){2}", "ab", false],
    ["a{2,}", "aaaa", true],
    ["[a-c-]+", "a-c", true],
    ["[-a]+", "-a", true],
    ["[^-a]", "-", false],
    ["[^a]", "\n", true],
    ["[.^$]", "$", true],
    ["\\p{Lu}\\P{Lu}", "Éé", true],
    ["[\\p{Nd}x]+", "1x٣", true],
    ["\\(\\)\\[\\]\\{\\}\\*\\+\\-\\.\\?\\^\\|\\\\", "()[]{}*+-.?^|\\", true],
    ["\\n\\r\\t", "\n\r\t", true],
    ["^ab$", "ab", true],
    ["^ab", "abc", false],
    ["😀+", "😀😀", true],
    ["/~", "/~", true],
  ])("%s matches %j: %s", (source, text, expected) => {
    expect(matches(source, text)).toBe(expected);
  });

  it("is searched for with `search`", () => {
    expect(matches("b+", "abbc", "anywhere")).toBe(true);
    expect(matches("^b", "abbc", "anywhere")).toBe(false);
  });

  it.each([
    ...[
      "(",
      ")",
      "(a",
      "a)",
      "[",
      "[]",
      "[^]",
      "]",
      "a]",
      "{",
      "a{",
      "a{1",
      "a{1,",
      "a{,2}",
      "}",
      "*a",
      "a**",
      "a+?",
    ],
    ...[
      "\\d",
      "\\w",
      "\\s",
      "\\b",
      "\\$",
      "\\u0041",
      "\\p",
      "\\pL",
      "\\p{X}",
      "\\p{Latin}",
      "\\",
      "(?:a)",
      "(?i)a",
    ],
    ...["[a-\\p{L}]", "[\\p{L}-z]", "[z-a]", "[a--b]", "[[a]", "[a-b-c]", "a{3,2}", "^*", "$?", "a{1001}"],
  ])("%s is none", (source) => {
    expect(compileIRegexp(source, "whole").kind).toBe("invalid");
  });

  it.each([["a".repeat(1001)], ["((a{99}){99}){99}"]])("is not tried when it is too large", (source) => {
    expect(compileIRegexp(source, "whole").kind).toBe("too-large");
  });

  it("means what the platform makes of it", () => {
    const atom = fc.constantFrom(
      "a",
      "b",
      "😀",
      ".",
      "[a-b]",
      "[^a😀]",
      "\\p{Zs}",
      "\\P{Zs}",
      "\\.",
      "(a|b.)",
      "((ab)*)",
      "\\n",
    );
    const piece = fc
      .tuple(atom, fc.constantFrom("", "", "*", "+", "?", "{2}", "{0,2}"))
      .map((parts) => parts.join(""));
    const branch = fc.array(piece, { maxLength: 4 }).map((list) => list.join(""));
    const sources = fc.array(branch, { minLength: 1, maxLength: 2 }).map((list) => list.join("|"));
    const texts = fc.array(fc.constantFrom("a", "b", "B", "😀", ".", "\n", "\u2028", " "), { maxLength: 6 });
    let matched = 0;
    fc.assert(
      fc.property(sources, texts, (source, characters) => {
        const text = characters.join("");
        const ours = (place: "whole" | "anywhere") => matches(source, text, place);
        // RFC 9485 section 5.3.
        const native = source.replace(/\\.|\[[^\]]*\]|\./g, (token) => (token === "." ? "[^\\n\\r]" : token));
        expect(ours("whole")).toBe(new RegExp(`^(?:${native})$`, "u").test(text));
        expect(ours("anywhere")).toBe(new RegExp(native, "u").test(text));
        if (ours("whole")) matched++;
      }),
      { numRuns: runs(1500) },
    );
    expect(matched).toBeGreaterThan(50);
  });
});
