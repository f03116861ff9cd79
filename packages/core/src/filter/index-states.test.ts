import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runs } from "../runs.reference.js";
import { type FixedSlice, fixedSlice, indexStates } from "./index-states.js";

/** Whether the states of a slice take an index. */
function takerOf(slice: FixedSlice): (index: number | string) => boolean {
  const states = indexStates(slice);
  if (states === undefined) throw new Error("there are too many states");
  return (index) => {
    let at = 0;
    for (const digit of typeof index === "string" ? index : String(index)) {
      const symbol = digit.charCodeAt(0);
      const step = states[at]?.steps.find(({ symbols }) =>
        symbols.some(([from, to]) => symbol >= from && symbol <= to),
      );
      if (step === undefined) return false;
      at = step.to;
    }
    return states[at]?.isFinal === true;
  };
}

const isIn = ({ start, end = Number.POSITIVE_INFINITY, step }: FixedSlice, index: number) =>
  index >= start && index < end && (index - start) % step === 0;

describe("the states of a slice", () => {
  it.each([
    [0, 1, 1],
    [0, 10, 1],
    [9, 11, 1],
    [1, undefined, 1],
    [99, undefined, 1],
    [100, 1000, 1],
    [0, undefined, 2],
    [5, undefined, 3],
    [7, undefined, 7],
    [12, 999, 13],
    [1, undefined, 100],
  ])("%s:%s:%s take its indices and no others", (start, end, step) => {
    const slice = { start, end, step };
    const indices = Array.from({ length: 1200 }, (_, index) => index);
    expect(indices.filter(takerOf(slice))).toEqual(indices.filter((index) => isIn(slice, index)));
  });

  it("take its indices and no others, whatever the numbers", () => {
    const large = fc.oneof(fc.nat(120), fc.nat(100_000), fc.maxSafeNat());
    const slices = fc.record({
      start: large,
      end: fc.option(large, { nil: undefined }),
      step: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 60 })),
    });
    fc.assert(
      fc.property(slices, large, fc.nat(50), (slice, far, near) => {
        const takes = takerOf(slice);
        for (const index of [
          far,
          slice.start + near,
          slice.start + near * slice.step,
          near,
          slice.end ?? 0,
        ]) {
          if (!Number.isSafeInteger(index)) continue;
          expect(takes(index)).toBe(isIn(slice, index));
        }
      }),
      { numRuns: runs(300) },
    );
  });

  it("take indices of more digits than any bound has, where there is no end", () => {
    const [all, odd, few] = [
      [0, 1],
      [1, 2],
      [12, 5],
    ].map(([start = 0, step = 1]) => takerOf({ start, end: undefined, step }));
    for (const index of [10_000_000_000, 9_007_199_254_740_991]) {
      expect([all?.(index), odd?.(index), few?.(index)]).toEqual([true, index % 2 === 1, index % 5 === 2]);
    }
  });

  it("take nothing but digits, and not nothing", () => {
    for (const start of [0, 1, 9, 10]) {
      const takes = takerOf({ start, end: undefined, step: 1 });
      expect(["", ":", "/", "1:", "-1", "١", "a"].filter(takes)).toEqual([]);
    }
  });

  it("take nothing where the slice ends before it begins", () => {
    expect([0, 1, 2, 3, 4, 5, 25, 33].filter(takerOf({ start: 3, end: 3, step: 1 }))).toEqual([]);
    expect([0, 1, 2, 3, 4, 5, 25, 33].filter(takerOf({ start: 3, end: 2, step: 2 }))).toEqual([]);
  });

  it("are none for a slice that counts from the end, and too many for a large step", () => {
    expect(fixedSlice({ kind: "slice", start: -1, end: undefined, step: 1 })).toBeUndefined();
    expect(fixedSlice({ kind: "slice", start: 0, end: -1, step: 1 })).toBeUndefined();
    expect(fixedSlice({ kind: "slice", start: undefined, end: undefined, step: -1 })).toBeUndefined();
    expect(indexStates({ start: 0, end: undefined, step: 100_000 })).toBeUndefined();
  });
});
