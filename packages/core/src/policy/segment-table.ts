/**
 * Values by path segment, looked up for all segments of a path in one pass over it, without a string for each.
 *
 * Held in two flat arrays, so that a lookup touches little memory. A segment is known by its hash alone: another one
 * with the same hash finds its values too.
 */

/** Bits of a value that say for what it is wanted; the value itself stands above them. */
export const MASK_BITS = 8;

const SLASH = 0x2f;

/** Of a hash and where its list begins; 0 for none. */
const SLOT = 2;

export class SegmentTable {
  /** Open addressing. */
  readonly #slots: Int32Array;
  /** Lists one after the other: how many, then each. */
  readonly #lists: Int32Array;

  /**
   * @param valuesBySegment - the segments not empty and without slash, the values from 0 on
   * @param masks - by value, each of up to {@link MASK_BITS} bits
   */
  constructor(valuesBySegment: ReadonlyMap<string, readonly number[]>, masks: Uint8Array) {
    const byHash = new Map<number, number[]>();
    let total = 0;
    for (const [segment, values] of valuesBySegment) {
      const hash = hashOf(segment);
      const others = byHash.get(hash);
      if (others === undefined) byHash.set(hash, [...values]);
      else others.push(...values);
      total += values.length;
    }
    let capacity = 4;
    while (capacity < byHash.size * 2) capacity *= 2;
    this.#slots = new Int32Array(capacity * SLOT);
    this.#lists = new Int32Array(1 + byHash.size + total);
    let end = 1;
    for (const [hash, values] of byHash) {
      this.#slots.set([hash, end], this.#slotOf(hash));
      this.#lists[end++] = values.length;
      for (const value of values) this.#lists[end++] = (value << MASK_BITS) | (masks[value] as number);
    }
  }

  /**
   * Adds the values of all segments of the path to the list that have one of the bits, in the order of the segments.
   *
   * @param path - starting with `/`
   */
  find(path: string, bits: number, values: number[]): void {
    const lists = this.#lists;
    let hash = 0;
    for (let at = 1; at <= path.length; at++) {
      const code = at < path.length ? path.charCodeAt(at) : SLASH;
      if (code !== SLASH) {
        hash = (Math.imul(hash, 31) + code) | 0;
        continue;
      }
      const list = this.#slots[this.#slotOf(hash) + 1] as number;
      hash = 0;
      // Of a segment that is not held, the empty list at 0.
      const end = list + (lists[list] as number);
      for (let index = list + 1; index <= end; index++) {
        const entry = lists[index] as number;
        if ((entry & bits) !== 0) values.push(entry >>> MASK_BITS);
      }
    }
  }

  /** The slot of the hash, or the empty one where it would be. */
  #slotOf(hash: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = (Math.imul(hash ^ (hash >>> 15), 0x9e3779b1) >>> 7) * SLOT;
    for (slot &= mask; slots[slot + 1] !== 0 && slots[slot] !== hash; slot = (slot + SLOT) & mask);
    return slot;
  }
}

function hashOf(segment: string): number {
  let hash = 0;
  for (let at = 0; at < segment.length; at++) hash = (Math.imul(hash, 31) + segment.charCodeAt(at)) | 0;
  return hash;
}
