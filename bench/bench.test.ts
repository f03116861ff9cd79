import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { keyedDocument, listDocument, randomFrom, SENSITIVE } from "./documents.mjs";
import { cpuMs, cycled, figuresOf, inFlight, looped, measure, quantile, shuffled } from "./harness.mjs";
import { hostileBodies } from "./hostile.mjs";
import { naiveDecide, naiveDestroy, naiveRules } from "./naive.mjs";
import { table } from "./table.mjs";

describe("the statistics", () => {
  it("take quantiles between two values by linear interpolation", () => {
    expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
    expect(quantile([10, 20, 30, 40, 50], 0.1)).toBe(14);
    expect(quantile([10, 20, 30, 40, 50], 0.9)).toBe(46);
    expect(quantile([10, 20, 30], 1)).toBe(30);
    expect(quantile([7], 0.9)).toBe(7);
  });

  it("divide within a round, never one median by another", () => {
    const { contest, rates } = contestOf({ baseline: [100, 10, 1], ours: [100, 20, 3] });
    expect(figuresOf({ contest, rates })).toEqual([
      { name: "a.b", value: 2, p10: 1.2, p90: 2.8, better: "higher", unit: "ratio", noise: 29.29 },
    ]);
  });

  it("divide costs where less is better", () => {
    const { contest, rates } = contestOf({ baseline: [100, 10, 1], ours: [50, 5, 0.2] });
    expect(figuresOf({ contest: { ...contest, better: "lower" as const }, rates })).toMatchObject([
      { name: "a.b", value: 2, better: "lower" },
    ]);
  });

  it("go by the baseline that is harder to beat, and give each a figure of its own", () => {
    const { contest, rates } = contestOf({ baseline: [100, 10, 1], ours: [100, 20, 3] });
    const harder = { words: "doing it well", run: () => 0 };
    rates.set(harder, [200, 20, 2]);
    const { baseline, ...rest } = contest;
    const several = { ...rest, baselines: { easy: baseline, hard: harder } };
    expect(figuresOf({ contest: several, rates })).toMatchObject([
      { name: "a.b", value: 1, p10: 0.6, p90: 1.4 },
      { name: "a.b.easy", value: 2, p10: 1.2, p90: 2.8 },
      { name: "a.b.hard", value: 1, p10: 0.6, p90: 1.4 },
    ]);
    // What it costs is the other way round, and so is which is the worse.
    expect(figuresOf({ contest: { ...several, better: "lower" as const }, rates })).toMatchObject([
      { name: "a.b", value: 1 },
      { name: "a.b.easy", value: 0.5 },
      { name: "a.b.hard", value: 1 },
    ]);
    const printed = table([{ contest: several, rates }]);
    expect(printed).toMatch(/baseline: doing nothing .*\n +baseline: doing it well /);
    expect(printed).toMatch(
      /doing something, by the worse of these +1\.00 +0\.60 – 1\.40 +20 things\/s +a\.b\n/,
    );
    expect(printed).toMatch(/by doing nothing +2\.00 +1\.20 – 2\.80 +a\.b\.easy\n/);
    expect(printed).toMatch(/by doing it well +1\.00 +0\.60 – 1\.40 +a\.b\.hard\n/);
  });

  it("are printed with the baseline in words, and a warning where it was unsteady", () => {
    const quiet = table([contestOf({ baseline: [1000, 1000], ours: [500, 500] })]);
    expect(quiet).toContain("baseline: doing nothing");
    expect(quiet).toMatch(/doing something +0\.50 +0\.50 – 0\.50 +500 things\/s +a\.b/);
    expect(quiet).not.toContain("draw no conclusion");
    expect(table([contestOf({ baseline: [1000, 100], ours: [500, 500] })])).toContain("draw no conclusion");
  });
});

