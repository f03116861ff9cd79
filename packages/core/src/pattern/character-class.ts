/** The parts of a pattern that stand for one character: escapes, classes, the dot. */
import { foldedCase } from "./case-folding.js";
import {
  type CharacterSet,
  complement,
  DIGITS,
  LINE_TERMINATORS,
  SPACES,
  singleOf,
  union,
  WORD,
} from "./character-set.js";
import type { Cursor } from "./cursor.js";
import { PatternSyntaxError } from "./syntax-error.js";
import { propertySet } from "./unicode-property.js";

export interface PatternFlags {
  readonly ignoreCase: boolean;
  readonly dotAll: boolean;
  readonly unicode: boolean;
  readonly multiline: boolean;
}

/** The set of a character class, the opening bracket already taken. */
export function readCharacterClass(cursor: Cursor, flags: PatternFlags): CharacterSet {
  const text = cursor.peekTo("]");
  // With an escape in it, the class may end further on.
  if (text === undefined || text.length > MAX_CLASS_TEXT || text.includes("\\"))
    return readClass(cursor, flags);
  const name = `${Number(flags.ignoreCase)}${Number(flags.unicode)}${text}`;
  const known = classes.get(name);
  if (known !== undefined) {
    cursor.position += text.length + 1;
    return known;
  }
  const set = readClass(cursor, flags);
  if (classes.size < MAX_CLASSES) classes.set(name, set);
  return set;
}

/** The same few classes stand in most patterns. */
const classes = new Map<string, CharacterSet>();
const MAX_CLASSES = 4096;
const MAX_CLASS_TEXT = 64;

function readClass(cursor: Cursor, flags: PatternFlags): CharacterSet {
  const start = cursor.position - 1;
  const negated = cursor.peek() === "^";
  if (negated) cursor.position++;
  const ranges: (readonly [number, number])[] = [];
  for (;;) {
    const next = cursor.peek();
    if (next === "") throw new PatternSyntaxError(`\`[\` at character ${start + 1} is not closed`, "add `]`");
    if (next === "]") break;
    ranges.push(...classRange(cursor, flags));
  }
  cursor.position++;
  // Folding comes before negation: `[^k]` with `i` excludes `K` too.
  const set = folded(union(ranges), flags);
  return negated ? complement(set, flags.unicode) : set;
}

function classRange(cursor: Cursor, flags: PatternFlags): CharacterSet {
  const isProperty = atProperty(cursor);
  const from = classAtom(cursor, flags);
  if (cursor.peek() !== "-" || cursor.peek(1) === "]" || cursor.peek(1) === "") return from;
  cursor.position++;
  const bounds = !isProperty && !atProperty(cursor);
  const to = classAtom(cursor, flags);
  const low = bounds ? singleOf(from) : undefined;
  const high = bounds ? singleOf(to) : undefined;
  if (low === undefined || high === undefined) {
    if (flags.unicode)
      throw new PatternSyntaxError("a class such as `\\d` cannot bound a range", "escape the `-`");
    return [...from, [0x2d, 0x2d], ...to];
  }
  if (low > high)
    throw new PatternSyntaxError("a range in `[…]` is out of order", "write the smaller character first");
  return [[low, high]];
}

/** A property may have a single character, and is a class all the same. */
function atProperty(cursor: Cursor): boolean {
  return cursor.peek() === "\\" && /^[pP]$/.test(cursor.peek(1));
}

function classAtom(cursor: Cursor, flags: PatternFlags): CharacterSet {
  const character = cursor.take();
  if (character !== "\\") return pointOf(character);
  if (cursor.peek() === "b") {
    cursor.position++;
    return [[8, 8]];
  }
  if (cursor.peek() === "B") {
    throw new PatternSyntaxError("`\\B` inside `[…]` means nothing", "write `B` for the letter");
  }
  return readEscape(cursor, flags);
}

/** The set that an escape stands for, the backslash already taken. */
export function readEscape(cursor: Cursor, flags: PatternFlags): CharacterSet {
  const letter = cursor.take();
  const set = shorthand(letter, flags);
  if (set !== undefined) return set;
  const control = { t: 9, n: 10, v: 11, f: 12, r: 13 }[letter];
  if (control !== undefined) return [[control, control]];
  if (letter === "x" || letter === "u") return hexadecimal(cursor, letter, flags);
  if (letter === "c") return controlLetter(cursor);
  if (letter === "0" && !/\d/.test(cursor.peek())) return [[0, 0]];
  if (/[0-9]/.test(letter) || letter === "k") {
    throw new PatternSyntaxError(
      `\`\\${letter}\`: backreferences cannot be evaluated in linear time`,
      "write out what the group may match a second time",
    );
  }
  if (letter === "p" || letter === "P") return readProperty(cursor, letter, flags);
  if (letter === "") throw new PatternSyntaxError("pattern ends with `\\`", "write `\\\\` for a backslash");
  if (/[A-Za-z]/.test(letter)) {
    throw new PatternSyntaxError(
      `\`\\${letter}\` means nothing in an ECMAScript pattern`,
      /[AzZG]/.test(letter) ? "use `^` and `$` as anchors" : `write \`${letter}\` for the letter`,
    );
  }
  return pointOf(letter);
}

