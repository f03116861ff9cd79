/** Bytes that are read one chunk after the other, without the weight of a web stream. */

export interface ByteSource {
  /** The next chunk, never empty; `undefined` at the end. Rejects when the body breaks off. */
  read(): Promise<Uint8Array | undefined>;
  /**
   * The whole body at once, if all of it has come, nothing was read of it, and it is no longer than so many bytes; else
   * `undefined`, and nothing has happened.
   */
  takeWhole?(maxBytes: number): Uint8Array | undefined;
  /** Whoever reads has no more use for it. */
  cancel(reason: unknown): void;
}

/** A stream that reads on only as it is read. It hangs up when it is thrown away, as the streams of `fetch` do. */
export function streamOf(source: ByteSource): ReadableStream<Uint8Array> {
  const stream = new ReadableStream({
    type: "bytes",
    async pull(controller) {
      const chunk = await source.read();
      if (chunk !== undefined) {
        // A copy: the stream takes the whole buffer that it is given, and this one may be a part of another's.
        controller.enqueue(new Uint8Array(chunk));
        return;
      }
      controller.close();
      controller.byobRequest?.respond(0);
    },
    cancel: (reason) => source.cancel(reason),
  });
  cancelWhenForgotten(stream, source);
  return stream;
}

/** All that is left of a source. */
export async function readAll(source: ByteSource): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (let chunk = await source.read(); chunk !== undefined; chunk = await source.read()) {
    chunks.push(chunk);
    length += chunk.length;
  }
  return concat(chunks, length);
}

/** @param length - of all of them together */
export function concat(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const [first] = chunks;
  if (chunks.length === 1 && first !== undefined) return first;
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.length;
  }
  return whole;
}

const forgotten = new FinalizationRegistry<ByteSource>((source) => source.cancel(undefined));

/** Hangs up when nobody can read the source through its holder any more. Must not be known to what the source knows. */
export function cancelWhenForgotten(holder: object, source: ByteSource): void {
  forgotten.register(holder, source, holder);
}

/** Another one holds the source now. */
export function handOver(holder: object): void {
  forgotten.unregister(holder);
}
