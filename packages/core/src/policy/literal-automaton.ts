/**
 * Which of many literals stand in a text, found in one pass over it (Aho and Corasick, 1975). The text is compared in
 * ASCII lower case.
 */
import { asciiLower } from "./required-text.js";

/** What stands for no node. */
const NONE = -1;

export class LiteralAutomaton {
  /** Children by node and character, in a table with open addressing. */
  #keys = new Float64Array(1024).fill(NONE);
  #children = new Int32Array(1024);
  #nodes = 1;
  /** The longest proper suffix that is a node too. */
  readonly #suffix: number[] = [0];
  /** The nearest suffix at which a literal ends, or NONE. */
  readonly #ending: number[] = [NONE];
  readonly #found: (number[] | undefined)[] = [undefined];
  readonly #parent: number[] = [0];
  readonly #character: number[] = [0];
  readonly #depth: number[] = [0];
  /** 1 for an ASCII character with which some literal begins: all others leave the root where it is. */
  readonly #begins = new Uint8Array(128);
  #isLinked = true;

  /** @param literal - in ASCII lower case, not empty */
  add(literal: string, value: number): void {
    let node = 0;
    const first = literal.charCodeAt(0);
    if (first < 128) this.#begins[first] = 1;
    for (let index = 0; index < literal.length; index++) {
      const character = literal.charCodeAt(index);
      const known = this.#child(node, character);
      node = known === NONE ? this.#grow(node, character) : known;
    }
    const values = this.#found[node] ?? [];
    this.#found[node] = values;
    values.push(value);
    this.#isLinked = false;
  }

  /** Adds the values of all literals that stand in the text to the list, some perhaps more than once. */
  find(text: string, values: number[]): void {
    if (!this.#isLinked) this.#link();
    let node = 0;
    for (let index = 0; index < text.length; index++) {
      const character = asciiLower(text.charCodeAt(index));
      if (node === 0 && character < 128 && this.#begins[character] === 0) continue;
      let child = this.#child(node, character);
      while (child === NONE && node !== 0) {
        node = this.#suffix[node] as number;
        child = this.#child(node, character);
      }
      node = child === NONE ? 0 : child;
      for (let end = node; end > 0; end = this.#ending[end] as number) {
        const found = this.#found[end];
        if (found !== undefined) for (const value of found) values.push(value);
      }
    }
  }

  #child(node: number, character: number): number {
    const key = node * 0x10000 + character;
    const mask = this.#keys.length - 1;
    for (let slot = hashOf(node, character) & mask; ; slot = (slot + 1) & mask) {
      const at = this.#keys[slot];
      if (at === key) return this.#children[slot] as number;
      if (at === NONE) return NONE;
    }
  }

  #grow(parent: number, character: number): number {
    if (this.#nodes * 2 > this.#keys.length) this.#rehash();
    const node = this.#nodes++;
    this.#suffix.push(0);
    this.#ending.push(NONE);
    this.#found.push(undefined);
    this.#parent.push(parent);
    this.#character.push(character);
    this.#depth.push((this.#depth[parent] as number) + 1);
    this.#insert(node);
    return node;
  }

  #insert(node: number): void {
    const parent = this.#parent[node] as number;
    const character = this.#character[node] as number;
    const mask = this.#keys.length - 1;
    let slot = hashOf(parent, character) & mask;
    while (this.#keys[slot] !== NONE) slot = (slot + 1) & mask;
    this.#keys[slot] = parent * 0x10000 + character;
    this.#children[slot] = node;
  }

  #rehash(): void {
    this.#keys = new Float64Array(this.#keys.length * 2).fill(NONE);
    this.#children = new Int32Array(this.#keys.length);
    for (let node = 1; node < this.#nodes; node++) this.#insert(node);
  }

  /** Finds the suffixes, shorter nodes first. */
  #link(): void {
    this.#isLinked = true;
    const order = Array.from({ length: this.#nodes - 1 }, (_, index) => index + 1);
    order.sort((a, b) => (this.#depth[a] as number) - (this.#depth[b] as number));
    for (const node of order) {
      const parent = this.#parent[node] as number;
      const suffix =
        parent === 0 ? 0 : this.#suffixOf(this.#suffix[parent] as number, this.#character[node] as number);
      this.#suffix[node] = suffix;
      this.#ending[node] = this.#found[suffix] === undefined ? (this.#ending[suffix] as number) : suffix;
    }
  }

  #suffixOf(from: number, character: number): number {
    for (let node = from; ; node = this.#suffix[node] as number) {
      const child = this.#child(node, character);
      if (child !== NONE) return child;
      if (node === 0) return 0;
    }
  }
}

function hashOf(node: number, character: number): number {
  const mixed = Math.imul(node, 0x9e3779b1) ^ Math.imul(character, 0x85ebca6b);
  return mixed ^ (mixed >>> 15);
}
