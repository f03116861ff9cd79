/** Headers as they travel within a call: names in lower case, in the order in which they came, repeats kept. */

/** What a name is made of (RFC 9110 section 5.6.2). */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** What a value is made of, white space around it gone. */
const VALUE = /^(?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?$/;

/** Whether the platform takes the name as it is. */
export function isHeaderName(name: string): boolean {
  return TOKEN.test(name);
}

/** Whether the platform takes the value, and as it is. */
export function isHeaderValue(value: string): boolean {
  return VALUE.test(value);
}

/** Knows nothing of what the platform's `Headers` would refuse: whoever fills it has looked at names and values. */
export class HeaderList implements Iterable<readonly [name: string, value: string]> {
  /** Names and values in turn. */
  readonly #flat: string[];
  #joined: ReadonlyMap<string, string> | undefined;

  /** @param flat - names and values in turn; becomes the list's own */
  constructor(flat: string[] = []) {
    this.#flat = flat;
  }

  /** The same headers, in a list of one's own. */
  static from(entries: Iterable<readonly [name: string, value: string]>): HeaderList {
    const flat: string[] = [];
    for (const [name, value] of entries) flat.push(name, value);
    return new HeaderList(flat);
  }

  /** Names and values in turn. Not to be changed. */
  get flat(): readonly string[] {
    return this.#flat;
  }

  has(name: string): boolean {
    return this.indexOf(name) !== -1;
  }

  /** Where the name stands in {@link flat}, from a place on; -1: nowhere. */
  indexOf(name: string, from = 0): number {
    const flat = this.#flat;
    for (let index = from; index < flat.length; index += 2) if (flat[index] === name) return index;
    return -1;
  }

  /** The values of that name, joined with `, `; `undefined` when there is none. */
  get(name: string): string | undefined {
    const first = this.indexOf(name);
    if (first === -1) return undefined;
    return this.indexOf(name, first + 2) === -1 ? this.#flat[first + 1] : this.joined().get(name);
  }

  append(name: string, value: string): void {
    this.#flat.push(name, value);
    this.#joined = undefined;
  }

  set(name: string, value: string): void {
    this.delete(name);
    this.append(name, value);
  }

  delete(name: string): void {
    if (this.has(name)) this.deleteAll((one) => one === name);
  }

  /** Deletes all whose name it holds for. */
  deleteAll(isUnwanted: (name: string) => boolean): void {
    const flat = this.#flat;
    let kept = 0;
    for (let index = 0; index < flat.length; index += 2) {
      const name = flat[index] as string;
      if (isUnwanted(name)) continue;
      flat[kept] = name;
      flat[kept + 1] = flat[index + 1] as string;
      kept += 2;
    }
    flat.length = kept;
    this.#joined = undefined;
  }

  copy(): HeaderList {
    return new HeaderList(this.#flat.slice());
  }

  /** By name, repeats joined with `, ` as they may be sent. */
  joined(): ReadonlyMap<string, string> {
    this.#joined ??= joinedOf(this.#flat);
    return this.#joined;
  }

  *[Symbol.iterator](): Generator<readonly [name: string, value: string]> {
    const flat = this.#flat;
    for (let index = 0; index < flat.length; index += 2) yield [flat[index] ?? "", flat[index + 1] ?? ""];
  }
}

function joinedOf(flat: readonly string[]): ReadonlyMap<string, string> {
  const joined = new Map<string, string>();
  for (let index = 0; index < flat.length; index += 2) {
    const name = flat[index] as string;
    const value = flat[index + 1] as string;
    const earlier = joined.get(name);
    joined.set(name, earlier === undefined ? value : `${earlier}, ${value}`);
  }
  return joined;
}
