/** Compiled patterns: the only way in which policy text is ever matched against data. Linear in the text, always. */
import { RE2JS } from "re2js";
import { canonicalUnits, movedSurrogates } from "./character-set.js";
import { type ParsedPattern, type PatternPart, parsePatternSyntax } from "./syntax.js";
import { PatternSyntaxError } from "./syntax-error.js";

/** A regular expression as a policy spells it. A string is short for `{ pattern }`. */
export type PatternInput = string | { readonly pattern: string; readonly flags?: string | undefined };

/** Values of the variables that a pattern may name. */
export type VariableValues = ReadonlyMap<string, string>;

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
  const parsed = parsePatternSyntax(source, flags);
  const matchers = parsed.parts.map(compilePart);
  const programSize = matchers.reduce((sum, { size }) => sum + size, 0);
  if (programSize > MAX_PROGRAM_SIZE) {
    throw new PatternSyntaxError(
      `pattern compiles to ${programSize} instructions, at most ${MAX_PROGRAM_SIZE} are allowed`,
      "use smaller repeat counts",
    );
  }
  const variables = [
    ...new Set(parsed.parts.flatMap((part) => (part.kind === "variable" ? [part.name] : []))),
  ];
  return {
    source,
    flags,
    variables,
    programSize,
    variablesEndAtBoundary: parsed.variablesEndAtBoundary,
    lastKeys: variables.length === 0 ? lastKeysOf(source, parsed) : undefined,
    matches: variables.length === 0 ? matcherOf(parsed, matchers) : sequenceMatcherOf(parsed, matchers),
  };
}

interface PartMatcher {
  readonly size: number;
  /** The name of a variable part. */
  readonly variable: string | undefined;
  readonly anywhere: (text: string) => boolean;
  /** From the first character on. */
  readonly atStart: (text: string) => boolean;
  /** Up to the last character. */
  readonly atEnd: (text: string) => boolean;
  readonly whole: (text: string) => boolean;
}

const NEVER = () => false;

function compilePart(part: PatternPart): PartMatcher {
  if (part.kind === "variable") {
    return { size: 0, variable: part.name, anywhere: NEVER, atStart: NEVER, atEnd: NEVER, whole: NEVER };
  }
  const search = compileRe2(part.source);
  // The anchored forms are needed only beside a variable, so they are compiled when first used.
  const lazily = (source: string) => {
    let compiled: RE2JS | undefined;
    return (text: string) => {
      compiled ??= compileRe2(source);
      return compiled.test(text);
    };
  };
  return {
    size: search.programSize(),
    variable: undefined,
    anywhere: (text) => search.test(text),
    atStart: lazily(`\\A(?:${part.source})`),
    atEnd: lazily(`(?:${part.source})\\z`),
    whole: lazily(`\\A(?:${part.source})\\z`),
  };
}

function compileRe2(source: string): RE2JS {
  try {
    return RE2JS.compile(source);
  } catch (cause) {
    throw new PatternSyntaxError(
      `pattern is too large or malformed: ${cause instanceof Error ? cause.name : "unknown fault"}`,
      "use smaller repeat counts, or split the pattern",
    );
  }
}

function matcherOf(parsed: ParsedPattern, [only]: readonly PartMatcher[]): Pattern["matches"] {
  if (only === undefined) return NEVER;
  return parsed.flags.unicode ? only.anywhere : (text) => only.anywhere(movedSurrogates(text));
}

/**
 * Matches `P0 v1 P1 v2 … Pn`: each value is looked for as a literal, so that nothing is compiled per call. Texts are
 * paths of JSON nodes; longer ones than {@link MAX_TEXT_WITH_VARIABLES} are refused by the filter before they get here.
 */
function sequenceMatcherOf(parsed: ParsedPattern, matchers: readonly PartMatcher[]): Pattern["matches"] {
  return (text, values) => {
    const literals: string[] = [];
    for (const { variable } of matchers) {
      if (variable === undefined) continue;
      const value = values?.get(variable);
      if (value === undefined || value === "") return false;
      literals.push(value);
    }
    const { ignoreCase, unicode } = parsed.flags;
    const fold = ignoreCase ? canonicalUnits : (value: string) => value;
    return matchesSequence(
      matchers.filter(({ variable }) => variable === undefined),
      literals.map(fold),
      text,
      fold(text),
      unicode,
    );
  };
}

/** Texts longer than this are not tried against patterns with variables: the search is quadratic in the worst case. */
export const MAX_TEXT_WITH_VARIABLES = 4096;

/**
 * How many characters a match may look at: the text's, and beside variables as many again for each place (for each pair
 * of places, with two variables) where a value stands.
 */
export function matchCost(pattern: Pattern, text: string, values: VariableValues): number {
  if (pattern.variables.length === 0) return text.length;
  const fold =
    pattern.flags.includes("i") || pattern.source.startsWith("(?")
      ? canonicalUnits
      : (value: string) => value;
  const folded = fold(text);
  const places = pattern.variables
    .map((name) => values.get(name) ?? "")
    .filter((value) => value !== "")
    .reduce((sum, value) => sum + [...occurrences(folded, fold(value), false)].length, 1);
  return text.length * (pattern.source.split("{{").length > 2 ? places * places : places);
}

function matchesSequence(
  parts: readonly PartMatcher[],
  literals: readonly string[],
  text: string,
  foldedText: string,
  unicode: boolean,
): boolean {
  const prepare = unicode ? (value: string) => value : movedSurrogates;
  const [first] = parts;
  if (first === undefined) return false;
  // Positions at which the sequence so far may end.
  let ends = new Set<number>();
  for (const at of occurrences(foldedText, literals[0] ?? "", unicode)) {
    if (first.atEnd(prepare(text.slice(0, at)))) ends.add(at + (literals[0] ?? "").length);
  }
  for (let index = 1; index < literals.length; index++) {
    const literal = literals[index] ?? "";
    const next = new Set<number>();
    for (const at of occurrences(foldedText, literal, unicode)) {
      for (const end of ends) {
        if (at >= end && parts[index]?.whole(prepare(text.slice(end, at)))) {
          next.add(at + literal.length);
          break;
        }
      }
    }
    ends = next;
  }
  const last = parts.at(-1);
  for (const end of ends) if (last?.atStart(prepare(text.slice(end)))) return true;
  return false;
}

function* occurrences(text: string, literal: string, unicode: boolean): Generator<number> {
  for (let at = text.indexOf(literal); at >= 0; at = text.indexOf(literal, at + 1)) {
    // With the `u` flag half a surrogate pair is no character of the text.
    if (!unicode || !(splitsPair(text, at) || splitsPair(text, at + literal.length))) yield at;
  }
}

function splitsPair(text: string, at: number): boolean {
  return /^[\ud800-\udbff][\udc00-\udfff]$/.test(text.slice(Math.max(at - 1, 0), at + 1));
}

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
