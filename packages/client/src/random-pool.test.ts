import { describe, expect, it } from "vitest";
import { pooledRandom } from "./random-pool.js";

describe("pooled random bytes", () => {
  it("are as many as were asked for, over the end of a block too, and never the same twice", () => {
    const seen = new Set<string>();
    for (let round = 0; round < 2000; round++) {
      const bytes = pooledRandom(16);
      expect(bytes.length).toBe(16);
      seen.add(Buffer.from(bytes).toString("hex"));
    }
    expect(seen.size).toBe(2000);
  });

  it("are their caller's own", () => {
    const bytes = pooledRandom(10);
    expect(bytes.buffer.byteLength).toBe(10);
  });

  it("are drawn by themselves when they are many", () => {
    const bytes = pooledRandom(10_000);
    expect(bytes.length).toBe(10_000);
    expect(bytes.filter((byte) => byte === 0).length).toBeLessThan(200);
  });

  it("use all values of all bytes", () => {
    const counts = new Array<number>(256).fill(0);
    for (let round = 0; round < 6400; round++)
      for (const byte of pooledRandom(16)) counts[byte] = (counts[byte] ?? 0) + 1;
    // 400 of each are expected: a standard deviation is 20.
    expect(Math.min(...counts)).toBeGreaterThan(240);
    expect(Math.max(...counts)).toBeLessThan(560);
  });
});
