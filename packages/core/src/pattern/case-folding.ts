/**
 * Which characters the `i` flag takes for one another.
 *
 * Without `u`, those with the same upper case, where a character outside ASCII never equals one inside (ECMA-262
 * section 22.2.2.7.3). With `u`, those with the same simple case folding (Unicode CaseFolding.txt, C and S): `ſ` is an
 * `s` then, and the Kelvin sign a `k`.
 */
import { type CharacterSet, contains, LAST_POINT, LAST_UNIT, union } from "./character-set.js";

/** The classes with more than one member, by member. */
type CaseClasses = ReadonlyMap<number, readonly number[]>;

/** The set with every character added that the `i` flag takes for one in it. */
export function foldedCase(set: CharacterSet, unicode: boolean): CharacterSet {
  if (!unicode && isPlainAscii(set)) return foldedAscii(set);
  const classes = unicode ? foldingClasses() : upperCaseClasses();
  const extra: [number, number][] = [];
  const add = (members: readonly number[]) => {
    for (const member of members) extra.push([member, member]);
  };
  const size = set.reduce((sum, [from, to]) => sum + to - from + 1, 0);
  if (size < classes.size) {
    for (const [from, to] of set) {
      for (let character = from; character <= to; character++) add(classes.get(character) ?? []);
    }
  } else {
    for (const [character, members] of classes) if (contains(set, character)) add(members);
  }
  return extra.length === 0 ? set : union([...set, ...extra]);
}

function isPlainAscii(set: CharacterSet): boolean {
  return (set.at(-1)?.[1] ?? 0) < 0x80;
}

/** No character outside ASCII folds into it without `u`, so the common case needs no table. */
function foldedAscii(set: CharacterSet): CharacterSet {
  const extra: [number, number][] = [];
  for (const [from, to] of set) {
    for (const [first, last, other] of [
      [0x41, 0x5a, 0x20],
      [0x61, 0x7a, -0x20],
    ] as const) {
      const low = Math.max(from, first);
      const high = Math.min(to, last);
      if (low <= high) extra.push([low + other, high + other]);
    }
  }
  return extra.length === 0 ? set : union([...set, ...extra]);
}

let byUpperCase: CaseClasses | undefined;
let byFolding: CaseClasses | undefined;

/** Built on first use: 65,536 upper-casings, some milliseconds. */
function upperCaseClasses(): CaseClasses {
  if (byUpperCase !== undefined) return byUpperCase;
  const groups = new Map<number, number[]>();
  for (let unit = 0; unit <= LAST_UNIT; unit++) {
    const upper = upperCaseOf(unit);
    const group = groups.get(upper);
    if (group === undefined) groups.set(upper, [unit]);
    else group.push(unit);
  }
  byUpperCase = byMember(groups.values());
  return byUpperCase;
}

function upperCaseOf(unit: number): number {
  const upper = String.fromCharCode(unit).toUpperCase();
  if (upper.length !== 1) return unit;
  const canonical = upper.charCodeAt(0);
  return unit >= 128 && canonical < 128 ? unit : canonical;
}

/**
 * Built on first use, some 100 ms, by policies that use `iu` only. The platform's engine knows the table but does not
 * hand it out: each character is looked for among all that have case.
 */
function foldingClasses(): CaseClasses {
  if (byFolding !== undefined) return byFolding;
  const cased: string[] = [];
  for (let point = 0; point <= LAST_POINT; point++) {
    const text = String.fromCodePoint(point);
    if (text.toUpperCase() !== text || text.toLowerCase() !== text) cased.push(text);
  }
  const all = cased.join("");
  const classes: number[][] = [];
  const classified = new Set<string>();
  for (const text of cased) {
    if (classified.has(text)) continue;
    const members = all.match(new RegExp(text, "giu")) ?? [];
    for (const member of members) classified.add(member);
    classes.push(members.map((member) => member.codePointAt(0) as number));
  }
  byFolding = byMember(classes);
  return byFolding;
}

function byMember(classes: Iterable<readonly number[]>): CaseClasses {
  const found = new Map<number, readonly number[]>();
  for (const members of classes) {
    if (members.length > 1) for (const member of members) found.set(member, members);
  }
  return found;
}
