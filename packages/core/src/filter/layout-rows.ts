/** The rows in which {@link Layouts} remembers documents: numbers for a scan, and what only learning looks at. */
import { InternalError } from "../errors.js";
import { QUOTE } from "./json-bytes.js";
import type { NameMap } from "./name-map.js";
import { keyText, type PathShape, type PathStep } from "./path-shapes.js";

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
export const STATE = 6;
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

const MAX_ROWS = 4096;
const FIRST_ROWS = 32;

/** What only the learning and the receipts look at. */
export interface RowFacts {
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

export class LayoutRows {
  /** A row is known by the index of its first cell; row 0 is none. */
  table = new Int32Array(FIRST_ROWS * ROW);
  /** Names of members as they stand between the quotes, each with its closing quote. */
  names = new Uint8Array(FIRST_ROWS * 16);
  readonly #facts: (RowFacts | undefined)[] = [undefined];
  #nameBytes = 0;

  get isFull(): boolean {
    return this.#facts.length >= MAX_ROWS;
  }

  /** What the next row will be called. */
  get next(): number {
    return this.#facts.length * ROW;
  }

  factsOf(row: number): RowFacts {
    const facts = this.#facts[row / ROW];
    if (facts === undefined) throw new InternalError(`there is no row ${row}`);
    return facts;
  }

  /** Takes {@link next}, where it is not full. */
  add(state: number, verdict: number, facts: RowFacts): number {
    const row = this.next;
    if (row === this.table.length) this.table = grown(this.table, new Int32Array(2 * row));
    this.table[row + STATE] = state;
    this.table[row + VERDICT] = verdict;
    this.#facts.push(facts);
    return row;
  }

  /** Gives a member's row its name. */
  nameRow(row: number, b: Uint8Array, from: number, end: number): void {
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

  isNamed(row: number, b: Uint8Array, from: number, end: number): boolean {
    if (this.table[row + LENGTH] !== end - from) return false;
    const name = this.table[row + NAME] as number;
    for (let index = 0; index < end - from; index++) {
      if (this.names[name + index] !== b[from + index]) return false;
    }
    return true;
  }

  /** What the path of a row has behind that of its container; not of one that members of a map share. */
  stepText(row: number): string {
    if (this.factsOf(row).container === row) return "[*]";
    const name = this.table[row + NAME] as number;
    return `.${keyText(this.names, name, name + (this.table[row + LENGTH] as number))}`;
  }
}

function grown<T extends Uint8Array | Int32Array>(old: T, larger: T): T {
  larger.set(old);
  return larger;
}
