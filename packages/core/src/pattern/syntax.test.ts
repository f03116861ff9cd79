import { describe, expect, it } from "vitest";
import { compilePattern, MAX_PROGRAM_SIZE } from "./pattern.js";
import { MAX_PATTERN_CHARACTERS, parsePatternSyntax } from "./syntax.js";
import { PatternSyntaxError } from "./syntax-error.js";

function refusal(pattern: string, flags = ""): PatternSyntaxError {
  try {
    compilePattern({ pattern, flags });
  } catch (error) {
    if (error instanceof PatternSyntaxError) return error;
    throw error;
  }
  throw new Error("it was accepted");
}

describe("a construct that is refused", () => {
  it.each([
    ["a(?=b)", "`(?=`: look-around cannot be evaluated in linear time", /presence: must_not_exist/],
    ["a(?!b)", "`(?!`: look-around cannot be evaluated in linear time", /presence: must_not_exist/],
    ["(?<=a)b", "`(?<=`: look-around cannot be evaluated in linear time", /one rule/],
    ["(?<!a)b", "`(?<!`: look-around cannot be evaluated in linear time", /one rule/],
    ["(a)\\1", "`\\1`: backreferences cannot be evaluated in linear time", /write out/],
    ["(?<n>a)\\k<n>", "`\\k`: backreferences cannot be evaluated in linear time", /write out/],
    ["\\07", "`\\0`: backreferences cannot be evaluated in linear time", /write out/],
    ["\\p{L}", "`\\p`: Unicode properties need the `u` flag", /add `flags: "u"`/],
    ["[\\P{L}]", "`\\P`: Unicode properties need the `u` flag", /add `flags: "u"`/],
    ["a(?i)b", "`(?…)`: flags inside a pattern are supported only at its very start", /`flags` field/],
    ["(?i:a)", "`(?…)`: flags inside a pattern are supported only at its very start", /`flags` field/],
    [
      "(?P<n>a)",
      "`(?P<`: named groups of other engines mean nothing in an ECMAScript pattern",
      /`\(\?<name>…\)`/,
    ],
    [
      "(?P=n)",
      "`(?P=`: named groups of other engines mean nothing in an ECMAScript pattern",
      /`\(\?<name>…\)`/,
    ],
    ["(?>a)", "`(?>`: an ECMAScript pattern has no such group", /`\(\?:…\)`/],
    ["a(?#b)", "`(?#`: an ECMAScript pattern has no such group", /`\(\?:…\)`/],
    ["\\Aa\\z", "`\\A` means nothing in an ECMAScript pattern", /use `\^` and `\$`/],
    ["\\h", "`\\h` means nothing in an ECMAScript pattern", /write `h` for the letter/],
    ["a\\", "pattern ends with `\\`", /backslash/],
    ["\\u{61}", "`\\u` is not followed by a character number", /four hexadecimal digits/],
    ["\\x4", "`\\x` is not followed by a character number", /two hexadecimal digits/],
    ["\\c1", "`\\c` is not followed by a letter", /\\n/],
    ["(a", "`(` has no counterpart", /escape it as `\\\(`/],
    ["a)", "`)` has no counterpart", /escape it as `\\\)`/],
    ["[a", "`[` at character 1 is not closed", /add `\]`/],
    ["[z-a]", "a range in `[…]` is out of order", /smaller character first/],
    ["[\\B]", "`\\B` inside `[…]` means nothing", /write `B`/],
    ["*a", "nothing to repeat at character 1", /escape `\*`/],
    ["a|+", "nothing to repeat at character 3", /escape `\*`/],
    ["^*", "nothing to repeat at character 1", /escape `\*`/],
    ["a{2}{3}", "nothing to repeat at character 5", /escape `\*`/],
    ["a{3,2}", "repeat `{3,2}` is out of order", /smaller count first/],
    ["a{1001}", "repeat `{1001}` is over 1000", /at most 1000/],
    ["a{0,1001}", "repeat `{0,1001}` is over 1000", /at most 1000/],
  ])("%s is named, with what to write instead", (pattern, message, help) => {
    expect(refusal(pattern).message).toBe(message);
    expect(refusal(pattern).help).toMatch(help);
  });

  it("a script alone is named with how ECMAScript spells it", () => {
    expect(refusal("\\p{Greek}", "u").help).toBe("write `\\p{Script=Greek}`");
    expect(refusal("\\P{Greekish}", "u").help).toMatch(/`Script=Greek`/);
  });

  it.each([
    ["a", "x", "flag `x` is not supported"],
    ["a", "v", "flag `v` is not supported"],
    ["(?x)a", "", "flag `x` is not supported"],
    ["a}", "u", "`}` has no counterpart"],
    ["a]", "u", "`]` has no counterpart"],
    ["[\\d-z]", "u", "a class such as `\\d` cannot bound a range"],
    ["[\\p{Zl}-z]", "u", "a class such as `\\d` cannot bound a range"],
    ["[a-\\p{Zl}]", "u", "a class such as `\\d` cannot bound a range"],
    ["\\pL", "u", "`\\p` is not followed by a property in braces"],
    ["\\p{}", "u", "`\\p` is not followed by a property in braces"],
    ["\\P{Lx}", "u", "`\\P{Lx}`: there is no such Unicode property"],
    ["\\u{110000}", "u", "`\\u` is not followed by a character number"],
  ])("%s with the flags `%s` is named", (pattern, flags, message) => {
    expect(refusal(pattern, flags).message).toBe(message);
    expect(refusal(pattern, flags).help).not.toBe("");
  });

  it.each([
    ["{{v}}+", "`{{v}}` is repeated"],
    ["{{v}}{2}", "`{{v}}` is repeated"],
  ])("%s is named: a variable stands for its value once", (pattern, message) => {
    expect(refusal(pattern).message).toBe(message);
  });
});

