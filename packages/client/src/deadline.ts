/** Waiting that ends. What is waited for goes on; only the waiting stops. */
import { StorageUnavailableError } from "@sallyport/core";

/** @throws StorageUnavailableError when the time is up first */
export async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new StorageUnavailableError(`the store did not answer within ${ms} ms`)),
      ms,
    );
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** @throws the signal's reason, as it is, when it fires first */
export async function unlessAborted<T>(signal: AbortSignal | undefined, promise: Promise<T>): Promise<T> {
  if (signal === undefined) return promise;
  let stop = () => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
    // A loser of the race must not count as unhandled.
    promise.catch(() => {});
  }
}

/**
 * A signal that fires with another one, and when the time is up, then with a `TimeoutError` as `AbortSignal.timeout` does.
 * Leaves no listener on the other one.
 */
export function withTimeLimit(
  signal: AbortSignal | undefined,
  ms: number | undefined,
): AbortSignal | undefined {
  if (ms === undefined) return signal;
  const limit = AbortSignal.timeout(ms);
  if (signal === undefined) return limit;
  const either = AbortSignal.any([signal, limit]);
  sources.set(either, [signal, limit]);
  return either;
}

/** In Node 20 a signal of `AbortSignal.any` does not keep those that it is made of: a forgotten time limit never ends. */
const sources = new WeakMap<AbortSignal, readonly AbortSignal[]>();
