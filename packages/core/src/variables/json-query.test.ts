import { describe, expect, it } from "vitest";
import { toUtf8 } from "../bytes.js";
import { JsonTree } from "../json-query/json-tree.js";
import { compileJsonQuery } from "./json-query.js";

const order = `{
  "data": {
    "id": "a",
    "list": [{ "kind": "card", "n": 1 }, { "kind": "iban", "n": 2 }],
    "odd key": true
  },
  "list": [10, 20]
}`;

function first(key: string, text = order) {
  const tree = JsonTree.read(toUtf8(text));
  if (tree === undefined) throw new Error("the document is too large");
  return compileJsonQuery(key).first(tree);
}

describe("a query", () => {
  it.each([
    ["$.data.id", "a"],
    [".data.id", "a"],
    ["[\"data\"]['odd key']", true],
    ["$.list[1]", 20],
    ["$.list[-1]", 20],
    ["$..n", 1],
    ["$..list..n", 1],
    ["$.data.list[?@.kind == 'iban'].n", 2],
    ["$.data.list[?match(@.kind, '[a-z]{4}') && @.n > 1].kind", "iban"],
    ["$.data.list[?search(@.kind, 'b')].n", 2],
    ["$.data.list[?count(@.*) == length($.list)].n", 1],
    ["$..*[1].n", 2],
  ])("%s gives the value of its first node", (key, value) => {
    expect(first(key)).toBe(value);
  });

  it.each([
    "$",
    "$.data",
    "$.list",
    "$.data.nothing",
    "$.list[7]",
    "$.data.id.length",
    "$.list.length",
    "$.constructor",
    "$.data.__proto__",
    "$.toString",
  ])("%s gives nothing: there is no scalar, inherited properties least of all", (key) => {
    expect(first(key)).toBeUndefined();
  });

  it("finds `__proto__` where the document itself has it", () => {
    expect(first("$.__proto__", '{"__proto__":7}')).toBe(7);
  });

  it.each(["null", "7", '"text"', "[]"])("of a document %s gives nothing below its root", (text) => {
    expect(first("$.a", text)).toBeUndefined();
  });

  it("is evaluated at any depth, without a call for each level", () => {
    const deep = `${"[".repeat(100_000)}{"id":1}${"]".repeat(100_000)}`;
    expect(first("$..id", deep)).toBe(1);
  });

  it.each(["data.id", "", "$.", "$[?@.a =~ /x/]", "$.a()", "$[(@.length-1)]", "$[?match(@.a, '\\\\d')]"])(
    "%s does not compile",
    (key) => {
      expect(() => compileJsonQuery(key)).toThrow();
    },
  );

  it("takes names that only look like a query", () => {
    expect(first("$['a..b']['c..d']['e?']", '{"a..b":{"c..d":{"e?":1}}}')).toBe(1);
  });
});

describe("there is no value", () => {
  it.each([
    ["of a name that stands twice", "$.user.id", '{"user":{"id":"a","id":"b"}}'],
    ["however the name is spelled", "$.id", '{"id":"a","\\u0069d":"a"}'],
    ["below a name that stands twice", "$.user.id", '{"user":{"id":"a"},"user":{}}'],
    ["when a name on the way stands twice", "$..id", '{"x":{},"user":{"id":"a"},"x":{}}'],
    ["when a condition looks at a name that stands twice", "$[?@.k == 1].id", '[{"k":1,"id":"a","k":2}]'],
    ["of a number with more digits than JavaScript holds", "$.id", '{"id":9007199254740993}'],
    ["of digits behind the point that it would drop", "$.id", '{"id":0.12345678901234567890}'],
    ["when a condition compares such a number", "$[?@.n > 1].id", '[{"n":1e400,"id":"a"}]'],
    [
      "of a query that would take for ever",
      "$[?@..[?@..[?@..[?@..x]]]]",
      `[${"[[".repeat(600)}${"]]".repeat(600)}]`,
    ],
  ])("%s", (_, key, text) => {
    expect(first(key, text)).toBeUndefined();
  });

  it("but a name that stands twice elsewhere is no matter", () => {
    expect(first("$.user.id", '{"x":1,"x":2,"user":{"id":"a","x":1,"x":2}}')).toBe("a");
    expect(first("$..id", '{"user":{"id":"a"},"x":1,"y":{"z":1,"z":2}}')).toBe("a");
  });
});
