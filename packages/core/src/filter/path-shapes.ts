/**
 * Path texts for receipts: indices as `[*]`, found by the bytes of the keys so that a path seen before costs no text.
 *
 * Remembered with the stage up to a bound, since keys are the upstream's choice.
 */
import { decodeUtf8 } from "../bytes.js";
import { PLAIN } from "./json-bytes.js";

/** A receipt is no place for what an upstream can make as long as it likes. */
export const MAX_PATH_TEXT = 256;

/** So many paths are remembered with a stage; further ones are made anew for each document. */
const MAX_REMEMBERED = 2000;

/** So many members are remembered below one object: with more it is a map, whose keys do not come again. */
const MAX_MEMBERS = 16;

/** A path as a receipt has it. */
export interface NotedPath {
  /** Of its text, see {@link pathHash}. */
  readonly hash: number;
  /** At most {@link MAX_PATH_TEXT} long. */
  readonly text: string;
}

/** What a path text has behind that of what is around it, and what it does to the hash. */
export interface PathStep {
  readonly text: string;
  readonly hash: number;
  readonly factor: number;
}

const HASH_FACTOR = 31;
const DOT = 0x2e;

export function pathStep(text: string): PathStep {
  let factor = 1;
  for (let index = 0; index < text.length; index++) factor = Math.imul(factor, HASH_FACTOR);
  return { text, hash: hashBehind(0, text), factor };
}

/** Equal for equal path texts, and seldom for others. */
export function pathHash(text: string): number {
  return hashBehind(1, text);
}

/** The hash of a longer text. */
function hashBehind(before: number, text: string): number {
  let hash = before;
  for (let index = 0; index < text.length; index++) {
    hash = (Math.imul(hash, HASH_FACTOR) + text.charCodeAt(index)) | 0;
  }
  return hash;
}

/** A path text with more behind it. */
export function textBehind(text: string, more: string): string {
  const longer = text + more;
  return longer.length > MAX_PATH_TEXT ? longer.slice(0, MAX_PATH_TEXT) : longer;
}

/** The hash of `text`, which is one with that hash and a step. */
export function hashBehindStep(before: number, { hash, factor }: PathStep, text: string): number {
  return text.length < MAX_PATH_TEXT ? (Math.imul(before, factor) + hash) | 0 : pathHash(text);
}

/** The hash of `text`, which is one with that hash and a member between whose quotes these bytes stand. */
export function hashBehindKey(
  before: number,
  bytes: Uint8Array,
  from: number,
  to: number,
  text: string,
): number {
  if (text.length >= MAX_PATH_TEXT) return pathHash(text);
  let hash = (Math.imul(before, HASH_FACTOR) + DOT) | 0;
  for (let at = from; at < to; at++) {
    const byte = bytes[at] as number;
    if (PLAIN[byte] !== 1) return hashBehind(hash, keyText(bytes, at, to));
    hash = (Math.imul(hash, HASH_FACTOR) + byte) | 0;
  }
  return hash;
}

export class PathShape implements NotedPath {
  readonly hash: number;
  readonly length: number;
  /** The document in which it was noted last, and the operations for which; see `Tally`. */
  notedIn = 0;
  notedFor: readonly number[] | undefined;
  readonly #parent: PathShape | undefined;
  readonly #step: string;
  #text: string | undefined;
  readonly #book: { remembered: number };
  readonly #isRemembered: boolean;
  #keys: Uint8Array[] | undefined;
  #members: PathShape[] | undefined;
  #element: PathShape | undefined;

  private constructor(
    parent: PathShape | undefined,
    step: string,
    book: { remembered: number },
    isRemembered: boolean,
  ) {
    this.#parent = parent;
    const room = MAX_PATH_TEXT - (parent?.length ?? 0);
    this.#step = step.length > room ? step.slice(0, room) : step;
    this.length = MAX_PATH_TEXT - room + this.#step.length;
    this.hash = parent === undefined ? pathHash(this.#step) : hashBehind(parent.hash, this.#step);
    this.#book = book;
    this.#isRemembered = isRemembered;
  }

  /** Path text, at most {@link MAX_PATH_TEXT}: made when first asked for. */
  get text(): string {
    this.#text ??= (this.#parent?.text ?? "") + this.#step;
    return this.#text;
  }

  static root(): PathShape {
    return new PathShape(undefined, "$", { remembered: 0 }, true);
  }

  /** The elements of an array, all of them. */
  element(): PathShape {
    if (this.#element !== undefined) return this.#element;
    if (this.#isFull) return this;
    const made = this.#make("[*]");
    if (this.#isRemembered) this.#element = made;
    return made;
  }

  /** A member, by the bytes of its key between the quotes. */
  member(bytes: Uint8Array, from: number, to: number): PathShape {
    if (this.#isFull) return this;
    const keys = this.#keys;
    if (keys !== undefined) {
      for (let index = 0; index < keys.length; index++) {
        if (isEqual(keys[index] as Uint8Array, bytes, from, to)) return this.#members?.[index] as PathShape;
      }
    }
    return this.#makeMember(bytes, from, to);
  }

  #makeMember(bytes: Uint8Array, from: number, to: number): PathShape {
    const made = this.#make(`.${keyText(bytes, from, to)}`);
    const keys = this.#keys ?? [];
    if (!made.#isRemembered || keys.length >= MAX_MEMBERS || to - from > MAX_PATH_TEXT) return made;
    this.#book.remembered++;
    this.#keys = keys;
    this.#members ??= [];
    keys.push(bytes.slice(from, to));
    this.#members.push(made);
    return made;
  }

  #make(step: string): PathShape {
    const isRemembered = this.#isRemembered && this.#book.remembered < MAX_REMEMBERED;
    return new PathShape(this, step, this.#book, isRemembered);
  }

  /** All below has the same text: it is this one, so that no chain of them is longer than a text. */
  get #isFull(): boolean {
    return this.length === MAX_PATH_TEXT;
  }
}

/** The text of a key, from the bytes between its quotes, which a scanner has found to be well-formed. */
export function keyText(bytes: Uint8Array, from = 0, to = bytes.length): string {
  if (to - from <= MAX_SHORT_KEY && isPlain(bytes, from, to)) return shortText(bytes, from, to);
  const text = decodeUtf8(bytes.subarray(from, to)) ?? "";
  return text.includes("\\") ? (JSON.parse(`"${text}"`) as string) : text;
}

/** Up to here a loop is faster than the platform's decoder. */
const MAX_SHORT_KEY = 40;

function isPlain(bytes: Uint8Array, from: number, to: number): boolean {
  let at = from;
  while (at < to && PLAIN[bytes[at] as number] === 1) at++;
  return at === to;
}

/** Eight at a time: a third of the time of one at a time. */
function shortText(bytes: Uint8Array, from: number, to: number): string {
  let text = "";
  let at = from;
  for (; at + 8 <= to; at += 8) {
    text += String.fromCharCode(
      bytes[at] as number,
      bytes[at + 1] as number,
      bytes[at + 2] as number,
      bytes[at + 3] as number,
      bytes[at + 4] as number,
      bytes[at + 5] as number,
      bytes[at + 6] as number,
      bytes[at + 7] as number,
    );
  }
  for (; at < to; at++) text += String.fromCharCode(bytes[at] as number);
  return text;
}

function isEqual(key: Uint8Array, bytes: Uint8Array, from: number, to: number): boolean {
  if (key.length !== to - from) return false;
  for (let index = 0; index < key.length; index++) if (key[index] !== bytes[from + index]) return false;
  return true;
}
