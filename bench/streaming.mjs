// The filter for documents that come in pieces.
import * as core from "@sallyport/core";
import { LIMITS } from "./filtering.mjs";

/**
 * Runs the chunks of one document through a new streaming filter.
 *
 * @param {Iterable<Uint8Array> | AsyncIterable<Uint8Array>} chunks
 * @param {readonly core.Stage[]} stages
 * @param {(bytes: Uint8Array) => void} onBytes
 */
export async function stream(chunks, stages, onBytes) {
  const { write, end } = streamFilter(stages);
  for await (const chunk of chunks) onBytes(write(chunk));
  onBytes(end());
}

/**
 * A streaming filter for documents that must not be withheld.
 *
 * @param {readonly core.Stage[]} stages
 * @returns {{ write: (chunk: Uint8Array) => Uint8Array, end: () => Uint8Array }}
 */
export function streamFilter(stages) {
  if (core.createJsonFilter === undefined)
    throw new Error("`createJsonFilter` is not exported: this version of the core has no streaming filter");
  const filter = core.createJsonFilter(stages, LIMITS);
  return {
    write: (chunk) => bytesOf(filter.write(chunk)),
    end: () => bytesOf(filter.end()),
  };
}

function bytesOf(result) {
  if (!result.ok) throw new Error(result.reason);
  return result.bytes;
}

/** The document in pieces of so many bytes. */
export function* inChunks(document, bytes) {
  for (let from = 0; from < document.length; from += bytes) yield document.subarray(from, from + bytes);
}
