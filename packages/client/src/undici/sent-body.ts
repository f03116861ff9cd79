/** The body of a request that is a stream of the caller's, as undici's dispatcher takes it. */
import { Readable } from "node:stream";
import { isUint8Array } from "node:util/types";

export class SentStream {
  /** Reads on only as it is read. */
  readonly readable: Readable;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;

  constructor(body: ReadableStream<Uint8Array>) {
    const reader = body.getReader();
    this.#reader = reader;
    this.readable = new Readable({
      read() {
        reader.read().then(
          ({ done, value }) => {
            if (done) this.push(null);
            else if (isUint8Array(value)) this.push(value);
            // The platform refuses anything but bytes in these words.
            else this.destroy(new TypeError("Received non-Uint8Array chunk"));
          },
          (error) => this.destroy(error),
        );
      },
      // Also where the caller's stream has nothing to give just now: a read that waits ends with it.
      destroy(error, callback) {
        reader.cancel(error).catch(() => {});
        callback(error);
      },
    });
    // The dispatcher does not listen any more once its request is over.
    this.readable.on("error", () => {});
  }

  /** Nothing of it is wanted any more. */
  cancel(reason: unknown): void {
    this.#reader.cancel(reason).catch(() => {});
    this.readable.destroy();
  }
}
