/** What goes out of one piece of input: ranges of it and replacements between them, in order. */

/** Ranges that there is room for at first. */
const FIRST_RANGES = 64;

export class OutputRanges {
  /** Bytes that go out. */
  length = 0;
  #bounds = new Int32Array(2 * FIRST_RANGES);
  #used = 0;
  readonly #swaps: Uint8Array[] = [];

  get isEmpty(): boolean {
    return this.#used === 0;
  }

  clear(): void {
    this.length = 0;
    this.#used = 0;
    if (this.#swaps.length > 0) this.#swaps.length = 0;
  }

  /** Adds a range of the piece, `to` exclusive and above `from`. */
  push(from: number, to: number): void {
    if (this.#used === this.#bounds.length) this.#grow();
    this.#bounds[this.#used] = from;
    this.#bounds[this.#used + 1] = to;
    this.#used += 2;
    this.length += to - from;
  }

  /** Adds bytes that stand for some of the piece. */
  pushSwap(bytes: Uint8Array): void {
    if (this.#used === this.#bounds.length) this.#grow();
    this.#bounds[this.#used] = -1;
    this.#bounds[this.#used + 1] = this.#swaps.push(bytes) - 1;
    this.#used += 2;
    this.length += bytes.length;
  }

  /** Drops all output but the first bytes. */
  truncate(length: number): void {
    while (this.length > length) {
      this.#used -= 2;
      const from = this.#bounds[this.#used] as number;
      const to = this.#bounds[this.#used + 1] as number;
      this.length -= from < 0 ? (this.#swaps[to] as Uint8Array).length : to - from;
      if (this.length < length) this.push(from, from + length - this.length);
    }
  }

  /** Writes all of it into an array, from a place on. */
  copyTo(out: Uint8Array, at: number, piece: Uint8Array): void {
    let place = at;
    for (let index = 0; index < this.#used; index += 2) {
      const from = this.#bounds[index] as number;
      const to = this.#bounds[index + 1] as number;
      // A view made so takes half the time of `subarray`.
      const part =
        from < 0
          ? (this.#swaps[to] as Uint8Array)
          : new Uint8Array(piece.buffer, piece.byteOffset + from, to - from);
      out.set(part, place);
      place += part.length;
    }
  }

  #grow(): void {
    const grown = new Int32Array(2 * this.#bounds.length);
    grown.set(this.#bounds);
    this.#bounds = grown;
  }
}
