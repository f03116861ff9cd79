import { describe, expect, it } from "vitest";
import { toUtf8 } from "../bytes.js";
import { exactNumber } from "./exact-number.js";
import { INEXACT, JsonTree } from "./json-tree.js";

const read = (text: string) => JsonTree.read(toUtf8(text)) as JsonTree;

describe("a tree", () => {
  it("has its nodes in the order of the text, and knows where they begin", () => {
    const text = '\ufeff { "a" : [1 , {"b":{}}] ,"c":"x,]}\\"" , "d" : [ ] }';
    const tree = read(text);
    const nodes = Array.from({ length: tree.size }, (_, node) => node);
    const begin = (node: number) =>
      new TextDecoder().decode(toUtf8(text).subarray(tree.startOf(node))).slice(0, 2);
    expect(nodes.map((node) => [tree.kindOf(node), begin(node), tree.endOf(node)])).toEqual([
      ["object", "{ ", 7],
      ["array", "[1", 5],
      ["number", "1 ", 3],
      ["object", '{"', 5],
      ["object", "{}", 5],
      ["string", '"x', 6],
      ["array", "[ ", 7],
    ]);
    expect([1, 4, 5, 6].map((node) => tree.nameOf(node))).toEqual(["a", "b", "c", "d"]);
    expect(tree.scalarOf(5)).toBe('x,]}"');
  });

  it.each([
    ["true", true],
    ["false", false],
    ["null", null],
    ['"\\u00e9\\n"', "é\n"],
    ["-0.50e1", -5],
    ["12345678901234567890", INEXACT],
  ])("of the scalar %s holds it", (text, value) => {
    expect(read(text).scalarOf(0)).toBe(value);
  });

  it("is made of any depth", () => {
    const tree = read(`${"[".repeat(100_000)}${"]".repeat(100_000)}`);
    expect(tree.size).toBe(100_000);
    expect(tree.hasUniqueNames()).toBe(true);
  });

  it.each([
    ['{"a":1,"b":{"a":1}}', true],
    ['{"a":1,"b":{"c":1,"\\u0063":1}}', false],
    ['[{"":1},{"":1}]', true],
    ['[{"":1,"":1}]', false],
  ])("%s has unique names: %s", (text, isUnique) => {
    expect(read(text).hasUniqueNames()).toBe(isUnique);
  });

  it("knows a name by any spelling", () => {
    const utf8 = toUtf8("né");
    for (const spelling of ["né", "n\\u00e9", "\\u006e\\u00E9"]) {
      expect(read(`{"${spelling}":1}`).isNamed(1, { text: "né", utf8 })).toBe(true);
    }
    for (const spelling of ["n", "néé", "\\u006e", `n\\u00e9${"\\u0061".repeat(1000)}`, ""]) {
      expect(read(`{"${spelling}":1}`).isNamed(1, { text: "né", utf8 })).toBe(false);
    }
  });
});

describe("a number", () => {
  it.each([
    ["0", 0],
    ["-0", -0],
    ["0.10E+05", 10_000],
    ["123456789012345", 123456789012345],
    ["9007199254740993", undefined],
    ["9007199254740992", 9007199254740992],
    ["0.1", 0.1],
    ["0.1000", 0.1],
    ["0.10000000000000001", undefined],
    ["1e21", 1e21],
    ["100000000000000000000000", 1e23],
    ["1e400", undefined],
    ["1e-400", undefined],
    ["0e400", 0],
    ["-0.0e-9999999999", -0],
    ["5e-324", 5e-324],
    [`1${"0".repeat(100_000)}1`, undefined],
  ])("%s is held as %s", (text, value) => {
    expect(exactNumber(text)).toBe(value);
  });

  it("of a million digits is judged in linear time", () => {
    expect(exactNumber(`0.${"0".repeat(500_000)}1${"0".repeat(500_000)}`)).toBeUndefined();
  });
});
