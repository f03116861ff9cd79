/** One request by the platform's `fetch` over a dispatcher of ours, within the limits of the guard. */

import type { Dispatcher } from "undici";
import { streamOf } from "../byte-source.js";
import { fetchFailed, toTrace } from "../failure.js";
import { codingsOf, DecompressionLimit } from "../network/decompression-limit.js";
import { InformationalAnswers } from "../network/informational-answers.js";
import { denialBehind } from "../network/network-denial.js";
import { CONNECTION, type Connection, type WatchedDispatch } from "../network/watched-client.js";
import { resumedResponse } from "../response/guard-responses.js";
import { type BodySource, headOf, lightResponse, sourceOf, watchSoon } from "../response/light-response.js";
import type { TransportRequest } from "../transport.js";
import { platformInitOf } from "./fetch-init.js";
import { TakenBody } from "./taken-body.js";
import { type Watch, watchedHandler } from "./watched-handler.js";

/** @throws NetworkDenial bare, where `fetch` wraps it */
export async function watchedExchange(
  fetch: typeof globalThis.fetch,
  dispatcher: Dispatcher,
  request: TransportRequest,
): Promise<Response> {
  const { maxHeaders, maxDecompressionRatio, headersTimeoutMs } = request.guard.limits;
  const limit = new DecompressionLimit(maxDecompressionRatio);
  const informational = new InformationalAnswers(headersTimeoutMs);
  const taken = request.isFiltered ? new TakenBody(request.method, request.signal) : undefined;
  const watch: Watch = { maxHeaders, limit, informational, taken, status: undefined };
  let connection: Connection | undefined;
  const onConnection = (one: Connection) => {
    connection = one;
  };
  const watched = {
    dispatch(options: WatchedDispatch, handler: Dispatcher.DispatchHandler): boolean {
      // Made for this one request, like the handler.
      options[CONNECTION] = onConnection;
      return dispatcher.dispatch(options, watchedHandler(handler, watch));
    },
  };
  let response: Response;
  try {
    response = await fetch(request.url, Object.assign(platformInitOf(request), { dispatcher: watched }));
  } catch (error) {
    taken?.received?.cancel(error);
    throw denialBehind(error) ?? (isPlatforms(error, request.signal) ? toTrace(error) : error);
  }
  if (connection?.facts !== undefined) request.onConnection(connection.facts);
  const received = taken?.received;
  if (received !== undefined) {
    taken?.keep(response);
    return lightOf(response, watch, received);
  }
  const within = withinLimit(response, limit);
  if (watch.status === undefined) return within;
  return lightOf(response, watch, within.body === null ? undefined : sourceOf(within.body));
}

function lightOf(response: Response, { status = response.status }: Watch, source: BodySource): Response {
  const light = lightResponse({ ...headOf(response), status }, source);
  watchSoon(light);
  return light;
}

/** Made by the platform for this call, where the reason of an abort is the caller's. */
function isPlatforms(error: unknown, signal: AbortSignal | undefined): error is TypeError {
  return error instanceof TypeError && error.message === "fetch failed" && error !== signal?.reason;
}

/** A body with a coding is counted as it comes out of the platform, which has taken the coding off. */
function withinLimit(response: Response, limit: DecompressionLimit): Response {
  const { body } = response;
  if (body === null || codingsWithin(response) === 0) return response;
  const source = sourceOf(body);
  const counted = streamOf({
    async read() {
      const chunk = await source.read();
      const error = limit.addDecoded(chunk?.length ?? 0);
      if (error === undefined) return chunk;
      source.cancel(error);
      throw new TypeError("terminated", { cause: error });
    },
    cancel: (reason) => source.cancel(reason),
  });
  return resumedResponse(headOf(response), counted, { url: response.url, redirected: false });
}

function codingsWithin({ headers, body }: Response): number {
  try {
    return codingsOf(headers.get("content-encoding") ?? undefined).length;
  } catch (cause) {
    body?.cancel(cause).catch(() => {});
    throw fetchFailed(cause);
  }
}