describe("the rounds", () => {
  it("verify first, then run every candidate in every round", async () => {
    const log: string[] = [];
    const candidate = (words: string, rate: number) => ({
      words,
      figure: words,
      run: () => {
        log.push(words);
        return rate;
      },
    });
    const contest = {
      title: "",
      unit: "",
      verify: () => void log.push("verify"),
      baseline: candidate("baseline", 4),
      candidates: [candidate("one", 2), candidate("two", 8)],
    };
    const measured = await measure([contest], { rounds: 5, roundMs: 1 });
    expect(measured.flatMap(figuresOf)).toMatchObject([
      { name: "one", value: 0.5, noise: 1 },
      { name: "two", value: 2, noise: 1 },
    ]);
    expect(log.slice(0, 4)).toEqual(["verify", "baseline", "one", "two"]);
    // Untimed and timed, after one warm-up.
    expect(log.filter((words) => words === "one")).toHaveLength(1 + 2 * 5);
  });

  it("time nothing when a result is wrong", async () => {
    let runs = 0;
    const run = () => ++runs;
    const verify = () => {
      throw new Error("another document");
    };
    const contest = { title: "", unit: "", verify, baseline: { words: "", run }, candidates: [] };
    await expect(measure([contest], { rounds: 1, roundMs: 1 })).rejects.toThrow("another document");
    expect(runs).toBe(0);
  });

  it("come in an order that is shuffled, and the same every time", () => {
    const items = [1, 2, 3, 4, 5, 6];
    const order = shuffled(items, randomFrom(3));
    expect(order).not.toEqual(items);
    expect([...order].sort()).toEqual(items);
    expect(shuffled(items, randomFrom(3))).toEqual(order);
  });

  it("count what was done in the time it took", async () => {
    const startedAt = performance.now();
    const rate = await looped(() => 2)(5);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(5);
    expect(rate).toBeGreaterThan(0);
  });

  it("look at the clock early enough for a slow operation", () => {
    let runs = 0;
    const slow = () => {
      const until = performance.now() + 4;
      while (performance.now() < until);
      return ++runs;
    };
    looped(slow)(1);
    expect(runs).toBe(1);
  });

  it("go on with the item after the last one", () => {
    const seen: string[] = [];
    const run = cycled(["a", "b", "c"], (item) => seen.push(item));
    run(0);
    run(0);
    run(0);
    run(0);
    expect(seen).toEqual(["a", "b", "c", "a"]);
  });

  it("keep so many operations in flight, and count what they put off", async () => {
    let now = 0;
    let most = 0;
    let finished = 0;
    const operation = async () => {
      most = Math.max(most, ++now);
      await new Promise((resolve) => setTimeout(resolve, 1));
      now--;
    };
    await inFlight(7, operation, { finish: async () => void finished++ })(10);
    expect({ most, now, finished }).toEqual({ most: 7, now: 0, finished: 1 });
  });
});

describe("the processor's clock", () => {
  it("does not run while a process waits, and runs while it works", async () => {
    const wait = () => new Promise((resolve) => setTimeout(resolve, 40));
    const work = async () => {
      const until = cpuMs() + 40;
      while (cpuMs() < until);
    };
    const waiting = await inFlight(1, wait, { spentMs: cpuMs })(1);
    const working = await inFlight(1, work, { spentMs: cpuMs })(1);
    // One unit in less than 20 of the 40 ms, and one unit in 40 ms or more.
    expect(waiting).toBeGreaterThan(50);
    expect(working).toBeLessThanOrEqual(25);
  });
});

describe("the documents", () => {
  it("are the same for a seed, of the size asked for, and hold five sensitive properties a record or none", () => {
    const pattern = new RegExp(SENSITIVE.pattern, SENSITIVE.flags);
    for (const bytes of [1024, 10 * 1024, 100 * 1024]) {
      const dirty = listDocument({ bytes, isDirty: true, seed: 7 });
      const clean = listDocument({ bytes, isDirty: false, seed: 7 });
      expect(dirty).toEqual(listDocument({ bytes, isDirty: true, seed: 7 }));
      expect(Math.abs(dirty.length - bytes)).toBeLessThan(Math.max(400, bytes * 0.1));
      expect(naiveDestroy(clean, pattern)).toEqual(clean);
      const records = JSON.parse(dirty.toString()).data.length;
      expect(leaves(dirty) - leaves(naiveDestroy(dirty, pattern))).toBe(5 * records);
    }
  });
});

describe("the documents under ids", () => {
  it("hold the same records, and share no key", () => {
    const documents = [1, 2].map((seed) => {
      const keyed = JSON.parse(keyedDocument({ bytes: 10 * 1024, isDirty: true, seed }).toString());
      expect(Object.values(keyed.data)).toContainEqual(
        JSON.parse(listDocument({ bytes: 10 * 1024, isDirty: true, seed }).toString()).data[0],
      );
      return Object.keys(keyed.data);
    });
    expect(new Set(documents.flat()).size).toBe(documents.flat().length);
  });
});

