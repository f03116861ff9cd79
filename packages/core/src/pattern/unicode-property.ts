/**
 * The characters that have a Unicode property, as `\p{…}` names them. The platform's engine knows the tables and does
 * not hand them out, so each set is read off it when it is first asked for; the Unicode version is the platform's.
 */
import { type CharacterSet, union } from "./character-set.js";

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
  const scan = (first: number, last: number, units: 1 | 2) => {
    for (let from = first; from <= last; from += BLOCK) {
      const text = textOf(from, Math.min(BLOCK, last + 1 - from), units);
      for (const { index, 1: run } of text.matchAll(runs)) {
        if (run !== undefined) ranges.push([from + index / units, from + (index + run.length) / units - 1]);
      }
    }
  };
  for (const { first, last, units } of CODE_POINTS) scan(first, last, units);
  const alike = new RegExp(`^(?:(\\p{${name}}+)|\\P{${name}}+)$`, "u");
  for (const first of QUIET_FROM) {
    const last = first | 0xffff;
    const sample = alike.exec(textOf(first, (last + 1 - first) / SAMPLED, 2, SAMPLED));
    if (sample === null) scan(first, last, 2);
    else {
      if (sample[1] !== undefined) ranges.push([first, last - SAMPLED]);
      scan(last - SAMPLED + 1, last, 2);
    }
  }
  return union(ranges);
}

/**
 * Most code points by how many units each has, high and low surrogates apart: side by side they would be pairs. The rest
 * are after {@link QUIET_FROM}.
 */
const CODE_POINTS = [
  { first: 0, last: 0xd7ff, units: 1 },
  { first: 0xd800, last: 0xdbff, units: 1 },
  { first: 0xdc00, last: 0xdfff, units: 1 },
  { first: 0xe000, last: 0xffff, units: 1 },
  { first: 0x10000, last: 0x33fff, units: 2 },
  { first: 0xe0000, last: 0xe0fff, units: 2 },
] as const;

/**
 * From each of these to the end of its plane there is no character, or all is for private use: four fifths of all code
 * points. What is alike in one in 16 of them, as Unicode gives out blocks, is so in all but the noncharacters at the end;
 * where they differ, all are read.
 */
const QUIET_FROM = [
  ...[0x34000, 0x40000, 0x50000, 0x60000, 0x70000, 0x80000, 0x90000, 0xa0000, 0xb0000, 0xc0000, 0xd0000],
  ...[0xe1000, 0xf0000, 0x100000],
];
const SAMPLED = 16;
const BLOCK = 0x4000;

/** So many code points, each so far from the one before. */
function textOf(from: number, count: number, units: 1 | 2, step = 1): string {
  // A decoder takes surrogates that are alone for faults.
  if (from === 0xd800 || from === 0xdc00) return loneSurrogates(from, count);
  const bytes = new DataView(new ArrayBuffer(2 * count * units));
  for (let index = 0; index < count; index++) {
    const point = from + index * step;
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
