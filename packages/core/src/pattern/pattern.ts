/** Compiled patterns: the only way in which policy text is ever matched against data. Linear in the text, always. */
import { movedSurrogates } from "./character-set.js";
import { type CompiledRe2, compileRe2 } from "./re2.js";
import { type ParsedPattern, parsePatternSyntax } from "./syntax.js";
import { PatternSyntaxError } from "./syntax-error.js";
import { type VariableValues, variableSequence } from "./variable-sequence.js";

/** A regular expression as a policy spells it. A string is short for `{ pattern }`. */
export type PatternInput = string | { readonly pattern: string; readonly flags?: string | undefined };

export interface Pattern {
  /** As the policy spells it. */
  readonly source: string;
  readonly flags: string;
  /** Names of the variables it needs, each once. */
  readonly variables: readonly string[];
  /** RE2 instructions, a measure of what one match may cost. */
  readonly programSize: number;
  /** Whether what follows each variable is a boundary (docs/spec/policy.md, "Variables"). */
  readonly variablesEndAtBoundary: boolean;
  /**
   * The names `a`, `b`, … of a pattern `\.(a|b|…)$`, lower-cased under the `i` flag: such a pattern can be answered
   * from the last key alone and cannot tell one array index from another.
   */
  readonly lastKeys: ReadonlySet<string> | undefined;
  /**
   * Whether the pattern matches somewhere in the text (search semantics).
   *
   * @param values - must hold every name in `variables`; a missing one means no match, and the caller decides
   *   beforehand what that is worth
   */
  matches(text: string, values?: VariableValues): boolean;
  /** How many characters {@link matches} may look at, at most. */
  cost(text: string, values?: VariableValues): number;
}

/** At most this many RE2 instructions a pattern. */
export const MAX_PROGRAM_SIZE = 10_000;

const LAST_KEYS = /^\\\.(?:\(([A-Za-z0-9_-]+(?:\|[A-Za-z0-9_-]+)*)\)|([A-Za-z0-9_-]+))\$$/;

/**
 * Compiles a pattern.
 *
 * @throws PatternSyntaxError when it is outside the supported syntax or too large
 */
export function compilePattern(input: PatternInput): Pattern {
  const source = typeof input === "string" ? input : input.pattern;
  const flags = typeof input === "string" ? "" : (input.flags ?? "");
  const name = `${flags}/${source}`;
  const pattern = remembered.get(name) ?? compile(source, flags);
  if (remembered.size >= MAX_REMEMBERED_PATTERNS) remembered.clear();
  remembered.set(name, pattern);
  return pattern;
}

/** A policy is checked and compiled in several steps, and equal patterns are common. */
const remembered = new Map<string, Pattern>();
const MAX_REMEMBERED_PATTERNS = 4096;

function compile(source: string, flags: string): Pattern {
  const parsed = parsePatternSyntax(source, flags);
  const programs = parsed.parts.flatMap((part) => (part.kind === "re2" ? [compileRe2(part.source)] : []));
  const programSize = programs.reduce((sum, { size }) => sum + size, 0);
  if (programSize > MAX_PROGRAM_SIZE) {
    throw new PatternSyntaxError(
      `pattern compiles to ${programSize} instructions, at most ${MAX_PROGRAM_SIZE} are allowed`,
      "use smaller repeat counts",
    );
  }
  const names = parsed.parts.flatMap((part) => (part.kind === "variable" ? [part.name] : []));
  return {
    source,
    flags,
    variables: [...new Set(names)],
    programSize,
    variablesEndAtBoundary: parsed.variablesEndAtBoundary,
    lastKeys: names.length === 0 ? lastKeysOf(source, parsed) : undefined,
    ...(names.length === 0 ? plainMatcher(parsed, programs) : sequenceMatcher(parsed)),
  };
}

type Matcher = Pick<Pattern, "matches" | "cost">;

function plainMatcher({ flags }: ParsedPattern, [only]: readonly CompiledRe2[]): Matcher {
  const matches = only?.matches ?? (() => false);
  return {
    matches: flags.unicode ? matches : (text) => matches(movedSurrogates(text)),
    cost: (text) => text.length,
  };
}

function sequenceMatcher(parsed: ParsedPattern): Matcher {
  const sequence = variableSequence(parsed);
  return {
    matches: (text, values = NO_VALUES) => sequence.matches(text, values),
    cost: (text, values = NO_VALUES) => sequence.cost(text, values),
  };
}

const NO_VALUES: VariableValues = new Map();

function lastKeysOf(source: string, parsed: ParsedPattern): ReadonlySet<string> | undefined {
  const names = LAST_KEYS.exec(source);
  const list = names?.[1] ?? names?.[2];
  if (list === undefined || parsed.flags.dotAll || parsed.flags.unicode) return undefined;
  return new Set((parsed.flags.ignoreCase ? foldAscii(list) : list).split("|"));
}

/** Lower-cases A to Z only: outside ASCII, `toLowerCase` joins letters that ECMAScript's `i` flag keeps apart. */
export function foldAscii(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
