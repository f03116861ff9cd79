/**
 * Reads a regular expression as ECMAScript means it and writes it as RE2 can run it, in time linear in the text.
 *
 * The two agree on most of the syntax and differ in details that decide security: `\s`, `.`, `\uXXXX`, the `i` flag
 * outside ASCII. This reader takes ECMAScript's side in each, and refuses with a reason what it cannot carry over:
 * what is refused when the policy loads cannot surprise when a request comes (docs/spec/policy.md, "Patterns").
 */
import {
  type CharacterSet,
  complement,
  DIGITS,
  foldedCase,
  LINE_TERMINATORS,
  printComplement,
  printSet,
  SPACES,
  union,
  WORD,
} from "./character-set.js";

/** A pattern that is outside the supported syntax. */
export class PatternSyntaxError extends Error {
  override readonly name = "PatternSyntaxError";
  /** What to write instead. */
  readonly help: string;

  constructor(message: string, help: string) {
    super(message);
    this.help = help;
  }
}

export interface PatternFlags {
  readonly ignoreCase: boolean;
  readonly dotAll: boolean;
  readonly unicode: boolean;
}

/** A part of a pattern: RE2 source, or the name of a variable whose value stands there as a literal. */
export type PatternPart =
  | { readonly kind: "re2"; readonly source: string }
  | { readonly kind: "variable"; readonly name: string };

export interface ParsedPattern {
  readonly flags: PatternFlags;
  /** One `re2` part, or `re2` and `variable` parts in turn, beginning and ending with `re2` (possibly empty). */
  readonly parts: readonly PatternPart[];
  /** Whether what follows each variable is a boundary: `$`, a literal dot or a literal bracket. */
  readonly variablesEndAtBoundary: boolean;
}

/** At most this many characters a pattern: far above any real one, and it bounds the work of compiling. */
export const MAX_PATTERN_CHARACTERS = 1000;

/** Repeat counts above this are refused, as RE2 does. */
const MAX_REPEAT = 1000;

