import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runs } from "../runs.reference.js";
import { ByteBuffer } from "./byte-buffer.js";

type Act = readonly [kind: "append" | "extend" | "take" | "truncate" | "clear", size: number];

const acts: fc.Arbitrary<Act[]> = fc.array(
  fc.tuple(
    fc.constantFrom(
      "append" as const,
      "append" as const,
      "extend" as const,
      "take" as const,
      "take" as const,
      "truncate" as const,
      "clear" as const,
    ),
    fc.oneof(fc.nat(20), fc.nat(700)),
  ),
  { maxLength: 40 },
);

describe("ByteBuffer", () => {
  it("holds what a list of bytes would", () => {
    fc.assert(
      fc.property(acts, (list) => {
        const buffer = new ByteBuffer();
        let model: number[] = [];
        let next = 0;
        for (const [kind, size] of list) {
          const within = Math.min(size, model.length);
          const fresh = Uint8Array.from({ length: size + 3 }, () => next++ & 0xff);
          if (kind === "append") {
            buffer.append(fresh, 2, size + 2);
            model = [...model, ...fresh.subarray(2, size + 2)];
          } else if (kind === "extend") {
            buffer.extend(size).set(fresh.subarray(0, size));
            model = [...model, ...fresh.subarray(0, size)];
          } else if (kind === "take") {
            expect([...buffer.take(within)]).toEqual(model.splice(0, within));
          } else if (kind === "truncate") {
            buffer.truncate(within);
            model.length = within;
          } else {
            buffer.clear();
            model = [];
          }
          expect(buffer.length).toBe(model.length);
          expect([...buffer.view()]).toEqual(model);
        }
      }),
      { numRuns: runs(150) },
    );
  });

  it("hands out copies, and keeps copies", () => {
    const buffer = new ByteBuffer();
    const given = Uint8Array.of(1, 2, 3, 4);
    buffer.append(given);
    given.fill(9);
    const taken = buffer.take(2);
    buffer.clear();
    buffer.append(Uint8Array.of(7, 7, 7, 7));
    expect([...taken]).toEqual([1, 2]);
    expect(taken.buffer.byteLength).toBe(2);
  });

  it("moves a byte a bounded number of times, however much stays in it", () => {
    // Long queues, of which the second leaves hardly any room: moved every few calls, these would be 50 GB.
    for (const lengths of [[500_000], [500_000, 499_900]]) {
      const buffer = new ByteBuffer();
      for (const length of lengths) buffer.extend(length);
      const { length } = buffer;
      const piece = new Uint8Array(25);
      const startedAt = performance.now();
      for (let turn = 0; turn < 200_000; turn++) {
        buffer.append(piece);
        buffer.take(25);
      }
      expect(buffer.length).toBe(length);
      expect(performance.now() - startedAt).toBeLessThan(2000);
    }
  });
});
