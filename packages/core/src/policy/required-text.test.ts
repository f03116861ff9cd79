import { describe, expect, it } from "vitest";
import { compilePattern } from "../pattern/pattern.js";
import { characterOf, eachRequiredSegment, requiredLiterals } from "./required-text.js";

function segmentsOf(pattern: string): string[] {
  const segments: string[] = [];
  eachRequiredSegment(compilePattern(pattern).expression, (items, from, end) => {
    const characters = items.slice(from, end).map((item) => characterOf(item) ?? Number.NaN);
    segments.push(String.fromCodePoint(...characters));
  });
  return segments;
}

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
    ["^/a(/b)+x", ["a"]],
    ["^/a(bc|/d)$", []],
    ["^/a((/b)?x|/c)$", []],
    ["^/a((/b)?/x|/c)$", ["a"]],
    ["^/a\\b", []],
    ["^/a\\d/b/", ["b"]],
    ["a/b/c", ["b"]],
    ["/a//b/", ["a", "b"]],
    ["/", []],
    ["^/v1/users/\\d+/items(?:/|$)", ["v1", "users", "items"]],
    ["/admin/", ["admin"]],
    ["^/v1/.*/res7/[^/]+$", ["v1", "res7"]],
    ["(?u)^/\\u{1F600}/a$", ["\u{1F600}", "a"]],
    ["^/v1", []],
    ["^/(a|b)$", []],
    ["(?i)^/v1/", []],
    ["^/v1x?/", []],
    ["^/v1+/", []],
  ])("by %s are %j", (pattern, segments) => {
    expect(segmentsOf(pattern)).toEqual(segments);
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
    ["[Aaz]cd", ["cd"]],
    ["[ABa]cd", ["cd"]],
    ["[@`]cd", ["cd"]],
    ["[\\[{]cd", ["cd"]],
    ["[a-b]cd", ["cd"]],
    ["", undefined],
    ["\\.(env1|git1|bak)$", [".bak", ".env1", ".git1"]],
    ["(?i)Admin", ["admin"]],
    ["^/a(b|c)d", ["/abd", "/acd"]],
    ["x.*longer", ["longer"]],
    ["(?:(?:foo|foobar)+)x*", ["foo", "foobar"]],
    [".*", undefined],
    ["[a-z]+", undefined],
    ["(a|.*)", undefined],
    ["(abc)?", undefined],
    ["\\d+$", undefined],
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
