/**
 * Reads a regular expression as ECMAScript means it and writes it as RE2 can run it, in time linear in the text.
 *
 * The two agree on most of the syntax and differ in details that decide security: `\s`, `.`, `\uXXXX`, the `i` flag
 * outside ASCII. This reader takes ECMAScript's side in each, and refuses with a reason what it cannot carry over:
 * what is refused when the policy loads cannot surprise when a request comes (docs/spec/policy.md, "Patterns").
 */
import {
  anything,
  type PatternFlags,
  pointOf,
  printFolded,
  readCharacterClass,
  readEscape,
} from "./character-class.js";
import { Cursor } from "./cursor.js";
import { PatternSyntaxError } from "./syntax-error.js";

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

/** A piece of RE2 source, and whether a quantifier may follow it. */
interface Atom {
  readonly source: string;
  readonly repeatable: boolean;
}

class Reader {
  readonly #cursor: Cursor;
  readonly #flags: PatternFlags & { readonly multiline: boolean };
  readonly #hasVariables: boolean;
  readonly #parts: PatternPart[] = [];
  #depth = 0;
  #variablesEndAtBoundary = true;

  constructor(source: string, flags: PatternFlags & { readonly multiline: boolean }) {
    this.#cursor = new Cursor(source, flags.unicode);
    this.#flags = flags;
    this.#hasVariables = namesVariable(source);
  }

  read(): ParsedPattern {
    const source = this.#disjunction();
    if (!this.#cursor.isAtEnd) throw this.#unmatched(")");
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
    while (this.#cursor.peek() === "|") {
      if (this.#hasVariables && this.#depth === 0) {
        throw new PatternSyntaxError(
          "a pattern with a `{{variable}}` cannot have alternatives at its top level",
          "write one operation for each alternative",
        );
      }
      this.#cursor.position++;
      out += `|${this.#alternative()}`;
    }
    return out;
  }

  #alternative(): string {
    let out = "";
    while (!this.#cursor.isAtEnd && this.#cursor.peek() !== "|" && this.#cursor.peek() !== ")") {
      const variable = this.#cursor.match(VARIABLE);
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
    this.#cursor.position += length;
    const { rest } = this.#cursor;
    if (/^(?:[*+?]|\{\d+(?:,\d*)?\})/.test(rest)) {
      throw new PatternSyntaxError(`\`{{${name}}}\` is repeated`, "a variable stands for its value once");
    }
    if (!BOUNDARY.test(rest)) this.#variablesEndAtBoundary = false;
    this.#parts.push({ kind: "re2", source: before }, { kind: "variable", name });
  }

  #term(): string {
    const start = this.#cursor.position;
    const atom = this.#atom();
    const repeat = this.#quantifier();
    if (repeat === "") return atom.source;
    if (!atom.repeatable) throw this.#nothingToRepeat(start);
    // Laziness chooses which match is reported, never whether there is one.
    return `(?:${atom.source})${repeat}`;
  }

  #quantifier(): string {
    const next = this.#cursor.peek();
    let repeat = "";
    if (next === "*" || next === "+" || next === "?") {
      repeat = next;
      this.#cursor.position++;
    } else if (next === "{") {
      const counted = this.#cursor.takeMatch(QUANTIFIER);
      if (counted === null) return "";
      repeat = this.#countedRepeat(counted);
    }
    if (repeat !== "" && this.#cursor.peek() === "?") this.#cursor.position++;
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

  #atom(): Atom {
    const character = this.#cursor.take();
    switch (character) {
      case "^":
        return { source: this.#anchor("^"), repeatable: false };
      case "$":
        return { source: this.#anchor("$"), repeatable: false };
      case "(":
        return { source: this.#group(), repeatable: true };
      case "[":
        return { source: readCharacterClass(this.#cursor, this.#flags), repeatable: true };
      case ".":
        return { source: printFolded(anything(this.#flags), this.#flags), repeatable: true };
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
        return this.#literal(character);
      default:
        return this.#literal(character);
    }
  }

  #openBrace(): Atom {
    if (QUANTIFIER.test(`{${this.#cursor.rest}`)) throw this.#nothingToRepeat(this.#cursor.position - 1);
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
    if (cutOff) return printFolded([], this.#flags);
    return anchor === "^" ? "\\A" : "\\z";
  }

  #variableAhead(): boolean {
    return this.#hasVariables && namesVariable(this.#cursor.rest);
  }

  #group(): string {
    if (this.#cursor.peek() === "?") this.#groupOpening();
    this.#depth++;
    const inner = this.#disjunction();
    this.#depth--;
    if (this.#cursor.peek() !== ")") throw this.#unmatched("(");
    this.#cursor.position++;
    return `(?:${inner})`;
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
    throw new PatternSyntaxError(
      "`(?…)`: flags inside a pattern are supported only at its very start",
      'use the `flags` field, for example `flags: "i"`',
    );
  }

  #escapedAtom(): Atom {
    const next = this.#cursor.peek();
    if (next === "b" || next === "B") {
      this.#cursor.position++;
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
    return { source: printFolded(readEscape(this.#cursor, this.#flags), this.#flags), repeatable: true };
  }

  #literal(character: string): Atom {
    return { source: printFolded(pointOf(character), this.#flags), repeatable: true };
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
