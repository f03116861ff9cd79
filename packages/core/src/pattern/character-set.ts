/**
 * Sets of characters as sorted ranges, printed in RE2 syntax.
 *
 * A pattern without the `u` flag sees UTF-16 code units, which RE2 does not know: the surrogates of such a pattern,
 * and of the text it is tried on, are moved to plane 16 (see {@link movedSurrogates}), where RE2 sees one character
 * for each unit.
 */

/** Inclusive ranges, sorted, neither overlapping nor touching. */
export type CharacterSet = readonly (readonly [number, number])[];

const LAST_UNIT = 0xffff;
const LAST_POINT = 0x10ffff;
const SURROGATE_OFFSET = 0x100000;

export const DIGITS: CharacterSet = [[0x30, 0x39]];

export const WORD: CharacterSet = [
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
];

/** ECMAScript WhiteSpace and LineTerminator (ECMA-262 section 22.2.2.9, `\s`). RE2's own `\s` is ASCII only. */
export const SPACES: CharacterSet = [
  [0x09, 0x0d],
  [0x20, 0x20],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
];

/** What `.` does not match without the `s` flag. */
export const LINE_TERMINATORS: CharacterSet = [
  [0x0a, 0x0a],
  [0x0d, 0x0d],
  [0x2028, 0x2029],
];

/** The union of ranges in any order. */
export function union(ranges: readonly (readonly [number, number])[]): CharacterSet {
  const sorted = [...ranges].sort((a, b) => a[0] - b[0]);
  const merged: [number, number][] = [];
  for (const [from, to] of sorted) {
    const last = merged.at(-1);
    if (last !== undefined && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
  }
  return merged;
}

/** Everything that is not in the set: code points with `unicode`, UTF-16 code units without. */
export function complement(set: CharacterSet, unicode: boolean): CharacterSet {
  const out: [number, number][] = [];
  let next = 0;
  for (const [from, to] of set) {
    if (from > next) out.push([next, from - 1]);
    next = to + 1;
  }
  const last = unicode ? LAST_POINT : LAST_UNIT;
  if (next <= last) out.push([next, last]);
  return out;
}

/**
 * The set with every character added that ECMAScript's `i` flag, without `u`, takes for the same: those with the same
 * upper case, where a character outside ASCII never equals one inside (ECMA-262 section 22.2.2.7.3).
 */
export function foldedCase(set: CharacterSet): CharacterSet {
  const classes = caseClasses();
  const extra: [number, number][] = [];
  for (const [from, to] of set) {
    for (let unit = from; unit <= to; unit++) {
      for (const other of classes.get(unit) ?? []) extra.push([other, other]);
    }
  }
  return union([...set, ...extra]);
}

/** RE2 syntax for one character of the set; a class that matches nothing for an empty set. */
export function printSet(set: CharacterSet, unicode: boolean): string {
  const ranges = unicode ? set : set.flatMap(moveSurrogateRange);
  if (ranges.length === 0) return "[^\\x00-\\x{10FFFF}]";
  const [only] = ranges;
  if (ranges.length === 1 && only !== undefined && only[0] === only[1]) return printPoint(only[0]);
  return `[${printRanges(ranges)}]`;
}

/** RE2 syntax for one code point that is not in the set, the negation left to RE2 (which folds case before it). */
export function printComplement(set: CharacterSet): string {
  return set.length === 0 ? "[\\x00-\\x{10FFFF}]" : `[^${printRanges(set)}]`;
}

/** The text as a pattern without the `u` flag has to see it: each surrogate as one character of plane 16. */
export function movedSurrogates(text: string): string {
  return SURROGATE.test(text)
    ? text.replace(EVERY_SURROGATE, (unit) => String.fromCodePoint(unit.charCodeAt(0) + SURROGATE_OFFSET))
    : text;
}

// Without the u flag these see single units, which is what is wanted here.
const SURROGATE = /[\ud800-\udfff]/;
const EVERY_SURROGATE = /[\ud800-\udfff]/g;

function printRanges(ranges: CharacterSet): string {
  return ranges
    .map(([from, to]) => (from === to ? printPoint(from) : `${printPoint(from)}-${printPoint(to)}`))
    .join("");
}

function moveSurrogateRange([from, to]: readonly [number, number]): [number, number][] {
  const out: [number, number][] = [];
  if (from < 0xd800) out.push([from, Math.min(to, 0xd7ff)]);
  const low = Math.max(from, 0xd800);
  const high = Math.min(to, 0xdfff);
  if (low <= high) out.push([low + SURROGATE_OFFSET, high + SURROGATE_OFFSET]);
  if (to > 0xdfff) out.push([Math.max(from, 0xe000), to]);
  return out;
}

function printPoint(point: number): string {
  const isAlphanumeric = WORD.some(([from, to]) => point >= from && point <= to);
  return isAlphanumeric ? String.fromCharCode(point) : `\\x{${point.toString(16)}}`;
}

let classesByUnit: Map<number, number[]> | undefined;

/** Built on first use: 65,536 upper-casings, some milliseconds. */
function caseClasses(): Map<number, number[]> {
  if (classesByUnit !== undefined) return classesByUnit;
  const byCanonical = new Map<number, number[]>();
  for (let unit = 0; unit <= LAST_UNIT; unit++) {
    const canonical = canonicalize(unit);
    const members = byCanonical.get(canonical);
    if (members === undefined) byCanonical.set(canonical, [unit]);
    else members.push(unit);
  }
  classesByUnit = new Map();
  for (const members of byCanonical.values()) {
    if (members.length > 1) for (const unit of members) classesByUnit.set(unit, members);
  }
  return classesByUnit;
}

/** The text with every unit replaced by the one that stands for its case class; as long as the text. */
export function canonicalUnits(text: string): string {
  let out = "";
  for (let index = 0; index < text.length; index++)
    out += String.fromCharCode(canonicalize(text.charCodeAt(index)));
  return out;
}

function canonicalize(unit: number): number {
  const upper = String.fromCharCode(unit).toUpperCase();
  if (upper.length !== 1) return unit;
  const canonical = upper.charCodeAt(0);
  return unit >= 128 && canonical < 128 ? unit : canonical;
}
