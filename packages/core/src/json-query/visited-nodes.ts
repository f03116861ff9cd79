/** The nodes that each segment of a query has come to, so that it goes on from none of them twice. */

export class VisitedNodes {
  readonly #first: number;
  readonly #size: number;
  /** One bit a node, by segment. */
  readonly #nodes: (Uint8Array | undefined)[] = [];
  readonly #below: (Uint8Array | undefined)[] = [];

  /** For the nodes from `first` up to `end`. */
  constructor(first: number, end: number) {
    this.#first = first;
    this.#size = end - first;
  }

  /** Notes that a segment begins at the node. @returns whether that is new */
  add(segment: number, node: number): boolean {
    return this.#mark(this.#nodes, segment, node);
  }

  /** Notes that a descendant segment passes the node. @returns whether that is new */
  addBelow(segment: number, node: number): boolean {
    return this.#mark(this.#below, segment, node);
  }

  #mark(marks: (Uint8Array | undefined)[], segment: number, node: number): boolean {
    const bits = marks[segment] ?? new Uint8Array((this.#size + 7) >> 3);
    marks[segment] = bits;
    const place = node - this.#first;
    const byte = bits[place >> 3] as number;
    const bit = 1 << (place & 7);
    if ((byte & bit) !== 0) return false;
    bits[place >> 3] = byte | bit;
    return true;
  }
}