const VARIABLE = /^\{\{([A-Za-z_][A-Za-z0-9_]*)\}\}/;
const INLINE_FLAGS = /^\(\?([a-z]+)\)/;
const QUANTIFIER = /^\{(\d+)(?:(,)(\d*))?\}/;
/** Not the end of the pattern, which bounds nothing (search semantics), nor what may be absent (`\\.?`). */
const BOUNDARY = /^(?:\$|(?:\\\.|\\\[|\((?:\?:)?(?:\\\.|\\\[|\$)(?:\|(?:\\\.|\\\[|\$))*\))(?![*?]|\{\d))/;

/**
 * Parses a pattern.
 *
 * @param source - ECMAScript regular expression text, at most {@link MAX_PATTERN_CHARACTERS} characters
 * @param flags - any of `i m s u`; `g` and `y` mean nothing to a test and are dropped
 * @throws PatternSyntaxError naming the construct and what to write instead
 */
export function parsePatternSyntax(source: string, flags: string): ParsedPattern {
  if (source.length > MAX_PATTERN_CHARACTERS) {
    throw new PatternSyntaxError(
      `pattern has ${source.length} characters, at most ${MAX_PATTERN_CHARACTERS} are allowed`,
      "split it into several rules or operations",
    );
  }
  const inline = INLINE_FLAGS.exec(source);
  const letters = new Set(flags + (inline?.[1] ?? ""));
  for (const letter of letters) {
    if (!"gimsuy".includes(letter)) {
      throw new PatternSyntaxError(`flag \`${letter}\` is not supported`, "use any of `i`, `m`, `s`, `u`");
    }
  }
  const reader = new Reader(source.slice(inline?.[0].length ?? 0), {
    ignoreCase: letters.has("i"),
    dotAll: letters.has("s"),
    unicode: letters.has("u"),
    multiline: letters.has("m"),
  });
  return reader.read();
}

class Reader {
  readonly #source: string;
  readonly #flags: PatternFlags & { readonly multiline: boolean };
  readonly #hasVariables: boolean;
  readonly #parts: PatternPart[] = [];
  #position = 0;
  #depth = 0;
  #variablesEndAtBoundary = true;

  constructor(source: string, flags: PatternFlags & { readonly multiline: boolean }) {
    this.#source = source;
    this.#flags = flags;
    this.#hasVariables = namesVariable(source);
  }

  read(): ParsedPattern {
    const source = this.#disjunction();
    if (this.#position < this.#source.length) throw this.#unmatched(")");
    this.#parts.push({ kind: "re2", source });
    const { ignoreCase, dotAll, unicode } = this.#flags;
    return {
      flags: { ignoreCase, dotAll, unicode },
      parts: this.#parts,
      variablesEndAtBoundary: this.#variablesEndAtBoundary,
    };
  }

  #disjunction(): string {
    let out = this.#alternative();
    while (this.#peek() === "|") {
      if (this.#hasVariables && this.#depth === 0) {
        throw new PatternSyntaxError(
          "a pattern with a `{{variable}}` cannot have alternatives at its top level",
          "write one operation for each alternative",
        );
      }
      this.#position++;
      out += `|${this.#alternative()}`;
    }
    return out;
  }

  #alternative(): string {
    let out = "";
    while (this.#position < this.#source.length && this.#peek() !== "|" && this.#peek() !== ")") {
      const variable = VARIABLE.exec(this.#source.slice(this.#position));
      if (variable === null) {
        out += this.#term();
        continue;
      }
      this.#takeVariable(out, variable[1] ?? "", variable[0].length);
      out = "";
    }
    return out;
  }

  #takeVariable(before: string, name: string, length: number): void {
    if (this.#depth > 0) {
      throw new PatternSyntaxError(
        `\`{{${name}}}\` stands inside a group`,
        "a variable is a literal at the top level of a pattern: write one operation for each alternative",
      );
    }
    if (this.#flags.ignoreCase && this.#flags.unicode) {
      throw new PatternSyntaxError(
        `\`{{${name}}}\` with the flags \`iu\` is not supported`,
        "drop the `u` flag",
      );
    }
    this.#position += length;
    const rest = this.#source.slice(this.#position);
    if (/^(?:[*+?]|\{\d+(?:,\d*)?\})/.test(rest)) {
      throw new PatternSyntaxError(`\`{{${name}}}\` is repeated`, "a variable stands for its value once");
    }
    if (!BOUNDARY.test(rest)) this.#variablesEndAtBoundary = false;
    this.#parts.push({ kind: "re2", source: before }, { kind: "variable", name });
  }

  #term(): string {
    const start = this.#position;
    const atom = this.#atom();
    const repeat = this.#quantifier();
    if (repeat === "") return atom.source;
    if (!atom.repeatable) throw this.#nothingToRepeat(start);
    // Laziness chooses which match is reported, never whether there is one.
    return `(?:${atom.source})${repeat}`;
  }

  #quantifier(): string {
    const next = this.#peek();
    let repeat = "";
    if (next === "*" || next === "+" || next === "?") {
      repeat = next;
      this.#position++;
    } else if (next === "{") {
      const counted = QUANTIFIER.exec(this.#source.slice(this.#position));
      if (counted === null) return "";
      repeat = this.#countedRepeat(counted);
      this.#position += counted[0].length;
    }
    if (repeat !== "" && this.#peek() === "?") this.#position++;
    return repeat;
  }

  #countedRepeat(counted: RegExpExecArray): string {
    const least = Number(counted[1]);
    const most = counted[2] === undefined ? least : counted[3] === "" ? undefined : Number(counted[3]);
    if (most !== undefined && most < least) {
      throw new PatternSyntaxError(
        `repeat \`${counted[0]}\` is out of order`,
        "write the smaller count first",
      );
    }
    if (Math.max(least, most ?? 0) > MAX_REPEAT) {
      throw new PatternSyntaxError(
        `repeat \`${counted[0]}\` is over ${MAX_REPEAT}`,
        `use at most ${MAX_REPEAT}, or \`*\``,
      );
    }
    return most === undefined ? `{${least},}` : `{${least},${most}}`;
  }

  #atom(): { source: string; repeatable: boolean } {
    const character = this.#takePoint();
    switch (character) {
      case "^":
        return { source: this.#anchor("^"), repeatable: false };
      case "$":
        return { source: this.#anchor("$"), repeatable: false };
      case "(":
        return { source: this.#group(), repeatable: true };
      case "[":
        return { source: this.#characterClass(), repeatable: true };
      case ".":
        return { source: this.#print(this.#anything()), repeatable: true };
      case "\\":
        return this.#escapedAtom();
      case "*":
      case "+":
      case "?":
        throw this.#nothingToRepeat(this.#position - 1);
      case "{":
        return this.#openBrace();
      case "]":
      case "}":
        if (this.#flags.unicode) throw this.#unmatched(character);
        return this.#literal(character);
      default:
        return this.#literal(character);
    }
  }

  #openBrace(): { source: string; repeatable: boolean } {
    if (QUANTIFIER.test(this.#source.slice(this.#position - 1)))
      throw this.#nothingToRepeat(this.#position - 1);
    if (this.#flags.unicode) throw this.#unmatched("{");
    return this.#literal("{");
  }

  #anchor(anchor: "^" | "$"): string {
    if (this.#flags.multiline) {
      throw new PatternSyntaxError(
        `\`${anchor}\` with the \`m\` flag is not supported yet`,
        "drop the flag and write the line break: `(^|[\\n\\r])` or `($|[\\n\\r])`",
      );
    }
    // A variable has at least one character, so text after one never starts there, and text before one never ends.
    const cutOff = anchor === "^" ? this.#parts.length > 0 : this.#variableAhead();
    if (cutOff) return this.#print([]);
    return anchor === "^" ? "\\A" : "\\z";
  }

  #variableAhead(): boolean {
    return this.#hasVariables && namesVariable(this.#source.slice(this.#position));
  }

  #group(): string {
    if (this.#peek() === "?") this.#groupOpening();
    this.#depth++;
    const inner = this.#disjunction();
    this.#depth--;
    if (this.#peek() !== ")") throw this.#unmatched("(");
    this.#position++;
    return `(?:${inner})`;
  }

  #groupOpening(): void {
    const rest = this.#source.slice(this.#position);
    if (rest.startsWith("?:")) {
      this.#position += 2;
      return;
    }
    const named = /^\?<[\p{ID_Start}$_][\p{ID_Continue}$]*>/u.exec(rest);
    if (named !== null) {
      this.#position += named[0].length;
      return;
    }
    if (/^\?<?[=!]/.test(rest)) {
      throw new PatternSyntaxError(
        `\`(${rest.slice(0, rest.startsWith("?<") ? 3 : 2)}\`: look-around cannot be evaluated in linear time`,
        "say what must match in one rule and what must not in another, or use `presence: must_not_exist`",
      );
    }
    throw new PatternSyntaxError(
      "`(?…)`: flags inside a pattern are supported only at its very start",
      'use the `flags` field, for example `flags: "i"`',
    );
  }

  #escapedAtom(): { source: string; repeatable: boolean } {
    const next = this.#peek();
    if (next === "b" || next === "B") {
      this.#position++;
      if (this.#hasVariables) {
        throw new PatternSyntaxError(
          `\`\\${next}\` cannot stand in a pattern with a \`{{variable}}\``,
          "write the characters that bound the word, for example `\\.` or `\\[`",
        );
      }
      if (this.#flags.unicode && this.#flags.ignoreCase) {
        throw new PatternSyntaxError(
          `\`\\${next}\` with the flags \`iu\` is not supported`,
          "drop the `u` flag",
        );
      }
      return { source: `\\${next}`, repeatable: false };
    }
    return { source: this.#print(this.#escape()), repeatable: true };
  }

  /** The set that an escape stands for, the backslash already taken. */
  #escape(): CharacterSet {
    const letter = this.#takePoint();
    const shorthand = this.#shorthand(letter);
    if (shorthand !== undefined) return shorthand;
    const control = { t: 9, n: 10, v: 11, f: 12, r: 13 }[letter];
    if (control !== undefined) return [[control, control]];
    if (letter === "x" || letter === "u") return this.#hexadecimal(letter);
    if (letter === "c") return this.#controlLetter();
    if (letter === "0" && !/\d/.test(this.#peek())) return [[0, 0]];
    if (/[0-9]/.test(letter) || letter === "k") {
      throw new PatternSyntaxError(
        `\`\\${letter}\`: backreferences cannot be evaluated in linear time`,
        "write out what the group may match a second time",
      );
    }
    if (letter === "p" || letter === "P") {
      throw new PatternSyntaxError(
        `\`\\${letter}\`: Unicode property escapes are not supported yet`,
        "write the ranges, for example `[\\u0400-\\u04ff]`",
      );
    }
    if (letter === "") throw new PatternSyntaxError("pattern ends with `\\`", "write `\\\\` for a backslash");
    if (/[A-Za-z]/.test(letter)) {
      throw new PatternSyntaxError(
        `\`\\${letter}\` means nothing in an ECMAScript pattern`,
        /[AzZG]/.test(letter) ? "use `^` and `$` as anchors" : `write \`${letter}\` for the letter`,
      );
    }
    return this.#point(letter);
  }

  #shorthand(letter: string): CharacterSet | undefined {
    const { unicode, ignoreCase } = this.#flags;
    if ((letter === "w" || letter === "W") && unicode && ignoreCase) {
      throw new PatternSyntaxError(
        `\`\\${letter}\` with the flags \`iu\` is not supported`,
        "drop the `u` flag",
      );
    }
    const positive = { d: DIGITS, w: WORD, s: SPACES }[letter.toLowerCase()];
    if (positive === undefined) return undefined;
    return letter === letter.toLowerCase() ? positive : complement(positive, unicode);
  }

  #hexadecimal(letter: "x" | "u"): CharacterSet {
    const rest = this.#source.slice(this.#position);
    const braced = this.#flags.unicode && letter === "u" ? /^\{([0-9A-Fa-f]{1,6})\}/.exec(rest) : null;
    const plain = (letter === "x" ? /^[0-9A-Fa-f]{2}/ : /^[0-9A-Fa-f]{4}/).exec(rest);
    const digits = braced?.[1] ?? plain?.[0];
    const value = Number.parseInt(digits ?? "", 16);
    if (digits === undefined || value > 0x10ffff) {
      throw new PatternSyntaxError(
        `\`\\${letter}\` is not followed by a character number`,
        letter === "x"
          ? "write two hexadecimal digits"
          : "write four hexadecimal digits, or `\\u{…}` with the `u` flag",
      );
    }
    this.#position += (braced?.[0] ?? plain?.[0] ?? "").length;
    return this.#joinedSurrogates(value);
  }

  /** With the `u` flag `\ud83d\ude00` is one character. */
  #joinedSurrogates(value: number): CharacterSet {
    const isHigh = value >= 0xd800 && value <= 0xdbff;
    const low =
      this.#flags.unicode && isHigh
        ? /^\\u([dD][c-fC-F][0-9A-Fa-f]{2})/.exec(this.#source.slice(this.#position))
        : null;
    if (low?.[1] === undefined) return [[value, value]];
    this.#position += low[0].length;
    const point = String.fromCharCode(value, Number.parseInt(low[1], 16)).codePointAt(0) ?? value;
    return [[point, point]];
  }

  #controlLetter(): CharacterSet {
    const letter = this.#takePoint();
    if (!/[A-Za-z]/.test(letter)) {
      throw new PatternSyntaxError("`\\c` is not followed by a letter", "write `\\n`, `\\t` or `\\xHH`");
    }
    const value = letter.charCodeAt(0) % 32;
    return [[value, value]];
  }

  #characterClass(): string {
    const start = this.#position - 1;
    const negated = this.#peek() === "^";
    if (negated) this.#position++;
    const ranges: (readonly [number, number])[] = [];
    for (;;) {
      const next = this.#peek();
      if (next === "")
        throw new PatternSyntaxError(`\`[\` at character ${start + 1} is not closed`, "add `]`");
      if (next === "]") break;
      ranges.push(...this.#classRange());
    }
    this.#position++;
    const set = union(ranges);
    if (!negated) return this.#print(set);
    const { ignoreCase, unicode } = this.#flags;
    // Folding comes before negation: `[^k]` with `i` excludes `K` too.
    if (ignoreCase && unicode) return `(?i:${printComplement(set)})`;
    return printSet(complement(this.#folded(set), unicode), unicode);
  }

  #classRange(): CharacterSet {
    const from = this.#classAtom();
    if (
      this.#peek() !== "-" ||
      this.#source[this.#position + 1] === "]" ||
      this.#position + 1 >= this.#source.length
    ) {
      return from;
    }
    this.#position++;
    const to = this.#classAtom();
    const low = singleOf(from);
    const high = singleOf(to);
    if (low === undefined || high === undefined) {
      if (this.#flags.unicode)
        throw new PatternSyntaxError("a class such as `\\d` cannot bound a range", "escape the `-`");
      return [...from, [0x2d, 0x2d], ...to];
    }
    if (low > high)
      throw new PatternSyntaxError("a range in `[…]` is out of order", "write the smaller character first");
    return [[low, high]];
  }

  #classAtom(): CharacterSet {
    const character = this.#takePoint();
    if (character !== "\\") return this.#point(character);
    if (this.#peek() === "b") {
      this.#position++;
      return [[8, 8]];
    }
    if (this.#peek() === "B") {
      throw new PatternSyntaxError("`\\B` inside `[…]` means nothing", "write `B` for the letter");
    }
    return this.#escape();
  }

  #literal(character: string): { source: string; repeatable: boolean } {
    return { source: this.#print(this.#point(character)), repeatable: true };
  }

  #point(character: string): CharacterSet {
    const value = (this.#flags.unicode ? character.codePointAt(0) : character.charCodeAt(0)) ?? 0;
    return [[value, value]];
  }

  #anything(): CharacterSet {
    const { dotAll, unicode } = this.#flags;
    return complement(dotAll ? [] : LINE_TERMINATORS, unicode);
  }

  #folded(set: CharacterSet): CharacterSet {
    return this.#flags.ignoreCase && !this.#flags.unicode ? foldedCase(set) : set;
  }

  /** With `iu` ECMAScript folds as RE2 does (simple case folding), so RE2's own flag serves. */
  #print(set: CharacterSet): string {
    const { ignoreCase, unicode } = this.#flags;
    const printed = printSet(this.#folded(set), unicode);
    return ignoreCase && unicode ? `(?i:${printed})` : printed;
  }

  #peek(): string {
    return this.#source[this.#position] ?? "";
  }

  /** One code point with the `u` flag, one code unit without. */
  #takePoint(): string {
    if (!this.#flags.unicode) return this.#source[this.#position++] ?? "";
    const point = this.#source.codePointAt(this.#position);
    if (point === undefined) return "";
    const text = String.fromCodePoint(point);
    this.#position += text.length;
    return text;
  }

  #unmatched(character: string): PatternSyntaxError {
    return new PatternSyntaxError(
      `\`${character}\` has no counterpart`,
      `escape it as \`\\${character}\` if it is meant literally`,
    );
  }

  #nothingToRepeat(position: number): PatternSyntaxError {
    return new PatternSyntaxError(
      `nothing to repeat at character ${position + 1}`,
      "escape `*`, `+`, `?` or `{` if it is meant literally",
    );
  }
}

/** Whether a `{{variable}}` stands in it, escaped braces and classes such as `[{{a}}]` aside. */
function namesVariable(source: string): boolean {
  return /\{\{[A-Za-z_][A-Za-z0-9_]*\}\}/.test(source.replace(/\\.|\[(?:\\.|[^\]\\])*\]/g, " "));
}

function singleOf(set: CharacterSet): number | undefined {
  const [only] = set;
  return set.length === 1 && only !== undefined && only[0] === only[1] ? only[0] : undefined;
}
