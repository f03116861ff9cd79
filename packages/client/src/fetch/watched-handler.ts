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
 * A handler that behaves as the given one, counts what comes in, and fails a response with too many headers: what is
 * thrown in it, the dispatcher makes the failure of the request.
 */
export function watchedHandler(
  given: Dispatcher.DispatchHandler,
  { maxHeaders, limit, informational }: Watch,
): Dispatcher.DispatchHandler {
  const handler = given as Handler;
  // The platform's handlers keep their state in `this`: all calls go through this one object.
  const watched = Object.create(handler) as Handler;
  const check = (status: number, count: number) => {
    if (status < 200) informational.add();
    if (count > maxHeaders) throw new Error(`the response has more than ${maxHeaders} headers`);
  };
  if (handler.onHeaders !== undefined) {
    watched.onHeaders = function (status, raw, ...rest) {
      check(status, raw.length / 2);
      return handler.onHeaders?.call(this, status, raw, ...rest) ?? true;
    };
  }
  if (handler.onData !== undefined) {
    watched.onData = function (chunk) {
      limit.addWire(chunk.length);
      return handler.onData?.call(this, chunk) ?? true;
    };
  }
  if (handler.onResponseStart !== undefined) {
    watched.onResponseStart = function (controller, status, headers, ...rest) {
      check(status, Object.values(headers).flat().length);
      handler.onResponseStart?.call(this, controller, status, headers, ...rest);
    };
  }
  if (handler.onResponseData !== undefined) {
    watched.onResponseData = function (controller, chunk) {
      limit.addWire(chunk.length);
      handler.onResponseData?.call(this, controller, chunk);
    };
  }
  return watched as Dispatcher.DispatchHandler;
}
