/** What the operations of a stage did to one document: counts and paths, never values. */
import type { PathShape } from "./path-shapes.js";

/** At most so many distinct path texts an operation. */
export const MAX_RECEIPT_PATHS = 32;

/** Every document has a number of its own, by which a path knows that it has been noted. */
let documents = 0;

/** Of each operation; not to be changed. */
export type Paths = readonly (readonly string[] | undefined)[];

export class Tally {
  readonly #nodes: number[];
  readonly #paths: (string[] | undefined)[];
  /** Those of an earlier document, if they are told instead. */
  #repeated: Paths | undefined;
  /** Of the paths of all operations, {@link MAX_RECEIPT_PATHS} each. */
  readonly #hashes: Int32Array;
  #openPaths: number;
  #document = ++documents;

  constructor(operations: number) {
    this.#nodes = new Array(operations).fill(0);
    this.#paths = new Array(operations).fill(undefined);
    this.#hashes = new Int32Array(operations * MAX_RECEIPT_PATHS);
    this.#openPaths = operations;
  }

  /** Begins another document. */
  reset(): void {
    // The platform's `fill` takes longer than reading a short document does.
    for (let index = 0; index < this.#nodes.length; index++) {
      this.#nodes[index] = 0;
      this.#paths[index] = undefined;
    }
    this.#repeated = undefined;
    this.#openPaths = this.#nodes.length;
    this.#document = ++documents;
  }

  /** Whether any operation may still take another path. */
  get wantsPaths(): boolean {
    return this.#openPaths > 0;
  }

  /** @param operations - the same list for the same operations, where it can be */
  count(operations: readonly number[], shape: PathShape | undefined): void {
    this.add(operations, 1);
    if (shape !== undefined) this.note(operations, shape);
  }

  /** Counts nodes whose paths are noted by themselves. */
  add(operations: readonly number[], nodes: number): void {
    for (let index = 0; index < operations.length; index++) {
      const operation = operations[index] as number;
      this.#nodes[operation] = (this.#nodes[operation] as number) + nodes;
    }
  }

  /** Notes a path without counting it. */
  note(operations: readonly number[], shape: PathShape): void {
    if (shape.notedIn === this.#document && shape.notedFor === operations) return;
    shape.notedIn = this.#document;
    shape.notedFor = operations;
    this.notePath(operations, shape.text, shape.hash);
  }

  notePath(operations: readonly number[], text: string, hash: number): void {
    for (let index = 0; index < operations.length; index++)
      this.#note(operations[index] as number, text, hash);
  }

  nodes(operation: number): number {
    return this.#nodes[operation] ?? 0;
  }

  /** Frozen, and the same list, where they are repeated. */
  paths(operation: number): readonly string[] {
    if (this.#repeated !== undefined) return this.#repeated[operation] ?? NO_PATHS;
    return this.#paths[operation]?.slice() ?? [];
  }

  /** The paths of all operations, to be repeated for a document that has the same. */
  allPaths(): Paths {
    return this.#paths.map((paths) => paths && Object.freeze(paths.slice()));
  }

  /** Instead of noting any. */
  repeatPaths(paths: Paths): void {
    this.#repeated = paths;
  }

  #note(operation: number, text: string, hash: number): void {
    let paths = this.#paths[operation];
    if (paths === undefined) {
      paths = [];
      this.#paths[operation] = paths;
    }
    const known = paths.length;
    if (known >= MAX_RECEIPT_PATHS) return;
    const first = operation * MAX_RECEIPT_PATHS;
    for (let index = 0; index < known; index++) {
      if (this.#hashes[first + index] === hash && paths[index] === text) return;
    }
    this.#hashes[first + known] = hash;
    paths.push(text);
    if (known + 1 === MAX_RECEIPT_PATHS) this.#openPaths--;
  }
}

const NO_PATHS: readonly string[] = Object.freeze([]);
