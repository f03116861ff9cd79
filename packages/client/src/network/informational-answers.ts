/** The informational answers to one request, with which a server could put off the one that counts for ever. */
export class InformationalAnswers {
  readonly #maxMs: number;
  #firstAt: number | undefined;

  /** @param maxMs - in which they may come: each one starts undici's time limit for headers anew */
  constructor(maxMs: number) {
    this.#maxMs = maxMs;
  }

  /** One came. @throws Error when they have come for too long, with the code of undici's own time limit */
  add(): void {
    const now = performance.now();
    this.#firstAt ??= now;
    if (now - this.#firstAt <= this.#maxMs) return;
    const error = new Error("there were nothing but informational answers");
    throw Object.assign(error, { code: "UND_ERR_HEADERS_TIMEOUT" });
  }
}
