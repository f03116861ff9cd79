import { describe, expect, it } from "vitest";
import { toUtf8 } from "../bytes.js";
import { bytesWithin } from "./bytes-within.reference.js";
import { INCOMPLETE, PLAIN } from "./json-bytes.js";
import { plainEnd, plainScalarEnd, wordLength } from "./json-scalars.js";

describe("a scalar of plain ASCII", () => {
  const endOf = (text: string, behind = "") => {
    const bytes = toUtf8(`::${text}${behind}`);
    const end = plainScalarEnd(bytes, 2, 2 + text.length);
    return end < 0 ? end : end - 2;
  };

  it("ends behind its last byte, when that is seen", () => {
    for (const text of ['""', '"a"', '"abcdefghi"', "true", "false", "null"]) {
      expect(endOf(text)).toBe(text.length);
      expect(endOf(`${text},`)).toBe(text.length);
    }
    // Whether a number goes on is not known before the next byte.
    for (const text of ["0", "-0", "17", "-1.5", "1e9", "0.5E-07"]) {
      expect(endOf(`${text},`)).toBe(text.length);
      expect(endOf(`${text}}`)).toBe(text.length);
      expect(endOf(text)).toBe(-1);
      expect(endOf(text, ",")).toBe(-1);
    }
  });

  it.each([
    ...[
      '"',
      '"a',
      '"abcd',
      '"é"',
      '"\\n"',
      '"a\n"',
      "tru",
      "trux,",
      "nul",
      "falsy",
      "x,",
      "{",
      "[",
      "]",
      ",",
      " ",
    ],
    ...["-,", "01,", "1.,", "1e,", "1e+,", "-a", "+1,", ".5,", "e1,", "1.5.,", "--1,"],
  ])("is not %j", (text) => {
    expect(endOf(text)).toBe(-1);
    expect(endOf(text, '"')).toBe(-1);
  });
});

describe("a run of plain bytes", () => {
  it("ends at the first that is none, at any place in a row of four, or with the text", () => {
    for (let length = 0; length <= 10; length++) {
      const text = "x".repeat(length);
      for (const behind of ['"', "\\", "\n", "é"]) {
        const bytes = toUtf8(`"${text}${behind}xxxx`);
        expect(plainEnd(bytes, 1, bytes.length, PLAIN)).toBe(1 + length);
      }
      expect(plainEnd(toUtf8(`"${text}xxxxx`), 1, 1 + length, PLAIN)).toBe(1 + length);
    }
  });
});

describe("a word", () => {
  it("has its length, none where it is another, and more to come where the text ends in it", () => {
    for (const word of ["true", "false", "null"]) {
      const bytes = toUtf8(` ${word}`);
      expect(wordLength(bytes, 1, bytes.length)).toBe(word.length);
      for (let length = 1; length < word.length; length++) {
        expect(wordLength(bytes, 1, 1 + length)).toBe(INCOMPLETE);
        const other = toUtf8(` ${word.slice(0, length)}X${word.slice(length + 1)}`);
        expect(wordLength(other, 1, other.length)).toBe(0);
      }
    }
    expect(wordLength(toUtf8("x"), 0, 1)).toBe(0);
  });
});

describe("no byte is read behind the end, which would slow reading down for good", () => {
  it("of a scalar, wherever it is cut off", () => {
    const whole = toUtf8('"abcdefghi",true,false,null,-1.5e+7,""');
    for (let to = 1; to <= whole.length; to++) {
      const bytes = bytesWithin(whole, to);
      const ends = Array.from({ length: to }, (_, from) => [
        plainScalarEnd(bytes, from, to),
        plainEnd(bytes, from, to, PLAIN),
        from + wordLength(bytes, from, to),
      ]);
      expect(Math.max(...ends.flat())).toBeLessThanOrEqual(to);
    }
  });
});
