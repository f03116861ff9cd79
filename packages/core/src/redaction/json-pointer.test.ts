import { describe, expect, it } from "vitest";
import { pointerNames, pointerToken } from "./json-pointer.js";

describe("a JSON pointer", () => {
  // RFC 6901 section 5.
  it.each([
    ["", []],
    ["/foo", ["foo"]],
    ["/foo/0", ["foo", "0"]],
    ["/", [""]],
    ["/a~1b", ["a/b"]],
    ["/m~0n", ["m~n"]],
    ["/ ", [" "]],
    ["/~01", ["~1"]],
  ])("leads through names: %j", (pointer, names) => {
    expect(pointerNames(pointer)).toEqual(names);
    expect(names.map((name) => `/${pointerToken(name)}`).join("")).toBe(pointer);
  });

  it.each(["foo", "#/foo", "/~", "/~2", "/a~"])("is not every text: %s", (text) => {
    expect(pointerNames(text)).toBeUndefined();
  });

  it("may be of any length", () => {
    const name = "x".repeat(20_000_000);
    expect(pointerNames(`/${name}`)?.[0] === name).toBe(true);
  });
});
