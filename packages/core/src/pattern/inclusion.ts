/** What can be said of patterns for every text at once, by walking the automaton: for lint, never for a decision. */
import { Automaton, NO_MATCHES, ROW_HEADER } from "./automaton.js";
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
): boolean | undefined {
  const first = automaton.run(automaton.start, start);
  const seen = new Set([first]);
  for (const state of seen) {
    if (!holds(state)) return false;
    if (seen.size > MAX_STATES) return undefined;
    if (automaton.isSettled(state)) continue;
    for (let column = ROW_HEADER; column < automaton.stride; column++)
      seen.add(automaton.next(state, column));
  }
  return true;
}
