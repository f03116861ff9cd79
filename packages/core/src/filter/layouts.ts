/**
 * How the documents that a stage has seen were laid out: which member followed which, and what the stage does to it. A
 * scan that meets what it expects compares a name instead of running the automaton over it.
 *
 * Everything is numbers in one table of rows, so that a scan touches nothing else:
 * - a container's row stands for the containers at one path, and for the elements of an array;
 * - a member's row stands for the members of one name in such a container;
 * - an object with more names than are remembered is a map: its further members share a row by what may match below
 *   them, whatever they are called.
 *
 * What is remembered is the upstream's choice, so all of it is bounded.
 */

import { QUOTE } from "./json-bytes.js";
import { stringEnd } from "./json-values.js";
import {
  ARRAY,
  KEPT,
  LayoutRows,
  NAME,
  NEXT,
  OBJECT,
  REMOVED,
  REMOVED_IN_MAP,
  type RowFacts,
  SKIPPED,
  STATE,
  UNFIT,
} from "./layout-rows.js";
import { NameMap } from "./name-map.js";
import { BY_INDEX, type PathMachine } from "./path-machine.js";
import { keyText, type PathShape } from "./path-shapes.js";
import { NO_STEP, RowPaths } from "./row-paths.js";
import type { Tally } from "./tally.js";

/** So many names are remembered of one object: with more it is a map. */
const MAX_MEMBERS = 32;
/** So many members have containers with rows of their own; those of others are the map's. */
const MAX_OWN_CONTAINERS = 8;
/**
 * After so many documents with members of a map it is begun anew, at first: the names that are remembered may be those
 * of bodies that do not come again. Each time it is twice as many, up to the last figure, so that what learning costs
 * is not paid again and again by documents that always have other names.
 */
const FIRST_MAP_DOCUMENTS = 512;
const MAX_MAP_DOCUMENTS = 8192;
/** Longer names are not remembered. */
const MAX_NAME = 256;

export class Layouts {
  readonly rows = new LayoutRows();
  readonly paths: RowPaths;
  readonly rootObject: number;
  readonly rootArray: number;
  /** Where the name that was read last ends: at its closing quote. */
  nameEnd = 0;
  /** Whether a document wanted more than there may be: it should be begun anew. */
  isFull = false;
  /** Whether a document held an array whose elements do not share a row. */
  isUnfit = false;
  readonly #machine: PathMachine;
  readonly #rootShape: PathShape;
  /** Whether this document has a member of a map, and how many had. */
  #hasMap = false;
  #mapDocuments = 0;
  readonly #mostMapDocuments: number;

  constructor(machine: PathMachine, rootShape: PathShape, mostMapDocuments = FIRST_MAP_DOCUMENTS) {
    this.#mostMapDocuments = mostMapDocuments;
    this.#machine = machine;
    this.#rootShape = rootShape;
    this.paths = new RowPaths(this.rows, rootShape);
    this.rootObject = this.#findBelow(machine.root, true, 0);
    this.rootArray = this.#findBelow(machine.root, false, 0);
  }

  /**
   * Reads a member's name that is not the one that was expected, and expects it behind `previous` from now on.
   *
   * @param from - behind its opening quote
   * @param previous - row of the member before; of the container, for its first
   * @returns its row, and {@link nameEnd}; 0 when it cannot be read here
   */
  readName(b: Uint8Array, from: number, n: number, container: number, previous: number): number {
    const { members } = this.rows.factsOf(container);
    if (members.length < MAX_MEMBERS) {
      const end = stringEnd(b, from, n) - 1;
      if (end < from) return 0;
      this.nameEnd = end;
      const known = members.find((member) => this.rows.isNamed(member, b, from, end));
      const row = known ?? this.#newMember(b, from, end, container);
      if (row !== 0) {
        this.rows.table[previous + NEXT] = row;
        return row;
      }
    }
    this.#hasMap = true;
    const state = this.#readMapName(b, from, n, container);
    return state === 0 ? 0 : this.#mapRow(container, state);
  }

  /** What stands at a row: the row of the container, {@link SKIPPED} or {@link UNFIT}. */
  containerAt(row: number, isObject: boolean): number {
    const cell = row + (isObject ? OBJECT : ARRAY);
    const known = this.rows.table[cell] as number;
    if (known !== 0) return known;
    const found = this.#findContainer(row, isObject);
    this.rows.table[cell] = found;
    return found;
  }

