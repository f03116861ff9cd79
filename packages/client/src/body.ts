/** Bodies read no further than needed. */

export interface Prefix {
  readonly bytes: Uint8Array;
  /** What follows; `undefined` when `bytes` are the whole body. Whoever gets it reads or cancels it. */
  readonly rest: ReadableStream<Uint8Array> | undefined;
}

/**
 * Reads a body up to a limit.
 *
 * @param limit - reading stops with the first chunk that exceeds it; with 0, at the first byte
 */
export async function readPrefix(stream: ReadableStream<Uint8Array>, limit: number): Promise<Prefix> {
  const reader = stream.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  while (length <= limit) {
    const { done, value } = await reader.read();
    if (done) return { bytes: concat(chunks, length), rest: undefined };
    chunks.push(value);
    length += value.length;
  }
  reader.releaseLock();
  return { bytes: concat(chunks, length), rest: stream };
}

/** The body that a prefix was taken from. Reads on only as it is read. */
export function joined({ bytes, rest }: Prefix): ReadableStream<Uint8Array> | Uint8Array {
  if (rest === undefined) return bytes;
  const reader = rest.getReader();
  return new ReadableStream<Uint8Array>({
    start(controller) {
      if (bytes.length > 0) controller.enqueue(bytes);
    },
    async pull(controller) {
      const { done, value } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

function concat(chunks: readonly Uint8Array[], length: number): Uint8Array {
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
