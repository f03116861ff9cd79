/**
 * Reads a regular expression as ECMAScript means it, into a tree that runs in time linear in the text.
 *
 * What cannot run so is refused with a reason: what is refused when the policy loads cannot surprise when a request
 * comes (docs/spec/policy.md, "Patterns").
 */
import {
  anything,
  folded,
  type PatternFlags,
  pointOf,
  readCharacterClass,
  readEscape,
} from "./character-class.js";
import type { CharacterSet } from "./character-set.js";
import { Cursor } from "./cursor.js";
import { type Assertion, type Expression, sequenceOf } from "./expression.js";
import { isLiteral, literalNodes } from "./literal-nodes.js";
import { PatternSyntaxError } from "./syntax-error.js";

export interface ParsedPattern {
  readonly flags: PatternFlags;
  readonly expression: Expression;
  /** Names of the variables in it, each once. */
  readonly variables: readonly string[];
  /** Whether what follows each variable is a boundary: `$`, a literal dot or a literal bracket. */
  readonly variablesEndAtBoundary: boolean;
}

/** At most this many characters a pattern: far above any real one, and it bounds the work of compiling. */
export const MAX_PATTERN_CHARACTERS = 1000;

/** Repeat counts above this are refused, as RE2 does. */
const MAX_REPEAT = 1000;

