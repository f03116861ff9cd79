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
    return this.get(name) ?? this.keep(name, make());
  }

  /** What was kept for the name, if it still is. */
  get(name: string): T | undefined {
    if (this.#last?.name === name) return this.#last.one;
    const recent = this.#recent.get(name);
    if (recent !== undefined) {
      this.#last = { name, one: recent };
      return recent;
    }
    const older = this.#older.get(name);
    return older === undefined ? undefined : this.keep(name, older);
  }

  /** @param name - is kept as well: nothing that must not be */
  keep(name: string, one: T): T {
    if (this.#recent.size >= this.#most) {
      this.#older = this.#recent;
      this.#recent = new Map();
    }
    this.#recent.set(name, one);
    this.#last = { name, one };
    return one;
  }
}
