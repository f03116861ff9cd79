/** What was made for a name of late: bounded, since names come from policies. */
export class Recent<T> {
  readonly #most: number;
  #recent = new Map<string, T>();
  #older: ReadonlyMap<string, T> = new Map();
  /** What was asked for last: often it is at once asked for again. */
  #last: { readonly name: string; readonly one: T } | undefined;

  /** @param most - up to twice as many are remembered */
  constructor(most: number) {
    this.#most = most;
  }

  /** @param make - may throw, and is asked again then */
  of(name: string, make: () => T): T {
    if (this.#last?.name === name) return this.#last.one;
    const one = this.#of(name, make);
    this.#last = { name, one };
    return one;
  }

  #of(name: string, make: () => T): T {
    const known = this.#recent.get(name);
    if (known !== undefined) return known;
    const one = this.#older.get(name) ?? make();
    if (this.#recent.size >= this.#most) {
      this.#older = this.#recent;
      this.#recent = new Map();
    }
    this.#recent.set(name, one);
    return one;
  }
}
