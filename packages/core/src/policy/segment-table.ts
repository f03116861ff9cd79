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

/** Values, each with the segments that it may be held under. */
export interface SegmentedValues {
  /** Hashes of segments, as {@link withUnit} makes them: first those of value 0, then those of value 1, and so on. */
  readonly hashes: readonly number[];
  /** By value, where its hashes end. A value that has none is not held. */
  readonly ends: Int32Array;
  /** By value, up to {@link MASK_BITS} bits. */
  readonly masks: Uint8Array;
}

export class SegmentTable {
  /** Open addressing. */
  readonly #slots: Int32Array;
  /** Lists one after the other: how many, then each. */
  readonly #lists: Int32Array;

  /** Each value is held under one of its segments only, the one that the fewest values have. */
  constructor(given: SegmentedValues) {
    const held = rarestSegments(given);
    const slots = slotsFor(new Set(held.hashes).size);
    for (const hash of held.hashes) count(slots, hash);
    let end = 1;
    for (let slot = 0; slot < slots.length; slot += SLOT) {
      const values = slots[slot + 1] as number;
      if (values === 0) continue;
      slots[slot + 1] = end;
      end += 1 + values;
    }
    const lists = new Int32Array(end);
    for (let index = 0; index < held.values.length; index++) {
      const value = held.values[index] as number;
      const list = slots[slotOf(slots, held.hashes[index] as number) + 1] as number;
      const values = (lists[list] as number) + 1;
      lists[list] = values;
      lists[list + values] = (value << MASK_BITS) | (given.masks[value] as number);
    }
    this.#slots = slots;
    this.#lists = lists;
  }

  /**
   * Adds the values of all segments of the path to the list that have one of the bits, in the order of the segments.
   *
   * @param path - starting with `/`
   */
  find(path: string, bits: number, values: number[]): void {
    const slots = this.#slots;
    const lists = this.#lists;
    let hash = EMPTY_HASH;
    for (let at = 1; at <= path.length; at++) {
      const code = at < path.length ? path.charCodeAt(at) : SLASH;
      if (code !== SLASH) {
        hash = withUnit(hash, code);
        continue;
      }
      const list = slots[slotOf(slots, hash) + 1] as number;
      hash = EMPTY_HASH;
      // Of a segment that is not held, the empty list at 0.
      const end = list + (lists[list] as number);
      for (let index = list + 1; index <= end; index++) {
        const entry = lists[index] as number;
        if ((entry & bits) !== 0) values.push(entry >>> MASK_BITS);
      }
    }
  }
}

/** Of no segment yet: {@link withUnit} adds its UTF-16 code units one by one. */
export const EMPTY_HASH = 0;

export function withUnit(hash: number, unit: number): number {
  return (Math.imul(hash, 31) + unit) | 0;
}

/** The values that have segments, in their order, each with the hash of its rarest one; of several the first. */
function rarestSegments({ hashes, ends }: SegmentedValues) {
  const counts = slotsFor(hashes.length);
  for (const hash of hashes) count(counts, hash);
  const held = { values: [] as number[], hashes: [] as number[] };
  let at = 0;
  for (let value = 0; value < ends.length; value++) {
    let fewest = Number.POSITIVE_INFINITY;
    let rarest = EMPTY_HASH;
    for (; at < (ends[value] as number); at++) {
      const hash = hashes[at] as number;
      const values = counts[slotOf(counts, hash) + 1] as number;
      if (values >= fewest) continue;
      fewest = values;
      rarest = hash;
    }
    if (fewest === Number.POSITIVE_INFINITY) continue;
    held.values.push(value);
    held.hashes.push(rarest);
  }
  return held;
}

/** Half of them stay free, so that a search ends soon. */
function slotsFor(hashes: number): Int32Array {
  let capacity = 4;
  while (capacity < hashes * 2) capacity *= 2;
  return new Int32Array(capacity * SLOT);
}

function count(slots: Int32Array, hash: number): void {
  const slot = slotOf(slots, hash);
  slots[slot] = hash;
  slots[slot + 1] = (slots[slot + 1] as number) + 1;
}

/** The slot of the hash, or the free one where it would be: what stands beside the hash is never 0. */
function slotOf(slots: Int32Array, hash: number): number {
  const mask = slots.length - 1;
  let slot = (Math.imul(hash ^ (hash >>> 15), 0x9e3779b1) >>> 7) * SLOT;
  for (slot &= mask; slots[slot + 1] !== 0 && slots[slot] !== hash; slot = (slot + SLOT) & mask);
  return slot;
}
