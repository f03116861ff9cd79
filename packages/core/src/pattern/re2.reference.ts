/** The same patterns on RE2 (`re2js`), another engine that is linear in the text, to compare the automaton with. */
import { RE2JS } from "re2js";
import type { CharacterSet } from "./character-set.js";
import type { Expression } from "./expression.js";
import type { Pattern } from "./pattern.js";

/** @returns `undefined` for what RE2 means otherwise: lines under `m`, words under `iu`, variables */
export function re2Test(pattern: Pattern): ((text: string) => boolean) | undefined {
  const { unicode, ignoreCase } = pattern.parsedFlags;
  const source = print(pattern.expression, unicode);
  if (source === undefined || (unicode && ignoreCase && /\\[bB]/.test(pattern.source))) return undefined;
  const program = RE2JS.compile(source);
  return (text) => program.test(unicode ? text : movedSurrogates(text));
}

function print(expression: Expression, unicode: boolean): string | undefined {
  const all = (expressions: readonly Expression[], separator: string): string | undefined => {
    const printed = expressions.map((one) => print(one, unicode));
    return printed.includes(undefined) ? undefined : `(?:${printed.join(separator)})`;
  };
  switch (expression.kind) {
    case "empty":
      return "(?:)";
    case "set":
      return printSet(unicode ? expression.set : expression.set.flatMap(moveSurrogateRange));
    case "assertion":
      return {
        textStart: "\\A",
        textEnd: "\\z",
        wordBoundary: "\\b",
        notWordBoundary: "\\B",
        lineStart: undefined,
        lineEnd: undefined,
      }[expression.assertion];
    case "symbols":
    case "states":
    case "variable":
      return undefined;
    case "sequence":
      return all(expression.items, "");
    case "choice":
      return all(expression.options, "|");
    case "repeat": {
      const item = print(expression.item, unicode);
      return item === undefined ? undefined : `(?:${item}){${expression.least},${expression.most ?? ""}}`;
    }
  }
}

function printSet(set: CharacterSet): string {
  if (set.length === 0) return "[^\\x00-\\x{10FFFF}]";
  return `[${set.map(([from, to]) => `\\x{${from.toString(16)}}-\\x{${to.toString(16)}}`).join("")}]`;
}

// RE2 sees code points: where a pattern sees code units, surrogates are moved to plane 16.
const SURROGATE_OFFSET = 0x100000;
const EVERY_SURROGATE = /[\ud800-\udfff]/g;

function movedSurrogates(text: string): string {
  return text.replace(EVERY_SURROGATE, (unit) => String.fromCodePoint(unit.charCodeAt(0) + SURROGATE_OFFSET));
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
