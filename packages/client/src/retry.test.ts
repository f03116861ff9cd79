import { describe, expect, it } from "vitest";
import { retryAfterMs } from "./retry.js";

const NOW = Date.parse("1994-11-06T08:49:30Z");

describe("`retry-after`", () => {
  it.each([
    ["0", 0],
    ["7", 7000],
    ["Sun, 06 Nov 1994 08:49:37 GMT", 7000],
    ["Sunday, 06-Nov-94 08:49:37 GMT", 7000],
    ["Sun Nov  6 08:49:37 1994", 7000],
    ["Sun, 06 Nov 1994 08:49:00 GMT", 0],
  ])("%j is %j ms", (value, ms) => expect(retryAfterMs(value, NOW)).toBe(ms));

  it.each(["", "soon", "-1", "1.5", "7, 8", "1994-11-06T08:49:37Z", "Sun, 99 Nov 1994 08:49:37 GMT"])(
    "%j says nothing",
    (value) => expect(retryAfterMs(value, NOW)).toBeUndefined(),
  );

  it("may be missing", () => expect(retryAfterMs(undefined, NOW)).toBeUndefined());

  it("may be longer than a number can say, which is too long in any case", () =>
    expect(retryAfterMs("9".repeat(400), NOW)).toBe(Number.POSITIVE_INFINITY));
});
