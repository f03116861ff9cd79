/** What the platform's `fetch` gives a dispatcher to be told by, with an ear in between. */
import type { Dispatcher } from "undici";
import type { DecompressionLimit } from "../network/decompression-limit.js";
import type { InformationalAnswers } from "../network/informational-answers.js";
import type { TakenBody } from "./taken-body.js";

export interface Watch {
  readonly maxHeaders: number;
  readonly limit: DecompressionLimit;
  readonly informational: InformationalAnswers;
  /** Takes the body where it can, which is with an older handler; `undefined`: the platform is to have it. */
  readonly taken: TakenBody | undefined;
  /** The real status, where `fetch` was told another one. */
  status: number | undefined;
}

/** At which `fetch` would send the request again by itself, past the guard and the record: misdirected. */
const SENT_AGAIN = 421;

/** Of no meaning to `fetch`. */
const PLAIN_FAILURE = 400;

function statusFor(watch: Watch, status: number): number {
  if (status !== SENT_AGAIN) return status;
  watch.status = status;
  return PLAIN_FAILURE;
}

/** Of Node up to 24. */
interface OlderHandler {
  onConnect(abort: (reason?: Error) => void, ...rest: unknown[]): void;
  onHeaders(status: number, raw: readonly Buffer[], resume: () => void, ...rest: unknown[]): boolean;
  onData(chunk: Uint8Array): boolean;
  onComplete(trailers: readonly unknown[]): void;
  onError(error: Error): void;
}

/** From Node 26 on. */
interface NewerHandler {
  onResponseStart(controller: unknown, status: number, headers: Headers, ...rest: unknown[]): void;
  onResponseData(controller: unknown, chunk: Uint8Array): void;
}

type Headers = Readonly<Record<string, string | readonly string[]>>;

/**
 * The given handler, which from now on counts what comes in, and fails a response with too many headers: what is thrown in
 * it, the dispatcher makes the failure of the request. A body that is taken has ended for it when its headers have come.
 *
 * Its methods are replaced, and not put before it in another object: it is made for one request, keeps its state in
 * `this`, and an object that becomes a prototype is slow from then on.
 */
export function watchedHandler(given: Dispatcher.DispatchHandler, watch: Watch): Dispatcher.DispatchHandler {
  const handler = given as Partial<OlderHandler & NewerHandler>;
  if (handler.onHeaders !== undefined) watchOlder(handler as OlderHandler, watch);
  if (handler.onResponseStart !== undefined) watchNewer(handler as NewerHandler, watch);
  return given;
}

function watchOlder(handler: OlderHandler, watch: Watch): void {
  const { onConnect, onHeaders, onData, onComplete, onError } = handler;
  const { limit, taken } = watch;
  let abort: (reason: Error) => void = () => {};
  handler.onConnect = function (connectionAbort, ...rest) {
    abort = connectionAbort;
    onConnect.call(this, connectionAbort, ...rest);
  };
  handler.onHeaders = function (status, raw, resume, ...rest) {
    checkHead(watch, status, raw.length / 2);
    const goesOn = onHeaders.call(this, statusFor(watch, status), raw, resume, ...rest);
    if (status >= 200 && taken?.isWanted(status, codingIn(raw))) {
      taken.begin({ resume, abort: (reason) => abort(reason) });
      onComplete.call(this, []);
    }
    return goesOn;
  };
  handler.onData = function (chunk) {
    limit.addWire(chunk.length);
    return taken?.received === undefined ? onData.call(this, chunk) : taken.received.push(chunk);
  };
  handler.onComplete = function (trailers) {
    if (taken?.received === undefined) onComplete.call(this, trailers);
    else taken.complete();
  };
  handler.onError = function (error) {
    if (taken?.received === undefined) onError.call(this, error);
    else taken.fail(error);
  };
}

/** Takes no body: with this `fetch` each call would leave some 650 bytes behind, which hang on the stream that nobody reads. */
function watchNewer(handler: NewerHandler, watch: Watch): void {
  const { onResponseStart, onResponseData } = handler;
  handler.onResponseStart = function (controller, status, headers, ...rest) {
    checkHead(watch, status, Object.values(headers).flat().length);
    onResponseStart.call(this, controller, statusFor(watch, status), headers, ...rest);
  };
  handler.onResponseData = function (controller, chunk) {
    watch.limit.addWire(chunk.length);
    onResponseData.call(this, controller, chunk);
  };
}

function checkHead({ informational, maxHeaders }: Watch, status: number, count: number): void {
  if (status < 200) informational.add();
  if (count > maxHeaders) throw new Error(`the response has more than ${maxHeaders} headers`);
}

const CODING = "content-encoding";

function codingIn(raw: readonly Buffer[]): string | undefined {
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index] as Buffer;
    if (name.length === CODING.length && name.toString("latin1").toLowerCase() === CODING)
      return raw[index + 1]?.toString("latin1");
  }
  return undefined;
}
