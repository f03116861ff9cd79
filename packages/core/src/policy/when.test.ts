import { describe, expect, it } from "vitest";
import { compileWhen, describeTime, isTime, type When, whenFaults } from "./when.js";

const at = (text: string) => Date.parse(text);

describe("a time", () => {
  it.each([
    "x2026-01-01T00:00:00Z",
    "12026-01-01T00:00:00Z",
    "2026-01-01T00:00:00Zx",
    "2026-01-01T00:00:00.Z",
    "2026-01-01T00:00:00+24:00",
    "2026-01-01T00:00:00+1:00",
    "x09:30",
    "09:30x",
  ])("is not %s", (text) => expect(isTime(text)).toBe(false));

  it.each(["1996-02-29T00:00:00Z", "2026-01-01T00:00:00.123456Z", "2026-01-01T00:00:00-23:59"])(
    "may be %s",
    (text) => expect(isTime(text)).toBe(true),
  );
});

describe("the faults of a `when`", () => {
  const messages = (when: When) => whenFaults(when).map(({ at: field, message }) => [field, message]);

  it("are none where each field says something", () => {
    expect(whenFaults({ from: "09:00" })).toEqual([]);
    expect(whenFaults({ to: "09:00" })).toEqual([]);
    expect(whenFaults({ to: "2026-01-01T00:00:00Z", from: "2025-01-01T00:00:00Z" })).toEqual([]);
    expect(whenFaults({ days: ["mon"], timeZone: "Europe/Berlin" })).toEqual([]);
    expect(whenFaults({ from: "2026-01-01T00:00:00Z", days: ["mon"], timeZone: "UTC" })).toEqual([]);
  });

  it("say that nothing is said", () => {
    expect(messages({ timeZone: "UTC" })).toEqual([[undefined, "an empty `when` says nothing"]]);
  });

  it("say that a window is empty, and what to do", () => {
    const empty = {
      at: "to",
      message: "no time is from `from` on and before `to`",
      help: "the window ends before `to`: leave it out for no end",
    };
    expect(whenFaults({ from: "09:00", to: "09:00" })).toEqual([empty]);
    expect(whenFaults({ to: "00:00" })).toEqual([empty]);
    expect(whenFaults({ from: "2026-01-01T00:00:00Z", to: "2026-01-01T01:00:00+01:00" })).toEqual([empty]);
  });

  it("say that a time zone has no such name, offsets included", () => {
    const unknown = [["timeZone", "no time zone has this name"]];
    for (const timeZone of ["Mars/Olympus", "+02:00", "1Europe/Berlin", ""]) {
      expect(messages({ days: ["mon"], timeZone })).toEqual(unknown);
    }
  });

  it("say that a time zone changes nothing about instants", () => {
    expect(messages({ from: "2026-01-01T00:00:00Z", timeZone: "UTC" })).toEqual([
      ["timeZone", "a time zone changes nothing about instants"],
    ]);
  });
});

describe("a window of times of day", () => {
  it("holds from its first minute to before its last", () => {
    const holds = compileWhen({ from: "09:00", to: "17:00" });
    const times = ["08:59:59.999", "09:00:00", "16:59:59.999", "17:00:00"];
    expect(times.map((time) => holds(at(`2026-06-01T${time}Z`)))).toEqual([false, true, true, false]);
  });

  it("holds over midnight, on the day on which it began", () => {
    const holds = compileWhen({ from: "22:00", to: "06:00", days: ["mon"] });
    const monday = ["2026-06-01T05:59:00Z", "2026-06-01T21:59:00Z", "2026-06-01T22:00:00Z"];
    const tuesday = ["2026-06-02T05:59:59Z", "2026-06-02T06:00:00Z", "2026-06-02T22:00:00Z"];
    expect(monday.map((time) => holds(at(time)))).toEqual([false, false, true]);
    expect(tuesday.map((time) => holds(at(time)))).toEqual([true, false, false]);
  });

  it("begins or ends with the day where one end is left out", () => {
    const before = compileWhen({ to: "06:00" });
    const after = compileWhen({ from: "06:00" });
    for (const [time, isBefore] of [
      ["00:00", true],
      ["05:59", true],
      ["06:00", false],
      ["23:59", false],
    ] as const) {
      expect([before(at(`2026-06-01T${time}:00Z`)), after(at(`2026-06-01T${time}:00Z`))]).toEqual([
        isBefore,
        !isBefore,
      ]);
    }
  });
});

describe("a time in words", () => {
  it("names the day, the minute and the zone, which is UTC where none is named", () => {
    expect(describeTime(at("2026-06-07T07:05:59Z"), {})).toBe("sun 07:05 UTC");
    expect(describeTime(at("2026-06-07T22:05:00Z"), { timeZone: "Europe/Berlin" })).toBe(
      "mon 00:05 Europe/Berlin",
    );
    expect(describeTime(0.5, {})).toBe("thu 00:00 UTC");
  });
});