describe("the limits of a pattern", () => {
  it("are 1,000 characters", () => {
    expect(() => compilePattern("a".repeat(MAX_PATTERN_CHARACTERS))).not.toThrow();
    expect(refusal("a".repeat(MAX_PATTERN_CHARACTERS + 1)).message).toBe(
      "pattern has 1001 characters, at most 1000 are allowed",
    );
  });

  it("are 10,000 instructions, however they are written", () => {
    expect(compilePattern("(a{31}){31}").programSize).toBeLessThanOrEqual(MAX_PROGRAM_SIZE);
    expect(refusal("(?:[ab]c){999}".repeat(10)).message).toMatch(
      /^pattern compiles to \d+ instructions, at most 10000 are allowed$/,
    );
  });

  it("refuse nested repeats before they are unrolled", () => {
    expect(refusal("((a{1000}){1000}){1000}").message).toBe(
      "pattern compiles to 1000000001 instructions, at most 10000 are allowed",
    );
  });

  it("take nesting as deep as 1,000 characters allow", () => {
    const nested = `${"(".repeat(499)}a${")".repeat(499)}`;
    expect(compilePattern(nested).matches("a")).toBe(true);
    expect(refusal("(".repeat(999)).message).toBe("`(` has no counterpart");
  });
});

describe("flags", () => {
  it("that only mean something to a search from a position are dropped", () => {
    const pattern = compilePattern({ pattern: "a", flags: "gy" });
    expect([1, 2, 3, 4].map(() => pattern.matches("xa"))).toEqual([true, true, true, true]);
  });

  it("at the very start of a pattern are folded in", () => {
    expect(compilePattern("(?i)abc").matches("xABC")).toBe(true);
    expect(compilePattern("(?is)a.b").matches("A\nB")).toBe(true);
    expect(parsePatternSyntax("(?s)a", "i").flags).toEqual({
      ignoreCase: true,
      dotAll: true,
      unicode: false,
      multiline: false,
    });
    expect(compilePattern("(?i)(?s)a.b").matches("A\nB")).toBe(true);
  });

  it("with `m`, anchors see every line that ECMAScript knows", () => {
    for (const end of ["\n", "\r", "\u2028", "\u2029"]) {
      expect(compilePattern({ pattern: "^b$", flags: "m" }).matches(`a${end}b${end}c`)).toBe(true);
      expect(compilePattern("^b$").matches(`a${end}b${end}c`)).toBe(false);
    }
    expect(compilePattern("(?m)^b$").matches("a\u0085b\u0085c")).toBe(false);
  });
});

describe("variables in a pattern", () => {
  it.each([
    "a{{v}}$",
    "{{v}}\\.b",
    "{{v}}\\[0\\]",
    "{{v}}(\\.|$)",
    "{{v}}(?:\\.|\\[|$)",
    "{{v}}\\.{{w}}$",
    "(?m){{v}}(\\.|\\[)",
  ])("end at a boundary in %s", (pattern) => {
    expect(compilePattern(pattern).variablesEndAtBoundary).toBe(true);
  });

  it.each([
    "a{{v}}",
    "{{v}}b",
    "{{v}}.",
    "{{v}}\\.?",
    "{{v}}\\.*b",
    "{{v}}\\[{0,1}",
    "{{v}}(\\.|$)?",
    "{{v}}(\\.|b)",
    "{{v}}{{w}}$",
    "(?m){{v}}$",
    "(?m){{v}}(\\.|$)",
  ])("do not end at a boundary in %s", (pattern) => {
    expect(compilePattern(pattern).variablesEndAtBoundary).toBe(false);
  });

  it.each(["\\{{v}}", "[{{v}}]", "{ {v}}", "{{1v}}", "{{v-w}}", "{{}}"])("are not seen in %s", (pattern) => {
    expect(compilePattern(pattern).variables).toEqual([]);
  });

  it("do not change what anchors mean beside escaped braces", () => {
    expect(compilePattern("(x$|\\{{v}})").matches("x")).toBe(true);
    expect(compilePattern("x$|[{{v}}]\\b").matches("x")).toBe(true);
  });
});
