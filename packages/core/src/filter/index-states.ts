/** Which decimal numbers the indices of a slice are, as an automaton over their digits. */
import type { Slice } from "../json-query/query.js";
import { union } from "../pattern/character-set.js";
import type { SymbolState } from "../pattern/expression.js";

/** A slice for which it does not matter how long the array is. */
export interface FixedSlice {
  /** From 0. */
  readonly start: number;
  /** From 0; `undefined` without limit. */
  readonly end: number | undefined;
  /** From 1. */
  readonly step: number;
}

/** @returns `undefined` when the slice counts from the array's end */
export function fixedSlice({ start = 0, end, step }: Slice): FixedSlice | undefined {
  return start < 0 || (end !== undefined && end < 0) || step < 1 ? undefined : { start, end, step };
}

/** More states are too many; steps of up to 100 have fewer. */
const MAX_STATES = 4000;

/**
 * The automaton that takes the digits of the slice's indices and no others.
 *
 * @returns `undefined` when it would have too many states
 */
export function indexStates({ start, end, step }: FixedSlice): readonly SymbolState[] | undefined {
  const isInSlice = { least: String(start), above: end === undefined ? undefined : String(end) };
  const wanted = start % step;
  const ids = new Map<string, number>();
  const prefixes: Prefix[] = [];
  const idOf = (prefix: Prefix): number => {
    const name = Object.values(prefix).join();
    const id = ids.get(name) ?? prefixes.push(prefix) - 1;
    ids.set(name, id);
    return id;
  };
  idOf({ length: 0, toLeast: 0, toAbove: 0, remainder: 0 });
  const states: SymbolState[] = [];
  for (let prefix = prefixes[0]; prefix !== undefined; prefix = prefixes[states.length]) {
    if (states.length === MAX_STATES) return undefined;
    const digits = new Map<number, [number, number][]>();
    for (let digit = 0; digit < 10; digit++) {
      const next = withDigit(prefix, digit, step, isInSlice);
      if (next === undefined) continue;
      const to = idOf(next);
      digits.set(to, [...(digits.get(to) ?? []), [ZERO + digit, ZERO + digit]]);
    }
    const isFinal = prefix.remainder === wanted && isAtLeast(prefix, isInSlice.least);
    states.push({ steps: Array.from(digits, ([to, ranges]) => ({ symbols: union(ranges), to })), isFinal });
  }
  return states;
}

const ZERO = 0x30;

/** What is known of a number by its digits so far. */
interface Prefix {
  /** Of digits; those beyond the longest bound count as one. */
  readonly length: number;
  /** Below, equal to or above as many digits of the bound: -1, 0, 1. */
  readonly toLeast: number;
  readonly toAbove: number;
  readonly remainder: number;
}

interface Bounds {
  readonly least: string;
  readonly above: string | undefined;
}

/** @returns `undefined` when no index in the slice begins so */
function withDigit(
  prefix: Prefix,
  digit: number,
  step: number,
  { least, above }: Bounds,
): Prefix | undefined {
  const longest = Math.max(least.length, above?.length ?? 0);
  const length = Math.min(prefix.length + 1, longest + 1);
  const toLeast = length > least.length ? 0 : compared(prefix.toLeast, digit, least[length - 1]);
  const toAbove = above === undefined ? 0 : compared(prefix.toAbove, digit, above[length - 1]);
  if (above !== undefined && (length > above.length || (length === above.length && toAbove >= 0))) {
    return undefined;
  }
  return { length, toLeast, toAbove, remainder: (prefix.remainder * 10 + digit) % step };
}

function compared(before: number, digit: number, bound: string | undefined): number {
  return before !== 0 || bound === undefined ? before : Math.sign(digit - Number(bound));
}

function isAtLeast({ length, toLeast }: Prefix, least: string): boolean {
  return length === least.length ? toLeast >= 0 : length > least.length;
}
