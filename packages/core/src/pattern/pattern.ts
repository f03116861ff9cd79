/** Compiled patterns: the only way in which policy text is ever matched against data. Linear in the text, always. */
import { Recent } from "../recent.js";
import { type AnchoredPrefix, anchoredPrefixOf } from "./anchored-prefix.js";
import { Automaton, NO_MATCHES } from "./automaton.js";
import { leadingRunOf, runTest } from "./leading-run.js";
import { literalShapeOf, literalTest } from "./literal-shape.js";
import { buildProgram, type ProgramPattern, programSizeOf, type VariableValues } from "./program.js";
import { type ParsedPattern, parsePatternSyntax } from "./syntax.js";
import { PatternSyntaxError } from "./syntax-error.js";

/** A regular expression as a policy spells it. A string is short for `{ pattern }`. */
export type PatternInput = string | { readonly pattern: string; readonly flags?: string | undefined };

export interface Pattern extends Pick<ParsedPattern, "expression" | "variablesEndAtBoundary"> {
  /** As the policy spells it. */
  readonly source: string;
  readonly flags: string;
  /** The flags as the expression was read with them. */
  readonly parsedFlags: ParsedPattern["flags"];
  /** Names of the variables it needs, each once. */
  readonly variables: readonly string[];
  /** Instructions, a measure of what one match may cost. */
  readonly programSize: number;
  /**
   * Whether the pattern matches somewhere in the text (search semantics).
   *
   * @param values - must hold every name in `variables`; a missing one means that what holds it does not match, and
   *   the caller decides beforehand what that is worth
   */
  matches(text: string, values?: VariableValues): boolean;
}

/** At most this many instructions a pattern. */
export const MAX_PROGRAM_SIZE = 10_000;

/**
 * Compiles a pattern.
 *
 * @throws PatternSyntaxError when it is outside the supported syntax or too large
 */
export function compilePattern(input: PatternInput): Pattern {
  const source = typeof input === "string" ? input : input.pattern;
  const flags = typeof input === "string" ? "" : (input.flags ?? "");
  const make = () => compile(source, flags);
  // Mostly by the source itself, which is hashed once: a name made of both would be a new text each time.
  return flags === "" ? plainPatterns.of(source, make) : flaggedPatterns.of(`${flags}/${source}`, make);
}

function compile(source: string, flags: string): Pattern {
  const parsed = parsePatternSyntax(source, flags);
  const { expression, variables, variablesEndAtBoundary } = parsed;
  const programSize = programSizeOf(expression, parsed.flags);
  if (programSize > MAX_PROGRAM_SIZE) {
    throw new PatternSyntaxError(
      `pattern compiles to ${programSize} instructions, at most ${MAX_PROGRAM_SIZE} are allowed`,
      "use smaller repeat counts",
    );
  }
  // Made when first asked: most rules of a large policy never are.
  let made: Pattern["matches"] | undefined;
  const matches: Pattern["matches"] = (text, values) => {
    made ??= variables.length === 0 ? testOf(parsed) : testWithValues(parsed);
    pattern.matches = made;
    return made(text, values);
  };
  const pattern = {
    matches,
    source,
    flags,
    parsedFlags: parsed.flags,
    expression,
    variables,
    variablesEndAtBoundary,
    programSize,
  };
  return pattern;
}

function testOf(parsed: ParsedPattern): (text: string) => boolean {
  const shape = literalShapeOf(parsed.expression);
  if (shape !== undefined) return literalTest(shape);
  const anchored = anchoredPrefixOf(parsed.expression);
  if (anchored !== undefined) return anchoredTest(anchored, parsed);
  const search = searchWith(parsed);
  // Values of variables, which it has none of, may be handed over all the same: they are no place to begin at.
  return (text) => search(text);
}

function anchoredTest({ prefix, rest }: AnchoredPrefix, parsed: ParsedPattern): (text: string) => boolean {
  const run = parsed.flags.unicode ? undefined : leadingRunOf(rest);
  if (run !== undefined) return runTest(prefix, run, (expression) => sharedSearch({ ...parsed, expression }));
  let search: Search | undefined;
  return (text) => {
    if (!text.startsWith(prefix)) return false;
    search ??= sharedSearch({ ...parsed, expression: rest });
    return search(text, prefix.length);
  };
}

/** Whether a pattern matches somewhere in a text, or in what follows a place of it. */
export type Search = (text: string, from?: number) => boolean;

/** One search for all patterns that are equal but for their spelling. */
function sharedSearch(pattern: ProgramPattern): Search {
  return searches.of(JSON.stringify([pattern.flags, pattern.expression]), () => searchWith(pattern));
}

/** Not remembered, unlike what {@link compilePattern} gives. */
export function searchWith(pattern: ProgramPattern): Search {
  let automaton = new Automaton(buildProgram([pattern]));
  return (text, start = 0) => {
    const { pieceLength } = automaton;
    let state = automaton.start;
    for (let from = start; from < text.length; from += pieceLength) {
      state = automaton.run(state, text, from, from + pieceLength);
      if (automaton.isFull) {
        const fresh = automaton.fresh();
        state = fresh.adopt(automaton, state);
        automaton = fresh;
      }
    }
    return automaton.matchId(state) !== NO_MATCHES;
  };
}

function testWithValues(parsed: ParsedPattern): Pattern["matches"] {
  let last: { readonly values: VariableValues; readonly test: (text: string) => boolean } | undefined;
  return (text, values = NO_VALUES) => {
    if (last?.values !== values) last = { values, test: searchWith({ ...parsed, values }) };
    return last.test(text);
  };
}

const NO_VALUES: VariableValues = new Map();

/** A policy is checked and compiled in several steps, and equal patterns are common. */
const plainPatterns = new Recent<Pattern>(16_384);
const flaggedPatterns = new Recent<Pattern>(4096);

const searches = new Recent<Search>(4096);
