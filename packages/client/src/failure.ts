/** How failures of a call are thrown and recorded. */
import { type AnySallyportError, isSallyportError, type Outcome } from "@sallyport/core";

/** The error that `fetch` itself rejects with when the network, or a redirect, fails. */
export function fetchFailed(cause: unknown): TypeError {
  return toTrace(new TypeError("fetch failed", { cause }));
}

/** Made in a callback of a connection, mostly, or deep within: the stack of then leads nowhere. */
const madeAnywhere = new WeakSet<object>();

/** The same error, which nobody else has: {@link tracedToCaller} may change it. */
export function toTrace<T extends Error>(error: T): T {
  madeAnywhere.add(error);
  return error;
}

/**
 * The same error. One that was made {@link toTrace} has the stack of now, as `fetch` does it: engines show ten frames, and
 * those of where it was made may be as many. What somebody else made, the reason of an abort for example, is left alone.
 */
export function tracedToCaller(error: unknown): unknown {
  if (error instanceof Error && madeAnywhere.has(error)) Error.captureStackTrace(error, tracedToCaller);
  return error;
}

/** What a record says about an error: its type, never its message, which may quote the request. */
export function failureOf(error: unknown, signal: AbortSignal | undefined): Outcome {
  if (isSallyportError(error)) {
    return { result: "failure", category: categoryOf(error), errorType: error.code, message: error.message };
  }
  const category = signal?.aborted === true ? "aborted" : "network";
  return { result: "failure", category, errorType: errorTypeOf(error) };
}

function categoryOf({ code }: AnySallyportError): NonNullable<Outcome["category"]> {
  if (code === "ERR_RESPONSE_WITHHELD") return "withheld";
  return code.startsWith("ERR_CREDENTIAL_") ? "credential" : "internal";
}

/** The first code among an error and its causes, else its name. */
export function errorTypeOf(error: unknown): string {
  for (
    let current = error, depth = 0;
    current instanceof Error && depth < 5;
    current = current.cause, depth++
  ) {
    const { code } = current as { code?: unknown };
    if (typeof code === "string" && /^[A-Z][A-Z0-9_]*$/.test(code)) return code;
  }
  return error instanceof Error ? error.name : "unknown";
}
