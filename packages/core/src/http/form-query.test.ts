import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { splitQuery } from "./form-query.js";

const pairsOf = (query: string) => splitQuery(query).map(({ pair }) => pair && [pair.name, pair.value]);

describe("splitQuery", () => {
  it("gives pairs in order, repeats kept", () => {
    expect(pairsOf("b=1&a=2&b=3")).toEqual([
      ["b", "1"],
      ["a", "2"],
      ["b", "3"],
    ]);
  });

  it("gives nothing for an empty query", () => {
    expect(splitQuery("")).toEqual([]);
  });

  it("leaves out empty pieces, which say nothing", () => {
    expect(pairsOf("&a=1&&b=2&")).toEqual([
      ["a", "1"],
      ["b", "2"],
    ]);
  });

  it("reads a piece without `=` as a name with an empty value", () => {
    expect(pairsOf("a&b=")).toEqual([
      ["a", ""],
      ["b", ""],
    ]);
  });

  it("splits at the first `=` only", () => {
    expect(pairsOf("a=b=c&=d")).toEqual([
      ["a", "b=c"],
      ["", "d"],
    ]);
  });

  it("reads `+` as a space and `%2B` as a plus", () => {
    expect(pairsOf("a+b=c%2Bd")).toEqual([["a b", "c+d"]]);
  });

  it("decodes once", () => {
    expect(pairsOf("a=%2541")).toEqual([["a", "%41"]]);
  });

  it("keeps the raw text of each pair", () => {
    expect(splitQuery("a=%41&b").map(({ raw }) => raw)).toEqual(["a=%41", "b"]);
  });

  it("keeps a byte-order mark, which the URL standard does not strip either", () => {
    expect(pairsOf("a=%EF%BB%BFx")).toEqual([["a", "\ufeffx"]]);
  });

  it("gives no pair where name or value is not UTF-8", () => {
    expect(pairsOf("a=%ff&%c0%af=1&b=2")).toEqual([undefined, undefined, ["b", "2"]]);
  });

  it("agrees with URLSearchParams on everything that is UTF-8", () => {
    const piece = fc.constantFrom(
      "a",
      "=",
      "&",
      "+",
      "%",
      "%41",
      "%26",
      "%3D",
      "%C3%A9",
      "%zz",
      "é",
      " ",
      ";",
    );
    const query = fc
      .array(piece, { maxLength: 12 })
      .map((pieces) => new URL(`https://x/?${pieces.join("")}`).search.slice(1));
    fc.assert(
      fc.property(query, (text) => {
        const pairs = pairsOf(text);
        fc.pre(!pairs.includes(undefined));
        expect(pairs).toEqual([...new URLSearchParams(text)]);
      }),
      { numRuns: 2000 },
    );
  });
});
