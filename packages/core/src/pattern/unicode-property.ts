/**
 * The characters that have a Unicode property, as `\p{…}` names them. The platform's engine knows the tables and does
 * not hand them out, so each set is read off it when it is first asked for; the Unicode version is the platform's.
 */
import { type CharacterSet, LAST_POINT, union } from "./character-set.js";

/** A name alone, or a name and its value. Anything else never reaches the platform's engine. */
const PROPERTY = /^[A-Za-z0-9_]{1,64}(?:=[A-Za-z0-9_]{1,64})?$/;

const sets = new Map<string, CharacterSet>();

/**
 * The set of a property, such as `Lu`, `Alphabetic` or `Script=Greek` (ECMA-262 section 22.2.2, tables 67 to 71).
 *
 * @returns `undefined` when there is no such property
 */
export function propertySet(name: string): CharacterSet | undefined {
  const known = sets.get(name);
  if (known !== undefined) return known;
  if (!PROPERTY.test(name) || !isProperty(name)) return undefined;
  const set = readSet(name);
  sets.set(name, set);
  return set;
}

function isProperty(name: string): boolean {
  try {
    new RegExp(`\\p{${name}}`, "u");
    return true;
  } catch {
    return false;
  }
}

function readSet(name: string): CharacterSet {
  // Both kinds of runs, since going on from each character that has not the property takes twice as long.
  const runs = new RegExp(`(\\p{${name}}+)|\\P{${name}}+`, "gu");
  const ranges: (readonly [number, number])[] = [];
  for (const { first, last, units } of CODE_POINTS) {
    for (let from = first; from <= last; from += BLOCK) {
      const text = blockText(from, Math.min(BLOCK, last + 1 - from), units);
      for (const { index, 1: run } of text.matchAll(runs)) {
        if (run !== undefined) ranges.push([from + index / units, from + (index + run.length) / units - 1]);
      }
    }
  }
  return union(ranges);
}

/** All code points, by how many units each has. High and low surrogates apart: side by side they would be pairs. */
const CODE_POINTS = [
  { first: 0, last: 0xd7ff, units: 1 },
  { first: 0xd800, last: 0xdbff, units: 1 },
  { first: 0xdc00, last: 0xdfff, units: 1 },
  { first: 0xe000, last: 0xffff, units: 1 },
  { first: 0x10000, last: LAST_POINT, units: 2 },
] as const;
const BLOCK = 0x4000;

function blockText(from: number, count: number, units: 1 | 2): string {
  // A decoder takes surrogates that are alone for faults.
  if (from === 0xd800 || from === 0xdc00) return loneSurrogates(from, count);
  const bytes = new DataView(new ArrayBuffer(2 * count * units));
  for (let index = 0; index < count; index++) {
    const point = from + index;
    if (units === 1) bytes.setUint16(2 * index, point, true);
    else {
      bytes.setUint16(4 * index, 0xd800 + ((point - 0x10000) >> 10), true);
      bytes.setUint16(4 * index + 2, 0xdc00 + (point & 0x3ff), true);
    }
  }
  return decoder.decode(bytes);
}

/** Far faster than `String.fromCharCode` for a million characters. */
const decoder = new TextDecoder("utf-16le", { ignoreBOM: true });

function loneSurrogates(from: number, count: number): string {
  return String.fromCharCode(...Array.from({ length: count }, (_, index) => from + index));
}
