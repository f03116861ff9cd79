/** A JSONPath query (RFC 9535) as plain data. */
import type { MatchPlace, TextTest } from "./i-regexp.js";

export interface Query {
  readonly segments: readonly Segment[];
}

export interface Segment {
  /** `child`: of the node itself. `descendant`: of the node and of all below it. */
  readonly kind: "child" | "descendant";
  /** Never empty. */
  readonly selectors: readonly Selector[];
}

export type Selector =
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "wildcard" }
  /** Negative ones count from the end. */
  | { readonly kind: "index"; readonly index: number }
  | Slice
  | { readonly kind: "filter"; readonly test: LogicalExpression };

export interface Slice {
  readonly kind: "slice";
  readonly start: number | undefined;
  readonly end: number | undefined;
  /** 0 selects nothing. */
  readonly step: number;
}

/** A query inside a filter expression. */
export interface InnerQuery extends Query {
  /** Where it begins: at the root (`$`), or at the node that is tested (`@`). */
  readonly from: "root" | "current";
}

export type LogicalExpression =
  | { readonly kind: "or" | "and"; readonly operands: readonly LogicalExpression[] }
  | { readonly kind: "not"; readonly operand: LogicalExpression }
  | { readonly kind: "exists"; readonly query: InnerQuery }
  | {
      readonly kind: "comparison";
      readonly operator: ComparisonOperator;
      readonly left: Comparable;
      readonly right: Comparable;
    }
  | TextMatch;

export interface TextMatch {
  readonly kind: "match";
  /** The functions `match` and `search`. */
  readonly place: MatchPlace;
  readonly text: Comparable;
  readonly pattern: TextPattern;
}

export type ComparisonOperator = "==" | "!=" | "<" | "<=" | ">" | ">=";

export type TextPattern =
  | { readonly kind: "fixed"; readonly test: TextTest }
  /** A part of the document says what the pattern is. */
  | { readonly kind: "computed"; readonly source: Comparable };

/** What stands for one value, or for nothing. */
export type Comparable =
  | { readonly kind: "literal"; readonly value: string | number | boolean | null }
  /** The one node of a query that has at most one. */
  | { readonly kind: "singular"; readonly query: InnerQuery }
  | { readonly kind: "length"; readonly of: Comparable }
  | { readonly kind: "count" | "value"; readonly query: InnerQuery };

/** Whether a query can give no more than one node. */
export function isSingular({ segments }: Query): boolean {
  return segments.every(
    ({ kind, selectors: [first, second] }) =>
      kind === "child" && second === undefined && (first?.kind === "name" || first?.kind === "index"),
  );
}

/** Whether a query can give the same node more than once. */
export function mayRepeat({ segments }: Query): boolean {
  const descendants = segments.filter(({ kind }) => kind === "descendant").length;
  return descendants > 1 || segments.some(({ selectors }) => selectors.length > 1);
}
