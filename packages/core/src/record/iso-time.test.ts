import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isoTime } from "./iso-time.js";

describe("isoTime", () => {
  it("has three digits of milliseconds, always, in UTC", () => {
    expect(isoTime(0)).toBe("1970-01-01T00:00:00.000Z");
    expect(isoTime(-1)).toBe("1969-12-31T23:59:59.999Z");
  });

  it("is what the platform writes, whatever was asked for before", () => {
    const times = fc.oneof(
      fc.integer({ min: 1_765_517_217_000, max: 1_765_517_219_000 }),
      fc.date({ noInvalidDate: true }).map((date) => date.getTime()),
      fc.double({ min: -1e9, max: 1e12, noNaN: true }),
    );
    fc.assert(
      fc.property(times, (epochMs) => {
        expect(isoTime(epochMs)).toBe(new Date(epochMs).toISOString());
      }),
    );
  });

  it("is of no time that there is none of", () => {
    expect(() => isoTime(Number.NaN)).toThrow(RangeError);
  });
});
