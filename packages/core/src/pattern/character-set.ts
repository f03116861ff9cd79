/** Sets of characters as sorted ranges: of code points under the `u` flag, of UTF-16 code units without. */

/** Inclusive ranges, sorted, neither overlapping nor touching. */
export type CharacterSet = readonly (readonly [number, number])[];

export const LAST_UNIT = 0xffff;
export const LAST_POINT = 0x10ffff;

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

/** Whether the character is in the set. */
export function contains(set: CharacterSet, character: number): boolean {
  let low = 0;
  let high = set.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const [from, to] = set[middle] as readonly [number, number];
    if (character < from) high = middle - 1;
    else if (character > to) low = middle + 1;
    else return true;
  }
  return false;
}

/** The only character of the set; `undefined` when there is none or more. */
export function singleOf(set: CharacterSet): number | undefined {
  const [only] = set;
  return set.length === 1 && only !== undefined && only[0] === only[1] ? only[0] : undefined;
}
