/** Which operations of a stage match a path, found while the path's bytes go by: one automaton for all of them. */
import { InternalError } from "../errors.js";
import { Automaton } from "../pattern/automaton.js";
import { buildProgram, type ProgramPattern, Structure } from "../pattern/program.js";
import type { BoundOperation } from "./operation.js";
import { programPatternOf } from "./select.js";

/** What the operations that match a node do to it, as bits. */
export const RETAIN = 1;
/** Removed whatever it holds. */
export const DESTROY = 2;
/** Masked or hashed whatever it holds. */
export const REPLACE = 4;
/** The text of a scalar has to be seen: to be matched, hashed or kept in part. */
export const READ = 8;

/** The operations that match a node, by what they do; indices into the stage's operations. */
export interface NodeAction {
  readonly bits: number;
  readonly retains: readonly number[];
  /** Without `matchValue`. */
  readonly destroys: readonly number[];
  /** Masks and hashes without `matchValue`. */
  readonly replaces: readonly number[];
  /** With `matchValue`: they look at scalars only. */
  readonly conditional: readonly number[];
}

/** Elements of the array cannot share a state: some pattern tells one index from another. */
export const BY_INDEX = -1;

/** States that a run of digits may lead through before it counts as index-sensitive. */
const MAX_DIGIT_STATES = 64;

export class PathMachine {
  readonly automaton: Automaton;
  readonly operations: readonly BoundOperation[];
  readonly hasRetains: boolean;
  /** Whether nothing is done but to destroy nodes, whatever they hold. */
  readonly onlyDestroys: boolean;
  /** Column by byte for characters that stand for themselves in a key; 0 for all others. */
  readonly columns: Uint16Array;
  /** The state of the root. */
  readonly root: number;
  /** Columns of the brackets around an index. */
  readonly openColumn: number;
  readonly closeColumn: number;
  readonly #dot: number;
  readonly #digits: readonly number[];
  readonly #actions: (NodeAction | undefined)[] = [];
  readonly #elements = new Map<number, number>();

  constructor(operations: readonly BoundOperation[], automaton?: Automaton) {
    this.operations = operations;
    this.automaton = automaton ?? new Automaton(buildProgram(operations.map(programPattern)));
    this.hasRetains = operations.some(({ effect }) => effect === "retain");
    this.onlyDestroys = operations.every(
      ({ effect, matchValue, select }) =>
        effect === "destroy" && matchValue === undefined && select?.kind !== "whole",
    );
    this.columns = Uint16Array.from({ length: 256 }, (_, byte) =>
      byte >= 0x20 && byte < 0x80 && byte !== 0x22 && byte !== 0x5c ? this.automaton.columnOf(byte) : 0,
    );
    this.#dot = this.automaton.columnOf(Structure.Dot);
    this.openColumn = this.automaton.columnOf(Structure.Open);
    this.closeColumn = this.automaton.columnOf(Structure.Close);
    this.#digits = [
      ...new Set(Array.from("0123456789", (digit) => this.automaton.columnOf(digit.charCodeAt(0)))),
    ];
    this.root = this.automaton.run(this.automaton.start, "$");
  }

  /** The same operations without what was learnt so far. */
  fresh(): PathMachine {
    return new PathMachine(this.operations, this.automaton.fresh());
  }

  /** The state below an object, before the key of a member. */
  beforeKey(state: number): number {
    return this.automaton.next(state, this.#dot);
  }

  /** The state of every element of an array, or {@link BY_INDEX}. */
  everyElement(state: number): number {
    const known = this.#elements.get(state);
    if (known !== undefined) return known;
    const found = this.#findEveryElement(state);
    this.#elements.set(state, found);
    return found;
  }

  /** Of {@link Automaton.matchId}. */
  action(matchId: number): NodeAction {
    const known = this.#actions[matchId];
    if (known !== undefined) return known;
    const made = this.actionOf(this.automaton.matchesOf(matchId));
    this.#actions[matchId] = made;
    return made;
  }

  /** Of operations. */
  actionOf(matches: readonly number[]): NodeAction {
    return actionOf(this.operations, matches);
  }

  #findEveryElement(state: number): number {
    const { automaton } = this;
    const entered = automaton.next(state, this.openColumn);
    const seen = new Set<number>();
    const pending = this.#digits.map((column) => automaton.next(entered, column));
    let shared: number | undefined;
    for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
      if (seen.has(at)) continue;
      seen.add(at);
      const closed = automaton.next(at, this.closeColumn);
      shared ??= closed;
      if (closed !== shared || seen.size > MAX_DIGIT_STATES) return BY_INDEX;
      for (const column of this.#digits) pending.push(automaton.next(at, column));
    }
    return shared ?? BY_INDEX;
  }
}

function programPattern({ pattern, select, values }: BoundOperation): ProgramPattern {
  if (pattern !== undefined) {
    const { expression, parsedFlags, variables } = pattern;
    return { expression, flags: parsedFlags, variables, values };
  }
  if (select === undefined) throw new InternalError("an operation has neither `pattern` nor `select`");
  return programPatternOf(select);
}

function actionOf(operations: readonly BoundOperation[], matches: readonly number[]): NodeAction {
  const which = (test: (operation: BoundOperation) => boolean) =>
    matches.filter((index) => test(operations[index] as BoundOperation));
  const retains = which(({ effect }) => effect === "retain");
  const destroys = which(({ effect, matchValue }) => effect === "destroy" && matchValue === undefined);
  const replaces = which(
    ({ effect, matchValue }) => (effect === "mask" || effect === "hash") && matchValue === undefined,
  );
  const conditional = which(({ matchValue }) => matchValue !== undefined);
  const reads =
    conditional.length > 0 ||
    replaces.some((index) => {
      const { effect, mask } = operations[index] as BoundOperation;
      return effect === "hash" || (mask?.keepLast ?? 0) > 0;
    });
  const bits =
    (retains.length > 0 ? RETAIN : 0) |
    (destroys.length > 0 ? DESTROY : 0) |
    (replaces.length > 0 ? REPLACE : 0) |
    (reads ? READ : 0);
  return { bits, retains, destroys, replaces, conditional };
}
