/** The paths of what is open in a document, for receipts: made of names when they are asked for. */
import type { PathShape } from "./path-shapes.js";

/** Containers that there is room for at first. */
const FIRST_DEPTHS = 32;

/** Stands for the name of an element. */
const NO_NAME = new Uint8Array(0);

export class OpenPaths {
  readonly #root: PathShape;
  /** By depth: a name that was kept, {@link NO_NAME}, or `undefined` where it lies in the piece. */
  readonly #names: (Uint8Array | undefined)[] = [];
  #from = new Int32Array(FIRST_DEPTHS);
  #to = new Int32Array(FIRST_DEPTHS);
  readonly #shapes: (PathShape | undefined)[] = [];

  constructor(root: PathShape) {
    this.#root = root;
  }

  /** Begins another document. */
  reset(): void {
    // Names would keep their documents alive.
    this.#names.length = 0;
    this.#shapes.length = 0;
  }

  /** A container opens that is an element, or the root. */
  openElement(depth: number): void {
    this.#shapes[depth] = undefined;
    this.#names[depth] = NO_NAME;
  }

  /**
   * A container opens that is a member.
   *
   * @param kept - its name, if that came in an earlier piece; else it lies in this one
   */
  openMember(depth: number, kept: Uint8Array | undefined, from: number, to: number): void {
    if (depth >= this.#from.length) this.#makeRoom();
    this.#shapes[depth] = undefined;
    this.#names[depth] = kept;
    this.#from[depth] = from;
    this.#to[depth] = to;
  }

  /** The path of the container that is open at a depth from 1. */
  shapeOf(depth: number, piece: Uint8Array): PathShape {
    let known = depth;
    while (known > 1 && this.#shapes[known] === undefined) known--;
    let shape = known <= 1 ? this.#root : (this.#shapes[known] as PathShape);
    for (let below = known + 1; below <= depth; below++) {
      const name = this.#names[below];
      if (name === NO_NAME) shape = shape.element();
      else if (name !== undefined) shape = shape.member(name, 0, name.length);
      else shape = shape.member(piece, this.#from[below] as number, this.#to[below] as number);
      this.#shapes[below] = shape;
    }
    return shape;
  }

  /** Copies names that lie in the piece, before it goes. */
  keepNames(depth: number, piece: Uint8Array): void {
    for (let at = depth; at > 1; at--) {
      const name = this.#names[at];
      if (name === NO_NAME) continue;
      // Those around it were copied when this one was.
      if (name !== undefined) return;
      this.#names[at] = piece.slice(this.#from[at], this.#to[at]);
    }
  }

  #makeRoom(): void {
    const size = 2 * this.#from.length;
    const [from, to] = [new Int32Array(size), new Int32Array(size)];
    from.set(this.#from);
    to.set(this.#to);
    this.#from = from;
    this.#to = to;
  }
}
