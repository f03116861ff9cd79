/**
 * Signals that fire with others. On one that lives long, `AbortSignal.any` of Node 20 leaves some 50 bytes each time, for
 * as long as that lives; these leave nothing once they are collected.
 */

/** A signal that fires with the given one, with its reason. While there are such signals, it has one listener for all. */
export function following(signal: AbortSignal): AbortSignal {
  if (signal.aborted) return signal;
  const controller = new AbortController();
  // That of a `Request` fires only as long as somebody has it.
  kept.set(controller.signal, [controller, signal]);
  const followers = all.get(signal) ?? new Followers(signal);
  all.set(signal, followers);
  followers.add(controller);
  return controller.signal;
}

/** A signal that fires with the first of those given, as `AbortSignal.any` makes it. */
export function firstOf(signals: readonly AbortSignal[]): AbortSignal {
  const first = AbortSignal.any([...signals]);
  // In Node 20 it does not keep those that it is made of: a time limit that is forgotten never ends.
  kept.set(first, signals);
  return first;
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
    collected.register(controller, () => this.#remove(follower));
  }

  #remove(follower: WeakRef<AbortController>): void {
    if (this.#followers.delete(follower) && this.#followers.size === 0)
      this.#signal.removeEventListener("abort", this.#onAbort);
  }
}

const collected = new FinalizationRegistry<() => void>((remove) => remove());
