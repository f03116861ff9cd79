import type { SentBody } from "./body.js";

/** The body of a call: taken from the caller once, when it is first needed, and from then on what was made of it. */
export class CallBody {
  readonly #takeFromCaller: () => SentBody | Promise<SentBody>;
  #taken: { readonly body: SentBody } | undefined;

  constructor(takeFromCaller: () => SentBody | Promise<SentBody>) {
    this.#takeFromCaller = takeFromCaller;
  }

  /** At once, if it is at hand. */
  take(): SentBody | Promise<SentBody> {
    if (this.#taken !== undefined) return this.#taken.body;
    const body = this.#takeFromCaller();
    if (body instanceof Promise) return body.then((one) => this.#keep(one));
    return this.#keep(body);
  }

  #keep(body: SentBody): SentBody {
    this.#taken ??= { body };
    return this.#taken.body;
  }

  /** What is sent in its place, on this hop and those that follow. */
  replace(body: SentBody): void {
    this.#taken = { body };
  }

  /** Of a call that is not sent, or whose transport is not reading it: what is left of a stream goes nowhere. */
  cancel(reason: unknown): void {
    const body = this.#taken?.body;
    if (body instanceof ReadableStream && !body.locked) body.cancel(reason).catch(() => {});
  }
}
