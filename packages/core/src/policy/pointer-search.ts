/** JSON pointers (RFC 6901), looked for in a document whose members and elements are visited one by one. */
import { pointerNames } from "../redaction/json-pointer.js";

/** What the pointers have in common from the root on. */
interface Step {
  /** That which ends here. */
  pointer: string | undefined;
  readonly next: Map<string, Step>;
}

/**
 * Finds which of some pointers lead to a member. No pointer is written for the others: below a name as long as half the
 * text, with members in the other half, that would take the square of its length.
 */
export class PointerSearch {
  /** By depth, where the members visited last are on the way of some pointer. */
  readonly #reached: (Step | undefined)[];

  constructor(pointers: Iterable<string>) {
    const root: Step = { pointer: undefined, next: new Map() };
    for (const pointer of pointers) {
      const names = pointerNames(pointer);
      if (names === undefined) continue;
      let step = root;
      for (const name of names) {
        const next = step.next.get(name) ?? { pointer: undefined, next: new Map() };
        step.next.set(name, next);
        step = next;
      }
      step.pointer = pointer;
    }
    this.#reached = [root];
  }

  /**
   * To be called for every member and element of a document, each before those in it.
   *
   * @param key - its name or index
   * @param depth - how many names and indices lead to it, itself included; from 1
   * @returns the pointer to it, if it is one of those looked for
   */
  visit(key: string | number, depth: number): string | undefined {
    const step = this.#reached[depth - 1]?.next.get(String(key));
    this.#reached[depth] = step;
    return step?.pointer;
  }
}
