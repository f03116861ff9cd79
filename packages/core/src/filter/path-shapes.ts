/**
 * Path texts for receipts: indices as `[*]`, found by the bytes of the keys so that a path seen before costs no text.
 *
 * Remembered with the stage up to a bound, since keys are the upstream's choice.
 */
import { decodeUtf8 } from "../bytes.js";
import { PLAIN } from "./json-bytes.js";

/** A receipt is no place for what an upstream can make as long as it likes. */
export const MAX_SHAPE_CHARACTERS = 256;

/** So many paths are remembered with a stage; further ones are made anew for each document. */
const MAX_REMEMBERED = 2000;

/** So many members are remembered below one object: with more it is a map, whose keys do not come again. */
const MAX_MEMBERS = 16;

export class PathShape {
  /** Path text, at most {@link MAX_SHAPE_CHARACTERS}. */
  readonly text: string;
  /** The document in which it was noted last, and the operations for which; see `Tally`. */
  notedIn = 0;
  notedFor: readonly number[] | undefined;
  readonly #book: { remembered: number };
  readonly #isRemembered: boolean;
  #keys: Uint8Array[] | undefined;
  #members: PathShape[] | undefined;
  #element: PathShape | undefined;

  private constructor(text: string, book: { remembered: number }, isRemembered: boolean) {
    this.text = text;
    this.#book = book;
    this.#isRemembered = isRemembered;
  }

  static root(): PathShape {
    return new PathShape("$", { remembered: 0 }, true);
  }

  /** The elements of an array, all of them. */
  element(): PathShape {
    if (this.#element !== undefined) return this.#element;
    const made = this.#make("[*]", "");
    if (this.#isRemembered) this.#element = made;
    return made;
  }

  /** A member, by the bytes of its key between the quotes. */
  member(bytes: Uint8Array, from: number, to: number): PathShape {
    const keys = this.#keys;
    if (keys !== undefined) {
      for (let index = 0; index < keys.length; index++) {
        if (isEqual(keys[index] as Uint8Array, bytes, from, to)) return this.#members?.[index] as PathShape;
      }
    }
    return this.#makeMember(bytes, from, to);
  }

  #makeMember(bytes: Uint8Array, from: number, to: number): PathShape {
    const made = this.#make(".", keyText(bytes, from, to));
    const keys = this.#keys ?? [];
    if (!made.#isRemembered || keys.length >= MAX_MEMBERS || to - from > MAX_SHAPE_CHARACTERS) return made;
    this.#book.remembered++;
    this.#keys = keys;
    this.#members ??= [];
    keys.push(bytes.slice(from, to));
    this.#members.push(made);
    return made;
  }

  #make(separator: string, key: string): PathShape {
    const room = MAX_SHAPE_CHARACTERS - this.text.length - separator.length;
    const text = room <= 0 ? this.text : this.text + separator + key.slice(0, room);
    return new PathShape(text, this.#book, this.#isRemembered && this.#book.remembered < MAX_REMEMBERED);
  }
}

/** The text of a key, from the bytes between its quotes, which a scanner has found to be well-formed. */
export function keyText(bytes: Uint8Array, from = 0, to = bytes.length): string {
  let text = "";
  if (to - from <= MAX_SHORT_KEY) {
    let at = from;
    while (at < to && PLAIN[bytes[at] as number] === 1) text += String.fromCharCode(bytes[at++] as number);
    if (at === to) return text;
  }
  text = decodeUtf8(bytes.subarray(from, to)) ?? "";
  return text.includes("\\") ? (JSON.parse(`"${text}"`) as string) : text;
}

/** Up to here a loop is faster than the platform's decoder. */
const MAX_SHORT_KEY = 40;

function isEqual(key: Uint8Array, bytes: Uint8Array, from: number, to: number): boolean {
  if (key.length !== to - from) return false;
  for (let index = 0; index < key.length; index++) if (key[index] !== bytes[from + index]) return false;
  return true;
}
