/** A list or an object whose members are gone through one by one, and which is copied only when one of them changes. */
import type { JsonValue } from "../record/canonical-json.js";
import { pointerToken } from "./json-pointer.js";

/** The members of a list or an object. */
export type JsonMembers = readonly JsonValue[] | { readonly [name: string]: JsonValue | undefined };

/** Where a value stands. */
export interface JsonPlace {
  /** JSON pointer; of the nearest container above whose pointer is short enough, where `isCut`. */
  readonly pointer: string;
  readonly isCut: boolean;
}

/** A mark beneath a longer pointer stands at the container above: else marks could outgrow what they describe. */
const MAX_POINTER_CHARACTERS = 256;

/** Never changes what it was made of. */
export class JsonContainer {
  /** Where it stands itself. */
  readonly place: JsonPlace;
  /** Of an object, as they came in. */
  readonly names: readonly string[] | undefined;
  readonly #source: JsonMembers;
  readonly #length: number;
  /** Of an object, as they go out. */
  #namesOut: readonly string[] | undefined;
  /** As the source, but for what was replaced; absent while nothing was. */
  #copy: MutableMembers | undefined;
  #index = -1;
  #key: string | number = -1;

  constructor(source: JsonMembers, place: JsonPlace) {
    this.place = place;
    this.names = Array.isArray(source) ? undefined : Object.keys(source);
    this.#source = source;
    this.#length = this.names?.length ?? Number(source.length);
    this.#namesOut = this.names;
  }

  /** Goes on to the next member; false when there is none. */
  advance(): boolean {
    this.#index++;
    this.#key = this.names?.[this.#index] ?? this.#index;
    return this.#index < this.#length;
  }

  /** The current member, as it came in. */
  get value(): JsonValue | undefined {
    return memberOf(this.#source, this.#key);
  }

  /** The name of the current member, or its index in a list. */
  get key(): string | number {
    return this.#key;
  }

  /** Where the member at this index stands, by its name as it goes out. */
  placeOf(index = this.#index): JsonPlace {
    if (this.place.isCut) return this.place;
    const pointer = `${this.place.pointer}/${pointerToken(this.#namesOut?.[index] ?? String(index))}`;
    return pointer.length > MAX_POINTER_CHARACTERS
      ? { pointer: this.place.pointer, isCut: true }
      : { pointer, isCut: false };
  }

  /** Gives the members of an object these names: as many as there are, no two alike. */
  rename(names: readonly string[]): void {
    this.#namesOut = names;
  }

  /** Gives the current member a value. */
  replace(value: JsonValue): void {
    if (value === this.value) return;
    // A spread defines members: `__proto__` becomes one like any other, and is then set like one.
    this.#copy ??= (Array.isArray(this.#source) ? [...this.#source] : { ...this.#source }) as MutableMembers;
    this.#copy[this.#key] = value;
  }

  /** What went in, the very same, while nothing was changed; else a copy. */
  result(): JsonValue {
    const members = this.#copy ?? this.#source;
    const { names } = this;
    const namesOut = this.#namesOut;
    if (names === undefined || namesOut === undefined || namesOut === names) return members as JsonValue;
    return Object.fromEntries(names.map((name, index) => [namesOut[index], memberOf(members, name)]));
  }
}

/** Of a list the keys are its indices. */
type MutableMembers = { [key: string | number]: JsonValue | undefined };

function memberOf(members: JsonMembers, key: string | number): JsonValue | undefined {
  return (members as MutableMembers)[key];
}
