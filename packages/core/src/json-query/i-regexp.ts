/**
 * The regular expressions of `match` and `search` (RFC 9485, "I-Regexp"), on the engine of all patterns.
 *
 * They are a language of their own: no `\d`, no lazy repeats, categories such as `\p{Lu}`. `^` and `$` are anchors, as in
 * the RFC's own mapping to ECMAScript and in every implementation.
 */
import { type CharacterSet, complement, union } from "../pattern/character-set.js";
import { Cursor } from "../pattern/cursor.js";
import { type Expression, sequenceOf } from "../pattern/expression.js";
import { MAX_PROGRAM_SIZE, searchWith } from "../pattern/pattern.js";
import { programSizeOf } from "../pattern/program.js";
import { MAX_PATTERN_CHARACTERS } from "../pattern/syntax.js";
import { propertySet } from "../pattern/unicode-property.js";

export interface TextTest {
  /** Instructions: what one character of a text may cost. */
  readonly programSize: number;
  matches(text: string): boolean;
}

export type IRegexp =
  | { readonly kind: "valid"; readonly test: TextTest }
  /** No text matches what is no I-Regexp. */
  | { readonly kind: "invalid"; readonly reason: string }
  /** It may match, but is not tried. */
  | { readonly kind: "too-large"; readonly reason: string };

/** What has to match: all of a text, or a part of it. */
export type MatchPlace = "whole" | "anywhere";

export function compileIRegexp(source: string, place: MatchPlace): IRegexp {
  if (source.length > MAX_PATTERN_CHARACTERS) {
    return { kind: "too-large", reason: `the pattern has more than ${MAX_PATTERN_CHARACTERS} characters` };
  }
  let read: Expression;
  try {
    read = new Reader(source).read();
  } catch (error) {
    if (!(error instanceof NotIRegexp)) throw error;
    return { kind: "invalid", reason: error.message };
  }
  const expression = place === "anywhere" ? read : sequenceOf([TEXT_START, read, TEXT_END]);
  const programSize = programSizeOf(expression, FLAGS);
  if (programSize > MAX_PROGRAM_SIZE) {
    return {
      kind: "too-large",
      reason: `the pattern compiles to more than ${MAX_PROGRAM_SIZE} instructions`,
    };
  }
  let search: ((text: string) => boolean) | undefined;
  const matches = (text: string) => {
    search ??= searchWith({ expression, flags: FLAGS, variables: [] });
    return search(text);
  };
  return { kind: "valid", test: { programSize, matches } };
}

const FLAGS = { ignoreCase: false, dotAll: false, unicode: true, multiline: false };
const TEXT_START: Expression = { kind: "assertion", assertion: "textStart" };
const TEXT_END: Expression = { kind: "assertion", assertion: "textEnd" };

/** What `.` stands for. */
const NOT_A_LINE_END: CharacterSet = complement(
  [
    [0x0a, 0x0a],
    [0x0d, 0x0d],
  ],
  true,
);

/** Characters that mean something, and only escaped stand for themselves. */
const SPECIAL = "()*+.?[\\]{|}";
const ESCAPABLE = "()*+-.?[\\]^{|}";
const CONTROLS: Readonly<Record<string, number>> = { n: 0x0a, r: 0x0d, t: 0x09 };

const QUANTIFIER = /^\{(\d+)(?:(,)(\d*))?\}/;
const MAX_REPEAT = 1000;

/** General categories, as far as RFC 9485 has them. */
const CATEGORY = /^\{(L[lmotu]?|M[cen]?|N[dlo]?|P[cdefios]?|Z[lps]?|S[ckmo]?|C[cfno]?)\}/;

class NotIRegexp extends Error {}

class Reader {
  readonly #cursor: Cursor;

  constructor(source: string) {
    this.#cursor = new Cursor(source, true);
  }

