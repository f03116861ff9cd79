import { describe, expect, it } from "vitest";
import { figureOf, runProbes, workingTime } from "./probes.mjs";
import { table } from "./table.mjs";

describe("probes", () => {
  it("verify, prepare, and take a sample a round", async () => {
    const log: string[] = [];
    const [probed] = await runProbes([probeOf(log, 0)], { rounds: 5, roundMs: 1000 });
    expect(log.slice(0, 3)).toEqual(["verify", "prepare", "sample"]);
    expect(probed?.samples).toEqual([2, 3, 4, 5, 6]);
    expect(probed && figureOf(probed)).toEqual({
      name: "a.ms",
      value: 4,
      p10: 2.4,
      p90: 5.6,
      better: "lower",
      unit: "ms",
      noise: 2.333,
    });
  });

  it("take fewer where they are slow, but never fewer than three", async () => {
    const [probed] = await runProbes([probeOf([], 5)], { rounds: 100, roundMs: 0.01 });
    expect(probed?.samples).toHaveLength(3);
  });

  it("take none when a result is wrong", async () => {
    const log: string[] = [];
    const verify = () => {
      throw new Error("another document");
    };
    await expect(runProbes([{ ...probeOf(log, 0), verify }], { rounds: 1, roundMs: 1 })).rejects.toThrow(
      "another document",
    );
    expect(log).toEqual([]);
  });

  it("are printed with their unit, after the contests", async () => {
    const probed = await runProbes([probeOf([], 0)], { rounds: 1, roundMs: 1 });
    expect(table([], probed)).toMatch(/some work +2\.00 ms +2\.00 – 2\.00 +1\.00 +a\.ms/);
  });
});

describe("working time", () => {
  it("is above nothing and at most what the clock says", () => {
    const startedAt = performance.now();
    const { ms, result } = workingTime(() => {
      let sum = 0;
      for (let index = 0; index < 1e6; index++) sum += index % 7;
      return sum;
    });
    expect(ms).toBeLessThanOrEqual(performance.now() - startedAt);
    expect({ result, isAboveNothing: ms > 0 }).toEqual({ result: 2999997, isAboveNothing: true });
  });
});

/** Its samples are 2, 3, 4, … and take so many milliseconds each. */
function probeOf(log: string[], ms: number) {
  return {
    figure: "a.ms",
    words: "some work",
    unit: "ms" as const,
    better: "lower" as const,
    verify: () => void log.push("verify"),
    prepare: () => void log.push("prepare"),
    sample: async () => {
      await new Promise((resolve) => setTimeout(resolve, ms));
      return log.push("sample") - (log.includes("verify") ? 1 : 0);
    },
  };
}
