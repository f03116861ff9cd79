/** What the bytes of a JSON text mean to a scanner (RFC 8259, UTF-8 by RFC 3629). */

export const QUOTE = 0x22;
export const BACKSLASH = 0x5c;
export const COMMA = 0x2c;
export const COLON = 0x3a;
export const OPEN_BRACE = 0x7b;
export const CLOSE_BRACE = 0x7d;
export const OPEN_BRACKET = 0x5b;
export const CLOSE_BRACKET = 0x5d;

/** 1 for a byte that stands for itself inside a string: ASCII without controls, quote and backslash. */
export const PLAIN = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x20 && byte < 0x80 && byte !== QUOTE && byte !== BACKSLASH ? 1 : 0,
);

/** More bytes are needed to say. */
export const INCOMPLETE = -1;

/**
 * Length of the escape at a backslash.
 *
 * @returns 0 for none, {@link INCOMPLETE} when the bytes end before it does
 */
export function escapeLength(bytes: Uint8Array, at: number, end: number): number {
  if (at + 1 >= end) return INCOMPLETE;
  const letter = bytes[at + 1] as number;
  if (letter !== 0x75) return ESCAPES[letter] === 1 ? 2 : 0;
  for (let digit = at + 2; digit < at + 6; digit++) {
    if (digit >= end) return INCOMPLETE;
    if (HEXADECIMAL[bytes[digit] as number] !== 1) return 0;
  }
  return 6;
}

const ESCAPES = tableOf('"\\/bfnrt');
const HEXADECIMAL = tableOf("0123456789abcdefABCDEF");

function tableOf(characters: string): Uint8Array {
  const table = new Uint8Array(256);
  for (const character of characters) table[character.charCodeAt(0)] = 1;
  return table;
}

/**
 * Length of the UTF-8 sequence at a byte that is no ASCII character: 2, 3 or 4.
 *
 * @returns 0 for a malformed, overlong or surrogate one, and at any ASCII character; {@link INCOMPLETE} when the bytes
 *   end before it does
 */
export function sequenceLength(bytes: Uint8Array, at: number, end: number): number {
  const lead = bytes[at] as number;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  const length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (at + 1 >= end) return INCOMPLETE;
  const second = bytes[at + 1] as number;
  const least = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const most = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  if (second < least || second > most) return 0;
  for (let next = at + 2; next < at + length; next++) {
    if (next >= end) return INCOMPLETE;
    if (((bytes[next] as number) & 0xc0) !== 0x80) return 0;
  }
  return length;
}

/** The code point of a complete sequence. */
export function codePointAt(bytes: Uint8Array, at: number, length: number): number {
  let point = (bytes[at] as number) & (0xff >> (length + 1));
  for (let next = at + 1; next < at + length; next++) point = (point << 6) | ((bytes[next] as number) & 0x3f);
  return point;
}

/** How far a number has been read. */
export const NumberPart = {
  Minus: 1,
  Zero: 2,
  Integer: 3,
  Point: 4,
  Fraction: 5,
  Exponent: 6,
  Sign: 7,
  Power: 8,
} as const;

/** Kinds of bytes in numbers, as columns of {@link NUMBER_STEPS}; 0 for all that ends one. */
const NUMBER_COLUMNS: Readonly<Record<string, number>> = { "0": 1, ".": 3, e: 4, E: 4, "+": 5, "-": 6 };
export const NUMBER_COLUMN = Uint8Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte);
  return NUMBER_COLUMNS[character] ?? (character >= "1" && character <= "9" ? 2 : 0);
});

const { Zero, Integer, Point, Fraction, Exponent, Sign, Power } = NumberPart;

/** The part after a part (row of 8) and a byte (column): 0 where the grammar has none. */
export const NUMBER_STEPS = Uint8Array.from(
  [
    //   end  0      1-9    .      e         +     -
    [0, 0, 0, 0, 0, 0, 0, 0],
    [0, Zero, Integer, 0, 0, 0, 0, 0],
    [0, 0, 0, Point, Exponent, 0, 0, 0],
    [0, Integer, Integer, Point, Exponent, 0, 0, 0],
    [0, Fraction, Fraction, 0, 0, 0, 0, 0],
    [0, Fraction, Fraction, 0, Exponent, 0, 0, 0],
    [0, Power, Power, 0, 0, Sign, Sign, 0],
    [0, Power, Power, 0, 0, 0, 0, 0],
    [0, Power, Power, 0, 0, 0, 0, 0],
  ].flat(),
);

/** Whether a number may end after the part. */
export function mayEndNumber(part: number): boolean {
  return part === Zero || part === Integer || part === Fraction || part === Power;
}
