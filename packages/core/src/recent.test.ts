import { describe, expect, it } from "vitest";
import { Recent } from "./recent.js";

/** Which of the names are made when they are asked for, in this order. */
function madeOf(recent: Recent<string>, names: readonly string[]): string[] {
  const made: string[] = [];
  for (const name of names) {
    const one = recent.of(name, () => {
      made.push(name);
      return `one of ${name}`;
    });
    expect(one).toBe(`one of ${name}`);
  }
  return made;
}

describe("what was made of late", () => {
  it("is not made again, whatever was asked for between", () => {
    expect(madeOf(new Recent(4), ["a", "a", "b", "a", "b", "c", "a"])).toEqual(["a", "b", "c"]);
  });

  it("is at most twice as many as it is told, and the last that were asked for", () => {
    const recent = new Recent<string>(2);
    expect(madeOf(recent, ["a", "b", "c", "d", "e"])).toHaveLength(5);
    // With `e` a new half began: `c` and `d` are in the older one.
    expect(madeOf(recent, ["c", "d"])).toEqual([]);
    expect(madeOf(recent, ["a"])).toEqual(["a"]);
  });

  it("is asked for again where making it failed", () => {
    const recent = new Recent<string>(2);
    const fail = () => {
      throw new Error("no");
    };
    expect(() => recent.of("a", fail)).toThrow("no");
    expect(() => recent.of("a", fail)).toThrow("no");
    expect(madeOf(recent, ["a", "a"])).toEqual(["a"]);
  });
});
