/** Lines and columns of a text, for people who look at it in an editor. */

export interface TextPlace {
  /** From 1; a line ends with `\n`. */
  readonly line: number;
  /** From 1, in UTF-16 code units. */
  readonly column: number;
}

export class TextLines {
  /** Where each line begins. */
  readonly #starts = [0];

  constructor(text: string) {
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", end + 1))
      this.#starts.push(end + 1);
  }

  placeAt(offset: number): TextPlace {
    let [low, high] = [0, this.#starts.length];
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if ((this.#starts[middle] as number) <= offset) low = middle;
      else high = middle;
    }
    return { line: low + 1, column: offset - (this.#starts[low] as number) + 1 };
  }
}
