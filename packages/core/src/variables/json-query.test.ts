import { describe, expect, it } from "vitest";
import { compileJsonQuery } from "./json-query.js";

const order = {
  data: {
    id: "a",
    list: [
      { kind: "card", n: 1 },
      { kind: "iban", n: 2 },
    ],
    "odd key": true,
  },
  list: [10, 20],
};

describe("a query", () => {
  it.each([
    ["$.data.id", "a"],
    [".data.id", "a"],
    ["[\"data\"]['odd key']", true],
    ["$.list[1]", 20],
    ["$.list[-1]", 20],
    ["$..n", 1],
    ["$", order],
  ])("%s gives the value of its first node", (key, value) => {
    expect(compileJsonQuery(key).first(order)).toEqual(value);
  });

  it.each([
    "$.data.nothing",
    "$.list[7]",
    "$.data.id.length",
    "$.list.length",
    "$.constructor",
    "$.data.__proto__",
    "$.toString",
  ])("%s gives nothing, inherited properties least of all", (key) => {
    expect(compileJsonQuery(key).first(order)).toBeUndefined();
  });

  it("finds `__proto__` where the document itself has it", () => {
    expect(compileJsonQuery("$.__proto__").first(JSON.parse('{"__proto__":7}'))).toBe(7);
  });

  it.each([undefined, null, 7, "text"])("of a document %j gives nothing below its root", (value) => {
    expect(compileJsonQuery("$.a").first(value)).toBeUndefined();
  });

  it("gives nothing where a document is too deep to be walked, instead of failing", () => {
    const deep = JSON.parse(`${"[".repeat(100_000)}${"]".repeat(100_000)}`);
    expect(compileJsonQuery("$..id").first(deep)).toBeUndefined();
  });

  it.each([
    "data.id",
    "",
    "$.",
    "$[?match(@.a, 'x.*')]",
    "$[?search(@.a, '(a+)+$')]",
    "$[?@.a =~ /x/]",
    "$.a()",
    "$[(@.length-1)]",
  ])("%s does not compile: it is no query, or would run a pattern or code", (key) => {
    expect(() => compileJsonQuery(key)).toThrow();
  });

  it.each(["$..a..b", "$[?count($..*) > 0]", "$.data.list[?@.kind == 'iban'].n"])(
    "does not take %s, whose cost has no bound",
    (key) => {
      expect(() => compileJsonQuery(key)).toThrow(/not supported/);
    },
  );

  it("takes names that only look like one", () => {
    expect(compileJsonQuery("$['a..b']['c..d']['e?']").first({ "a..b": { "c..d": { "e?": 1 } } })).toBe(1);
  });
});
