/** An object with so many names that its members share rows, and the path of the member that is being read. */
import { memberPath, type NotedPath, type PathStep, pathBehind } from "./path-shapes.js";

/** Where an object stands: its path, or what comes in it behind the path of the map's member that it lies in. */
export type Surroundings =
  | { readonly map: undefined; readonly path: NotedPath }
  | { readonly map: NameMap; readonly step: PathStep };

export class NameMap {
  /** Rows by what may match below a member: by the state of the automaton. */
  readonly rows = new Map<number, number>();
  /** Of the object, where the document is 1. */
  readonly depth: number;
  readonly #around: Surroundings;
  #path: NotedPath = { text: "", hash: 0 };
  /** Where the name of the member that was read last begins in the document; -1 if none was read. */
  #from = -1;

  constructor(depth: number, around: Surroundings) {
    this.depth = depth;
    this.#around = around;
  }

  /** The map in whose member this one lies. */
  get outer(): NameMap | undefined {
    return this.#around.map;
  }

  /** Path of the member that was read last. */
  get path(): NotedPath {
    return this.#path;
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
    const around = map === undefined ? this.#around.path : pathBehind(map.path, this.#around.step);
    this.#path = memberPath(around, b, from, to);
  }

  /** Another document begins. */
  forget(): void {
    this.#from = -1;
  }
}