  read(): Expression {
    const expression = this.#branches();
    if (!this.#cursor.isAtEnd) throw new NotIRegexp("`)` has no counterpart");
    return expression;
  }

  #branches(): Expression {
    const options = [this.#branch()];
    while (this.#cursor.peek() === "|") {
      this.#cursor.position++;
      options.push(this.#branch());
    }
    return options.length === 1 ? (options[0] as Expression) : { kind: "choice", options };
  }

  #branch(): Expression {
    const pieces: Expression[] = [];
    while (!this.#cursor.isAtEnd && this.#cursor.peek() !== "|" && this.#cursor.peek() !== ")") {
      const item = this.#atom();
      const repeat = this.#quantifier();
      if (repeat !== undefined && item.kind === "assertion") throw new NotIRegexp("an anchor is repeated");
      pieces.push(repeat === undefined ? item : { kind: "repeat", item, ...repeat });
    }
    return sequenceOf(pieces);
  }

  #quantifier(): { least: number; most: number | undefined } | undefined {
    const next = this.#cursor.peek();
    if (next === "*" || next === "+" || next === "?") {
      this.#cursor.position++;
      return { least: next === "+" ? 1 : 0, most: next === "?" ? 1 : undefined };
    }
    if (next !== "{") return undefined;
    const counted = this.#cursor.takeMatch(QUANTIFIER);
    if (counted === null) throw new NotIRegexp("`{` does not begin a repeat count");
    const least = Number(counted[1]);
    const most = counted[2] === undefined ? least : counted[3] === "" ? undefined : Number(counted[3]);
    if (most !== undefined && most < least) throw new NotIRegexp("a repeat count is out of order");
    if (Math.max(least, most ?? 0) > MAX_REPEAT) throw new NotIRegexp(`a repeat count is over ${MAX_REPEAT}`);
    return { least, most };
  }

  #atom(): Expression {
    const character = this.#cursor.take();
    switch (character) {
      case "^":
        return TEXT_START;
      case "$":
        return TEXT_END;
      case ".":
        return { kind: "set", set: NOT_A_LINE_END };
      case "(":
        return this.#group();
      case "[":
        return { kind: "set", set: this.#characterClass() };
      case "\\":
        return { kind: "set", set: this.#escape() };
      default:
        if (SPECIAL.includes(character)) throw new NotIRegexp(`\`${character}\` stands for nothing here`);
        return { kind: "set", set: pointOf(character) };
    }
  }

  #group(): Expression {
    const inner = this.#branches();
    if (this.#cursor.peek() !== ")") throw new NotIRegexp("`(` has no counterpart");
    this.#cursor.position++;
    return inner.kind === "assertion" ? { kind: "choice", options: [inner] } : inner;
  }

  #escape(): CharacterSet {
    const letter = this.#cursor.take();
    if (letter === "p" || letter === "P") return this.#category(letter === "P");
    const control = CONTROLS[letter];
    if (control !== undefined) return [[control, control]];
    if (letter === "" || !ESCAPABLE.includes(letter)) throw new NotIRegexp(`\`\\${letter}\` is no escape`);
    return pointOf(letter);
  }

  #category(negated: boolean): CharacterSet {
    const name = this.#cursor.takeMatch(CATEGORY)?.[1];
    if (name === undefined) throw new NotIRegexp("`\\p` is not followed by a category such as `{Lu}`");
    const set = propertySet(name);
    if (set === undefined) throw new NotIRegexp(`there is no category \`${name}\``);
    return negated ? complement(set, true) : set;
  }

  #characterClass(): CharacterSet {
    const negated = this.#cursor.peek() === "^";
    if (negated) this.#cursor.position++;
    const ranges: (readonly [number, number])[] = [];
    for (let isFirst = true; isFirst || this.#cursor.peek() !== "]"; isFirst = false) {
      if (this.#cursor.isAtEnd) throw new NotIRegexp("`[` is not closed");
      const isHyphen = this.#cursor.peek() === "-";
      if (isHyphen && !isFirst && this.#cursor.peek(1) !== "]") {
        throw new NotIRegexp("`-` inside `[…]` is neither first nor last");
      }
      ranges.push(...(isHyphen ? pointOf(this.#cursor.take()) : this.#classRange()));
    }
    this.#cursor.position++;
    const set = union(ranges);
    return negated ? complement(set, true) : set;
  }

  #classRange(): CharacterSet {
    if (/^\\[pP]/.test(this.#cursor.rest)) {
      this.#cursor.position++;
      return this.#escape();
    }
    const low = this.#classCharacter();
    if (this.#cursor.peek() !== "-" || this.#cursor.peek(1) === "]") return [[low, low]];
    this.#cursor.position++;
    const high = this.#classCharacter();
    if (low > high) throw new NotIRegexp("a range in `[…]` is out of order");
    return [[low, high]];
  }

  #classCharacter(): number {
    const character = this.#cursor.take();
    if (character === "\\" && /^[pP]/.test(this.#cursor.rest)) {
      throw new NotIRegexp("a category cannot bound a range");
    }
    const set = character === "\\" ? this.#escape() : pointOf(character);
    if (character === "" || "-[]".includes(character)) {
      throw new NotIRegexp(`\`${character}\` stands for nothing inside \`[…]\``);
    }
    return set[0]?.[0] ?? 0;
  }
}

function pointOf(character: string): CharacterSet {
  const point = character.codePointAt(0) ?? 0;
  return [[point, point]];
}
