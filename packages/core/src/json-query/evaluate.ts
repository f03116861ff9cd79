/**
 * Evaluates a query on a document: lazily, each node of a segment once, and never for longer than a bound.
 *
 * Where the document does not say what the query asks, there is no answer: a name that repeats among the members that
 * have to be looked at, or a number in a comparison that JavaScript cannot hold (docs/spec/policy.md, "Queries").
 */
import { toUtf8 } from "../bytes.js";
import { isEqual, isLess, NOTHING, UndecidedSignal, type Value, valueAt } from "./compare.js";
import { compileIRegexp, type IRegexp, type MatchPlace, type TextTest } from "./i-regexp.js";
import type { JsonTree, QueriedName } from "./json-tree.js";
import {
  type Comparable,
  type InnerQuery,
  type LogicalExpression,
  mayRepeat,
  type Query,
  type Segment,
  type Selector,
  type Slice,
  type TextMatch,
} from "./query.js";
import { VisitedNodes } from "./visited-nodes.js";

export type Evaluated<T> =
  | { readonly ok: true; readonly found: T }
  /** The reason holds nothing of the document. */
  | { readonly ok: false; readonly reason: string };

/** All nodes of a query, each once, in the order of the document. */
export function findNodes(query: Query, tree: JsonTree): Evaluated<readonly number[]> {
  const found: number[] = [];
  return evaluated(tree, (evaluation) => {
    evaluation.visit(query, 0, (node) => {
      found.push(node);
      return false;
    });
    return found.sort((a, b) => a - b);
  });
}

/** The first node of a query; `undefined` when it has none. Nothing behind it is looked at. */
export function findFirst(query: Query, tree: JsonTree): Evaluated<number | undefined> {
  return evaluated(tree, (evaluation) => evaluation.first(query, 0));
}

function evaluated<T>(tree: JsonTree, work: (evaluation: Evaluation) => T): Evaluated<T> {
  try {
    return { ok: true, found: work(new Evaluation(tree)) };
  } catch (error) {
    if (error instanceof UndecidedSignal) return { ok: false, reason: error.message };
    throw error;
  }
}

/** A query may take so many steps a node: filter expressions inside filter expressions would take more. */
const STEPS_PER_NODE = 32;
/** And so many in any document. */
const LEAST_STEPS = 100_000;

/** @returns whether that is enough */
type Sink = (node: number) => boolean;

interface Run {
  readonly segments: readonly Segment[];
  readonly sink: Sink;
  /** Absent where the same node may be given several times, or cannot be. */
  readonly visited: VisitedNodes | undefined;
}

class Evaluation {
  readonly #tree: JsonTree;
  #stepsLeft: number;
  /** Of queries that begin at the root, which do not depend on the tested node. */
  readonly #known = new Map<InnerQuery, unknown>();
  readonly #names = new Map<string, QueriedName>();
  readonly #patterns = new Map<string, IRegexp>();

  constructor(tree: JsonTree) {
    this.#tree = tree;
    this.#stepsLeft = LEAST_STEPS + STEPS_PER_NODE * tree.size;
  }

  /** Gives each node of a query once, in the order of the RFC. */
  visit(query: Query, start: number, sink: Sink): void {
    const visited = mayRepeat(query) ? this.#newVisited(query, start) : undefined;
    this.#walk({ segments: query.segments, sink, visited }, 0, start);
  }

