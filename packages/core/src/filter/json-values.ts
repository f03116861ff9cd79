/** Where values of a JSON text end that lies whole in its bytes: checked strictly (RFC 8259), and not built. */
import {
  BACKSLASH,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  escapeLength,
  mayEndNumber,
  NUMBER_COLUMN,
  NUMBER_STEPS,
  NumberPart,
  OPEN_BRACE,
  OPEN_BRACKET,
  PLAIN,
  QUOTE,
  sequenceLength,
} from "./json-bytes.js";
import { plainEnd } from "./json-scalars.js";

/** The text is not JSON here, or nested too deeply. */
export const MALFORMED = -1;

/** Behind the closing quote of a string whose characters begin at `from`. */
export function stringEnd(b: Uint8Array, from: number, n: number): number {
  let p = from;
  for (;;) {
    p = plainEnd(b, p, n, PLAIN);
    if (p >= n) return MALFORMED;
    const c = b[p] as number;
    if (c === QUOTE) return p + 1;
    const length = c === BACKSLASH ? escapeLength(b, p, n) : sequenceLength(b, p, n);
    if (length <= 0) return MALFORMED;
    p += length;
  }
}

/** Behind a number, `true`, `false` or `null`. */
export function literalEnd(b: Uint8Array, from: number, n: number): number {
  const c = b[from] as number;
  if (c <= 0x39) return numberEnd(b, from, n);
  if (c === 0x74) return isWord(b, from, n, 4, 0x72, 0x75, 0x65) ? from + 4 : MALFORMED;
  if (c === 0x6e) return isWord(b, from, n, 4, 0x75, 0x6c, 0x6c) ? from + 4 : MALFORMED;
  if (c !== 0x66) return MALFORMED;
  return isWord(b, from, n, 5, 0x61, 0x6c, 0x73) && b[from + 4] === 0x65 ? from + 5 : MALFORMED;
}

function isWord(b: Uint8Array, p: number, n: number, length: number, x: number, y: number, z: number) {
  return p + length <= n && b[p + 1] === x && b[p + 2] === y && b[p + 3] === z;
}

function numberEnd(b: Uint8Array, from: number, n: number): number {
  const c = b[from] as number;
  let part: number =
    c === 0x2d ? NumberPart.Minus : (NUMBER_STEPS[8 + (NUMBER_COLUMN[c] as number)] as number);
  let p = from + 1;
  if (part === NumberPart.Integer) while (p < n && (b[p] as number) >= 0x30 && (b[p] as number) <= 0x39) p++;
  for (; p < n; p++) {
    const column = NUMBER_COLUMN[b[p] as number] as number;
    if (column === 0) break;
    // What is no number stays none.
    part = NUMBER_STEPS[part * 8 + column] as number;
  }
  return mayEndNumber(part) ? p : MALFORMED;
}

/** Where white space ends. */
export function spaceEnd(b: Uint8Array, from: number, n: number): number {
  let p = from;
  while (p < n && (b[p] as number) <= 0x20 && isSpace(b[p] as number)) p++;
  return p;
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/**
 * Behind an object or array.
 *
 * @param from - of its opening bracket
 * @param most - how deep it may be nested, itself counted
 */
export function containerEnd(b: Uint8Array, from: number, n: number, most: number): number {
  // A bit for each open container, 1 for an object, the innermost lowest; 32 levels to a word.
  const outer: number[] = [];
  let kinds = 0;
  let depth = 0;
  let p = from;
  for (;;) {
    // At a value.
    let c = b[p] as number;
    if (c === OPEN_BRACE || c === OPEN_BRACKET) {
      if (depth === most) return MALFORMED;
      if (depth % 32 === 0) outer.push(kinds);
      depth++;
      const isObject = c === OPEN_BRACE;
      kinds = (kinds << 1) | (isObject ? 1 : 0);
      p = spaceEnd(b, p + 1, n);
      if (p >= n) return MALFORMED;
      c = b[p] as number;
      if (c !== (isObject ? CLOSE_BRACE : CLOSE_BRACKET)) {
        if (!isObject) continue;
        p = valueStart(b, p, n);
        if (p < 0) return MALFORMED;
        continue;
      }
    } else {
      p = c === QUOTE ? stringEnd(b, p + 1, n) : literalEnd(b, p, n);
      if (p < 0) return MALFORMED;
      p = spaceEnd(b, p, n);
      if (p >= n) return MALFORMED;
      c = b[p] as number;
    }
    // Behind a value, at what is no white space.
    while (c !== COMMA) {
      if (c !== ((kinds & 1) === 1 ? CLOSE_BRACE : CLOSE_BRACKET)) return MALFORMED;
      p++;
      depth--;
      if (depth === 0) return p;
      kinds = depth % 32 === 0 ? (outer.pop() as number) : kinds >>> 1;
      p = spaceEnd(b, p, n);
      if (p >= n) return MALFORMED;
      c = b[p] as number;
    }
    p = spaceEnd(b, p + 1, n);
    if (p >= n) return MALFORMED;
    if ((kinds & 1) === 1) {
      p = valueStart(b, p, n);
      if (p < 0) return MALFORMED;
    }
  }
}

/** The start of the value of the member whose name should begin at `p`. */
function valueStart(b: Uint8Array, p: number, n: number): number {
  if (b[p] !== QUOTE) return MALFORMED;
  let at = stringEnd(b, p + 1, n);
  if (at < 0) return MALFORMED;
  at = spaceEnd(b, at, n);
  if (at >= n || b[at] !== COLON) return MALFORMED;
  at = spaceEnd(b, at + 1, n);
  return at < n ? at : MALFORMED;
}