const VARIABLE = /^\{\{([A-Za-z_][A-Za-z0-9_]*)\}\}/;
const INLINE_FLAGS = /^(?:\(\?[a-z]+\))+/;
const QUANTIFIER = /^\{(\d+)(?:(,)(\d*))?\}/;
/** Not the end of the pattern, which bounds nothing (search semantics), nor what may be absent (`\\.?`). */
const BOUNDARY = /^(?:\$|(?:\\\.|\\\[|\((?:\?:)?(?:\\\.|\\\[|\$)(?:\|(?:\\\.|\\\[|\$))*\))(?![*?]|\{\d))/;
/** With `m` a `$` also stands before a line end, which may be in the middle of a key. */
const LINE_BOUNDARY = /^(?:\\\.|\\\[|\((?:\?:)?(?:\\\.|\\\[)(?:\|(?:\\\.|\\\[))*\))(?![*?]|\{\d)/;

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
  const inline = source.startsWith("(?") ? (INLINE_FLAGS.exec(source)?.[0] ?? "") : "";
  return new Reader(source.slice(inline.length), readFlags(flags + inline.replace(/[^a-z]/g, ""))).read();
}

function readFlags(letters: string): PatternFlags {
  if (letters === "") return NO_FLAGS;
  for (const letter of letters) {
    if (!"gimsuy".includes(letter)) {
      throw new PatternSyntaxError(`flag \`${letter}\` is not supported`, "use any of `i`, `m`, `s`, `u`");
    }
  }
  return {
    ignoreCase: letters.includes("i"),
    dotAll: letters.includes("s"),
    unicode: letters.includes("u"),
    multiline: letters.includes("m"),
  };
}

/** Most patterns have none, and there may be thousands. */
export const NO_FLAGS: PatternFlags = Object.freeze({
  ignoreCase: false,
  dotAll: false,
  unicode: false,
  multiline: false,
});

class Reader {
  readonly #cursor: Cursor;
  readonly #flags: PatternFlags;
  readonly #nodes: readonly Expression[];
  readonly #variables: string[] = [];
  #variablesEndAtBoundary = true;

  constructor(source: string, flags: PatternFlags) {
    this.#cursor = new Cursor(source, flags.unicode);
    this.#flags = flags;
    this.#nodes = literalNodes(flags);
  }

  read(): ParsedPattern {
    const expression = this.#disjunction();
    if (!this.#cursor.isAtEnd) throw this.#unmatched(")");
    return {
      flags: this.#flags,
      expression,
      variables: this.#variables,
      variablesEndAtBoundary: this.#variablesEndAtBoundary,
    };
  }

  #disjunction(): Expression {
    const first = this.#alternative();
    if (this.#cursor.peek() !== "|") return first;
    const options = [first];
    while (this.#cursor.peek() === "|") {
      this.#cursor.position++;
      options.push(this.#alternative());
    }
    return { kind: "choice", options };
  }

  #alternative(): Expression {
    const items: Expression[] = [];
    this.#literals(items);
    while (!this.#cursor.isAtEnd && this.#cursor.peek() !== "|" && this.#cursor.peek() !== ")") {
      items.push(this.#variable() ?? this.#term());
      this.#literals(items);
    }
    return sequenceOf(items);
  }

  /** Takes the characters that stand for themselves. */
  #literals(items: Expression[]): void {
    const cursor = this.#cursor;
    for (let unit = cursor.unitAt(0), next = cursor.unitAt(1); isLiteral(unit, next); ) {
      items.push(this.#nodes[unit] as Expression);
      cursor.position++;
      unit = next;
      next = cursor.unitAt(1);
    }
  }

  #variable(): Expression | undefined {
    if (this.#cursor.peek() !== "{" || this.#cursor.peek(1) !== "{") return undefined;
    const name = this.#cursor.takeMatch(VARIABLE)?.[1];
    if (name === undefined) return undefined;
    const { rest } = this.#cursor;
    if (/^(?:[*+?]|\{\d+(?:,\d*)?\})/.test(rest)) {
      throw new PatternSyntaxError(
        `\`{{${name}}}\` is repeated`,
        "a variable stands for its value once: put it into a group to repeat it",
      );
    }
    if (!(this.#flags.multiline ? LINE_BOUNDARY : BOUNDARY).test(rest)) this.#variablesEndAtBoundary = false;
    if (!this.#variables.includes(name)) this.#variables.push(name);
    return { kind: "variable", name };
  }

  #term(): Expression {
    const start = this.#cursor.position;
    const item = this.#atom();
    const repeat = this.#quantifier();
    if (repeat === undefined) return item;
    if (item.kind === "assertion") throw this.#nothingToRepeat(start);
    // Laziness chooses which match is reported, never whether there is one.
    return { kind: "repeat", item, ...repeat };
  }

  #quantifier(): Repeat | undefined {
    const repeat = this.#repeat();
    if (repeat !== undefined && this.#cursor.peek() === "?") this.#cursor.position++;
    return repeat;
  }

  #repeat(): Repeat | undefined {
    const next = this.#cursor.peek();
    if (next === "*" || next === "+" || next === "?") {
      this.#cursor.position++;
      return { least: next === "+" ? 1 : 0, most: next === "?" ? 1 : undefined };
    }
    const counted = next === "{" ? this.#cursor.takeMatch(QUANTIFIER) : null;
    return counted === null ? undefined : this.#countedRepeat(counted);
  }

  #countedRepeat(counted: RegExpExecArray): Repeat {
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
    return { least, most };
  }

  #atom(): Expression {
    const character = this.#cursor.take();
    switch (character) {
      case "^":
        return assertion(this.#flags.multiline ? "lineStart" : "textStart");
      case "$":
        return assertion(this.#flags.multiline ? "lineEnd" : "textEnd");
      case "(":
        return this.#group();
      case "[":
        return { kind: "set", set: readCharacterClass(this.#cursor, this.#flags) };
      case ".":
        return { kind: "set", set: anything(this.#flags) };
      case "\\":
        return this.#escapedAtom();
      case "*":
      case "+":
      case "?":
        throw this.#nothingToRepeat(this.#cursor.position - 1);
      case "{":
        return this.#openBrace();
      case "]":
      case "}":
        if (this.#flags.unicode) throw this.#unmatched(character);
        return this.#oneOf(pointOf(character));
      default:
        return this.#oneOf(pointOf(character));
    }
  }

  #openBrace(): Expression {
    if (QUANTIFIER.test(`{${this.#cursor.rest}`)) throw this.#nothingToRepeat(this.#cursor.position - 1);
    if (this.#flags.unicode) throw this.#unmatched("{");
    return this.#oneOf(pointOf("{"));
  }

  #group(): Expression {
    if (this.#cursor.peek() === "?") this.#groupOpening();
    const inner = this.#disjunction();
    if (this.#cursor.peek() !== ")") throw this.#unmatched("(");
    this.#cursor.position++;
    // A group of one assertion may be repeated, which the assertion alone may not.
    return inner.kind === "assertion" ? { kind: "choice", options: [inner] } : inner;
  }

  #groupOpening(): void {
    const { rest } = this.#cursor;
    if (rest.startsWith("?:")) {
      this.#cursor.position += 2;
      return;
    }
    const named = /^\?<[\p{ID_Start}$_][\p{ID_Continue}$]*>/u.exec(rest);
    if (named !== null) {
      this.#cursor.position += named[0].length;
      return;
    }
    if (/^\?<?[=!]/.test(rest)) {
      throw new PatternSyntaxError(
        `\`(${rest.slice(0, rest.startsWith("?<") ? 3 : 2)}\`: look-around cannot be evaluated in linear time`,
        "say what must match in one rule and what must not in another, or use `presence: must_not_exist`",
      );
    }
    if (/^\?P[<=>]/.test(rest)) {
      throw new PatternSyntaxError(
        `\`(${rest.slice(0, 3)}\`: named groups of other engines mean nothing in an ECMAScript pattern`,
        "write `(?<name>…)`, or `(?:…)`: nothing reads the name",
      );
    }
    if (/^\?[>|#(&R+0-9]/.test(rest)) {
      throw new PatternSyntaxError(
        `\`(${rest.slice(0, 2)}\`: an ECMAScript pattern has no such group`,
        "write `(?:…)` for a group without a name",
      );
    }
    throw new PatternSyntaxError(
      "`(?…)`: flags inside a pattern are supported only at its very start",
      'use the `flags` field, for example `flags: "i"`',
    );
  }

  #escapedAtom(): Expression {
    const next = this.#cursor.peek();
    if (next === "b" || next === "B") {
      this.#cursor.position++;
      return assertion(next === "b" ? "wordBoundary" : "notWordBoundary");
    }
    return this.#oneOf(readEscape(this.#cursor, this.#flags));
  }

  #oneOf(set: CharacterSet): Expression {
    return { kind: "set", set: folded(set, this.#flags) };
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

type Repeat = Pick<Extract<Expression, { kind: "repeat" }>, "least" | "most">;

function assertion(what: Assertion): Expression {
  return { kind: "assertion", assertion: what };
}
