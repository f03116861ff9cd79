/**
 * A JSON document as queries see it: every node knows where it stands in the bytes, names may repeat, and numbers keep
 * their digits. `JSON.parse` forgets all three.
 *
 * Nodes are numbers in the order of the text, 0 the root, so that all below a node are the numbers that follow it. Three
 * integers a node are all that is stored; texts are read from the bytes when they are asked for.
 */
import { decodeUtf8 } from "../bytes.js";
import { exactNumber } from "./exact-number.js";

export type NodeKind = "object" | "array" | "string" | "number" | "boolean" | "null";

/** A number that JavaScript cannot hold without loss. */
export const INEXACT = Symbol("inexact number");

/** What a scalar holds. */
export type Scalar = string | number | boolean | null | typeof INEXACT;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;

/** Nodes that there is room for at first. */
const FIRST_NODES = 64;

/** So many have room in 96 MiB; a document has to be larger than 16 MiB to have more. */
export const MAX_NODES = 1 << 23;

export class JsonTree {
  /** Number of nodes. */
  size = 0;
  readonly #bytes: Uint8Array;
  #starts = new Int32Array(FIRST_NODES);
  /** Where a member's name begins, behind its quote; 0 for the root and for elements. */
  #names = new Int32Array(FIRST_NODES);
  /** The first node that is not below. */
  #ends = new Int32Array(FIRST_NODES);
  /** Objects that have been looked at for names that repeat. */
  readonly #repeats = new Map<number, boolean>();
  #hasUniqueNames = false;

  private constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /**
   * Reads a document.
   *
   * @param bytes - a JSON text that has been checked, since nothing is checked here; kept, not changed
   * @returns `undefined` when it has more than {@link MAX_NODES} nodes
   */
  static read(bytes: Uint8Array): JsonTree | undefined {
    const tree = new JsonTree(bytes);
    return tree.#read() ? tree : undefined;
  }

  kindOf(node: number): NodeKind {
    switch (this.#bytes[this.startOf(node)]) {
      case OPEN_BRACE:
        return "object";
      case OPEN_BRACKET:
        return "array";
      case QUOTE:
        return "string";
      case 0x74:
      case 0x66:
        return "boolean";
      case 0x6e:
        return "null";
      default:
        return "number";
    }
  }

  /** The place of a node's first byte. */
  startOf(node: number): number {
    return this.#starts[node] as number;
  }

  /** Bytes from a scalar's first to the next node, or to the end. */
  lengthOf(node: number): number {
    return (node + 1 < this.size ? this.startOf(node + 1) : this.#bytes.length) - this.startOf(node);
  }

  /** The first node that is not below: all from `node + 1` up to it are. */
  endOf(node: number): number {
    return this.#ends[node] as number;
  }

  /** Whether a node that stands in an object has the name. */
  isNamed(node: number, name: QueriedName): boolean {
    const from = this.#names[node] as number;
    const { utf8 } = name;
    for (let index = 0; ; index++) {
      const byte = this.#bytes[from + index];
      if (byte === QUOTE) return index === utf8.length;
      if (byte === BACKSLASH) return this.#isEscaped(from, name);
      if (byte !== utf8[index]) return false;
    }
  }

  /** Whether the name from a place on, which has an escape, is the one given. */
  #isEscaped(from: number, { text, utf8 }: QueriedName): boolean {
    // No character has a longer spelling than `\uXXXX`: a name that is longer than all of them is another.
    const end = this.#stringEnd(from, from + 6 * utf8.length);
    return this.#bytes[end] === QUOTE && this.#textBetween(from, end) === text;
  }

  /** @param node - one that stands in an object */
  nameOf(node: number): string {
    return this.#textFrom(this.#names[node] as number);
  }

