/** Whether an operation can match anything at all: for lint. */

import { ROW_HEADER } from "../pattern/automaton.js";
import { Structure } from "../pattern/program.js";
import type { BoundOperation } from "./operation.js";
import { PathMachine } from "./path-machine.js";

/** A walk that meets more states gives up. */
const MAX_STATES = 5000;

/**
 * Whether some document has a node that the operation matches by its path.
 *
 * @returns `undefined` when that would take too long to find out
 */
export function canMatch(operation: BoundOperation): boolean | undefined {
  const machine = new PathMachine([operation]);
  const { automaton, openColumn, closeColumn } = machine;
  const keyColumns = keyColumnsOf(machine);
  const digitColumns = [
    ...new Set(Array.from("0123456789", (digit) => automaton.columnOf(digit.charCodeAt(0)))),
  ];
  // Nodes at which a path may end, and beyond which another step may follow.
  const nodes = new Set<number>();
  const keys = new Set<number>();
  const digits = new Set<number>();
  const enter = (state: number) => {
    keys.add(machine.beforeKey(state));
    const opened = automaton.next(state, openColumn);
    for (const column of digitColumns) digits.add(automaton.next(opened, column));
  };
  enter(machine.root);
  for (let size = -1; size !== nodes.size + keys.size + digits.size; ) {
    size = nodes.size + keys.size + digits.size;
    for (const state of keys) {
      nodes.add(state);
      for (const column of keyColumns) keys.add(automaton.next(state, column));
      if (keys.size > MAX_STATES) return undefined;
    }
    for (const state of digits) {
      nodes.add(automaton.next(state, closeColumn));
      for (const column of digitColumns) digits.add(automaton.next(state, column));
      if (digits.size > MAX_STATES) return undefined;
    }
    for (const state of nodes) {
      if (automaton.matchId(state) !== 0) return true;
      enter(state);
    }
  }
  return false;
}

/** The columns of all symbols but those of a path's structure. */
function keyColumnsOf({ automaton }: PathMachine): number[] {
  const columns = new Set<number>();
  const { classStarts } = automaton.alphabet;
  for (const symbol of classStarts) if (symbol < Structure.Dot) columns.add(automaton.columnOf(symbol));
  return [...columns].filter((column) => column >= ROW_HEADER);
}
