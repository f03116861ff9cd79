/** What the platform's `fetch` gives a dispatcher to be told by, with an ear in between. */
import type { Dispatcher } from "undici";
import type { DecompressionLimit } from "../network/decompression-limit.js";
import type { InformationalAnswers } from "../network/informational-answers.js";

export interface Watch {
  readonly maxHeaders: number;
  readonly limit: DecompressionLimit;
  readonly informational: InformationalAnswers;
}

/** A handler of the older form (Node up to 24) or the newer one (from Node 26 on); each has its own names. */
interface Handler {
  onHeaders?(status: number, raw: readonly Buffer[], ...rest: unknown[]): boolean;
  onData?(chunk: Uint8Array): boolean;
  onResponseStart?(controller: unknown, status: number, headers: object, ...rest: unknown[]): void;
  onResponseData?(controller: unknown, chunk: Uint8Array): void;
}

/**
 * The given handler, which from now on counts what comes in, and fails a response with too many headers: what is thrown in
 * it, the dispatcher makes the failure of the request. Its methods are replaced, and not put before it in another object:
 * it is made for one request, keeps its state in `this`, and an object that becomes a prototype is slow from then on.
 */
export function watchedHandler(
  given: Dispatcher.DispatchHandler,
  { maxHeaders, limit, informational }: Watch,
): Dispatcher.DispatchHandler {
  const handler = given as Handler;
  const { onHeaders, onData, onResponseStart, onResponseData } = handler;
  const check = (status: number, count: number) => {
    if (status < 200) informational.add();
    if (count > maxHeaders) throw new Error(`the response has more than ${maxHeaders} headers`);
  };
  if (onHeaders !== undefined) {
    handler.onHeaders = function (status, raw, ...rest) {
      check(status, raw.length / 2);
      return onHeaders.call(this, status, raw, ...rest);
    };
  }
  if (onData !== undefined) {
    handler.onData = function (chunk) {
      limit.addWire(chunk.length);
      return onData.call(this, chunk);
    };
  }
  if (onResponseStart !== undefined) {
    handler.onResponseStart = function (controller, status, headers, ...rest) {
      check(status, Object.values(headers).flat().length);
      onResponseStart.call(this, controller, status, headers, ...rest);
    };
  }
  if (onResponseData !== undefined) {
    handler.onResponseData = function (controller, chunk) {
      limit.addWire(chunk.length);
      onResponseData.call(this, controller, chunk);
    };
  }
  return given;
}
