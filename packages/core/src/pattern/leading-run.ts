/**
 * What follows a literal at the text's start, when it is a run of characters up to a literal that the run cannot hold:
 * `[^/]+/orders/` behind `^/v1/`. The run can end in one place only, so that comparing is enough, and what follows the
 * literal is shared by all patterns that go on in the same way. As a whole each would be an automaton of its own, and
 * where there are thousands, none would be at hand when it is asked.
 */
import { leadingLiteral } from "./anchored-prefix.js";
import { type CharacterSet, contains } from "./character-set.js";
import { type Expression, itemsOf, sequenceOf } from "./expression.js";

/** Whether what is searched for follows at that place. */
type Follows = (text: string, from: number) => boolean;

export interface LeadingRun {
  /** Of UTF-16 code units. */
  readonly set: CharacterSet;
  /** So many at least. */
  readonly least: number;
  /** Not empty, and its first character is not in the set. */
  readonly literal: string;
  /** What has to follow at once, as of an anchored prefix; `undefined` for nothing. */
  readonly rest: Expression | undefined;
}

/**
 * @param expression - begins with `textStart`, and nothing else in it looks behind its own place
 * @returns `undefined` when it begins otherwise
 */
export function leadingRunOf(expression: Expression): LeadingRun | undefined {
  const [start, run, ...items] = itemsOf(expression);
  if (start === undefined || run?.kind !== "repeat" || run.item.kind !== "set") return undefined;
  if (run.most !== undefined) return undefined;
  const literal = leadingLiteral(items);
  const { set } = run.item;
  if (literal === "" || contains(set, literal.charCodeAt(0))) return undefined;
  const rest = items.slice(literal.length);
  return {
    set,
    least: run.least,
    literal,
    rest: rest.length === 0 ? undefined : sequenceOf([start, ...rest]),
  };
}

/**
 * The test of a literal at the text's start, the run behind it, and what follows.
 *
 * @param searchFor - asked when a text comes so far for the first time
 */
export function runTest(
  prefix: string,
  { set, least, literal, rest }: LeadingRun,
  searchFor: (rest: Expression) => Follows,
): (text: string) => boolean {
  const ascii = asciiOf(set);
  let follows: Follows | undefined;
  return (text) => {
    if (!text.startsWith(prefix)) return false;
    const from = prefix.length;
    const end = endOfRun(text, from, set, ascii);
    if (end - from < least || !text.startsWith(literal, end)) return false;
    if (rest === undefined) return true;
    follows ??= searchFor(rest);
    return follows(text, end + literal.length);
  };
}

function endOfRun(text: string, from: number, set: CharacterSet, ascii: Uint8Array): number {
  let at = from;
  for (; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit < 128 ? ascii[unit] === 0 : !contains(set, unit)) break;
  }
  return at;
}

/** For each ASCII unit, 1 when it is in the set. */
function asciiOf(set: CharacterSet): Uint8Array {
  const known = remembered.get(set);
  if (known !== undefined) return known;
  const ascii = Uint8Array.from({ length: 128 }, (_, unit) => Number(contains(set, unit)));
  remembered.set(set, ascii);
  return ascii;
}

/** The sets of most patterns are the same few objects. */
const remembered = new WeakMap<CharacterSet, Uint8Array>();
