import type { SentBody } from "./body.js";

/** The body of a call: taken from the caller once, when it is first needed, and from then on what was made of it. */
export class CallBody {
  readonly #takeFromCaller: () => Promise<SentBody>;
  #taken: { readonly body: SentBody } | undefined;

  constructor(takeFromCaller: () => Promise<SentBody>) {
    this.#takeFromCaller = takeFromCaller;
  }

  async take(): Promise<SentBody> {
    this.#taken ??= { body: await this.#takeFromCaller() };
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
