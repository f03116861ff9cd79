/** Sending a request again, where its proxy says so (docs/spec/transport.md, "Retry"). */
import type { Attempt, CanonicalRequest, ProxyRetry } from "@sallyport/core";
import type { SentBody } from "./body.js";
import { pause } from "./deadline.js";
import { errorTypeOf } from "./failure.js";
import { cancelBody, headersOf } from "./response/light-response.js";
import type { World } from "./world.js";

export interface Sending {
  readonly retry: ProxyRetry;
  readonly world: World;
  /** The call's. */
  readonly signal: AbortSignal | undefined;
  /** When the time of the call is up, by the world's monotonic clock; `undefined` for never. */
  readonly deadlineMs: number | undefined;
  /** Fires when nothing may be sent any more; a wait ends at once then, with what there is. */
  readonly closing: AbortSignal;
  /** Sends it once, credential and all, and resolves at the headers of the answer. */
  readonly send: () => Promise<Response>;
  /** Asked after each wait: whether the policy lets it out once more. */
  readonly mayGoOut: () => boolean;
  /** Told of each time that was not the last. */
  readonly onAgain: (attempt: Attempt) => void;
}

/** Whether a request is one that may be sent again; a stream is gone after the first time. */
export function isRepeatable(
  { methods }: ProxyRetry,
  request: CanonicalRequest,
  headers: { has(name: string): boolean },
  body: SentBody,
): boolean {
  if (body instanceof ReadableStream) return false;
  if (!(methods as readonly string[]).includes(request.method)) return false;
  const isIdempotent = request.method !== "POST" && request.method !== "PATCH";
  // draft-ietf-httpapi-idempotency-key-header: the server does the same thing only once.
  return isIdempotent || headers.has("idempotency-key");
}

/**
 * Sends a request until there is an answer to go by, or no more attempts; then with the last answer or failure, as it is.
 * An answer is held until the next attempt goes out, so that an attempt which may not go out costs nothing.
 *
 * @throws whatever the last attempt failed with; the signal's reason, as it is, when it fires during a wait
 */
export async function sendRepeatedly(sending: Sending): Promise<Response> {
  const { retry, signal, closing } = sending;
  for (let attempt = 1; ; attempt++) {
    const ending = await endingOf(sending.send());
    const delayMs = attempt < retry.maxAttempts ? delayAfter(ending, attempt, sending) : undefined;
    if (delayMs === undefined || !isInTime(delayMs, sending)) return given(ending);
    try {
      await pause(delayMs, signal, closing);
    } catch (error) {
      drop(ending);
      throw error;
    }
    if (closing.aborted || !sending.mayGoOut()) return given(ending);
    drop(ending);
    const { response, error } = ending;
    sending.onAgain({
      delayMs,
      ...(response === undefined ? { errorType: errorTypeOf(error) } : { status: response.status }),
    });
  }
}

/** How one attempt ended. */
type Ending =
  | { readonly response: Response; readonly error?: undefined }
  | { readonly response?: undefined; readonly error: unknown };

function endingOf(sent: Promise<Response>): Promise<Ending> {
  return sent.then(
    (response) => ({ response }),
    (error: unknown) => ({ error }),
  );
}

function given({ response, error }: Ending): Response {
  if (response === undefined) throw error;
  return response;
}

function drop({ response }: Ending): void {
  if (response !== undefined) cancelBody(response);
}

/** @returns milliseconds to wait; `undefined` when it is not sent again */
function delayAfter({ response, error }: Ending, attempt: number, sending: Sending): number | undefined {
  const { retry, signal, world } = sending;
  if (signal?.aborted === true) return undefined;
  if (response === undefined)
    return retry.networkErrors && isNetworkError(error) ? backoffMs(retry, attempt, world) : undefined;
  if (!retry.statuses.includes(response.status)) return undefined;
  const askedMs = retryAfterMs(headersOf(response).get("retry-after"), world.now()) ?? 0;
  return askedMs > retry.maxDelayMs ? undefined : Math.max(askedMs, backoffMs(retry, attempt, world));
}

/** Whether there is time left after a wait: what there is now is better than a `TimeoutError` later. */
function isInTime(delayMs: number, { deadlineMs, world }: Sending): boolean {
  return deadlineMs === undefined || world.monotonicMs() + delayMs < deadlineMs;
}

/** What `fetch` rejects with when the network fails; all else, a denial for example, would be the same again. */
function isNetworkError(error: unknown): boolean {
  return error instanceof TypeError && !REQUEST_FAULTS.has(errorTypeOf(error));
}

/** Codes of a request that cannot be sent at all: undici's, and those of Node for what is built on its `http`. */
const REQUEST_FAULTS: ReadonlySet<string> = new Set([
  "UND_ERR_INVALID_ARG",
  "UND_ERR_NOT_SUPPORTED",
  "UND_ERR_REQ_CONTENT_LENGTH_MISMATCH",
  "ERR_HTTP_INVALID_HEADER_VALUE",
  "ERR_INVALID_ARG_TYPE",
  "ERR_INVALID_ARG_VALUE",
  "ERR_INVALID_CHAR",
  "ERR_INVALID_HTTP_TOKEN",
  "ERR_INVALID_PROTOCOL",
  "ERR_INVALID_URL",
  "ERR_UNESCAPED_CHARACTERS",
]);

/** Between half of the longest wait and all of it, so that many callers do not come back at once. */
function backoffMs({ delayMs, maxDelayMs }: ProxyRetry, attempt: number, world: World): number {
  const most = Math.min(maxDelayMs, delayMs * 2 ** (attempt - 1));
  const [high = 0, low = 0] = world.random(2);
  return Math.round((most / 2) * (1 + (high * 256 + low) / 65_535));
}

/**
 * RFC 9110 section 10.2.3: whole seconds, or a date.
 *
 * @param now - epoch ms
 * @returns milliseconds from now; `undefined` for what is neither
 */
export function retryAfterMs(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  if (/^[0-9]+$/.test(value)) return Number(value) * 1000;
  const at = dateOf(value);
  return at === undefined ? undefined : Math.max(0, at - now);
}

const TIME = "[0-9]{2}:[0-9]{2}:[0-9]{2}";
const GMT_DATES = [
  new RegExp(`^[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} ${TIME} GMT$`),
  new RegExp(`^[A-Z][a-z]{5,8}, [0-9]{2}-[A-Z][a-z]{2}-[0-9]{2} ${TIME} GMT$`),
];
const ASCTIME_DATE = new RegExp(`^[A-Z][a-z]{2} [A-Z][a-z]{2} [ 0-9][0-9] ${TIME} [0-9]{4}$`);

/** The three forms that a recipient takes (RFC 9110 section 5.6.7). */
function dateOf(value: string): number | undefined {
  const isGmt = GMT_DATES.some((form) => form.test(value));
  if (!isGmt && !ASCTIME_DATE.test(value)) return undefined;
  const at = Date.parse(isGmt ? value : `${value} GMT`);
  return Number.isNaN(at) ? undefined : at;
}
