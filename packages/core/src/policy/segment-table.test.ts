import { describe, expect, it } from "vitest";
import { MASK_BITS, SegmentTable } from "./segment-table.js";

function found(table: SegmentTable, path: string, bits = 1): number[] {
  const values: number[] = [];
  table.find(path, bits, values);
  return values;
}

describe("a table of segments", () => {
  it("finds the values of all segments of a path, in their order, and of no other", () => {
    const segments = new Map([
      ["v1", [0, 3]],
      ["orders", [1]],
      ["ordersx", [2]],
    ]);
    const table = new SegmentTable(segments, new Uint8Array(4).fill(1));
    expect(found(table, "/orders/7/v1")).toEqual([1, 0, 3]);
    expect(found(table, "/v1/orders/")).toEqual([0, 3, 1]);
    expect(["/", "/order", "/xorders", "//", "/V1"].map((path) => found(table, path))).toEqual(
      Array.from({ length: 5 }, () => []),
    );
  });

  it("leaves out values that are not wanted for any of the bits", () => {
    const table = new SegmentTable(new Map([["a", [0, 1, 2]]]), Uint8Array.of(1, 2, 3 << (MASK_BITS - 2)));
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
    const table = new SegmentTable(
      new Map([
        ["Aa", [0]],
        ["BB", [1]],
      ]),
      Uint8Array.of(1, 1),
    );
    expect([found(table, "/Aa"), found(table, "/BB")]).toEqual([
      [0, 1],
      [0, 1],
    ]);
  });

  it("holds many segments", () => {
    const names = Array.from({ length: 5000 }, (_, index) => `s${index}`);
    const table = new SegmentTable(
      new Map(names.map((name, index) => [name, [index]])),
      new Uint8Array(names.length).fill(1),
    );
    for (const [index, name] of names.entries()) expect(found(table, `/${name}`)).toContain(index);
    expect(found(table, "/t1")).toEqual([]);
  });
});