  /** @param node - neither an object nor an array */
  scalarOf(node: number): Scalar {
    const start = this.startOf(node);
    switch (this.kindOf(node)) {
      case "string":
        return this.#textFrom(start + 1);
      case "boolean":
        return this.#bytes[start] === 0x74;
      case "null":
        return null;
      default:
        return exactNumber(this.#numberText(start)) ?? INEXACT;
    }
  }

  /** Whether two members of an object have the same name. */
  hasRepeatedName(object: number): boolean {
    if (this.#hasUniqueNames) return false;
    const known = this.#repeats.get(object) ?? this.#repeatsName(object);
    this.#repeats.set(object, known);
    return known;
  }

  /** Whether every object has each name once. */
  hasUniqueNames(): boolean {
    if (this.#hasUniqueNames) return true;
    for (let node = 0; node < this.size; node++) {
      if (this.kindOf(node) === "object" && this.#repeatsName(node)) return false;
    }
    this.#hasUniqueNames = true;
    return true;
  }

  #repeatsName(object: number): boolean {
    const seen = new Set<string>();
    let members = 0;
    for (let node = object + 1; node < this.endOf(object); node = this.endOf(node)) {
      seen.add(this.nameOf(node));
      members++;
    }
    return seen.size < members;
  }

  /** @returns whether there was room for all of it */
  #read(): boolean {
    const bytes = this.#bytes;
    const open: number[] = [];
    let name = 0;
    let isName = false;
    for (let at = bytes[0] === 0xef ? 3 : 0; at < bytes.length; ) {
      const byte = bytes[at] as number;
      if (byte <= 0x20 || byte === 0x3a) at++;
      else if (byte === 0x2c) {
        isName = bytes[this.startOf(open.at(-1) as number)] === OPEN_BRACE;
        at++;
      } else if (byte === 0x7d || byte === 0x5d) {
        this.#ends[open.pop() as number] = this.size;
        isName = false;
        at++;
      } else if (isName) {
        name = at + 1;
        isName = false;
        at = this.#stringEnd(at + 1) + 1;
      } else {
        if (this.size === MAX_NODES) return false;
        const node = this.#add(at, name);
        name = 0;
        if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
          open.push(node);
          isName = byte === OPEN_BRACE;
          at++;
        } else at = byte === QUOTE ? this.#stringEnd(at + 1) + 1 : this.#wordEnd(at);
      }
    }
    return true;
  }

  #add(start: number, name: number): number {
    const node = this.size++;
    if (node === this.#starts.length) {
      this.#starts = grown(this.#starts);
      this.#names = grown(this.#names);
      this.#ends = grown(this.#ends);
    }
    this.#starts[node] = start;
    this.#names[node] = name;
    this.#ends[node] = node + 1;
    return node;
  }

  /** The closing quote of a string whose first character stands at `from`; a place behind `limit` if it is not before. */
  #stringEnd(from: number, limit = this.#bytes.length): number {
    const bytes = this.#bytes;
    let at = from;
    while (at <= limit && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
    return at;
  }

  /** Where a number or a word ends. */
  #wordEnd(from: number): number {
    const bytes = this.#bytes;
    let at = from;
    for (; at < bytes.length; at++) {
      const byte = bytes[at] as number;
      if (byte <= 0x20 || byte === 0x2c || byte === 0x5d || byte === 0x7d) break;
    }
    return at;
  }

  #textFrom(from: number): string {
    return this.#textBetween(from, this.#stringEnd(from));
  }

  #textBetween(from: number, to: number): string {
    const text = decodeUtf8(this.#bytes.subarray(from, to)) ?? "";
    return text.includes("\\") ? (JSON.parse(`"${text}"`) as string) : text;
  }

  #numberText(start: number): string {
    return decodeUtf8(this.#bytes.subarray(start, this.#wordEnd(start))) ?? "";
  }
}

function grown(array: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(2 * array.length);
  larger.set(array);
  return larger;
}

/** A name as it is looked for. */
export interface QueriedName {
  readonly text: string;
  readonly utf8: Uint8Array;
}