describe("the hostile bodies", () => {
  it("are as many as asked for, and JSON or not", () => {
    const bodies = [...hostileBodies(400)];
    const broken = bodies.filter((body) => {
      try {
        JSON.parse(body.toString());
        return false;
      } catch {
        return true;
      }
    });
    expect(bodies).toHaveLength(400);
    expect(broken.length).toBeGreaterThan(100);
    expect(broken.length).toBeLessThan(300);
    expect(bodies.map(String)).toEqual([...hostileBodies(400)].map(String));
  });
});

describe("the naive twins", () => {
  it("destroy by the path of a property", () => {
    const bytes = Buffer.from('{"a":{"Token":1,"tokens":2},"list":[{"token":{"b":1}}]}');
    expect(naiveDestroy(bytes, /\.token$/i).toString()).toBe('{"a":{"tokens":2},"list":[{}]}');
  });

  it("let a deny win, and allow nothing by default", () => {
    const rules = naiveRules([
      { id: "read", effect: "allow", methods: ["GET"], path: { pattern: "^/a" } },
      { id: "no-b", effect: "deny", path: { pattern: "/b$" } },
    ]);
    const ask = (method: string, path: string) => naiveDecide(rules, { method, path, headers: new Map() });
    expect(ask("GET", "/a")).toEqual({ effect: "allow", ruleId: "read" });
    expect(ask("GET", "/a/b")).toEqual({ effect: "deny", ruleId: "no-b" });
    expect(ask("POST", "/a")).toEqual({ effect: "deny", ruleId: undefined });
  });
});

describe("the command", () => {
  it("ends its output with the figures of the smoke suite as one line of JSON", {
    timeout: 60_000,
  }, async () => {
    const { code, stdout } = await bench("smoke", "--json", "--rounds", "2", "--round-ms", "10");
    expect(code).toBe(0);
    const { suite, figures } = JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
    expect(suite).toBe("smoke");
    expect(figures.map(({ name }: { name: string }) => name)).toEqual([
      "fetch.1KB.c50",
      "fetch.1KB.c50.unfiltered",
      "filter.dirty.10KB",
      "filter.clean.10KB",
      "decide.10rules",
    ]);
    for (const { value, p10, p90, better, unit, noise } of figures) {
      expect({ better, unit }).toEqual({ better: "higher", unit: "ratio" });
      expect(p10).toBeGreaterThan(0);
      expect(value).toBeGreaterThanOrEqual(p10);
      expect(p90).toBeGreaterThanOrEqual(value);
      expect(noise).toBeGreaterThanOrEqual(1);
    }
  });

  it("refuses what it does not know, and names the suites", async () => {
    for (const args of [["smok"], [], ["smoke", "--rounds", "none"], ["smoke", "--fast"]]) {
      const { code, stdout, stderr } = await bench(...args);
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(stderr).toContain("the suites are: call, decide, filter, redact, smoke");
    }
    expect((await bench("smok")).stderr).toContain("no suite `smok`");
  });
});

/** As `npm run bench`, which sets up first: the tests' own run has done that. */
async function bench(...args: string[]) {
  const run = fileURLToPath(new URL("run.mjs", import.meta.url));
  const child = spawn(process.execPath, [run, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, stdout, stderr };
}

/** A contest that was measured to have these rates. */
function contestOf({ baseline, ours }: { baseline: number[]; ours: number[] }) {
  const run = () => 0;
  const one = { words: "doing nothing", run };
  const other = { figure: "a.b", words: "doing something", run };
  const contest = {
    title: "A contest",
    unit: "things/s",
    verify: () => {},
    baseline: one,
    candidates: [other],
  };
  const rates = new Map([
    [one, baseline],
    [other, ours],
  ]);
  return { contest, rates };
}

function leaves(bytes: Uint8Array): number {
  const count = (value: unknown): number =>
    value === null || typeof value !== "object"
      ? 1
      : Object.values(value).reduce((sum: number, one) => sum + count(one), 0);
  return count(JSON.parse(bytes.toString()));
}
