/** How failures of a call are thrown and recorded. */
import { type AnySallyportError, isSallyportError, type Outcome } from "@sallyport/core";

/** The error that `fetch` itself rejects with when the network, or a redirect, fails. */
export function fetchFailed(cause: unknown): TypeError {
  const error = new TypeError("fetch failed", { cause });
  madeAnywhere.add(error);
  return error;
}

/** Made in a callback of a connection, mostly: the stack of then leads nowhere. */
const madeAnywhere = new WeakSet<object>();

/** The same error; one of {@link fetchFailed} has the stack of now, as `fetch` does it. */
export function tracedToCaller(error: unknown): unknown {
  if (error instanceof TypeError && madeAnywhere.has(error)) Error.captureStackTrace(error);
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
