/** Bytes that grow at the end and are taken from the front, each moved a bounded number of times. */
export class ByteBuffer {
  #bytes = new Uint8Array(0);
  #from = 0;
  #to = 0;

  get length(): number {
    return this.#to - this.#from;
  }

  /** Appends a copy of a part of the bytes. */
  append(bytes: Uint8Array, from = 0, to = bytes.length): void {
    const length = to - from;
    this.#makeRoom(length);
    if (length > SHORT) {
      this.#bytes.set(length === bytes.length ? bytes : bytes.subarray(from, to), this.#to);
    } else {
      for (let index = 0; index < length; index++)
        this.#bytes[this.#to + index] = bytes[from + index] as number;
    }
    this.#to += length;
  }

  /** Makes room at the end. @returns the room, to be filled at once */
  extend(length: number): Uint8Array {
    this.#makeRoom(length);
    this.#to += length;
    return this.#bytes.subarray(this.#to - length, this.#to);
  }

  /** Drops all but the first bytes. */
  truncate(length: number): void {
    this.#to = this.#from + length;
  }

  /** Takes the first bytes out. @returns a copy */
  take(length: number): Uint8Array {
    if (length === 0) return NO_BYTES;
    const taken = this.#bytes.slice(this.#from, this.#from + length);
    this.#from += length;
    return taken;
  }

  /** What is in it, as a view that the next call may change. */
  view(): Uint8Array {
    return this.#bytes.subarray(this.#from, this.#to);
  }

  clear(): void {
    this.#from = 0;
    this.#to = 0;
  }

  #makeRoom(added: number): void {
    if (this.#to + added <= this.#bytes.length) return;
    const { length } = this;
    // Moving to the front is paid for by what was taken before.
    if (length + added <= this.#bytes.length && this.#from >= length) {
      this.#bytes.copyWithin(0, this.#from, this.#to);
    } else {
      const grown = new Uint8Array(Math.max(256, 2 * (length + added)));
      grown.set(this.view());
      this.#bytes = grown;
    }
    this.#from = 0;
    this.#to = length;
  }
}

const NO_BYTES = new Uint8Array(0);

/** So many bytes are copied faster one by one. */
const SHORT = 24;
