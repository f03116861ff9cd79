import { expect, it } from "vitest";
import { cut } from "./cut.js";

it.each([
  ["", 3, ""],
  ["abc", 3, "abc"],
  ["abcd", 3, "abc"],
  ["ab\u{1f600}", 3, "ab"],
  ["a\u{1f600}b", 3, "a\u{1f600}"],
  ["\u{1f600}\u{1f600}", 3, "\u{1f600}"],
])("of %j at most %i characters are %j", (text, most, expected) => {
  expect(cut(text, most)).toBe(expected);
});
