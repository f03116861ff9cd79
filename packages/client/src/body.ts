/** Bodies read no further than needed. */

import { isUint8Array } from "node:util/types";
import type { RequestBody } from "@sallyport/core";
import { type ByteSource, concat, streamOf } from "./byte-source.js";
import { fetchFailed } from "./failure.js";

/** As it is sent: bytes where they can be had, so that a redirect can send them again. */
export type SentBody = Uint8Array | ReadableStream<Uint8Array> | undefined;

/** A body that was looked at. */
export interface Inspected {
  /** All of it, and what rules saw is its beginning. */
  readonly body: SentBody;
  readonly seen: RequestBody;
}

/**
 * Reads a body for the rules.
 *
 * @param body - if it is a stream, the one of the result takes its place
 * @param limit - `settings.maxRequestInspectBytes`; a longer stream is not read on
 * @param signal - cancels the body with its reason
 */
export async function inspected(
  body: SentBody,
  limit: number,
  signal: AbortSignal | undefined,
): Promise<Inspected> {
  if (!(body instanceof ReadableStream)) return { body, seen: requestBodyOf(body) };
  const prefix = await readSentPrefix(body, limit, signal);
  if (prefix.rest === undefined) return { body: prefix.bytes, seen: requestBodyOf(prefix.bytes) };
  const reason = "the body is larger than `maxRequestInspectBytes`";
  return { body: joined(prefix), seen: { kind: "unevaluable", reason } };
}

/** A body as rules see it. */
export function requestBodyOf(body: SentBody): RequestBody {
  if (body === undefined) return { kind: "none" };
  if (!(body instanceof ReadableStream)) return { kind: "bytes", bytes: body };
  return { kind: "unevaluable", reason: "the body is a stream" };
}

export interface Prefix {
  readonly bytes: Uint8Array;
  /** What follows; `undefined` when `bytes` are the whole body. Whoever gets it reads or cancels it. */
  readonly rest: ReadableStream<Uint8Array> | undefined;
}

/**
 * Reads a body up to a limit.
 *
 * @param limit - reading stops with the first chunk that exceeds it; with 0, at the first byte
 * @param signal - cancels the body with its reason
 * @throws the signal's reason, as it is; TypeError for what is not bytes
 */
export async function readPrefix(
  stream: ReadableStream<Uint8Array>,
  limit: number,
  signal?: AbortSignal,
): Promise<Prefix> {
  if (signal?.aborted === true) throw signal.reason;
  const reader = stream.getReader();
  const onAbort = () => void reader.cancel(signal?.reason).catch(() => {});
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    return await prefixOf(reader, stream, limit, signal);
  } finally {
    signal?.removeEventListener("abort", onAbort);
  }
}

/**
 * The same of a body that is to be sent.
 *
 * @throws TypeError as `fetch` does where the body fails, with its error as the cause
 */
export async function readSentPrefix(
  stream: ReadableStream<Uint8Array>,
  limit: number,
  signal: AbortSignal | undefined,
): Promise<Prefix> {
  try {
    return await readPrefix(stream, limit, signal);
  } catch (cause) {
    throw signal?.aborted === true ? signal.reason : fetchFailed(cause);
  }
}

async function prefixOf(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  stream: ReadableStream<Uint8Array>,
  limit: number,
  signal: AbortSignal | undefined,
): Promise<Prefix> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  while (length <= limit) {
    const { done, value } = await reader.read();
    // What was cancelled ends as what is complete does.
    if (signal?.aborted === true) throw signal.reason;
    if (done) return { bytes: concat(chunks, length), rest: undefined };
    // A caller's stream may hold anything; the platform refuses it in the same words.
    if (!isUint8Array(value)) throw new TypeError("Received non-Uint8Array chunk");
    chunks.push(value);
    length += value.length;
  }
  reader.releaseLock();
  return { bytes: concat(chunks, length), rest: stream };
}

/** The same of a body that is no stream yet. At once, if it has come. */
export function readSourcePrefix(source: ByteSource | Uint8Array, limit: number): Prefix | Promise<Prefix> {
  if (source instanceof Uint8Array) return { bytes: source, rest: undefined };
  const whole = source.takeWhole?.(limit);
  return whole === undefined ? readChunks(source, limit) : { bytes: whole, rest: undefined };
}

async function readChunks(source: ByteSource, limit: number): Promise<Prefix> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  while (length <= limit) {
    const chunk = await source.read();
    if (chunk === undefined) return { bytes: concat(chunks, length), rest: undefined };
    chunks.push(chunk);
    length += chunk.length;
  }
  return { bytes: concat(chunks, length), rest: streamOf(source) };
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
