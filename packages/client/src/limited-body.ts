/** A body of which no more is passed on than its target may send: `limits.maxResponseBytes`. */
import { ResponseWithheldError } from "@sallyport/core";
import { streamOf } from "./byte-source.js";
import { type ResponseHead, sourceOf } from "./response/light-response.js";

/** Why a body past its limit is withheld. */
export function tooLarge(maxBytes: number): string {
  return `the body is larger than \`limits.maxResponseBytes\` of its target, ${maxBytes} bytes`;
}

/**
 * A body that fails with {@link ResponseWithheldError} at its first byte beyond the limit, and hangs up then. Decoded bytes
 * count. Reads on only as it is read; hangs up when it is thrown away.
 */
export function limitedBody(
  upstream: ReadableStream<Uint8Array>,
  maxBytes: number,
): ReadableStream<Uint8Array> {
  const source = sourceOf(upstream);
  let bytes = 0;
  return streamOf({
    async read() {
      const chunk = await source.read();
      bytes += chunk?.length ?? 0;
      if (bytes <= maxBytes) return chunk;
      const error = new ResponseWithheldError(tooLarge(maxBytes), {
        help: "raise the limit, or ask the API for less at a time",
      });
      source.cancel(error);
      throw error;
    },
    cancel: (reason) => source.cancel(reason),
  });
}

/** Whether the head of a response says already that its body is too large: coded bytes are no fewer when they are decoded. */
export function announcesMore({ headers }: ResponseHead, maxBytes: number): boolean {
  const length = headers.get("content-length");
  return length !== undefined && /^\d+$/.test(length) && Number(length) > maxBytes;
}
