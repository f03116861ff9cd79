/** A body of which no more is passed on than its target may send: `limits.maxResponseBytes`. */
import { ResponseWithheldError } from "@sallyport/core";
import { headersOf } from "./response/light-response.js";

/** Why a body past its limit is withheld. */
export function tooLarge(maxBytes: number): string {
  return `the body is larger than \`limits.maxResponseBytes\` of its target, ${maxBytes} bytes`;
}

/**
 * A body that fails with {@link ResponseWithheldError} at its first byte beyond the limit, and hangs up then. Decoded bytes
 * count. Reads on only as it is read.
 */
export function limitedBody(
  upstream: ReadableStream<Uint8Array>,
  maxBytes: number,
): ReadableStream<Uint8Array> {
  const reader = upstream.getReader();
  let bytes = 0;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await reader.read();
        if (done) return controller.close();
        bytes += value.length;
        if (bytes <= maxBytes) return controller.enqueue(value);
        const error = new ResponseWithheldError(tooLarge(maxBytes), {
          help: "raise the limit, or ask the API for less at a time",
        });
        reader.cancel(error).catch(() => {});
        throw error;
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}

/** Whether the head of a response says already that its body is too large: coded bytes are no fewer when they are decoded. */
export function announcesMore(response: Response, maxBytes: number): boolean {
  const length = headersOf(response).get("content-length");
  return length !== undefined && /^\d+$/.test(length) && Number(length) > maxBytes;
}
