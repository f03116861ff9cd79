/** Comparisons of filter expressions (RFC 9535 section 2.3.5.2.2). */
import { INEXACT, type JsonTree, type Scalar } from "./json-tree.js";

/** No value: the query had no node. */
export const NOTHING = Symbol("nothing");

export type Value = Scalar | typeof NOTHING | { readonly container: number };

/** Thrown where the document does not say what a query asks. The message holds nothing of the document. */
export class UndecidedSignal extends Error {}

const INEXACT_NUMBER = "a number with more digits than JavaScript holds takes part in a comparison";

/** Called with the steps that work takes, before it is done; throws when there have been too many. */
export type Charge = (steps: number) => void;

/** The value of a node. */
export function valueAt(node: number, tree: JsonTree, charge: Charge): Value {
  const kind = tree.kindOf(node);
  if (kind === "object" || kind === "array") return { container: node };
  charge(1 + (tree.lengthOf(node) >> 4));
  return tree.scalarOf(node);
}

export function isEqual(a: Value, b: Value, tree: JsonTree, charge: Charge): boolean {
  const pending: [Value, Value][] = [[a, b]];
  for (let pair = pending.pop(); pair !== undefined; pair = pending.pop()) {
    charge(1);
    const [left, right] = pair;
    if (isContainer(left) && isContainer(right)) {
      const parts = partsOf(left.container, right.container, tree, charge);
      if (parts === undefined) return false;
      for (const [one, other] of parts)
        pending.push([valueAt(one, tree, charge), valueAt(other, tree, charge)]);
    } else if (!isEqualScalar(left, right)) return false;
  }
  return true;
}

export function isLess(a: Value, b: Value): boolean {
  if (isNumber(a) && isNumber(b)) {
    if (a === INEXACT || b === INEXACT) throw new UndecidedSignal(INEXACT_NUMBER);
    return a < b;
  }
  return typeof a === "string" && typeof b === "string" && isLessText(a, b);
}

function isEqualScalar(a: Value, b: Value): boolean {
  if ((a === INEXACT && isNumber(b)) || (b === INEXACT && isNumber(a))) {
    throw new UndecidedSignal(INEXACT_NUMBER);
  }
  return a === b;
}

function isNumber(value: Value): value is number | typeof INEXACT {
  return typeof value === "number" || value === INEXACT;
}

function isContainer(value: Value): value is { readonly container: number } {
  return typeof value === "object" && value !== null;
}

/** The children of two containers that have to be equal; `undefined` when they do not correspond. */
function partsOf(
  a: number,
  b: number,
  tree: JsonTree,
  charge: Charge,
): (readonly [number, number])[] | undefined {
  const left = childrenOf(a, tree);
  const right = childrenOf(b, tree);
  charge(left.length + right.length);
  if (tree.kindOf(a) !== tree.kindOf(b) || left.length !== right.length) return undefined;
  if (tree.kindOf(a) === "array") return left.map((node, index) => [node, right[index] as number] as const);
  if (tree.hasRepeatedName(a) || tree.hasRepeatedName(b)) {
    throw new UndecidedSignal("an object with a repeated name takes part in a comparison");
  }
  const byName = new Map(right.map((node) => [tree.nameOf(node), node]));
  const parts = left.map((node) => [node, byName.get(tree.nameOf(node))] as const);
  return parts.every((part): part is readonly [number, number] => part[1] !== undefined) ? parts : undefined;
}

function childrenOf(node: number, tree: JsonTree): number[] {
  const children: number[] = [];
  for (let child = node + 1; child < tree.endOf(node); child = tree.endOf(child)) children.push(child);
  return children;
}

/** By code points, where a surrogate pair counts as the character that it stands for. */
function isLessText(a: string, b: string): boolean {
  const length = Math.min(a.length, b.length);
  let at = 0;
  while (at < length && a.charCodeAt(at) === b.charCodeAt(at)) at++;
  if (at === length) return a.length < b.length;
  return rank(a.charCodeAt(at)) < rank(b.charCodeAt(at));
}

/** Surrogates stand for characters above all others. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
