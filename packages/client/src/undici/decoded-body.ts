/** The body of a response without its content codings, as `fetch` gives it (Fetch standard, "handle content codings"). */
import { pipeline, Readable, Transform, type TransformCallback } from "node:stream";
import * as zlib from "node:zlib";
import type { ByteSource } from "../byte-source.js";
import { codingsOf, DecompressionLimit } from "../network/decompression-limit.js";

/**
 * @param encoding - the `content-encoding` header
 * @returns `undefined` when nothing has to be decoded: there is no coding, or one that nobody here knows
 * @throws Error for more codings than are taken off
 */
export function decodersFor(encoding: string | undefined): readonly (() => Transform)[] | undefined {
  const codings = codingsOf(encoding);
  if (codings.length === 0) return undefined;
  const decoders: (() => Transform)[] = [];
  // The last one was put on last.
  for (const coding of codings.toReversed()) {
    const decoder = DECODERS.get(coding);
    if (decoder === undefined) return undefined;
    decoders.push(decoder);
  }
  return decoders;
}

const { Z_SYNC_FLUSH, BROTLI_OPERATION_FLUSH } = zlib.constants;

/** Lenient at the end, as browsers are: what a broken-off stream gave until then is passed on. */
const FLUSH = { flush: Z_SYNC_FLUSH, finishFlush: Z_SYNC_FLUSH };

const DECODERS = new Map<string, () => Transform>([
  ["gzip", () => zlib.createGunzip(FLUSH)],
  ["x-gzip", () => zlib.createGunzip(FLUSH)],
  ["deflate", () => new EitherInflate()],
  [
    "br",
    () => zlib.createBrotliDecompress({ flush: BROTLI_OPERATION_FLUSH, finishFlush: BROTLI_OPERATION_FLUSH }),
  ],
  ...zstd(),
]);

/** Where this Node has it. */
function zstd(): [string, () => Transform][] {
  const { createZstdDecompress } = zlib as { createZstdDecompress?: () => Transform };
  return createZstdDecompress === undefined ? [] : [["zstd", () => createZstdDecompress()]];
}

/** `deflate` means the zlib format, and some servers send the bare one: the first byte tells. */
class EitherInflate extends Transform {
  #inflate: zlib.Inflate | zlib.InflateRaw | undefined;

  override _transform(chunk: Buffer, encoding: BufferEncoding, callback: TransformCallback): void {
    this.#inflate ??= this.#begin(chunk);
    this.#inflate.write(chunk, encoding, callback);
  }

  #begin(chunk: Buffer): zlib.Inflate | zlib.InflateRaw {
    const isZlib = ((chunk[0] ?? 0) & 0x0f) === 8;
    const inflate = isZlib ? zlib.createInflate(FLUSH) : zlib.createInflateRaw(FLUSH);
    inflate.on("data", (bytes) => {
      if (!this.push(bytes)) inflate.pause();
    });
    inflate.on("error", (error) => this.destroy(error));
    return inflate;
  }

  override _read(size: number): void {
    this.#inflate?.resume();
    super._read(size);
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.#inflate?.destroy();
    callback(error);
  }

  override _final(callback: TransformCallback): void {
    if (this.#inflate === undefined) callback();
    else {
      this.#inflate.once("end", callback);
      this.#inflate.end();
    }
  }
}

/** What a source gives, decoded. Reads no further ahead than the decoders' buffers. */
export class DecodedBody implements ByteSource {
  readonly #source: ByteSource;
  readonly #last: Readable;
  readonly #decoded: AsyncIterator<Buffer>;
  readonly #limit: DecompressionLimit;
  #failure: { readonly error: unknown } | undefined;

  /** @param maxRatio - decoded bytes to bytes that came in */
  constructor(source: ByteSource, decoders: readonly (() => Transform)[], maxRatio: number) {
    this.#source = source;
    this.#limit = new DecompressionLimit(maxRatio);
    const first = Readable.from(this.#encoded(), { objectMode: false });
    // Its errors come out of the last one.
    this.#last = decoders.reduce<Readable>((stream, make) => {
      const decoder = make();
      pipeline(stream, decoder, () => {});
      return decoder;
    }, first);
    this.#decoded = this.#last[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  }

  async *#encoded(): AsyncGenerator<Uint8Array> {
    for (let chunk = await this.#next(); chunk !== undefined; chunk = await this.#next()) {
      this.#limit.addWire(chunk.length);
      yield chunk;
    }
  }

  /** What the source fails with may be anything, and would not come through the decoders as it is. */
  async #next(): Promise<Uint8Array | undefined> {
    try {
      return await this.#source.read();
    } catch (error) {
      this.#failure = { error };
      throw new Error("the source failed");
    }
  }

  async read(): Promise<Uint8Array | undefined> {
    const value = await this.#decodedNext();
    if (value === undefined) return undefined;
    const error = this.#limit.addDecoded(value.length);
    if (error !== undefined) {
      this.cancel(error);
      throw new TypeError("terminated", { cause: error });
    }
    return value;
  }

  async #decodedNext(): Promise<Uint8Array | undefined> {
    try {
      const { done, value } = await this.#decoded.next();
      return done === true ? undefined : value;
    } catch (cause) {
      if (this.#failure !== undefined) throw this.#failure.error;
      this.cancel(cause);
      throw new TypeError("terminated", { cause });
    }
  }

  cancel(reason: unknown): void {
    this.#source.cancel(reason);
    this.#last.destroy();
  }
}
