import { describe, expect, it } from "vitest";
import { EMPTY_HASH, MASK_BITS, SegmentTable, withUnit } from "./segment-table.js";

/** A table of values that each have these segments. */
function tableOf(segments: readonly (readonly string[])[], masks = segments.map(() => 1)): SegmentTable {
  const hashes: number[] = [];
  const ends = segments.map((own) => hashes.push(...own.map(hashOf)));
  return new SegmentTable({ hashes, ends: Int32Array.from(ends), masks: Uint8Array.from(masks) });
}

function hashOf(segment: string): number {
  return Array.from({ length: segment.length }, (_, at) => segment.charCodeAt(at)).reduce(
    withUnit,
    EMPTY_HASH,
  );
}

function found(table: SegmentTable, path: string, bits = 1): number[] {
  const values: number[] = [];
  table.find(path, bits, values);
  return values;
}

describe("a table of segments", () => {
  it("finds the values of all segments of a path, in their order, and of no other", () => {
    const table = tableOf([["v1"], ["orders"], ["ordersx"], ["v1"]]);
    expect(found(table, "/orders/7/v1")).toEqual([1, 0, 3]);
    expect(found(table, "/v1/orders/")).toEqual([0, 3, 1]);
    expect(["/", "/order", "/xorders", "//", "/V1"].map((path) => found(table, path))).toEqual(
      Array.from({ length: 5 }, () => []),
    );
  });

  it("holds a value under the one of its segments that the fewest have, and of equals under the first", () => {
    const table = tableOf([
      ["v1", "users"],
      ["v1", "users", "items"],
      ["items", "v1"],
      ["rare", "other"],
      ["v1"],
    ]);
    expect(["/v1", "/users", "/items", "/rare", "/other"].map((path) => found(table, path))).toEqual([
      [4],
      [0, 1],
      [2],
      [3],
      [],
    ]);
  });

  it("does not hold a value that has no segment", () => {
    const table = tableOf([[], ["a"], [], ["a"]]);
    expect(found(table, "/a")).toEqual([1, 3]);
    expect(found(table, "/")).toEqual([]);
    expect(found(tableOf([]), "/a")).toEqual([]);
  });

  it("leaves out values that are not wanted for any of the bits", () => {
    const table = tableOf([["a"], ["a"], ["a"]], [1, 2, 3 << (MASK_BITS - 2)]);
    expect([1, 2, 3, 1 << (MASK_BITS - 1), 4].map((bits) => found(table, "/a", bits))).toEqual([
      [0],
      [1],
      [0, 1],
      [2],
      [],
    ]);
  });

  it("keeps the values of segments that have one hash: whoever asks looks at the path again", () => {
    // 31 * 65 + 97 = 31 * 66 + 66.
    const table = tableOf([["Aa"], ["BB"]]);
    expect([found(table, "/Aa"), found(table, "/BB")]).toEqual([
      [0, 1],
      [0, 1],
    ]);
  });

  it("holds many segments", () => {
    const names = Array.from({ length: 5000 }, (_, index) => `s${index}`);
    const table = tableOf(names.map((name) => [name]));
    for (const [index, name] of names.entries()) expect(found(table, `/${name}`)).toContain(index);
    expect(found(table, "/t1")).toEqual([]);
  });
});