function readProperty(cursor: Cursor, letter: "p" | "P", flags: PatternFlags): CharacterSet {
  if (!flags.unicode) {
    throw new PatternSyntaxError(
      `\`\\${letter}\`: Unicode properties need the \`u\` flag`,
      'add `flags: "u"`: without it ECMAScript reads the letter',
    );
  }
  const name = cursor.takeMatch(/^\{([^{}]{1,130})\}/)?.[1];
  if (name === undefined) {
    throw new PatternSyntaxError(
      `\`\\${letter}\` is not followed by a property in braces`,
      `write \`\\${letter}{Lu}\` or \`\\${letter}{Script=Greek}\``,
    );
  }
  const set = propertySet(name);
  if (set === undefined) throw unknownProperty(letter, name);
  return letter === "p" ? set : complement(set, true);
}

function unknownProperty(letter: string, name: string): PatternSyntaxError {
  const message = `\`\\${letter}{${name}}\`: there is no such Unicode property`;
  // RE2 and others take the name of a script alone.
  return propertySet(`Script=${name}`) === undefined
    ? new PatternSyntaxError(message, "use a name of ECMAScript, for example `L`, `Lu` or `Script=Greek`")
    : new PatternSyntaxError(message, `write \`\\${letter}{Script=${name}}\``);
}

function shorthand(letter: string, flags: PatternFlags): CharacterSet | undefined {
  const positive = { d: DIGITS, w: wordCharacters(flags), s: SPACES }[letter.toLowerCase()];
  if (positive === undefined) return undefined;
  return letter === letter.toLowerCase() ? positive : complement(positive, flags.unicode);
}

function hexadecimal(cursor: Cursor, letter: "x" | "u", flags: PatternFlags): CharacterSet {
  const isBraced = flags.unicode && letter === "u";
  const braced = isBraced ? cursor.takeMatch(/^\{([0-9A-Fa-f]{1,6})\}/) : null;
  const plain = braced ?? cursor.takeMatch(letter === "x" ? /^([0-9A-Fa-f]{2})/ : /^([0-9A-Fa-f]{4})/);
  const digits = plain?.[1];
  const value = Number.parseInt(digits ?? "", 16);
  if (digits === undefined || value > 0x10ffff) {
    throw new PatternSyntaxError(
      `\`\\${letter}\` is not followed by a character number`,
      letter === "x"
        ? "write two hexadecimal digits"
        : "write four hexadecimal digits, or `\\u{…}` with the `u` flag",
    );
  }
  return joinedSurrogates(cursor, value, flags);
}

/** With the `u` flag `\ud83d\ude00` is one character. */
function joinedSurrogates(cursor: Cursor, value: number, flags: PatternFlags): CharacterSet {
  const isHigh = value >= 0xd800 && value <= 0xdbff;
  const low = flags.unicode && isHigh ? cursor.takeMatch(/^\\u([dD][c-fC-F][0-9A-Fa-f]{2})/) : null;
  if (low?.[1] === undefined) return [[value, value]];
  const point = String.fromCharCode(value, Number.parseInt(low[1], 16)).codePointAt(0) ?? value;
  return [[point, point]];
}

function controlLetter(cursor: Cursor): CharacterSet {
  const letter = cursor.take();
  if (!/[A-Za-z]/.test(letter)) {
    throw new PatternSyntaxError("`\\c` is not followed by a letter", "write `\\n`, `\\t` or `\\xHH`");
  }
  const value = letter.charCodeAt(0) % 32;
  return [[value, value]];
}

/** The set of one character. */
export function pointOf(character: string): CharacterSet {
  const value = character.codePointAt(0) ?? 0;
  return ASCII_POINTS[value] ?? [[value, value]];
}

/** Most patterns are made of these, and what is known of a set is remembered with the object. */
const ASCII_POINTS: readonly CharacterSet[] = Array.from({ length: 128 }, (_, value) => [[value, value]]);

/** What `.` stands for. */
export function anything({ dotAll, unicode }: PatternFlags): CharacterSet {
  if (unicode) return dotAll ? ANY_POINT : NO_LINE_END_POINT;
  return dotAll ? ANY_UNIT : NO_LINE_END_UNIT;
}

const ANY_POINT = complement([], true);
const ANY_UNIT = complement([], false);
const NO_LINE_END_POINT = complement(LINE_TERMINATORS, true);
const NO_LINE_END_UNIT = complement(LINE_TERMINATORS, false);

/** What `\w` stands for, and what `\b` looks at: with `iu` also what folds into it (ECMA-262 section 22.2.2.9.3). */
export function wordCharacters({ ignoreCase, unicode }: PatternFlags): CharacterSet {
  return ignoreCase && unicode ? WORD_FOLDED : WORD;
}

/** `ſ` and the Kelvin sign are all that folds into a word character from outside. */
const WORD_FOLDED: CharacterSet = [...WORD, [0x17f, 0x17f], [0x212a, 0x212a]];

/** The set as the pattern's flags have it match. */
export function folded(set: CharacterSet, { ignoreCase, unicode }: PatternFlags): CharacterSet {
  if (!ignoreCase) return set;
  const name = `${Number(unicode)}${set.join()}`;
  const known = foldedSets.get(name) ?? foldedCase(set, unicode);
  if (foldedSets.size < MAX_FOLDED_SETS) foldedSets.set(name, known);
  return known;
}

/** The same few sets stand in most patterns. */
const foldedSets = new Map<string, CharacterSet>();
const MAX_FOLDED_SETS = 4096;
