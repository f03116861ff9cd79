import { describe, expect, it } from "vitest";
import { compilePattern } from "../pattern/pattern.js";
import { requiredLiterals, requiredSegments } from "./required-text.js";

describe("the segments that a path must have", () => {
  it.each<[pattern: string, segments: string[]]>([
    ["^/v1/a(/|$)", ["v1", "a"]],
    ["^/v1/a", ["v1"]],
    ["^/a$", ["a"]],
    ["^/a(/.*)?$", ["a"]],
    ["^/a(/x)*/b$", ["a", "b"]],
    ["^/a(?:/b\\d)+$", ["a"]],
    ["^/a()$", ["a"]],
    ["^/a(x)?$", []],
    ["^/a(/|x)", []],
    ["^/a(/|)x", []],
    ["^/a(/|)$", ["a"]],
    ["^/a(/b)?", []],
    ["^/a\\b", []],
    ["^/a\\d/b/", ["b"]],
    ["a/b/c", ["b"]],
    ["/a//b/", ["a", "b"]],
    ["/", []],
  ])("by %s are %j", (pattern, segments) => {
    expect(requiredSegments(compilePattern(pattern).expression)).toEqual(segments);
  });
});

describe("the literals of which a text must have one", () => {
  const literalsOf = (pattern: string) => requiredLiterals(compilePattern(pattern).expression)?.toSorted();

  it.each<[pattern: string, literals: string[] | undefined]>([
    ["abc", ["abc"]],
    ["^ABC$", ["abc"]],
    ["a(bb|cc)d", ["abbd", "accd"]],
    ["x\\dyz", ["yz"]],
    ["xyz\\dab", ["xyz"]],
    ["(?i)az", ["az"]],
    ["\\d", undefined],
    ["(abc)+", ["abc"]],
    ["(abc)*", undefined],
    ["(foo\\d|barx\\d)", ["barx", "foo"]],
    ["(foo\\d|\\d)", undefined],
    ["(a|bbbb)\\dccc", ["ccc"]],
    ["[Aa]b", ["ab"]],
    ["[Zz]b", ["zb"]],
    ["[Ab]cd", ["cd"]],
    ["[Aab]cd", ["cd"]],
    ["[@`]cd", ["cd"]],
    ["[\\[{]cd", ["cd"]],
    ["[a-b]cd", ["cd"]],
    ["", undefined],
  ])("by %s are %j", (pattern, literals) => {
    expect(literalsOf(pattern)).toEqual(literals);
  });

  it("are at most 64", () => {
    const four = "(aa|bb|cc|dd)";
    expect(literalsOf(four.repeat(3))).toHaveLength(64);
    expect(literalsOf(four.repeat(4))).toHaveLength(64);
    const options = (count: number) => Array.from({ length: count }, (_, index) => `word${index}x`).join("|");
    expect(literalsOf(`(${options(64)})`)).toHaveLength(64);
    expect(literalsOf(`(${options(65)})`)).toBeUndefined();
  });
});
