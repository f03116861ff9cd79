/** The symbols of a program in classes: symbols that every set either has or lacks alike are one to the automaton. */
import { type CharacterSet, contains } from "./character-set.js";
import { LAST_SYMBOL } from "./program.js";

/** Classes are numbered by their first symbol, so that those of ASCII have the lowest numbers. */
export interface Alphabet {
  /** Number of classes. There may be one for each symbol, and those are more than 65,536. */
  readonly size: number;
  /** Where the class of a symbol may differ from that of the one before, ascending, from 0. */
  readonly classStarts: readonly number[];
  /** Class of each ASCII symbol. */
  readonly ascii: Uint16Array;
  /** Class of any symbol. */
  classOf(symbol: number): number;
  /** Whether the symbols of a class are in a set, by the set's index; there may be no such set. */
  has(set: number, symbolClass: number): boolean;
}

/** @param sets - of symbols, as the program has them */
export function alphabetOf(sets: readonly CharacterSet[]): Alphabet {
  const starts = intervalStarts(sets);
  const { classes, firsts } = numbered(classesOf(sets, starts), starts);
  const classOf = (symbol: number): number => classes[lastAtMost(starts, symbol)] as number;
  return {
    size: firsts.length,
    classStarts: starts,
    ascii: Uint16Array.from({ length: 128 }, (_, at) => classOf(at)),
    classOf,
    has: (set, symbolClass) => contains(sets[set] ?? NO_SYMBOLS, firsts[symbolClass] as number),
  };
}

const NO_SYMBOLS: CharacterSet = [];

/** Where membership in some set may change, ascending, from 0. */
function intervalStarts(sets: readonly CharacterSet[]): number[] {
  const starts = new Set([0]);
  for (const set of sets) {
    for (const [from, to] of set) {
      starts.add(from);
      if (to < LAST_SYMBOL) starts.add(to + 1);
    }
  }
  return [...starts].sort((a, b) => a - b);
}

/**
 * The class of each interval: all are one, until a set has some of them. What is in the set, or what is not if that is
 * less, then becomes a class of its own; so tens of thousands of sets take no longer than they are long.
 */
function classesOf(sets: readonly CharacterSet[], starts: readonly number[]): Uint32Array {
  const classes = new Uint32Array(starts.length);
  const sizes = [starts.length];
  for (const set of sets) {
    const taken = new Map<number, number[]>();
    for (const interval of smallerSide(set, starts)) {
      const id = classes[interval] as number;
      const known = taken.get(id);
      if (known === undefined) taken.set(id, [interval]);
      else known.push(interval);
    }
    for (const [id, intervals] of taken) {
      const size = sizes[id] as number;
      if (size === intervals.length) continue;
      sizes[id] = size - intervals.length;
      for (const interval of intervals) classes[interval] = sizes.length;
      sizes.push(intervals.length);
    }
  }
  return classes;
}

/** The intervals in the set or those outside of it, whichever are fewer. */
function smallerSide(set: CharacterSet, starts: readonly number[]): number[] {
  const inside = set.map(([from, to]) => [lastAtMost(starts, from), lastAtMost(starts, to) + 1] as const);
  const count = inside.reduce((sum, [from, end]) => sum + end - from, 0);
  const ends = inside.flat();
  // What is not between these lies between their counterparts.
  const bounds = 2 * count <= starts.length ? ends : [0, ...ends, starts.length];
  const side: number[] = [];
  for (let at = 0; at < bounds.length; at += 2)
    for (let one = bounds[at] as number; one < (bounds[at + 1] as number); one++) side.push(one);
  return side;
}

/** Numbers the classes anew, each by the first symbol that it has. */
function numbered(classes: Uint32Array, starts: readonly number[]) {
  const ids = new Map<number, number>();
  const firsts: number[] = [];
  for (let interval = 0; interval < classes.length; interval++) {
    const old = classes[interval] as number;
    let id = ids.get(old);
    if (id === undefined) {
      id = firsts.push(starts[interval] as number) - 1;
      ids.set(old, id);
    }
    classes[interval] = id;
  }
  return { classes, firsts };
}

function lastAtMost(starts: readonly number[], symbol: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] as number) <= symbol) low = middle;
    else high = middle - 1;
  }
  return low;
}
