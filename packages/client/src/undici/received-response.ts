/** The `Response` of an answer that came over a dispatcher: an instance of the platform's class. */
import type { ByteSource } from "./received-body.js";

export interface Answer {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
  /** Absent where a response has none. */
  readonly body: ByteSource | undefined;
}

export function responseFrom({ status, statusText, headers, body }: Answer): Response {
  return new Response(body === undefined ? null : streamOf(body), { status, statusText, headers });
}

/** Reads on only as it is read. */
function streamOf(body: ByteSource): ReadableStream<Uint8Array> {
  const stream = new ReadableStream({
    type: "bytes",
    async pull(controller) {
      const chunk = await body.read();
      if (chunk !== undefined) {
        controller.enqueue(new Uint8Array(chunk));
        return;
      }
      controller.close();
      controller.byobRequest?.respond(0);
    },
    cancel: (reason) => body.cancel(reason),
  });
  forgotten.register(stream, body);
  return stream;
}

/** As `fetch` does: a body that was thrown away unread is hung up on. */
const forgotten = new FinalizationRegistry<ByteSource>((body) => body.cancel(undefined));
