/** Waiting that ends. What is waited for goes on; only the waiting stops. */
import { StorageUnavailableError } from "@sallyport/core";

/** @throws StorageUnavailableError when the time is up first */
export function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = () => reject(unanswered(ms));
    const timer = setTimeout(late, ms);
    promise.then(
      (value) => {
        clearTimeout(timer);
        resolve(value);
      },
      (error) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });
}

export function unanswered(ms: number): StorageUnavailableError {
  return new StorageUnavailableError(`the store did not answer within ${ms} ms`);
}

/** @throws the signal's reason, as it is, when it fires first */
export function unlessAborted<T>(signal: AbortSignal | undefined, promise: Promise<T>): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    promise.then(
      (value) => {
        signal.removeEventListener("abort", stop);
        resolve(value);
      },
      (error) => {
        signal.removeEventListener("abort", stop);
        reject(error);
      },
    );
    // What has come already is not too late.
    if (signal.aborted) queueMicrotask(stop);
    else signal.addEventListener("abort", stop, { once: true });
  });
}

/**
 * Waits, or less long if `closing` fires.
 *
 * @throws the signal's reason, as it is, when it fires first
 */
export function pause(ms: number, signal: AbortSignal | undefined, closing: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      closing.removeEventListener("abort", end);
      if (signal?.aborted === true) reject(signal.reason);
      else resolve();
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener("abort", end);
    closing.addEventListener("abort", end);
    if (signal?.aborted === true || closing.aborted) end();
  });
}
