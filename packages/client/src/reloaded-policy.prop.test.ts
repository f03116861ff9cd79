/** The policy in force, what is told of it and when calls are denied, against what a history of readings says. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromFile } from "./policy-file.js";
import type { PolicyListener } from "./policy-source.js";
import type { FileRead } from "./read-policy-file.js";
import { ReloadedPolicy } from "./reloaded-policy.js";
import { realWorld } from "./world.js";

const MAX_STALE_SECONDS = 60;

const bytesOf = (text: string): FileRead => ({ kind: "content", bytes: new TextEncoder().encode(text) });

function textOf(name: string, more: object = {}): string {
  const proxies = { p: { target: "api", name, ...more } };
  const targets = { api: { baseUrl: "https://api.example" } };
  return JSON.stringify({ clientId: "acme", region: "eu-1", targets, proxies });
}

const HALF = "/region: not JSON: the text ends too early";

const EMPTY = "/: not JSON: the text ends too early";

/** What a reading may find. Those with a `fault` do not load; the faults differ in what is told of them. */
const READINGS: Readonly<Record<string, { readonly read: FileRead; readonly fault?: string }>> = {
  a: { read: bytesOf(textOf("a")) },
  b: { read: bytesOf(textOf("b")) },
  half: { read: bytesOf(textOf("a").slice(0, 40)), fault: HALF },
  empty: { read: bytesOf(""), fault: EMPTY },
  region: {
    read: bytesOf(textOf("a").replace("eu-1", "eu-2")),
    fault: "/region: cannot change while the process runs",
  },
  unknown: { read: bytesOf(textOf("a", { x: 1 })), fault: "/proxies/p/x: unknown field `x`" },
  deleted: {
    read: { kind: "unreadable", reason: "ENOENT" },
    fault: "/: the file cannot be read: ENOENT",
  },
};

interface Step {
  readonly reading: string;
  /** Before the reading, and once more after it. */
  readonly seconds: number;
}

const steps = fc.array(
  fc.record({
    reading: fc.constantFrom(...Object.keys(READINGS)),
    seconds: fc.constantFrom(0, 1, 10, 29.5, 30, 31, 1000),
  }),
  { maxLength: 14 },
);

/** All that can be seen of the policy after each step. */
interface Seen {
  readonly inForce: string | undefined;
  readonly isStale: boolean;
  readonly told: readonly string[];
}

async function seenOf(history: readonly Step[]): Promise<Seen[]> {
  let ms = 0;
  const world = { ...realWorld, now: () => ms, monotonicMs: () => ms };
  const file = fromFile("policy.json", { maxStaleSeconds: MAX_STALE_SECONDS });
  const policy = new ReloadedPolicy(
    { file, keyring: undefined, world },
    new TextEncoder().encode(textOf("a")),
  );
  let told: string[] = [];
  const listener: PolicyListener = {
    changed: (_, after) => told.push(`changed to ${after.policy.proxies.p?.name}`),
    failed: ({ issues }) =>
      told.push(...issues.map(({ pointer, message }) => `${pointer || "/"}: ${message}`)),
  };
  const seen: Seen[] = [];
  for (const { reading, seconds } of history) {
    ms += seconds * 1000;
    told = [];
    await policy.take(READINGS[reading]?.read as FileRead, listener, () => true);
    ms += seconds * 1000;
    const { compiled, staleness } = policy.current();
    seen.push({ inForce: compiled.policy.proxies.p?.name, isStale: staleness !== undefined, told });
  }
  return seen;
}

/** The same, from the whole history anew at each step. */
function expectedOf(history: readonly Step[]): Seen[] {
  return history.map((_, index) => {
    const past = history.slice(0, index + 1);
    const faults = past.map(({ reading }) => READINGS[reading]?.fault);
    const inForceAt = (end: number) =>
      past.slice(0, end).findLast(({ reading }) => READINGS[reading]?.fault === undefined)?.reading ?? "a";
    const firstFailed = faults.lastIndexOf(undefined) + 1;
    const run = faults.slice(firstFailed);
    const secondsSince =
      past.slice(firstFailed + 1).reduce((sum, { seconds }) => sum + seconds * 2, 0) +
      (past[firstFailed]?.seconds ?? 0);
    const [fault] = run.slice(-1);
    const isNewFault = run.length >= 2 && !run.slice(1, -1).includes(fault);
    const changes = run.length === 0 && inForceAt(index) !== inForceAt(index + 1);
    return {
      inForce: inForceAt(index + 1),
      isStale: run.length >= 2 && secondsSince > MAX_STALE_SECONDS,
      told: changes ? [`changed to ${inForceAt(index + 1)}`] : isNewFault && fault ? [fault] : [],
    };
  });
}

describe("a policy that is read again and again", () => {
  it("is what the history of its readings says", async () => {
    const reached = { stale: 0, told: 0, recovered: 0 };
    await fc.assert(
      fc.asyncProperty(steps, async (history) => {
        const seen = await seenOf(history);
        expect(seen).toEqual(expectedOf(history));
        seen.forEach(({ isStale, told }, index) => {
          if (isStale) reached.stale++;
          reached.told += told.length;
          if (!isStale && seen[index - 1]?.isStale) reached.recovered++;
        });
      }),
      { numRuns: 300 },
    );
    for (const count of Object.values(reached)) expect(count).toBeGreaterThan(10);
  });

  it.each<[string, readonly string[], readonly (readonly string[])[]]>([
    ["a file that is just being written is not told of", ["half", "b"], [[], ["changed to b"]]],
    ["one that stays so is", ["half", "half", "half"], [[], [HALF], []]],
    [
      "the same again after a success is",
      ["half", "empty", "a", "half", "half"],
      [[], [EMPTY], [], [], [HALF]],
    ],
    [
      "two that alternate are told of once each",
      ["half", "deleted", "half", "deleted", "half"],
      [[], ["/: the file cannot be read: ENOENT"], [HALF], [], []],
    ],
  ])("%s", async (_, readings, told) => {
    const seen = await seenOf(readings.map((reading) => ({ reading, seconds: 1 })));
    expect(seen.map((one) => one.told)).toEqual(told);
  });

  it("is not stale for one reading alone, however long ago that was", async () => {
    const [seen] = await seenOf([{ reading: "half", seconds: 10_000 }]);
    expect(seen).toEqual({ inForce: "a", isStale: false, told: [] });
  });

  it("changes nothing once it is not wanted any more", async () => {
    const file = fromFile("policy.json", { maxStaleSeconds: 1 });
    const options = { file, keyring: undefined, world: realWorld };
    const policy = new ReloadedPolicy(options, new TextEncoder().encode(textOf("a")));
    const told: string[] = [];
    const listener = { changed: () => told.push("changed"), failed: () => told.push("failed") };
    for (const reading of ["b", "half", "half"])
      await policy.take(READINGS[reading]?.read as FileRead, listener, () => false);
    expect([policy.current().compiled.policy.proxies.p?.name, told, policy.isFailing]).toEqual([
      "a",
      [],
      false,
    ]);
  });
});
