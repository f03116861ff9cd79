import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { often, runs } from "../runs.reference.js";
import { isWithinNaively } from "./context.reference.js";
import { compileWhen, DAYS, isTime, whenFaults } from "./when.js";

const ZONES = [
  "UTC",
  "Europe/Berlin",
  "America/New_York",
  "Asia/Kathmandu",
  "Australia/Lord_Howe",
  "Pacific/Apia",
];
const START = Date.parse("1980-01-01T00:00:00Z");
const END = Date.parse("2040-01-01T00:00:00Z");

const clock = fc
  .tuple(fc.nat(23), fc.constantFrom("00", "01", "29", "30", "59"))
  .map(([hour, minute]) => `${String(hour).padStart(2, "0")}:${minute}`);
const days = fc.subarray([...DAYS], { minLength: 1 });
const timeZone = fc.constantFrom(...ZONES);
const epoch = fc.integer({ min: START, max: END });
/** Around the hours at which clocks are put forward and back. */
const change = fc
  .tuple(
    fc.constantFrom("2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z", "2011-12-30T10:00:00Z"),
    fc.integer(),
  )
  .map(([hour, offset]) => Date.parse(hour) + (offset % 10_000_000));
const instant = epoch.map((ms) => new Date(ms).toISOString());

const ofDay = fc
  .record({ from: clock, to: clock, days, timeZone }, { requiredKeys: [] })
  .filter(({ from, to }) => from !== undefined || to !== undefined);
const ofInstants = fc.record({ from: instant, to: instant, days }, { requiredKeys: ["from"] });
const ofDays = fc.record({ days, timeZone }, { requiredKeys: ["days"] });

describe("windows of time", () => {
  it("hold when the naive twin says so", () => {
    let held = 0;
    fc.assert(
      fc.property(fc.oneof(ofDay, ofInstants, ofDays), fc.array(fc.oneof(epoch, change)), (when, times) => {
        fc.pre(whenFaults(when).length === 0);
        const holds = compileWhen(when);
        // Soon after one another as well: what was learnt about one time must not be taken for the next.
        for (const now of times.flatMap((time) => [time, time + 999, time + 60_000, time + 3_600_000])) {
          expect(holds(now)).toBe(isWithinNaively(when, now));
          expect(holds(now + 0.25)).toBe(holds(now));
          if (holds(now)) held++;
        }
      }),
      { numRuns: runs(400) },
    );
    expect(held).toBeGreaterThan(often(400));
  });

  it("begin and end with the minute, however often they are asked about", () => {
    const holds = compileWhen({ from: "09:00", to: "09:01", timeZone: "Europe/Berlin" });
    const eight = Date.parse("2026-01-05T07:59:59.999Z");
    const answers = [0, 1, 30_000, 60_000, 60_001, 0].map((later) => holds(eight + later));
    expect(answers).toEqual([false, true, true, true, false, false]);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -Infinity, 8.64e15 + 1, undefined, "0", null, 0n])(
    "cannot be evaluated at %s",
    (now) => {
      expect(compileWhen({ days: ["mon"] })(now)).toBeUndefined();
      expect(compileWhen({ from: "2026-01-01T00:00:00Z" })(now)).toBeUndefined();
    },
  );

  it("hold at the ends of time", () => {
    for (const now of [8.64e15, -8.64e15]) expect(compileWhen({ days: [...DAYS] })(now)).toBe(true);
  });
});

describe("a time", () => {
  it("is any instant that the platform prints", () => {
    fc.assert(fc.property(instant, (text) => isTime(text)));
  });

  it.each([
    "2024-02-29T00:00:00Z",
    "2000-02-29T23:59:59+14:00",
    "2026-12-31T00:00:00.123456789-00:00",
    "23:59",
  ])("may be %s", (text) => expect(isTime(text)).toBe(true));

  it.each([
    "2023-02-29T00:00:00Z",
    "1900-02-29T00:00:00Z",
    "2026-04-31T00:00:00Z",
    "2026-00-01T00:00:00Z",
    "2026-01-00T00:00:00Z",
    "2026-01-01T24:00:00Z",
    "2026-01-01T00:00:60Z",
    "2026-01-01t00:00:00z",
    "2026-01-01 00:00:00Z",
    "2026-01-01",
    "24:00",
    "1:00",
    "01:00:00",
    "",
  ])("is not %j", (text) => expect(isTime(text)).toBe(false));
});
