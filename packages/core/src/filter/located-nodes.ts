/** The nodes of one document that the queries of a stage find, for those that have to see it as a whole. */
import { findNodes } from "../json-query/evaluate.js";
import { JsonTree, MAX_NODES } from "../json-query/json-tree.js";
import type { BoundOperation } from "./operation.js";

/** A node that operations of a stage apply to, whatever its path. */
export interface LocatedNode {
  /** The place of its first byte. */
  readonly at: number;
  /** Indices into the stage's operations, ascending. */
  readonly operations: readonly number[];
}

export type Location =
  | { readonly ok: true; readonly nodes: readonly LocatedNode[] }
  | { readonly ok: false; readonly reason: string };

/** Whether an operation cannot say of a node what becomes of it before it has seen the whole document. */
export function seesWhole(operations: readonly BoundOperation[]): boolean {
  return operations.some(({ select }) => select?.kind === "whole");
}

/**
 * Finds the nodes, in the order of the document.
 *
 * @param bytes - a JSON text that has been checked
 */
export function locateNodes(bytes: Uint8Array, operations: readonly BoundOperation[]): Location {
  const tree = JsonTree.read(bytes);
  if (tree === undefined) return { ok: false, reason: `the document has more than ${MAX_NODES} nodes` };
  if (!tree.hasUniqueNames()) {
    return { ok: false, reason: "an object has a name twice, and a `select` cannot tell which one counts" };
  }
  const byNode = new Map<number, number[]>();
  for (const [index, { select }] of operations.entries()) {
    if (select?.kind !== "whole") continue;
    const result = findNodes(select.query, tree);
    if (!result.ok) return { ok: false, reason: `a \`select\` cannot be evaluated: ${result.reason}` };
    for (const node of result.found) {
      const known = byNode.get(node);
      if (known === undefined) byNode.set(node, [index]);
      else known.push(index);
    }
  }
  const nodes = Array.from(byNode, ([node, found]) => ({ at: tree.startOf(node), operations: found }));
  return { ok: true, nodes: nodes.sort((a, b) => a.at - b.at) };
}
