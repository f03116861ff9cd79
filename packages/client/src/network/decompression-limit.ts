/** How far the body of a response may grow as its content codings are taken off (docs/spec/transport.md, "Limits"). */

/** More is no use of it: a small body could become a huge one step by step. */
const MAX_CODINGS = 2;

/** A smaller body may decode to as many times what came in as it likes. */
const FREE_BYTES = 10 * 1024 * 1024;

/**
 * The codings of a body, lower-case, in the order in which they were put on.
 *
 * @param encoding - the `content-encoding` header
 * @throws Error for more of them than are taken off
 */
export function codingsOf(encoding: string | undefined): readonly string[] {
  if (encoding === undefined || encoding === "") return [];
  const codings = encoding.toLowerCase().split(",");
  if (codings.length > MAX_CODINGS)
    throw new Error(`the body has ${codings.length} content codings, at most ${MAX_CODINGS} are taken off`);
  return codings.map((coding) => coding.trim());
}

/** Of one body. */
export class DecompressionLimit {
  readonly #maxRatio: number;
  #wireBytes = 0;
  #decodedBytes = 0;

  /** @param maxRatio - decoded bytes to bytes that came in */
  constructor(maxRatio: number) {
    this.#maxRatio = maxRatio;
  }

  /** So many bytes came in. */
  addWire(bytes: number): void {
    this.#wireBytes += bytes;
  }

  /** So many came out. @returns what is wrong, once too many did */
  addDecoded(bytes: number): Error | undefined {
    this.#decodedBytes += bytes;
    if (this.#decodedBytes <= FREE_BYTES || this.#decodedBytes <= this.#maxRatio * this.#wireBytes)
      return undefined;
    return new Error(`the body decodes to more than ${this.#maxRatio} times what was sent`);
  }
}
