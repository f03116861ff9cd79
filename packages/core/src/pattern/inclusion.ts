/** What can be said of patterns for every text at once, by walking the automaton: for lint, never for a decision. */
import { Automaton, NO_MATCHES, ROW_HEADER } from "./automaton.js";
import { type CharacterSet, contains } from "./character-set.js";
import type { Pattern } from "./pattern.js";
import { buildProgram } from "./program.js";

/** A walk that meets more states gives up. */
const MAX_STATES = 2000;

/**
 * Whether every text that begins with `start` and that the narrow pattern matches is matched by the wide one.
 *
 * @returns `undefined` when that would take too long to find out
 */
export function isIncluded(narrow: Pattern, wide: Pattern, start = ""): boolean | undefined {
  const automaton = automatonOf([narrow, wide]);
  return everyState(automaton, start, (state) => {
    const matches = automaton.matchesOf(automaton.matchId(state));
    return !matches.includes(0) || matches.includes(1);
  });
}

/** Whether the pattern matches every text that begins with `start`; `undefined` as of {@link isIncluded}. */
export function matchesEverything(pattern: Pattern, start = ""): boolean | undefined {
  const automaton = automatonOf([pattern]);
  return everyState(automaton, start, (state) => automaton.matchId(state) !== NO_MATCHES);
}

/** Whether the pattern matches no text of `start` and any of these characters; `undefined` as of {@link isIncluded}. */
export function matchesNothing(
  pattern: Pattern,
  start: string,
  characters: CharacterSet,
): boolean | undefined {
  const automaton = automatonOf([pattern]);
  const isUnmatched = (state: number) => automaton.matchId(state) === NO_MATCHES;
  return everyState(automaton, start, isUnmatched, columnsOf(automaton, characters));
}

/** The columns of all characters of the set: of those at which a class or a range of it begins. */
function columnsOf(automaton: Automaton, characters: CharacterSet): ReadonlySet<number> {
  const begins = [
    ...automaton.alphabet.classStarts.filter((symbol) => contains(characters, symbol)),
    ...characters.map(([from]) => from),
  ];
  return new Set(begins.map((symbol) => automaton.columnOf(symbol)));
}

function automatonOf(patterns: readonly Pattern[]): Automaton {
  return new Automaton(
    buildProgram(
      patterns.map(({ expression, parsedFlags, variables }) => ({
        expression,
        flags: parsedFlags,
        variables,
      })),
    ),
  );
}

function everyState(
  automaton: Automaton,
  start: string,
  holds: (state: number) => boolean,
  columns: Iterable<number> = allColumns(automaton),
): boolean | undefined {
  const steps = [...columns];
  const first = automaton.run(automaton.start, start);
  const seen = new Set([first]);
  for (const state of seen) {
    if (!holds(state)) return false;
    if (seen.size > MAX_STATES) return undefined;
    if (automaton.isSettled(state)) continue;
    for (const column of steps) seen.add(automaton.next(state, column));
  }
  return true;
}

function allColumns({ stride }: Automaton): number[] {
  return Array.from({ length: stride - ROW_HEADER }, (_, column) => column + ROW_HEADER);
}
