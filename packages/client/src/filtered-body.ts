/** A body that is filtered as it is read: nothing is read ahead, and nothing goes on unfiltered. */
import { type JsonFilter, type RecordedReceipt, ResponseWithheldError } from "@sallyport/core";

export interface FilteredBodyOptions {
  /** Cancelled when its reader has no more use for it. */
  readonly upstream: ReadableStream<Uint8Array>;
  readonly filter: JsonFilter;
  /** What the filter gave out for bytes that were read before. */
  readonly begun: Uint8Array;
  /** Ends the body with its reason. */
  readonly signal: AbortSignal | undefined;
  /** Told once; unless the reader itself ended the body, it learns of the end only after this. Must not throw. */
  readonly onEnd: (end: BodyEnd) => Promise<void>;
}

/** How a body ended, and what was done to it until then. */
export type BodyEnd = BodyEnding & {
  readonly receipts: readonly RecordedReceipt[];
  readonly bodyBytes: number;
};

type BodyEnding =
  | { readonly kind: "complete" }
  /** By its reader, or because nobody could read it any more. */
  | { readonly kind: "cancelled" }
  /** The upstream broke off, the signal fired, or the filter withheld the rest. */
  | { readonly kind: "failed"; readonly error: unknown };

export function filteredBody(options: FilteredBodyOptions): ReadableStream<Uint8Array> {
  const course = new Course(options);
  const stream = new ReadableStream({
    type: "bytes",
    start: (controller) => course.heed(options.signal, controller),
    pull: (controller) => course.pull(controller),
    cancel: (reason) => course.cancel(reason),
  });
  forgotten.register(stream, course);
  return stream;
}

type Controller = ReadableByteStreamController;

/** `fetch` hangs up on a body that was thrown away unread, and so does this. */
const forgotten = new FinalizationRegistry<Course>((course) => void course.cancel(undefined).catch(() => {}));

/** Knows neither its stream nor the stream's controller: they would never be thrown away. */
class Course {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #filter: JsonFilter;
  readonly #onEnd: FilteredBodyOptions["onEnd"];
  #begun: Uint8Array;
  #bodyBytes = 0;
  #isOver = false;
  #stopHeeding = () => {};

  constructor({ upstream, filter, begun, onEnd }: FilteredBodyOptions) {
    this.#reader = upstream.getReader();
    this.#filter = filter;
    this.#begun = begun;
    this.#onEnd = onEnd;
  }

  heed(signal: AbortSignal | undefined, controller: Controller): void {
    if (signal === undefined) return;
    // A signal may outlive a body that was thrown away, and must not keep it.
    const listener = new WeakRef(controller);
    const onAbort = () => {
      if (this.#isOver) return;
      listener.deref()?.error(signal.reason);
      void this.#end({ kind: "failed", error: signal.reason });
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
    this.#stopHeeding = () => signal.removeEventListener("abort", onAbort);
  }

  /** Reads on until something can go out. */
  async pull(controller: Controller): Promise<void> {
    let hasSent = this.#send(controller, this.#begun);
    this.#begun = NO_BYTES;
    while (!hasSent && !this.#isOver) {
      try {
        const { done, value } = await this.#reader.read();
        if (this.#isOver) return;
        const result = done ? this.#filter.end() : this.#filter.write(value);
        hasSent = this.#send(controller, result.bytes ?? NO_BYTES);
        if (!result.ok) throw new ResponseWithheldError(result.reason);
        if (!done) continue;
      } catch (error) {
        if (this.#isOver) return;
        await this.#end({ kind: "failed", error });
        controller.error(error);
        return;
      }
      await this.#end({ kind: "complete" });
      controller.close();
      controller.byobRequest?.respond(0);
    }
  }

  async cancel(reason: unknown): Promise<void> {
    if (this.#isOver) return;
    const recorded = this.#end({ kind: "cancelled" });
    await Promise.all([this.#reader.cancel(reason), recorded]);
  }

  #send(controller: Controller, bytes: Uint8Array): boolean {
    if (bytes.length === 0) return false;
    this.#bodyBytes += bytes.length;
    // A copy: the stream takes the whole buffer that it is given, and this one may be a part of another's.
    controller.enqueue(new Uint8Array(bytes));
    return true;
  }

  async #end(ending: BodyEnding): Promise<void> {
    this.#isOver = true;
    this.#stopHeeding();
    if (ending.kind === "failed") this.#reader.cancel(ending.error).catch(() => {});
    await this.#onEnd({ ...ending, receipts: this.#filter.receipts(), bodyBytes: this.#bodyBytes });
  }
}

const NO_BYTES = new Uint8Array(0);
