/**
 * Patterns that name variables: `P0 v1 P1 v2 … Pn`. Each value is looked for as a literal, so that nothing is compiled
 * per call; the pieces between have to match exactly what lies between.
 */
import { canonicalUnits, movedSurrogates } from "./character-set.js";
import { compileRe2 } from "./re2.js";
import type { ParsedPattern } from "./syntax.js";

/** Values of the variables that a pattern may name. */
export type VariableValues = ReadonlyMap<string, string>;

/** Texts longer than this are not tried against patterns with variables: the search is quadratic in the worst case. */
export const MAX_TEXT_WITH_VARIABLES = 4096;

export interface VariableSequence {
  matches(text: string, values: VariableValues): boolean;
  /** How many characters {@link matches} may look at, at most. */
  cost(text: string, values: VariableValues): number;
}

/** A piece between two variables, in the anchored forms in which it is needed. */
interface Piece {
  /** From the first character on. */
  readonly atStart: (text: string) => boolean;
  /** Up to the last character. */
  readonly atEnd: (text: string) => boolean;
  readonly whole: (text: string) => boolean;
}

export function variableSequence({ flags, parts }: ParsedPattern): VariableSequence {
  const names = parts.flatMap((part) => (part.kind === "variable" ? [part.name] : []));
  const pieces = parts.flatMap((part) => (part.kind === "re2" ? [pieceOf(part.source)] : []));
  const fold = flags.ignoreCase ? canonicalUnits : (text: string) => text;
  const literalsOf = (values: VariableValues) => names.map((name) => fold(values.get(name) ?? ""));
  return {
    matches(text, values) {
      const literals = literalsOf(values);
      if (literals.includes("")) return false;
      return matchesSequence(pieces, literals, text, fold(text), flags.unicode);
    },
    cost(text, values) {
      const folded = fold(text);
      const literals = [...new Set(literalsOf(values))].filter((literal) => literal !== "");
      const places = literals.reduce(
        (sum, literal) => sum + [...occurrences(folded, literal, false)].length,
        1,
      );
      // Each place is tried against what precedes it: with several variables, against each place of the one before.
      return text.length * (names.length > 1 ? places * places : places);
    },
  };
}

/** Compiled when first used: most pieces are needed in one form only. */
function pieceOf(source: string): Piece {
  const lazily = (anchored: string) => {
    let test: ((text: string) => boolean) | undefined;
    return (text: string) => {
      test ??= compileRe2(anchored).matches;
      return test(text);
    };
  };
  return {
    atStart: lazily(`\\A(?:${source})`),
    atEnd: lazily(`(?:${source})\\z`),
    whole: lazily(`\\A(?:${source})\\z`),
  };
}

function matchesSequence(
  pieces: readonly Piece[],
  literals: readonly string[],
  text: string,
  foldedText: string,
  unicode: boolean,
): boolean {
  const prepare = unicode ? (value: string) => value : movedSurrogates;
  const [first] = pieces;
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
        if (at >= end && pieces[index]?.whole(prepare(text.slice(end, at)))) {
          next.add(at + literal.length);
          break;
        }
      }
    }
    ends = next;
  }
  const last = pieces.at(-1);
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
