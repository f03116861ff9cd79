/** What the operations of a stage did to one document: counts and paths, never values. */
import type { PathShape } from "./path-shapes.js";

/** At most so many distinct path texts an operation. */
export const MAX_RECEIPT_PATHS = 32;

/** Every document has a number of its own, by which a path knows that it has been noted. */
let documents = 0;

export class Tally {
  readonly #nodes: number[];
  readonly #paths: (PathShape[] | undefined)[];
  #openPaths: number;
  #document = ++documents;

  constructor(operations: number) {
    this.#nodes = new Array(operations).fill(0);
    this.#paths = new Array(operations).fill(undefined);
    this.#openPaths = operations;
  }

  /** Begins another document. */
  reset(): void {
    this.#nodes.fill(0);
    this.#paths.fill(undefined);
    this.#openPaths = this.#nodes.length;
    this.#document = ++documents;
  }

  /** Whether any operation may still take another path. */
  get wantsPaths(): boolean {
    return this.#openPaths > 0;
  }

  /** @param operations - the same list for the same operations, where it can be */
  count(operations: readonly number[], shape: PathShape | undefined): void {
    for (let index = 0; index < operations.length; index++) {
      const operation = operations[index] as number;
      this.#nodes[operation] = (this.#nodes[operation] as number) + 1;
    }
    if (shape === undefined || (shape.notedIn === this.#document && shape.notedFor === operations)) return;
    shape.notedIn = this.#document;
    shape.notedFor = operations;
    for (const operation of operations) this.#note(operation, shape);
  }

  nodes(operation: number): number {
    return this.#nodes[operation] ?? 0;
  }

  paths(operation: number): string[] {
    return (this.#paths[operation] ?? []).map(({ text }) => text);
  }

  #note(operation: number, shape: PathShape): void {
    const paths = this.#paths[operation] ?? [];
    this.#paths[operation] = paths;
    if (paths.length >= MAX_RECEIPT_PATHS) return;
    for (const one of paths) if (one.isSame(shape)) return;
    paths.push(shape);
    if (paths.length === MAX_RECEIPT_PATHS) this.#openPaths--;
  }
}
