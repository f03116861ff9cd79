/**
 * Signals that fire with others. On one that lives long, `AbortSignal.any` of Node 20 leaves some 50 bytes each time, for
 * as long as that lives, and in Node 24 it keeps a time limit until its time is up; these leave nothing once they are
 * collected.
 */
import { toTrace } from "./failure.js";

/** A signal that fires with the given one, with its reason. While there are such signals, it has one listener for all. */
export function following(signal: AbortSignal): AbortSignal {
  if (signal.aborted) return signal;
  const controller = new AbortController();
  // That of a `Request` fires only as long as somebody has it.
  kept.set(controller.signal, [controller, signal]);
  follow(signal, controller);
  return controller.signal;
}

/**
 * A signal that fires with the given one, and when the time is up, then with a `TimeoutError` as `AbortSignal.timeout` does.
 * Keeps no process alive.
 */
export function limited(signal: AbortSignal | undefined, ms: number, message: string): AbortSignal {
  if (signal?.aborted) return signal;
  const controller = new AbortController();
  kept.set(controller.signal, [controller, signal]);
  if (signal !== undefined) follow(signal, controller);
  const limit = new WeakRef(controller);
  const end = () => limit.deref()?.abort(toTrace(new DOMException(message, "TimeoutError")));
  const timer = setTimeout(end, ms).unref();
  collected.register(controller, () => clearTimeout(timer));
  return controller.signal;
}

function follow(signal: AbortSignal, controller: AbortController): void {
  const followers = all.get(signal) ?? new Followers(signal);
  all.set(signal, followers);
  followers.add(controller);
}

/** What must live as long as a signal does. */
const kept = new WeakMap<AbortSignal, unknown>();

const all = new WeakMap<AbortSignal, Followers>();

class Followers {
  readonly #signal: AbortSignal;
  readonly #followers = new Set<WeakRef<AbortController>>();
  readonly #onAbort = () => {
    for (const follower of this.#followers) follower.deref()?.abort(this.#signal.reason);
    this.#followers.clear();
  };

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  add(controller: AbortController): void {
    if (this.#followers.size === 0) this.#signal.addEventListener("abort", this.#onAbort, { once: true });
    const follower = new WeakRef(controller);
    this.#followers.add(follower);
    // Which also keeps the signal as long as somebody follows it.
    collected.register(controller, () => this.#remove(follower));
  }

  #remove(follower: WeakRef<AbortController>): void {
    if (this.#followers.delete(follower) && this.#followers.size === 0)
      this.#signal.removeEventListener("abort", this.#onAbort);
  }
}

const collected = new FinalizationRegistry<() => void>((remove) => remove());
