/** A stream of the caller's on its way through a `fetch`, which reads it but does not give it up while it waits for more. */
import { following } from "../following-signal.js";

/** Hands a stream on to whoever sends it. */
export class HandedBody {
  /** Reads on only as it is read. */
  readonly stream: ReadableStream<Uint8Array>;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = () => this.cancel(this.#signal?.reason);
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #isOver = false;

  /** @param signal - ends it with its reason */
  constructor(body: ReadableStream<Uint8Array>, signal: AbortSignal | undefined) {
    this.#reader = body.getReader();
    // A stream that the platform forgets to give up must not be kept by a signal that lives long.
    this.#signal = signal && following(signal);
    this.stream = new ReadableStream(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: (controller) => this.#pull(controller),
        cancel: (reason) => {
          this.#end();
          return this.#reader.cancel(reason);
        },
      },
      { highWaterMark: 0 },
    );
    this.#signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  /** Nothing of it is wanted any more. */
  cancel(reason: unknown): void {
    if (this.#isOver) return;
    this.#end();
    // It must not look as if it had come to its end.
    this.#controller?.error(reason);
    this.#reader.cancel(reason).catch(() => {});
  }

  async #pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    try {
      const { done, value } = await this.#reader.read();
      if (this.#isOver) return;
      if (!done) return controller.enqueue(value);
      this.#end();
      controller.close();
    } catch (error) {
      this.#end();
      throw error;
    }
  }

  #end(): void {
    this.#isOver = true;
    this.#signal?.removeEventListener("abort", this.#onAbort);
  }
}
