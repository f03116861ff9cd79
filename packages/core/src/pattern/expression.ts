/** A pattern as a tree, its flags already applied: every set is folded, every anchor says what it asks. */
import type { CharacterSet } from "./character-set.js";

/** What an assertion asks of the place between two characters. */
export type Assertion =
  | "textStart"
  | "textEnd"
  | "lineStart"
  | "lineEnd"
  | "wordBoundary"
  | "notWordBoundary";

export type Expression =
  | { readonly kind: "empty" }
  /** One character: a code point with the `u` flag, a code unit without. An empty set matches nothing. */
  | { readonly kind: "set"; readonly set: CharacterSet }
  /** One symbol of the program: what no pattern can say, only what is compiled from a query. */
  | { readonly kind: "symbols"; readonly symbols: CharacterSet }
  /** An automaton over symbols, from its first state on: what a tree could only say at great length. */
  | { readonly kind: "states"; readonly states: readonly SymbolState[] }
  | { readonly kind: "assertion"; readonly assertion: Assertion }
  /** The value of a variable, as a literal. */
  | { readonly kind: "variable"; readonly name: string }
  | { readonly kind: "sequence"; readonly items: readonly Expression[] }
  | { readonly kind: "choice"; readonly options: readonly Expression[] }
  | {
      readonly kind: "repeat";
      readonly item: Expression;
      readonly least: number;
      /** `undefined` without limit. */
      readonly most: number | undefined;
    };

export interface SymbolState {
  /** Each takes one symbol and leads to the state of that index. */
  readonly steps: readonly { readonly symbols: CharacterSet; readonly to: number }[];
  /** Whether what follows the automaton may begin here. */
  readonly isFinal: boolean;
}

export const EMPTY: Expression = { kind: "empty" };

/** Items one after the other; sequences among them are flattened. */
export function sequenceOf(items: readonly Expression[]): Expression {
  const isFlat = items.every(({ kind }) => kind !== "sequence" && kind !== "empty");
  const flat = isFlat ? items : items.flatMap(itemsOf);
  const [only] = flat;
  if (only === undefined) return EMPTY;
  return flat.length === 1 ? only : { kind: "sequence", items: flat };
}

/** The items of a sequence; of anything else, itself alone. */
export function itemsOf(expression: Expression): readonly Expression[] {
  if (expression.kind === "sequence") return expression.items;
  return expression.kind === "empty" ? [] : [expression];
}
