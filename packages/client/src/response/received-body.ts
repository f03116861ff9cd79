/**
 * The body of a response on its way from the connection to its reader. What comes in is paused when the reader lags
 * behind. Knows no stream: a stream that nobody can read any more must not be kept by its connection.
 */

import { type ByteSource, concat } from "../byte-source.js";

/** The connection's side: how it is told to wait, to go on and to stop. */
export interface Flow {
  readonly resume: () => void;
  readonly abort: (reason: Error) => void;
}

/** So many bytes wait at most, give or take a chunk. */
const MAX_WAITING_BYTES = 64 * 1024;

type Ending = { readonly kind: "complete" } | { readonly kind: "failed"; readonly error: unknown };

interface Waiting {
  readonly resolve: (chunk: Uint8Array | undefined) => void;
  readonly reject: (error: unknown) => void;
}

export class ReceivedBody implements ByteSource {
  readonly #flow: Flow;
  readonly #chunks: Uint8Array[] = [];
  #waitingBytes = 0;
  #isPaused = false;
  #ending: Ending | undefined;
  #isCancelled = false;
  #wasRead = false;
  /** Of a read that waits. */
  #waiting: Waiting | undefined;

  constructor(flow: Flow) {
    this.#flow = flow;
  }

  /** @returns whether more may come at once; else `flow.resume` says when */
  push(chunk: Uint8Array): boolean {
    if (this.#isCancelled || chunk.length === 0) return true;
    if (this.#waiting !== undefined) {
      this.#take(this.#waiting).resolve(chunk);
      return true;
    }
    this.#chunks.push(chunk);
    this.#waitingBytes += chunk.length;
    this.#isPaused = this.#waitingBytes >= MAX_WAITING_BYTES;
    return !this.#isPaused;
  }

  complete(): void {
    this.#ending ??= { kind: "complete" };
    if (this.#waiting !== undefined) this.#take(this.#waiting).resolve(undefined);
  }

  /** What came before the failure is still read, except after an abort: then nobody wants it. */
  fail(error: unknown, { isAbort }: { readonly isAbort: boolean }): void {
    this.#ending ??= { kind: "failed", error };
    if (isAbort) this.#drop();
    if (this.#waiting !== undefined) this.#take(this.#waiting).reject(error);
  }

  read(): Promise<Uint8Array | undefined> {
    this.#wasRead = true;
    const chunk = this.#chunks.shift();
    if (chunk !== undefined) {
      this.#waitingBytes -= chunk.length;
      if (this.#isPaused && this.#waitingBytes < MAX_WAITING_BYTES) {
        this.#isPaused = false;
        this.#flow.resume();
      }
      return Promise.resolve(chunk);
    }
    if (this.#ending?.kind === "failed") return Promise.reject(this.#ending.error);
    if (this.#ending !== undefined) return Promise.resolve(undefined);
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }

  takeWhole(maxBytes: number): Uint8Array | undefined {
    if (this.#ending?.kind !== "complete" || this.#wasRead || this.#waitingBytes > maxBytes) return undefined;
    this.#wasRead = true;
    const whole = concat(this.#chunks, this.#waitingBytes);
    this.#drop();
    return whole;
  }

  cancel(reason: unknown): void {
    if (this.#isCancelled) return;
    this.#isCancelled = true;
    this.#drop();
    if (this.#ending !== undefined) return;
    this.complete();
    this.#flow.abort(reason instanceof Error ? reason : new Error("the body was cancelled"));
  }

  #drop(): void {
    this.#chunks.length = 0;
    this.#waitingBytes = 0;
  }

  #take(waiting: Waiting): Waiting {
    this.#waiting = undefined;
    return waiting;
  }
}
