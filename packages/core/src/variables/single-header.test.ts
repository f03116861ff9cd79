import { describe, expect, it } from "vitest";
import { singleHeaderValue } from "./single-header.js";

const DATE = "Sun, 06 Nov 1994 08:49:37 GMT";
const OLD_DATE = "Sunday, 06-Nov-94 08:49:37 GMT";
const AGENT = "Mozilla/5.0 (X11; Linux) AppleWebKit/537.36 (KHTML, like Gecko) Safari/537.36";

describe("a header", () => {
  it.each([
    ["x-total", "12"],
    ["x-total", ""],
    ["date", DATE],
    ["last-modified", OLD_DATE],
    ["expires", "0"],
    ["retry-after", "120"],
    ["retry-after", DATE],
    ["if-modified-since", DATE],
    ["user-agent", AGENT],
    ["user-agent", "a (b (c, d) \\), e) f"],
    ["server", "nginx/1.25 (a, b)"],
  ])("%s: %s has one value", (name, text) => {
    expect(singleHeaderValue(name, text)).toBe(text);
  });

  it.each([
    ["x-total", "1, 2"],
    ["x-date", DATE],
    ["date", `${DATE}, ${DATE}`],
    ["date", `${OLD_DATE}, ${DATE}`],
    ["date", `Sun, ${DATE}`],
    ["date", `${DATE}\n`],
    ["expires", "0, 0"],
    ["retry-after", `120, ${DATE}`],
    ["user-agent", `${AGENT}, ${AGENT}`],
    ["user-agent", "curl/8, curl/8"],
    ["user-agent", "a (b, c"],
    ["user-agent", "a) (b, c)"],
    ["user-agent", "a (b\\), c"],
    ["set-cookie", "a=1, b=2"],
    ["etag", '"a,b"'],
  ])("%s: %s may have several", (name, text) => {
    expect(singleHeaderValue(name, text)).toBeUndefined();
  });

  it("that is not there has none", () => {
    expect(singleHeaderValue("date", undefined)).toBeUndefined();
  });
});
