import { describe, expect, it } from "vitest";
import { toUtf8 } from "../bytes.js";
import { NameMap } from "./name-map.js";
import { PathShape, pathHash, pathStep } from "./path-shapes.js";

/** Makes the path of the member of that name, as it is spelled in a document. */
function read(map: NameMap, name: string, before = '{"'): void {
  const from = before.length;
  const bytes = toUtf8(`${before}${name}":1`);
  map.read(bytes, from, bytes.length - 3);
}

const ofRoot = () => new NameMap(1, { map: undefined, path: PathShape.root() });

describe("rows of members that share them", () => {
  it("are known by the state of the automaton, whatever was asked for last", () => {
    const map = ofRoot();
    expect(map.rowOf(5)).toBe(0);
    map.addRow(5, 16);
    map.addRow(7, 24);
    for (const [state, row] of [
      [5, 16],
      [5, 16],
      [7, 24],
      [9, 0],
      [7, 24],
      [5, 16],
      [9, 0],
      [5, 16],
    ] as const) {
      expect([state, map.rowOf(state)]).toEqual([state, row]);
    }
    map.addRow(9, 32);
    expect(map.rowOf(9)).toBe(32);
  });
});

describe("the path of the member that was read last", () => {
  it.each([
    ["a", "$.a"],
    ["", "$."],
    ["a.b", "$.a.b"],
    ["Zo\\u00eb", "$.Zoë"],
    ["é😀", "$.é😀"],
    ["x".repeat(300), `$.${"x".repeat(254)}`],
  ])("is that of `%s` behind the path of the object", (name, text) => {
    const map = ofRoot();
    read(map, "other");
    read(map, name);
    expect(map).toMatchObject({ text, hash: pathHash(text) });
  });

  it("has behind the member of the map around it what lies between", () => {
    const outer = ofRoot();
    const inner = new NameMap(3, { map: outer, step: pathStep(".list[*]") });
    read(outer, "id7");
    read(inner, "a");
    expect(inner).toMatchObject({ text: "$.id7.list[*].a", hash: pathHash("$.id7.list[*].a") });
    read(outer, "id8");
    read(inner, "b");
    expect(inner).toMatchObject({ text: "$.id8.list[*].b", hash: pathHash("$.id8.list[*].b") });
  });

  it("is no longer than a receipt has it, with the hash of what stays", () => {
    for (const length of [240, 245, 246, 247, 248, 252, 253, 254, 255, 400]) {
      const outer = ofRoot();
      const inner = new NameMap(3, { map: outer, step: pathStep(".list[*]") });
      const name = "n".repeat(length);
      read(outer, name);
      read(inner, "é");
      const text = `$.${name}`.slice(0, 256).concat(".list[*]").slice(0, 256).concat(".é").slice(0, 256);
      expect([length, inner.text, inner.hash]).toEqual([length, text, pathHash(text)]);
    }
  });

  it("is told by where its name begins, until another is read or another document begins", () => {
    const map = ofRoot();
    expect(map.isAt(2)).toBe(false);
    read(map, "a");
    expect([2, 3].map((from) => map.isAt(from))).toEqual([true, false]);
    read(map, "b", '{"a":1,"');
    expect([2, 8].map((from) => map.isAt(from))).toEqual([false, true]);
    map.forget();
    expect(map.isAt(8)).toBe(false);
  });
});

describe("a map in a member of another", () => {
  it("knows it, and how deep it is itself", () => {
    const outer = ofRoot();
    const inner = new NameMap(3, { map: outer, step: pathStep("") });
    expect([outer.outer, outer.depth, inner.outer, inner.depth]).toEqual([undefined, 1, outer, 3]);
  });
});
