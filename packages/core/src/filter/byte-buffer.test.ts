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

  it("moves a byte a bounded number of times, in bounded memory, however much stays in it", () => {
    // Long queues, of which the second leaves hardly any room.
    for (const lengths of [[50_000], [50_000, 49_900], [0]]) {
      const buffer = new ByteBuffer();
      for (const length of lengths) buffer.extend(length);
      const { length } = buffer;
      const room = buffer.view().buffer.byteLength;
      const piece = new Uint8Array(25);
      let moved = 0;
      let view = buffer.view();
      for (let turn = 0; turn < 40_000; turn++) {
        buffer.append(piece);
        const now = buffer.view();
        if (now.buffer !== view.buffer || now.byteOffset < view.byteOffset) moved += now.length;
        view = now;
        buffer.take(25);
      }
      expect(buffer.length).toBe(length);
      expect(moved).toBeLessThanOrEqual(2 * 40_000 * 25);
      expect(view.buffer.byteLength).toBeLessThanOrEqual(Math.max(256, 4 * room));
    }
  });

  it("uses the room of what was taken again, where it is as much as what stays", () => {
    for (const [taken, added] of [
      [400, 100],
      [400, 400],
      [256, 256],
      [512, 512],
    ] as const) {
      const buffer = new ByteBuffer();
      const bytes = Uint8Array.from({ length: 512 }, (_, index) => index & 0xff);
      buffer.append(bytes.subarray(0, 256));
      buffer.append(bytes.subarray(256));
      const memory = buffer.view().buffer;
      expect(memory.byteLength).toBe(512);
      buffer.take(taken);
      buffer.append(bytes, 0, added);
      expect(buffer.view().buffer).toBe(memory);
      expect([...buffer.view()]).toEqual([...bytes.subarray(taken), ...bytes.subarray(0, added)]);
    }
  });

  it("grows to as much as is in it, with as much room again", () => {
    const buffer = new ByteBuffer();
    const room = () => buffer.view().buffer.byteLength;
    buffer.append(new Uint8Array(256));
    expect(room()).toBe(512);
    buffer.append(new Uint8Array(256));
    expect(room()).toBe(512);
    buffer.append(new Uint8Array(1));
    expect(room()).toBe(2 * 513);
    buffer.take(513);
    buffer.append(new Uint8Array(2 * 513));
    expect(room()).toBe(2 * 513);
  });
});
