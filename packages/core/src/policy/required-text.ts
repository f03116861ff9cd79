/** What a path must contain for a pattern to match it, read off the pattern: what an index of rules can look up. */
import { type CharacterSet, singleOf } from "../pattern/character-set.js";
import { type Expression, itemsOf } from "../pattern/expression.js";

const SLASH = 0x2f;

/** At most so many alternatives are spelled out. */
const MAX_LITERALS = 64;

/**
 * Whole path segments, each of which stands in every path that the pattern matches: `a` for `^/v1/a(/|$)`. Case-sensitive.
 *
 * @param found - told for each, in their order, which of the expression's items are its characters
 */
export function eachRequiredSegment(
  expression: Expression,
  found: (items: readonly Expression[], from: number, end: number) => void,
): void {
  const items = itemsOf(expression);
  // Of the characters since the last slash.
  let from: number | undefined;
  for (let index = 0; index < items.length; index++) {
    const character = characterOf(items[index] as Expression);
    if (character !== undefined && character !== SLASH) continue;
    if (from !== undefined && from < index && (character === SLASH || breaksAt(items, index)))
      found(items, from, index);
    from = character === SLASH ? index + 1 : undefined;
  }
}

/** Of an item that matches one only: a code point or UTF-16 code unit. */
export function characterOf(item: Expression): number | undefined {
  return item.kind === "set" ? singleOf(item.set) : undefined;
}

/** Whether a slash or the text's end comes next, whatever the items from the index on match. */
function breaksAt(items: readonly Expression[], from: number): boolean {
  for (let index = from; index < items.length; index++) {
    const begin = beginOf(items[index] as Expression);
    if (begin === "other") return false;
    if (begin === "break") return true;
  }
  // The text may go on behind the pattern.
  return false;
}

/** How what an expression matches begins: with a slash or the end, with that or not at all, or otherwise. */
function beginOf(expression: Expression): "break" | "break-or-empty" | "other" {
  switch (expression.kind) {
    case "empty":
      return "break-or-empty";
    case "set":
      return singleOf(expression.set) === SLASH ? "break" : "other";
    case "assertion":
      return expression.assertion === "textEnd" ? "break" : "other";
    case "sequence":
      return beginOfAll(expression.items);
    case "choice": {
      const begins = expression.options.map(beginOf);
      if (begins.includes("other")) return "other";
      return begins.includes("break-or-empty") ? "break-or-empty" : "break";
    }
    case "repeat": {
      const begin = beginOf(expression.item);
      return begin === "break" && expression.least === 0 ? "break-or-empty" : begin;
    }
    default:
      return "other";
  }
}

function beginOfAll(items: readonly Expression[]): ReturnType<typeof beginOf> {
  for (const item of items) {
    const begin = beginOf(item);
    if (begin !== "break-or-empty") return begin;
  }
  return "break-or-empty";
}

/**
 * Literals of which at least one stands in every text that the expression matches, in ASCII lower case, compared with
 * the text in ASCII lower case.
 *
 * @returns the longest that can be found; `undefined` when there is no such list
 */
export function requiredLiterals(expression: Expression): readonly string[] | undefined {
  let best: readonly string[] | undefined;
  const consider = (literals: readonly string[] | undefined) => {
    if (literals !== undefined && lengthOf(literals) > lengthOf(best)) best = literals;
  };
  let run: readonly string[] = [""];
  for (const item of itemsOf(expression)) {
    const literals = literalsOf(item);
    const joined = literals?.flatMap((literal) => run.map((before) => before + literal));
    if (joined !== undefined && joined.length <= MAX_LITERALS) {
      run = joined;
      continue;
    }
    consider(run);
    run = literals ?? [""];
    consider(requiredIn(item));
  }
  consider(run);
  return best;
}

/** Of the shortest; 0 for none. */
function lengthOf(literals: readonly string[] | undefined): number {
  return literals === undefined ? 0 : Math.min(...literals.map(({ length }) => length));
}

function requiredIn(item: Expression): readonly string[] | undefined {
  if (item.kind === "repeat") return item.least > 0 ? requiredLiterals(item.item) : undefined;
  if (item.kind !== "choice") return undefined;
  const all = item.options.map(requiredLiterals);
  const literals = all.flatMap((one) => one ?? []);
  return all.includes(undefined) || literals.length > MAX_LITERALS ? undefined : literals;
}

/** All texts that the expression matches, when they are few. */
function literalsOf(expression: Expression): readonly string[] | undefined {
  switch (expression.kind) {
    case "empty":
    case "assertion":
      return [""];
    case "set": {
      const character = foldedSingle(expression.set);
      return character === undefined ? undefined : [character];
    }
    case "sequence":
    case "choice":
      return expression.kind === "choice" ? union(expression.options) : product(expression.items);
    default:
      return undefined;
  }
}

function union(options: readonly Expression[]): readonly string[] | undefined {
  const all = options.map(literalsOf);
  const literals = all.flatMap((one) => one ?? []);
  return all.includes(undefined) || literals.length > MAX_LITERALS ? undefined : literals;
}

function product(items: readonly Expression[]): readonly string[] | undefined {
  let literals: readonly string[] = [""];
  for (const item of items) {
    const next = literalsOf(item);
    if (next === undefined || next.length * literals.length > MAX_LITERALS) return undefined;
    literals = literals.flatMap((before) => next.map((literal) => before + literal));
  }
  return literals;
}

/** The one character of a set, or a letter of which it has both cases. */
function foldedSingle(set: CharacterSet): string | undefined {
  const character = singleOf(set);
  if (character !== undefined) return String.fromCodePoint(asciiLower(character));
  const [upper, lower] = set;
  if (set.length !== 2 || upper === undefined || lower === undefined) return undefined;
  const isLetter = upper[0] === upper[1] && upper[0] >= 0x41 && upper[0] <= 0x5a;
  return isLetter && lower[0] === lower[1] && lower[0] === upper[0] + 0x20
    ? String.fromCharCode(lower[0])
    : undefined;
}

/** A letter from A to Z in lower case, any other character as it is. */
export function asciiLower(character: number): number {
  return character >= 0x41 && character <= 0x5a ? character + 0x20 : character;
}
