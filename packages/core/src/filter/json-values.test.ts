import { describe, expect, it } from "vitest";
import { toUtf8 } from "../bytes.js";
import { isJson } from "../is-json.reference.js";
import { bytesWithin } from "./bytes-within.reference.js";
import { containerEnd, literalEnd, MALFORMED, spaceEnd, stringEnd } from "./json-values.js";

/** Where a value ends that begins at 2, with other bytes before it and bytes behind its end that do not count. */
function endIn(
  text: string,
  behind: string,
  end: (bytes: Uint8Array, from: number, n: number) => number,
): number | undefined {
  const bytes = toUtf8(`"]${text}${behind}`);
  const at = end(bytes, 2, 2 + toUtf8(text).length);
  return at === MALFORMED ? undefined : at - 2;
}

describe("the end of a literal", () => {
  const ends = (text: string, behind: string) => endIn(text, behind, literalEnd);

  it.each([
    "0",
    "-0",
    "7",
    "10",
    "905",
    "-12.5",
    "0.25",
    "1e9",
    "1E+10",
    "0e-07",
    "-1.5E2",
    "true",
    "false",
    "null",
  ])("of %s is where it ends, at the last byte and before another", (text) => {
    for (const behind of [",", "]", "}", " "]) {
      expect(ends(text, behind)).toBe(text.length);
      expect(ends(text + behind, "")).toBe(text.length);
    }
  });

  it.each([
    ...[
      "-",
      "01",
      "00",
      "-01",
      "1.",
      "1.e",
      ".5",
      "1e",
      "1e+",
      "1.5.",
      "1-",
      "--1",
      "+1",
      "1e5.",
      "1e5e",
      "e1",
      "E",
    ],
    ...[
      "t",
      "tru",
      "trux",
      "tRue",
      "trUe",
      "truE",
      "nul",
      "nUll",
      "nuLl",
      "nulL",
      "nulx",
      "f",
      "fals",
      "falsx",
    ],
    ...["fAlse", "faLse", "falSe", "falsE", "x", '"', "{", "]", ",", " ", "\u0000", "/", ":"],
  ])("of %j is none", (text) => {
    expect(ends(text, "")).toBeUndefined();
  });

  it("does not depend on bytes behind the end of the text", () => {
    for (const [text, behind] of [
      ["tru", "e"],
      ["nul", "l"],
      ["fals", "e"],
      ["-", "1"],
      ["1.", "5"],
      ["1e", "9"],
    ] as const) {
      expect(ends(text, behind)).toBeUndefined();
    }
    expect(ends("1", "2")).toBe(1);
    expect(ends("1", "x")).toBe(1);
  });
});

describe("the end of a string", () => {
  const ends = (text: string, behind = "") => endIn(text, behind, stringEnd);

  it("is behind its quote", () => {
    for (const characters of ["", "a", "abcdefgh", "é😀", '\\"', "\\\\", "\\u00e9", "a\\n\\/b", "\u007f"]) {
      expect(ends(`${characters}"`)).toBe(toUtf8(characters).length + 1);
      expect(ends(`${characters}"x"`)).toBe(toUtf8(characters).length + 1);
    }
  });

  it("is none in what is no string, or has no end before that of the text", () => {
    for (const [text, behind] of [
      ["", '"'],
      ["abc", '"'],
      ["\\", '""'],
      ["\\u00e", '9"'],
      ['\\x"', ""],
      ['\n"', ""],
      ['\u0000"', ""],
    ] as const) {
      expect(ends(text, behind)).toBeUndefined();
    }
    for (const bytes of [
      [0x80, 0x22],
      [0xc3, 0x22],
      [0xff, 0x22],
      [0xed, 0xa0, 0x80, 0x22],
    ]) {
      expect(stringEnd(Uint8Array.from(bytes), 0, bytes.length)).toBe(MALFORMED);
    }
    expect(stringEnd(Uint8Array.of(0xc3, 0xa9, 0x22), 0, 1)).toBe(MALFORMED);
  });
});

describe("the end of white space", () => {
  it("is at the first byte that is none to JSON", () => {
    for (let byte = 0; byte < 256; byte++) {
      const isSpace =
        byte < 0x80 && isJson(`${String.fromCharCode(byte)}1`) && !/[-\d]/.test(String.fromCharCode(byte));
      expect(spaceEnd(Uint8Array.of(0x78, 0x20, byte, 0x78), 1, 4)).toBe(isSpace ? 3 : 2);
    }
    expect(spaceEnd(toUtf8("    "), 1, 3)).toBe(3);
    expect(spaceEnd(toUtf8("  "), 2, 2)).toBe(2);
  });
});