  /** A document ends: what was removed is told, if it was read, and forgotten. */
  settle(tally: Tally | undefined): void {
    this.paths.settle(tally);
    if (!this.#hasMap) return;
    this.#hasMap = false;
    this.#mapDocuments++;
    if (this.#mapDocuments === this.#mostMapDocuments) this.isFull = true;
  }

  /** Nothing is remembered again. */
  fresh(): Layouts {
    const most = Math.min(2 * this.#mostMapDocuments, MAX_MAP_DOCUMENTS);
    return new Layouts(this.#machine, this.#rootShape, most);
  }

  #findContainer(row: number, isObject: boolean): number {
    const { container } = this.rows.factsOf(row);
    const state = this.rows.table[row + STATE] as number;
    const owner = this.rows.factsOf(container);
    const isMapRow = container !== row && (this.rows.table[row + NAME] as number) < 0;
    if (isMapRow || container === row) return this.#findBelow(state, isObject, row);
    if (owner.ownContainers < MAX_OWN_CONTAINERS) {
      owner.ownContainers++;
      return this.#findBelow(state, isObject, row);
    }
    const shared = this.#mapRow(container, state);
    return shared === 0 ? UNFIT : this.containerAt(shared, isObject);
  }

  /** A container whose own state is the given one. */
  #findBelow(state: number, isObject: boolean, place: number): number {
    const { automaton } = this.#machine;
    if (automaton.isSettled(state) && this.#machine.action(automaton.matchId(state)).bits === 0)
      return SKIPPED;
    const below = isObject ? this.#machine.beforeKey(state) : this.#machine.everyElement(state);
    if (below === BY_INDEX) {
      this.isUnfit = true;
      return UNFIT;
    }
    const around = place === 0 ? undefined : this.rows.factsOf(place);
    const where = { container: 0, place, depth: (around?.depth ?? 0) + 1, map: around?.map };
    return this.#newRow(below, where) || UNFIT;
  }

  #newMember(b: Uint8Array, from: number, end: number, container: number): number {
    if (end - from > MAX_NAME) return 0;
    const { depth, map, members } = this.rows.factsOf(container);
    const state = this.#stateBehind(b, from, end, container);
    const row = this.#newRow(state, { container, place: 0, depth, map });
    if (row === 0) return 0;
    members.push(row);
    this.rows.nameRow(row, b, from, end);
    return row;
  }

  /** @returns the state behind a name that ends at {@link nameEnd}; 0 when it cannot be read here */
  #readMapName(b: Uint8Array, from: number, n: number, container: number): number {
    const { automaton, columns } = this.#machine;
    const below = this.rows.table[container + STATE] as number;
    let state = below;
    let p = from;
    for (; p < n; p++) {
      const column = columns[b[p] as number] as number;
      if (column === 0) break;
      state = automaton.next(state, column);
    }
    if (p < n && b[p] !== QUOTE) {
      p = stringEnd(b, p, n) - 1;
      if (p >= from) state = automaton.run(below, keyText(b, from, p));
    }
    this.nameEnd = p;
    return p < from || p >= n ? 0 : state;
  }

  /** The row that members of a map share. */
  #mapRow(container: number, state: number): number {
    const facts = this.rows.factsOf(container);
    facts.ownMap ??= new NameMap(facts.depth, this.paths.surroundingsOf(container));
    const map = facts.ownMap;
    const known = map.rowOf(state);
    if (known !== 0) return known;
    const row = this.#newRow(state, { container, place: 0, depth: facts.depth, map });
    if (row === 0) return 0;
    this.rows.table[row + NAME] = -1;
    this.rows.factsOf(row).step = NO_STEP;
    map.addRow(state, row);
    return row;
  }

  /** @returns 0 when there is no room; `container` is 0 of a container itself */
  #newRow(state: number, where: Pick<RowFacts, "container" | "place" | "depth" | "map">): number {
    const { automaton } = this.#machine;
    if (this.rows.isFull || automaton.isFull) this.isFull = true;
    if (this.isFull) return 0;
    const { bits, destroys } = this.#machine.action(automaton.matchId(state));
    const verdict = bits === 0 ? KEPT : where.map === undefined ? REMOVED : REMOVED_IN_MAP;
    // Field by field: spread from others, they would have many shapes for the engine, and each look at one took longer.
    return this.rows.add(state, verdict, {
      container: where.container || this.rows.next,
      place: where.place,
      depth: where.depth,
      map: where.map,
      members: [],
      ownContainers: 0,
      ownMap: undefined,
      shape: undefined,
      step: undefined,
      destroys,
      notedIn: -1,
    });
  }

  #stateBehind(b: Uint8Array, from: number, end: number, container: number): number {
    const { automaton, columns } = this.#machine;
    const below = this.rows.table[container + STATE] as number;
    let state = below;
    for (let p = from; p < end; p++) {
      const column = columns[b[p] as number] as number;
      if (column === 0) return automaton.run(below, keyText(b, from, end));
      state = automaton.next(state, column);
    }
    return state;
  }
}
