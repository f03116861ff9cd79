/** The signal that ends a call: of `init`, or of the request that was given in place of a URL. */
import { isForeignRequest } from "./foreign-classes.js";
import { allowListeners } from "./listener-limit.js";

/** @returns whatever stands there */
export function signalOf(input: unknown, init: RequestInit | undefined): unknown {
  if (init?.signal !== undefined) return init.signal;
  if (!(input instanceof Request) && !isForeignRequest(input)) return undefined;
  const { signal } = input as { readonly signal?: unknown };
  if (typeof signal === "object" && signal !== null) owners.set(signal, input);
  return signal;
}

/** The signal of a `Request` follows the one that it was made with only as long as the `Request` is there. */
const owners = new WeakMap<object, object>();

/** Node warns of a leak beyond. */
const MAX_CALLS_OF_A_SIGNAL = 1500;

/**
 * As the platform does: one of another realm, or of a polyfill, will do.
 *
 * @throws TypeError for what is no signal
 */
export function requireSignal(given: unknown): AbortSignal | undefined {
  if (given === undefined || given === null) return undefined;
  const signal = given as AbortSignal;
  const { aborted, addEventListener } = signal as Partial<AbortSignal>;
  if (typeof aborted !== "boolean" || typeof addEventListener !== "function")
    throw new TypeError("`init.signal` is not an `AbortSignal`");
  // As the platform's `fetch` does: many calls at once may share a signal, and that is no leak.
  allowListeners(signal, MAX_CALLS_OF_A_SIGNAL);
  return signal;
}
