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
import { InternalError } from "../errors.js";
import { QUOTE } from "./json-bytes.js";
import { stringEnd } from "./json-values.js";
import { NameMap, type Surroundings } from "./name-map.js";
import { BY_INDEX, type PathMachine } from "./path-machine.js";
import {
  hashBehindStep,
  keyText,
  type PathShape,
  type PathStep,
  pathStep,
  textBehind,
} from "./path-shapes.js";
import type { Tally } from "./tally.js";

/** Cells of a row. */
export const ROW = 8;
/** Where a member's name begins in `names`; -1 for rows of maps. */
export const NAME = 0;
/** Bytes of the name; its closing quote stands behind them. */
export const LENGTH = 1;
/** The member that followed last time, of a container the first; 0 for none. */
export const NEXT = 2;
/** What becomes of a member, or of an array's elements. */
export const VERDICT = 3;
/** The row of the object or array that stands here: 0 when not known yet, {@link SKIPPED} or {@link UNFIT}. */
export const OBJECT = 4;
export const ARRAY = 5;
/** State of the automaton: behind a member's name, of an array's elements, before the names of an object. */
const STATE = 6;
/** How often it was removed from this document. */
export const HITS = 7;

/** Verdicts. */
export const KEPT = 0;
export const REMOVED = 1;
/** Removed, and its path is not the row's alone. */
export const REMOVED_IN_MAP = 2;

/** Nothing below can match. */
export const SKIPPED = -1;
/** What is below has to be read in another way. */
export const UNFIT = -2;

/** So many names are remembered of one object: with more it is a map. */
const MAX_MEMBERS = 32;
/** So many members have containers with rows of their own; those of others are the map's. */
const MAX_OWN_CONTAINERS = 8;
const MAX_ROWS = 4096;
/**
 * After so many documents with members of a map it is begun anew, at first: the names that are remembered may be those
 * of bodies that do not come again. Each time it is twice as many, up to the last figure, so that what learning costs
 * is not paid again and again by documents that always have other names.
 */
const FIRST_MAP_DOCUMENTS = 512;
const MAX_MAP_DOCUMENTS = 8192;
/** Longer names are not remembered. */
const MAX_NAME = 256;
const FIRST_ROWS = 32;

/** What only the learning and the receipts look at. */
interface RowFacts {
  /** The container that the row belongs to: of a container, itself. */
  readonly container: number;
  /** Of a container: the row where it stands; 0 for the root. */
  readonly place: number;
  /** Of the container, where the document is 1. */
  readonly depth: number;
  /** In whose member it lies, itself counted: its path is not the row's alone. */
  readonly map: NameMap | undefined;
  /** Of a container. */
  readonly members: number[];
  ownContainers: number;
  /** Of a container whose names are not all remembered. */
  ownMap: NameMap | undefined;
  /** Its path, if that is the row's alone. */
  shape: PathShape | undefined;
  /** Else what its path has behind that of the member of the map; of that member itself nothing. */
  step: PathStep | undefined;
  /** The operations that destroy what stands here. */
  readonly destroys: readonly number[];
  /** Where the name of the map's member begins in which it was noted last; -1 if it was not. */
  notedIn: number;
}

const NO_STEP = pathStep("");

export class Layouts {
  /** Rows; a row is known by the index of its first cell. */
  table = new Int32Array(FIRST_ROWS * ROW);
  /** Names of members as they stand between the quotes, each with its closing quote. */
  names = new Uint8Array(FIRST_ROWS * 16);
  readonly rootObject: number;
  readonly rootArray: number;
  /** Where the name that was read last ends: at its closing quote. */
  nameEnd = 0;
  /** Whether a document wanted more than there may be: it should be begun anew. */
  isFull = false;
  /** Whether a document held an array whose elements do not share a row. */
  isUnfit = false;
  readonly #machine: PathMachine;
  readonly rootShape: PathShape;
  readonly #facts: (RowFacts | undefined)[] = [undefined];
  #nameBytes = 0;
  /** Rows with hits: so many of the list. */
  readonly #hit: number[] = [];
  #hits = 0;
  /** Whether this document has a member of a map, and how many had. */
  #hasMap = false;
  #mapDocuments = 0;
  readonly #mostMapDocuments: number;

