/** An object with so many names that its members share rows, and the path of the member that is being read. */
import {
  hashBehindKey,
  hashBehindStep,
  keyText,
  type NotedPath,
  type PathStep,
  textBehind,
} from "./path-shapes.js";

/** Where an object stands: its path, or what comes in it behind the path of the map's member that it lies in. */
export type Surroundings =
  | { readonly map: undefined; readonly path: NotedPath }
  | { readonly map: NameMap; readonly step: PathStep };

/** It is the path itself, and steps are added without an object for each: a document may have many. */
export class NameMap implements NotedPath {
  /** Of the object, where the document is 1. */
  readonly depth: number;
  readonly #around: Surroundings;
  readonly #rows = new Map<number, number>();
  /** Of these, what was asked for last: most members are alike. */
  #state = 0;
  #row = 0;
  #text = "";
  #hash = 0;
  /** Where the name of the member that was read last begins in the document; -1 if none was read. */
  #from = -1;

  constructor(depth: number, around: Surroundings) {
    this.depth = depth;
    this.#around = around;
  }

  /** The row of members by what may match there and below: by the state of the automaton; 0 if there is none. */
  rowOf(state: number): number {
    if (state === this.#state) return this.#row;
    const row = this.#rows.get(state);
    if (row === undefined) return 0;
    this.#state = state;
    this.#row = row;
    return row;
  }

  addRow(state: number, row: number): void {
    this.#rows.set(state, row);
  }

  /** The map in whose member this one lies. */
  get outer(): NameMap | undefined {
    return this.#around.map;
  }

  /** Path text of the member that was read last. */
  get text(): string {
    return this.#text;
  }

  get hash(): number {
    return this.#hash;
  }

  /** Whether the path is that of the member whose name begins here: a name stands at one place only. */
  isAt(from: number): boolean {
    return this.#from === from;
  }

  /**
   * Makes the path of a member; {@link outer} has that of the one around it.
   *
   * @param from - where its name begins, behind the quote
   */
  read(b: Uint8Array, from: number, to: number): void {
    this.#from = from;
    const { map } = this.#around;
    let { text, hash } = map === undefined ? this.#around.path : map;
    if (map !== undefined) {
      const { step } = this.#around;
      text = textBehind(text, step.text);
      hash = hashBehindStep(hash, step, text);
    }
    this.#text = textBehind(text, `.${keyText(b, from, to)}`);
    this.#hash = hashBehindKey(hash, b, from, to, this.#text);
  }

  /** Another document begins. */
  forget(): void {
    this.#from = -1;
  }
}
