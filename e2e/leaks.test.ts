/** That nothing of a call stays when it is over, however it ends: memory, connections, listeners and timers are flat. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { root } from "../scripts/workspaces.mjs";
import { bytesACall, leaksIn, type Measure } from "./leaks/flat.js";

/** `npm run test:deep` makes them all, and sees the leak of a few bytes a call. */
const [COUNT, MAX_BYTES_A_CALL] = process.env.SALLYPORT_DEEP === undefined ? [1200, 150] : [20_000, 30];
const PLANTED_COUNT = 400;

interface Report {
  /** After the warm-up, and at each quarter. */
  readonly measures: readonly Measure[];
  /** How many of each kind. */
  readonly made: Readonly<Record<string, number>>;
  /** How many records there are: one of each call, and one of each stream that was filtered. */
  readonly records: number;
}

/** In a process of its own, whose heap nobody else uses; its server is another one. */
async function reportOf(transport: string, count: number, ...more: string[]): Promise<Report> {
  const program = join(root, "e2e", "leaks", "calls.mjs");
  const { stdout } = await promisify(execFile)(
    process.execPath,
    // Code that is optimised meanwhile would look like a leak.
    ["--expose-gc", "--no-opt", "--no-flush-bytecode", program, transport, String(count), ...more],
    { cwd: root },
  );
  return JSON.parse(stdout);
}

describe("after calls that end well and badly in all ways", () => {
  it.concurrent.each(["undici", "fetch"])("nothing is left, over the transport of %s", async (transport) => {
    const { measures, made, records } = await reportOf(transport, COUNT);
    expect(Object.entries(made).filter(([, times]) => times === 0)).toEqual([]);
    expect(records).toBeGreaterThanOrEqual(COUNT);
    // The first measure is of a process that is warming up.
    expect(measures.map(({ calls }) => calls - (measures[0]?.calls ?? 0))).toEqual(
      [0, 1, 2, 3, 4].map((quarter) => (quarter * COUNT) / 4),
    );
    expect(leaksIn(measures.slice(1), MAX_BYTES_A_CALL)).toEqual([]);
  });

  it.concurrent("something is seen to be left where each call leaves 200 bytes, and a few more", async () => {
    const { measures } = await reportOf("undici", PLANTED_COUNT, "plant");
    const kinds = leaksIn(measures.slice(1), 150).map((leak) => leak.slice(0, leak.indexOf(":")));
    expect([...new Set(kinds)].sort()).toEqual(["connections", "heap", "listeners", "timers"]);
  });
});

describe("what counts as flat", () => {
  const measuresOf = (...heapBytes: number[]): Measure[] =>
    heapBytes.map((bytes, index) => ({
      ...{ calls: 1000 * index, heapBytes: bytes },
      ...{ connections: 0, timers: 0, listeners: 2 },
    }));

  it("is one measure that stands out, not what each call adds", () => {
    expect(leaksIn(measuresOf(5_000_000, 5_010_000, 9_000_000, 5_020_000), 150)).toEqual([]);
    expect(leaksIn(measuresOf(9_000_000, 5_000_000, 5_010_000, 5_020_000), 150)).toEqual([]);
    expect(bytesACall(measuresOf(5_000_000, 5_200_000, 5_400_000, 5_600_000))).toBe(200);
    expect(leaksIn(measuresOf(5_000_000, 5_200_000, 5_300_000, 5_560_000), 150)).toEqual([
      "heap: 183 bytes a call",
    ]);
  });

  it("is no connection, no timer and no more listeners than before", () => {
    const [first, second] = measuresOf(1, 1) as [Measure, Measure];
    expect(leaksIn([first, { ...second, connections: 1, timers: 2, listeners: 4 }], 150)).toEqual([
      "connections: 1 after 1000 calls",
      "timers: 2 after 1000 calls",
      "listeners: 4 after 1000 calls",
    ]);
    expect(leaksIn([], 150)).toEqual(["nothing was measured"]);
  });
});
