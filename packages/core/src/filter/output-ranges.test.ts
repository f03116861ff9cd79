import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runs } from "../runs.reference.js";
import { OutputRanges } from "./output-ranges.js";

/** A piece in the middle of something larger. */
const piece = Uint8Array.from({ length: 3000 }, (_, at) => (at * 7) & 0xff).subarray(500, 2500);

function bytesOf(ranges: OutputRanges): number[] {
  const out = new Uint8Array(ranges.length + 5).fill(0xee);
  ranges.copyTo(out, 2, piece);
  expect([...out.subarray(0, 2), ...out.subarray(ranges.length + 2)]).toEqual([0xee, 0xee, 0xee, 0xee, 0xee]);
  return [...out.subarray(2, ranges.length + 2)];
}

describe("OutputRanges", () => {
  it("are what was put in one after the other, up to where it was taken back", () => {
    const acts = fc.array(fc.tuple(fc.constantFrom("push", "push", "swap", "truncate"), fc.nat(12)), {
      maxLength: 200,
      size: "max",
    });
    fc.assert(
      fc.property(acts, (list) => {
        const ranges = new OutputRanges();
        const model: number[] = [];
        // Where the output ends that may not be cut: a replacement is taken back as a whole or not at all.
        const swapEnds: { readonly from: number; readonly to: number }[] = [];
        let at = 0;
        for (const [kind, size] of list) {
          if (kind === "push") {
            ranges.push(at, at + size + 1);
            model.push(...piece.subarray(at, at + size + 1));
            at = (at + size + 1 + (size % 3)) % 1900;
          } else if (kind === "swap") {
            ranges.pushSwap(new Uint8Array(size).fill(size));
            swapEnds.push({ from: model.length, to: model.length + size });
            for (let count = 0; count < size; count++) model.push(size);
          } else {
            const wanted = Math.max(0, model.length - size * size);
            const length = swapEnds.find(({ from, to }) => from < wanted && wanted < to)?.to ?? wanted;
            ranges.truncate(length);
            model.length = length;
            while ((swapEnds.at(-1)?.to ?? 0) > length) swapEnds.pop();
          }
          expect(ranges.length).toBe(model.length);
        }
        expect(bytesOf(ranges)).toEqual(model);
      }),
      { numRuns: runs(150) },
    );
  });

  it("take back whole replacements together with what follows", () => {
    const ranges = new OutputRanges();
    ranges.push(0, 3);
    ranges.pushSwap(Uint8Array.of(1, 2, 3, 4));
    ranges.push(10, 12);
    ranges.pushSwap(Uint8Array.of(5));
    ranges.truncate(7);
    expect(bytesOf(ranges)).toEqual([...piece.subarray(0, 3), 1, 2, 3, 4]);
    ranges.truncate(2);
    expect(bytesOf(ranges)).toEqual([...piece.subarray(0, 2)]);
    ranges.pushSwap(Uint8Array.of(6));
    expect(bytesOf(ranges)).toEqual([...piece.subarray(0, 2), 6]);
  });

  it("have room for as many as there are, of either kind", () => {
    for (const isSwap of [true, false]) {
      const ranges = new OutputRanges();
      const model: number[] = [];
      for (let index = 0; index < 500; index++) {
        if (isSwap) ranges.pushSwap(Uint8Array.of(index & 0xff));
        else ranges.push(2 * index, 2 * index + 1);
        model.push(isSwap ? index & 0xff : (piece[2 * index] as number));
      }
      expect(bytesOf(ranges)).toEqual(model);
    }
  });

  it("are empty after they were cleared, and serve the next piece", () => {
    const ranges = new OutputRanges();
    expect(ranges.isEmpty).toBe(true);
    ranges.pushSwap(Uint8Array.of(9, 9));
    ranges.push(0, 5);
    expect(ranges.isEmpty).toBe(false);
    ranges.clear();
    expect([ranges.isEmpty, ranges.length]).toEqual([true, 0]);
    ranges.pushSwap(Uint8Array.of(8));
    expect(bytesOf(ranges)).toEqual([8]);
  });
});
