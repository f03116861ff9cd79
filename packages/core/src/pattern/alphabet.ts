/** The symbols of a program in classes: symbols that every set either has or lacks alike are one to the automaton. */
import type { CharacterSet } from "./character-set.js";
import { LAST_SYMBOL } from "./program.js";

export interface Alphabet {
  /** Number of classes. */
  readonly size: number;
  /** Where the class of a symbol may differ from that of the one before, ascending, from 0. */
  readonly classStarts: readonly number[];
  /** Class of each ASCII symbol. */
  readonly ascii: Uint16Array;
  /** Class of any symbol. */
  classOf(symbol: number): number;
  /** For each set, by class: 1 when its symbols are in the set. */
  readonly members: readonly Uint8Array[];
}

/** @param sets - of symbols, as the program has them */
export function alphabetOf(sets: readonly CharacterSet[]): Alphabet {
  const starts = intervalStarts(sets);
  const has = sets.map((set) => membership(set, starts));
  const classes = new Uint16Array(starts.length);
  const known = new Map<string, number>();
  for (let interval = 0; interval < starts.length; interval++) {
    let signature = "";
    for (const one of has) signature += one[interval];
    const id = known.get(signature) ?? known.size;
    known.set(signature, id);
    classes[interval] = id;
  }
  const members = has.map((one) => {
    const byClass = new Uint8Array(known.size);
    for (let interval = 0; interval < starts.length; interval++) {
      if (one[interval] === 1) byClass[classes[interval] as number] = 1;
    }
    return byClass;
  });
  const classOf = (symbol: number): number => classes[lastAtMost(starts, symbol)] as number;
  return {
    size: known.size,
    classStarts: starts,
    ascii: Uint16Array.from({ length: 128 }, (_, at) => classOf(at)),
    classOf,
    members,
  };
}

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

/** For each interval, 1 when it lies in the set. */
function membership(set: CharacterSet, starts: readonly number[]): Uint8Array {
  const inside = new Uint8Array(starts.length);
  let interval = 0;
  for (const [from, to] of set) {
    while ((starts[interval] ?? LAST_SYMBOL) < from) interval++;
    while (interval < starts.length && (starts[interval] as number) <= to) inside[interval++] = 1;
  }
  return inside;
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