  #newVisited({ segments }: Query, start: number): VisitedNodes {
    const end = this.#tree.endOf(start);
    // Its memory costs time as well, however little of it is used.
    this.#charge(segments.length * ((end - start) >> 10));
    return new VisitedNodes(start, end);
  }

  first(query: Query, start: number): number | undefined {
    let found: number | undefined;
    this.visit(query, start, (node) => {
      found = node;
      return true;
    });
    return found;
  }

  /** The node of a query that can have no more: the common case in comparisons. */
  #only({ segments }: Query, start: number): number | undefined {
    let node: number | undefined = start;
    for (const { selectors } of segments) {
      this.#charge(1);
      const [selector] = selectors;
      const kind = this.#tree.kindOf(node);
      if (kind === "object" && selector?.kind === "name") node = this.#member(node, selector.name);
      else if (kind === "array" && selector?.kind === "index") node = this.#element(node, selector.index);
      else return undefined;
      if (node === undefined) return undefined;
    }
    return node;
  }

  /** How many nodes a query has, repeats counted; no more than `most` of them. */
  #count(query: Query, start: number, most: number): { readonly count: number; readonly last: number } {
    let count = 0;
    let last = -1;
    const sink: Sink = (node) => {
      last = node;
      return ++count === most;
    };
    this.#walk({ segments: query.segments, sink, visited: undefined }, 0, start);
    return { count, last };
  }

  #charge(steps: number): void {
    this.#stepsLeft -= steps;
    if (this.#stepsLeft < 0) throw new UndecidedSignal("a query takes too many steps in the document");
  }

  readonly #chargeFor = (steps: number) => this.#charge(steps);

  #walk(run: Run, level: number, node: number): boolean {
    this.#charge(1);
    if (run.visited !== undefined && !run.visited.add(level, node)) return false;
    const segment = run.segments[level];
    if (segment === undefined) return run.sink(node);
    if (segment.kind === "child") return this.#select(run, segment, level, node);
    const end = this.#tree.endOf(node);
    for (let at = node; at < end; ) {
      this.#charge(1);
      if (run.visited !== undefined && !run.visited.addBelow(level, at)) {
        // All below it has been gone through too.
        at = this.#tree.endOf(at);
        continue;
      }
      if (this.#select(run, segment, level, at)) return true;
      at++;
    }
    return false;
  }

  /** Goes on with what the selectors of a segment select from a node. */
  #select(run: Run, segment: Segment, level: number, node: number): boolean {
    const kind = this.#tree.kindOf(node);
    if (kind !== "object" && kind !== "array") return false;
    // Inside a descendant segment every member is looked at, whatever the selectors.
    if (segment.kind === "descendant") this.#checkNames(node);
    const next: Sink = (found) => this.#walk(run, level + 1, found);
    return segment.selectors.some((selector) => this.#selected(selector, node, kind, next));
  }

  #selected(selector: Selector, node: number, kind: "object" | "array", next: Sink): boolean {
    switch (selector.kind) {
      case "name": {
        const member = kind === "object" ? this.#member(node, selector.name) : undefined;
        return member !== undefined && next(member);
      }
      case "index": {
        const element = kind === "array" ? this.#element(node, selector.index) : undefined;
        return element !== undefined && next(element);
      }
      case "slice":
        return kind === "array" && sliceOf(this.#children(node), selector).some(next);
      case "wildcard":
        this.#checkNames(node);
        return this.#children(node).some(next);
      case "filter":
        this.#checkNames(node);
        return this.#children(node).some((child) => this.#holds(selector.test, child) && next(child));
    }
  }

  #children(node: number): number[] {
    const tree = this.#tree;
    const children: number[] = [];
    const end = tree.endOf(node);
    for (let child = node + 1; child < end; child = tree.endOf(child)) children.push(child);
    this.#charge(children.length);
    return children;
  }

  #member(object: number, text: string): number | undefined {
    const tree = this.#tree;
    const name = this.#nameOf(text);
    const end = tree.endOf(object);
    let found: number | undefined;
    for (let member = object + 1; member < end; member = tree.endOf(member)) {
      this.#charge(1);
      if (!tree.isNamed(member, name)) continue;
      if (found !== undefined) throw new UndecidedSignal(REPEATED_NAME);
      found = member;
    }
    return found;
  }

  #nameOf(text: string): QueriedName {
    const known = this.#names.get(text) ?? { text, utf8: toUtf8(text) };
    this.#names.set(text, known);
    return known;
  }

  #element(array: number, index: number): number | undefined {
    if (index < 0) return this.#children(array).at(index);
    const tree = this.#tree;
    const end = tree.endOf(array);
    let at = 0;
    for (let element = array + 1; element < end; element = tree.endOf(element)) {
      this.#charge(1);
      if (at++ === index) return element;
    }
    return undefined;
  }

  #checkNames(node: number): void {
    if (this.#tree.kindOf(node) !== "object") return;
    if (this.#tree.hasRepeatedName(node)) throw new UndecidedSignal(REPEATED_NAME);
  }

  #holds(test: LogicalExpression, current: number): boolean {
    this.#charge(1);
    switch (test.kind) {
      case "or":
        return test.operands.some((operand) => this.#holds(operand, current));
      case "and":
        return test.operands.every((operand) => this.#holds(operand, current));
      case "not":
        return !this.#holds(test.operand, current);
      case "exists":
        return this.#ofQuery(test.query, current, (start) => this.first(test.query, start)) !== undefined;
      case "comparison":
        return this.#compares(test, current);
      case "match":
        return this.#matches(test, current);
    }
  }

  /** Evaluates a query once for all tested nodes when it begins at the root. */
  #ofQuery<T>(query: InnerQuery, current: number, evaluate: (start: number) => T): T {
    if (query.from === "current") return evaluate(current);
    if (this.#known.has(query)) return this.#known.get(query) as T;
    const found = evaluate(0);
    this.#known.set(query, found);
    return found;
  }

  #compares(
    { operator, left, right }: Extract<LogicalExpression, { kind: "comparison" }>,
    current: number,
  ): boolean {
    const a = this.#valueOf(left, current);
    const b = this.#valueOf(right, current);
    const equals = () => isEqual(a, b, this.#tree, this.#chargeFor);
    switch (operator) {
      case "==":
        return equals();
      case "!=":
        return !equals();
      case "<":
        return isLess(a, b);
      case ">":
        return isLess(b, a);
      case "<=":
        return isLess(a, b) || equals();
      case ">=":
        return isLess(b, a) || equals();
    }
  }

  #valueOf(comparable: Comparable, current: number): Value {
    switch (comparable.kind) {
      case "literal":
        return comparable.value;
      case "singular":
        return this.#ofQuery(comparable.query, current, (start) =>
          this.#valueAt(this.#only(comparable.query, start)),
        );
      case "length":
        return this.#lengthOf(this.#valueOf(comparable.of, current));
      case "count":
        return this.#ofQuery(
          comparable.query,
          current,
          (start) => this.#count(comparable.query, start, Number.POSITIVE_INFINITY).count,
        );
      case "value":
        return this.#ofQuery(comparable.query, current, (start) => {
          const { count, last } = this.#count(comparable.query, start, 2);
          return this.#valueAt(count === 1 ? last : undefined);
        });
    }
  }

  #valueAt(node: number | undefined): Value {
    return node === undefined ? NOTHING : valueAt(node, this.#tree, this.#chargeFor);
  }

  #lengthOf(value: Value): Value {
    if (typeof value === "string") {
      this.#charge(value.length);
      return codePoints(value);
    }
    if (typeof value !== "object" || value === null) return NOTHING;
    this.#checkNames(value.container);
    return this.#children(value.container).length;
  }

  #matches({ place, text, pattern }: TextMatch, current: number): boolean {
    const value = this.#valueOf(text, current);
    if (typeof value !== "string") return false;
    if (pattern.kind === "fixed") {
      this.#charge(value.length);
      return pattern.test.matches(value);
    }
    const source = this.#valueOf(pattern.source, current);
    const test = typeof source === "string" ? this.#patternOf(source, place) : undefined;
    if (test === undefined) return false;
    // Whoever writes the document may choose a pattern that costs as much as it can, to build and for each character.
    this.#charge((value.length + test.programSize) * test.programSize);
    return test.matches(value);
  }

  #patternOf(source: string, place: MatchPlace): TextTest | undefined {
    const name = `${place} ${source}`;
    const compiled = this.#patterns.get(name) ?? compileIRegexp(source, place);
    this.#patterns.set(name, compiled);
    this.#charge(source.length);
    if (compiled.kind === "valid") return compiled.test;
    if (compiled.kind === "too-large")
      throw new UndecidedSignal(`a pattern in the document: ${compiled.reason}`);
    return undefined;
  }
}

const REPEATED_NAME = "a name that a query looks at stands twice in an object";

/** The elements of a slice, in its own order (RFC 9535 section 2.3.4.2). */
function sliceOf(elements: readonly number[], { start, end, step }: Slice): number[] {
  const { length } = elements;
  const bound = (value: number | undefined, missing: number, least: number, most: number) => {
    if (value === undefined) return missing;
    return Math.min(Math.max(value < 0 ? length + value : value, least), most);
  };
  const selected: number[] = [];
  if (step > 0) {
    const upper = bound(end, length, 0, length);
    for (let at = bound(start, 0, 0, length); at < upper; at += step) selected.push(elements[at] as number);
  } else if (step < 0) {
    const lower = bound(end, -1, -1, length - 1);
    for (let at = bound(start, length - 1, -1, length - 1); at > lower; at += step) {
      selected.push(elements[at] as number);
    }
  }
  return selected;
}

/** The characters of a text, a surrogate pair counted once. */
function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}
