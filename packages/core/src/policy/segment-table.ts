/** Values by path segment, looked up for all segments of a path in one pass over it, without a string for each. */

interface Entry {
  readonly segment: string;
  readonly values: number[];
  /** Another segment with the same hash. */
  readonly next: Entry | undefined;
}

const SLASH = 0x2f;

export class SegmentTable {
  readonly #byHash = new Map<number, Entry>();

  /** @param segment - not empty, without slash */
  add(segment: string, value: number): void {
    const hash = hashOf(segment);
    const first = this.#byHash.get(hash);
    for (let entry = first; entry !== undefined; entry = entry.next) {
      if (entry.segment === segment) {
        entry.values.push(value);
        return;
      }
    }
    this.#byHash.set(hash, { segment, values: [value], next: first });
  }

  /**
   * Adds the values of all segments of the path to the list, in the order of the segments.
   *
   * @param path - starting with `/`
   */
  find(path: string, values: number[]): void {
    let hash = 0;
    let from = 1;
    for (let at = 1; at <= path.length; at++) {
      const code = at < path.length ? path.charCodeAt(at) : SLASH;
      if (code !== SLASH) {
        hash = (Math.imul(hash, 31) + code) | 0;
        continue;
      }
      for (let entry = this.#byHash.get(hash); entry !== undefined; entry = entry.next) {
        if (entry.segment.length !== at - from || !path.startsWith(entry.segment, from)) continue;
        for (const value of entry.values) values.push(value);
      }
      hash = 0;
      from = at + 1;
    }
  }
}

function hashOf(segment: string): number {
  let hash = 0;
  for (let at = 0; at < segment.length; at++) hash = (Math.imul(hash, 31) + segment.charCodeAt(at)) | 0;
  return hash;
}