  constructor(machine: PathMachine, rootShape: PathShape, mostMapDocuments = FIRST_MAP_DOCUMENTS) {
    this.#mostMapDocuments = mostMapDocuments;
    this.#machine = machine;
    this.rootShape = rootShape;
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
    const { members } = this.#factsOf(container);
    if (members.length < MAX_MEMBERS) {
      const end = stringEnd(b, from, n) - 1;
      if (end < from) return 0;
      this.nameEnd = end;
      const known = members.find((member) => this.#isNamed(member, b, from, end));
      const row = known ?? this.#newMember(b, from, end, container);
      if (row !== 0) {
        this.table[previous + NEXT] = row;
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
    const known = this.table[cell] as number;
    if (known !== 0) return known;
    const found = this.#findContainer(row, isObject);
    this.table[cell] = found;
    return found;
  }

  /** Notes the path of a row at its first hit in a document. */
  note(row: number, tally: Tally): void {
    this.#hit[this.#hits++] = row;
    const facts = this.#factsOf(row);
    if (facts.map !== undefined) return;
    tally.note(facts.destroys, facts.shape ?? this.#shapeOf(row));
  }

  /** The map in whose member a row lies whose path is not its own. */
  mapAround(row: number): NameMap {
    const { map } = this.#factsOf(row);
    if (map === undefined) throw new InternalError(`row ${row} lies in no map`);
    return map;
  }

  /** Notes the path of a row in the member of its map whose name begins at `from` and whose path the map has. */
  noteIn(map: NameMap, from: number, row: number, tally: Tally): void {
    const facts = this.#factsOf(row);
    if (facts.notedIn === from) return;
    facts.notedIn = from;
    facts.step ??= this.#stepTo(row);
    const { step } = facts;
    const text = textBehind(map.text, step.text);
    tally.notePath(facts.destroys, text, hashBehindStep(map.hash, step, text));
  }

  /** Tells what was removed, and forgets it. */
  settle(tally: Tally | undefined): void {
    for (let index = 0; index < this.#hits; index++) {
      const row = this.#hit[index] as number;
      const facts = this.#factsOf(row);
      tally?.add(facts.destroys, this.table[row + HITS] as number);
      this.table[row + HITS] = 0;
      facts.notedIn = -1;
      for (let { map } = facts; map !== undefined; map = map.outer) map.forget();
    }
    this.#hits = 0;
    if (!this.#hasMap) return;
    this.#hasMap = false;
    this.#mapDocuments++;
    if (this.#mapDocuments === this.#mostMapDocuments) this.isFull = true;
  }

  /** Nothing is remembered again. */
  fresh(): Layouts {
    const most = Math.min(2 * this.#mostMapDocuments, MAX_MAP_DOCUMENTS);
    return new Layouts(this.#machine, this.rootShape, most);
  }

  #findContainer(row: number, isObject: boolean): number {
    const { container } = this.#factsOf(row);
    const state = this.table[row + STATE] as number;
    const owner = this.#factsOf(container);
    const isMapRow = container !== row && (this.table[row + NAME] as number) < 0;
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
    const around = place === 0 ? undefined : this.#factsOf(place);
    const where = { container: 0, place, depth: (around?.depth ?? 0) + 1, map: around?.map };
    return this.#newRow(below, where) || UNFIT;
  }

  #newMember(b: Uint8Array, from: number, end: number, container: number): number {
    if (end - from > MAX_NAME) return 0;
    const { depth, map, members } = this.#factsOf(container);
    const state = this.#stateBehind(b, from, end, container);
    const row = this.#newRow(state, { container, place: 0, depth, map });
    if (row === 0) return 0;
    members.push(row);
    this.#keepName(row, b, from, end);
    return row;
  }

  /** @returns the state behind a name that ends at {@link nameEnd}; 0 when it cannot be read here */
  #readMapName(b: Uint8Array, from: number, n: number, container: number): number {
    const { automaton, columns } = this.#machine;
    const below = this.table[container + STATE] as number;
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
    const facts = this.#factsOf(container);
    facts.ownMap ??= new NameMap(facts.depth, this.#surroundingsOf(container));
    const map = facts.ownMap;
    const known = map.rowOf(state);
    if (known !== 0) return known;
    const row = this.#newRow(state, { container, place: 0, depth: facts.depth, map });
    if (row === 0) return 0;
    this.table[row + NAME] = -1;
    this.#factsOf(row).step = NO_STEP;
    map.addRow(state, row);
    return row;
  }

  /** @returns 0 when there is no room; `container` is 0 of a container itself */
  #newRow(state: number, where: Pick<RowFacts, "container" | "place" | "depth" | "map">): number {
    const { automaton } = this.#machine;
    const row = this.#facts.length * ROW;
    if (this.#facts.length >= MAX_ROWS || automaton.isFull) this.isFull = true;
    if (this.isFull) return 0;
    if (row === this.table.length) this.table = grown(this.table, new Int32Array(2 * row));
    const { bits, destroys } = this.#machine.action(automaton.matchId(state));
    this.table[row + STATE] = state;
    this.table[row + VERDICT] = bits === 0 ? KEPT : where.map === undefined ? REMOVED : REMOVED_IN_MAP;
    const container = where.container || row;
    this.#facts.push({
      ...{ container, place: where.place, depth: where.depth, map: where.map, destroys },
      ...{ members: [], ownContainers: 0, ownMap: undefined, shape: undefined, step: undefined, notedIn: -1 },
    });
    return row;
  }

  #keepName(row: number, b: Uint8Array, from: number, end: number): void {
    const at = this.#nameBytes;
    this.#nameBytes += end - from + 1;
    if (this.#nameBytes > this.names.length) {
      this.names = grown(this.names, new Uint8Array(2 * this.#nameBytes));
    }
    this.names.set(b.subarray(from, end), at);
    this.names[at + end - from] = QUOTE;
    this.table[row + NAME] = at;
    this.table[row + LENGTH] = end - from;
  }

  #isNamed(row: number, b: Uint8Array, from: number, end: number): boolean {
    if (this.table[row + LENGTH] !== end - from) return false;
    const name = this.table[row + NAME] as number;
    for (let index = 0; index < end - from; index++) {
      if (this.names[name + index] !== b[from + index]) return false;
    }
    return true;
  }

  #stateBehind(b: Uint8Array, from: number, end: number, container: number): number {
    const { automaton, columns } = this.#machine;
    const below = this.table[container + STATE] as number;
    let state = below;
    for (let p = from; p < end; p++) {
      const column = columns[b[p] as number] as number;
      if (column === 0) return automaton.run(below, keyText(b, from, end));
      state = automaton.next(state, column);
    }
    return state;
  }

  #surroundingsOf(container: number): Surroundings {
    const { map, place } = this.#factsOf(container);
    if (map !== undefined) return { map, step: this.#stepTo(place) };
    return { map, path: place === 0 ? this.rootShape : this.#shapeOf(place) };
  }

  /** What the path of a row has behind that of the member of its map. */
  #stepTo(row: number): PathStep {
    const { container, step } = this.#factsOf(row);
    if (step !== undefined) return step;
    const { place } = this.#factsOf(container);
    return pathStep(this.#stepTo(place).text + this.#ownStepText(row));
  }

  #ownStepText(row: number): string {
    if (this.#factsOf(row).container === row) return "[*]";
    const name = this.table[row + NAME] as number;
    return `.${keyText(this.names, name, name + (this.table[row + LENGTH] as number))}`;
  }

  /** Of what stands at a row whose path is its own. */
  #shapeOf(row: number): PathShape {
    const facts = this.#factsOf(row);
    if (facts.shape !== undefined) return facts.shape;
    const { place } = this.#factsOf(facts.container);
    const around = place === 0 ? this.rootShape : this.#shapeOf(place);
    const name = this.table[row + NAME] as number;
    const isElement = facts.container === row;
    facts.shape = isElement
      ? around.element()
      : around.member(this.names, name, name + (this.table[row + LENGTH] as number));
    return facts.shape;
  }

  #factsOf(row: number): RowFacts {
    const facts = this.#facts[row / ROW];
    if (facts === undefined) throw new InternalError(`there is no row ${row}`);
    return facts;
  }
}

function grown<T extends Uint8Array | Int32Array>(old: T, larger: T): T {
  larger.set(old);
  return larger;
}