describe("the end of a container", () => {
  const ends = (text: string, most = 512, behind = "") =>
    endIn(text, behind, (bytes, from, n) => containerEnd(bytes, from, n, most));

  /** Every row of up to five tokens that begins with a bracket. */
  function* rows(): Generator<string[]> {
    let row = [["{"], ["["]];
    for (let length = 1; length <= 5; length++) {
      yield* row;
      row = row.flatMap((tokens) =>
        ["{", "}", "[", "]", ",", ":", '"a"', "1"].map((one) => [...tokens, one]),
      );
    }
  }

  it("is where `JSON.parse` first has a whole text, and nowhere else", () => {
    let ended = 0;
    for (const tokens of rows()) {
      for (const space of ["", " \n"]) {
        const closed = tokens.flatMap((token, at) =>
          token === "}" || token === "]" ? [tokens.slice(0, at + 1).join(space)] : [],
        );
        const expected = closed.find(isJson)?.length;
        const text = tokens.join(space);
        const end = ends(text);
        if (end !== expected) expect({ text, end }).toEqual({ text, end: expected });
        if (end !== undefined) ended++;
      }
    }
    expect(ended).toBeGreaterThan(500);
  });

  it("is none before the end of the text is reached, whatever stands behind it", () => {
    const text = ' {"a" : [ 1 , { } , "b" ] , "c" : { "d" : null } } '.trim();
    expect(ends(text)).toBe(text.length);
    expect(ends(text, 512, "]}")).toBe(text.length);
    for (let length = 1; length < text.length; length++) {
      expect(ends(text.slice(0, length), 512, text.slice(length))).toBeUndefined();
    }
  });

  it("knows which bracket closes what, however deep it is", () => {
    for (const depth of [1, 2, 31, 32, 33, 63, 64, 65, 100]) {
      for (const isObject of [(_: number) => true, (_: number) => false, (at: number) => at % 3 === 0]) {
        const kinds = Array.from({ length: depth }, (_, at) => isObject(at));
        const open = kinds.map((is) => (is ? '{"a":' : "[")).join("");
        const closing = kinds.map((is) => (is ? "}" : "]")).reverse();
        const text = `${open}1${closing.join("")}`;
        expect(ends(text, depth)).toBe(text.length);
        expect(ends(text, depth - 1)).toBeUndefined();
        for (let wrong = 0; wrong < depth; wrong++) {
          const broken = closing.map((one, at) => (at !== wrong ? one : one === "]" ? "}" : "]")).join("");
          expect(ends(`${open}1${broken}`, depth)).toBeUndefined();
        }
        const again = `[${text},${text}]`;
        expect(ends(again, depth + 1)).toBe(again.length);
      }
    }
  });

  it("is none where a value in it is none", () => {
    for (const text of [
      "[01]",
      '["\n"]',
      '{"a":tru}',
      '{"\\x":1}',
      "{1:2}",
      '{"a";1}',
      "[1 2]",
      "{,}",
      "[,]",
      "[xalse]",
      "[falsy]",
      "[fals]",
      "[nul1]",
      "[trux]",
      "[.5]",
      "[+1]",
      "[e1]",
      "[1.2.3]",
    ]) {
      expect(ends(text)).toBeUndefined();
    }
  });
});

describe("no byte is read behind the end, which would slow reading down for good", () => {
  const whole = toUtf8(
    ' {"a" : [ -1.5e+7 , { } ,"b\\n\\u0041é😀"] , "c":{"d":null,"e":[true,false]},"f":""} ',
  );

  it.each<[what: string, end: (bytes: Uint8Array, from: number, n: number) => number]>([
    ["a container", (bytes, from, n) => containerEnd(bytes, from, n, 512)],
    ["a string", (bytes, from, n) => stringEnd(bytes, from, n)],
    ["a literal", (bytes, from, n) => literalEnd(bytes, from, n)],
    ["white space", (bytes, from, n) => spaceEnd(bytes, from, n)],
  ])("of %s, wherever it is cut off", (_what, end) => {
    for (let to = 1; to <= whole.length; to++) {
      const bytes = bytesWithin(whole, to);
      const ends = Array.from({ length: to }, (_, from) => end(bytes, from, to));
      expect(Math.max(...ends)).toBeLessThanOrEqual(to);
    }
  });
});
