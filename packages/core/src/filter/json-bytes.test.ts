import { describe, expect, it } from "vitest";
import { decodeUtf8, toUtf8 } from "../bytes.js";
import { isJson } from "../is-json.reference.js";
import {
  codePointAt,
  escapeLength,
  INCOMPLETE,
  mayEndNumber,
  NUMBER_COLUMN,
  NUMBER_STEPS,
  NumberPart,
  PLAIN,
  sequenceLength,
} from "./json-bytes.js";

describe("PLAIN", () => {
  it("holds the ASCII characters that JSON has in a string as they are", () => {
    for (let byte = 0; byte < 256; byte++) {
      const isPlain = byte < 0x80 && isJson(`"${String.fromCharCode(byte)}"`);
      expect({ byte, isPlain: PLAIN[byte] === 1 }).toEqual({ byte, isPlain });
    }
  });
});

describe("escapeLength", () => {
  it("knows every escape that JSON has, and no other", () => {
    for (let code = 0; code < 0x80; code++) {
      const text = `\\${String.fromCharCode(code)}0041`;
      const expected = code === 0x75 ? 6 : isJson(`"${text}"`) ? 2 : 0;
      expect({ text, length: escapeLength(toUtf8(text), 0, 6) }).toEqual({ text, length: expected });
    }
  });

  it("takes hexadecimal digits of either case, in each of four places", () => {
    for (let code = 0; code < 0x80; code++) {
      for (let place = 2; place < 6; place++) {
        const text = Array.from("\\u0000", (one, at) =>
          at === place ? String.fromCharCode(code) : one,
        ).join("");
        const expected = isJson(`"${text}"`) ? 6 : 0;
        expect({ text, length: escapeLength(toUtf8(text), 0, 6) }).toEqual({ text, length: expected });
      }
    }
  });

  it("asks for more bytes only while those that came may begin one", () => {
    const bytes = toUtf8("\\u12Gx");
    expect([1, 2, 3, 4].map((end) => escapeLength(bytes, 0, end))).toEqual(new Array(4).fill(INCOMPLETE));
    expect([5, 6].map((end) => escapeLength(bytes, 0, end))).toEqual([0, 0]);
    expect(escapeLength(toUtf8("ab\\u12345"), 2, 7)).toBe(INCOMPLETE);
    expect(escapeLength(toUtf8("ab\\u12345"), 2, 8)).toBe(6);
  });
});

describe("sequenceLength", () => {
  const isUtf8 = (bytes: Uint8Array) => decodeUtf8(bytes) !== undefined;
  const SECONDS = [0, 0x41, 0x7f, 0x80, 0x81, 0x8f, 0x90, 0x9f, 0xa0, 0xa1, 0xbf, 0xc0, 0xc2, 0xe2, 0xff];

  it("agrees with the platform on every first byte, with all second ones at which something may change", () => {
    for (let lead = 0x80; lead < 256; lead++) {
      for (const second of SECONDS) {
        const bytes = Uint8Array.of(lead, second, 0x80, 0x80);
        const length = [2, 3, 4].find((count) => isUtf8(bytes.subarray(0, count))) ?? 0;
        if (sequenceLength(bytes, 0, 4) !== length) expect({ lead, second }).toEqual({ length });
      }
    }
  });

  it("wants the third and fourth byte to go on with it", () => {
    for (let byte = 0; byte < 256; byte++) {
      const goesOn = byte >= 0x80 && byte < 0xc0;
      expect(sequenceLength(Uint8Array.of(0xe2, 0x82, byte), 0, 3)).toBe(goesOn ? 3 : 0);
      expect(sequenceLength(Uint8Array.of(0xf0, 0x9f, byte, 0x80), 0, 4)).toBe(goesOn ? 4 : 0);
      expect(sequenceLength(Uint8Array.of(0xf0, 0x9f, 0x98, byte), 0, 4)).toBe(goesOn ? 4 : 0);
    }
  });

  it("asks for more bytes only while those that came may begin one", () => {
    for (const text of ["é", "€", "😀"]) {
      const bytes = toUtf8(text);
      for (let end = 1; end < bytes.length; end++) expect(sequenceLength(bytes, 0, end)).toBe(INCOMPLETE);
      expect(sequenceLength(bytes, 0, bytes.length)).toBe(bytes.length);
    }
    expect(sequenceLength(Uint8Array.of(0xc0), 0, 1)).toBe(0);
    expect(sequenceLength(Uint8Array.of(0xed, 0xa0), 0, 2)).toBe(0);
    expect(sequenceLength(Uint8Array.of(0xf0, 0x9f, 0x20), 0, 3)).toBe(0);
  });
});

describe("codePointAt", () => {
  it("is the code point of what the platform encodes", () => {
    for (const point of [0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xfeff, 0xffff, 0x10000, 0x1f600, 0x10ffff]) {
      const bytes = toUtf8(` ${String.fromCodePoint(point)} `);
      expect(codePointAt(bytes, 1, bytes.length - 2)).toBe(point);
    }
  });
});

describe("NUMBER_STEPS", () => {
  /** Every text of up to five of the characters in numbers that begins like one. */
  function* texts(): Generator<string> {
    let row = ["-", "0", "1", "7"];
    for (let length = 1; length <= 5; length++) {
      yield* row;
      row = row.flatMap((text) =>
        Array.from("0719.eE+-", (one) => text + one).filter((_, at) => at > 0 || length < 4),
      );
    }
  }

  it("read what is a number to JSON, and only that", () => {
    let numbers = 0;
    for (const text of texts()) {
      let part: number =
        { "-": NumberPart.Minus, "0": NumberPart.Zero }[text[0] as string] ?? NumberPart.Integer;
      for (const character of text.slice(1)) {
        part = NUMBER_STEPS[part * 8 + (NUMBER_COLUMN[character.charCodeAt(0)] as number)] as number;
        if (part === 0) break;
      }
      const isNumber = part !== 0 && mayEndNumber(part);
      if (isNumber !== isJson(text)) expect({ text, isNumber }).toEqual({ text, isNumber: !isNumber });
      if (isNumber) numbers++;
    }
    expect(numbers).toBeGreaterThan(500);
  });

  it("end a number at every other byte", () => {
    for (let byte = 0; byte < 256; byte++) {
      const isOfNumber = "0123456789.eE+-".includes(String.fromCharCode(byte));
      expect({ byte, isOfNumber: NUMBER_COLUMN[byte] !== 0 }).toEqual({ byte, isOfNumber });
    }
  });
});
