/**
 * The body of an answer, taken before the platform's `fetch` makes a stream of it: where the guard reads it, that would be
 * for nobody, and costs more than the guard does.
 */

import { isBodiless } from "../response/null-body.js";
import { type Flow, ReceivedBody } from "../response/received-body.js";

export class TakenBody {
  readonly #method: string;
  readonly #signal: AbortSignal | undefined;
  #received: ReceivedBody | undefined;
  #flow: Flow | undefined;
  #isOver = false;
  /** The platform's, which hangs up when it is thrown away with a body that it takes for unread. */
  response: Response | undefined;
  readonly #onAbort = () => this.#stop();

  /** @param signal - ends it with its reason */
  constructor(method: string, signal: AbortSignal | undefined) {
    this.#method = method;
    this.#signal = signal;
  }

  /** What there is to read, from {@link begin} on. */
  get received(): ReceivedBody | undefined {
    return this.#received;
  }

  /** Until the body has ended: so long does the connection keep this object. */
  keep(response: Response): void {
    if (!this.#isOver) this.response = response;
  }

  /** Whether it can be taken: what is coded the platform decodes. */
  isWanted(status: number, coding: string | undefined): boolean {
    return !isBodiless(this.#method, status) && (coding ?? "") === "";
  }

  begin({ resume, abort }: Flow): void {
    this.#flow = { resume, abort };
    this.#received = new ReceivedBody({
      resume,
      abort: (reason) => {
        this.#end();
        abort(reason);
      },
    });
    if (this.#signal?.aborted === true) this.#stop();
    else this.#signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  complete(): void {
    this.#end();
    this.#received?.complete();
  }

  fail(cause: Error): void {
    this.#end();
    // The platform hears of an abort too, and may have hung up first.
    const isAbort = this.#signal?.aborted === true;
    const error: unknown = isAbort ? this.#signal?.reason : new TypeError("terminated", { cause });
    this.#received?.fail(error, { isAbort });
  }

  #stop(): void {
    const error = new Error("the call was aborted");
    this.fail(error);
    this.#flow?.abort(error);
  }

  #end(): void {
    this.#isOver = true;
    this.response = undefined;
    this.#signal?.removeEventListener("abort", this.#onAbort);
  }
}
