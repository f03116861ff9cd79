/** One request over a dispatcher: from its headers to the `Response` of its answer, and whatever ends it. */

import type { Dispatcher } from "undici";
import type { ByteSource } from "../byte-source.js";
import { fetchFailed } from "../failure.js";
import type { HeaderList } from "../headers/header-list.js";
import { InformationalAnswers } from "../network/informational-answers.js";
import { denialBehind } from "../network/network-denial.js";
import { CONNECTION, type Connection, type WatchedDispatch } from "../network/watched-client.js";
import { lightResponse, watchSoon } from "../response/light-response.js";
import { isBodiless } from "../response/null-body.js";
import { ReceivedBody } from "../response/received-body.js";
import type { TransportRequest } from "../transport.js";
import { DecodedBody, decodersFor } from "./decoded-body.js";
import { receivedHeaders } from "./received-headers.js";
import { SentStream } from "./sent-body.js";
import { sentHeaders } from "./sent-headers.js";

/**
 * Sends a request and resolves at the headers of its answer.
 *
 * @throws TypeError as `fetch` does, with the cause, when the network fails; the signal's reason, as it is, when it fires
 */
export function exchange(dispatcher: Dispatcher, request: TransportRequest): Promise<Response> {
  return new Promise((resolve, reject) => {
    const { url, method, body, signal } = request;
    if (signal?.aborted === true) {
      reject(signal.reason);
      return;
    }
    const { origin, path } = placeOf(url);
    const stream = body instanceof ReadableStream ? new SentStream(body) : undefined;
    const handler = new ExchangeHandler(request, stream, { resolve, reject });
    const options: WatchedDispatch = {
      origin,
      path,
      method: method as Dispatcher.HttpMethod,
      headers: sentHeaders(request),
      body: stream?.readable ?? (body as Uint8Array | undefined) ?? null,
      [CONNECTION]: handler.onConnection,
    };
    try {
      dispatcher.dispatch(options, handler);
    } catch (error) {
      // An agent for proxies throws what other dispatchers tell the handler.
      handler.onError(error as Error);
    }
  });
}

/** Of an HTTP URL without credentials and fragment, as canonical ones are, nothing has to be parsed. */
const PLAIN_URL = /^https?:\/\/[^/?#@\\]+\/[^#\\]*$/;

function placeOf(url: string): { readonly origin: string; readonly path: string } {
  if (PLAIN_URL.test(url)) {
    const end = url.indexOf("/", url.indexOf("://") + 3);
    return { origin: ownOrigin(url.slice(0, end)), path: url.slice(end) };
  }
  const { origin, pathname, search } = new URL(url);
  return { origin: ownOrigin(origin), path: `${pathname}${search}` };
}

let lastOrigin = "";

/** In memory of its own: a part of a URL keeps all of it, with what is in its query, and a pool keeps its origin. */
function ownOrigin(origin: string): string {
  if (origin !== lastOrigin) lastOrigin = Buffer.from(origin).toString();
  return lastOrigin;
}

interface Outcome {
  readonly resolve: (response: Response) => void;
  readonly reject: (error: unknown) => void;
}

/** Told by the dispatcher what happens. */
class ExchangeHandler implements Dispatcher.DispatchHandler {
  readonly #request: TransportRequest;
  readonly #sent: SentStream | undefined;
  #informational: InformationalAnswers | undefined;
  /**
   * Until there is a response, or a failure. Not kept any longer: they know the response, and its connection, which knows
   * this object, must not.
   */
  #outcome: Outcome | undefined;
  #body: ReceivedBody | undefined;
  /** Whether the answer has no body, whatever comes behind its headers. */
  #isBodiless = false;
  #isOver = false;
  #abort: ((reason?: Error) => void) | undefined;
  #connection: Connection | undefined;
  readonly #onAbort = () => this.#stop();
  readonly onConnection = (connection: Connection) => {
    this.#connection = connection;
  };

  constructor(request: TransportRequest, sent: SentStream | undefined, outcome: Outcome) {
    this.#request = request;
    this.#sent = sent;
    this.#outcome = outcome;
    request.signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  onConnect(abort: (reason?: Error) => void): void {
    this.#abort = abort;
    if (this.#request.signal?.aborted === true) abort();
  }

  onHeaders(status: number, raw: Buffer[], resume: () => void, statusText: string): boolean {
    // Informational answers come before the one that counts; undici takes no unasked change of protocol.
    if (status < 200) {
      this.#informational ??= new InformationalAnswers(this.#request.guard.limits.headersTimeoutMs);
      this.#informational.add();
      return true;
    }
    const { guard, onConnection } = this.#request;
    const { maxHeaders, maxDecompressionRatio } = guard.limits;
    // The dispatcher makes it the failure of this request.
    if (raw.length / 2 > maxHeaders) throw new Error(`the response has more than ${maxHeaders} headers`);
    if (this.#connection?.facts !== undefined) onConnection(this.#connection.facts);
    const headers = receivedHeaders(raw);
    this.#isBodiless = isBodiless(this.#request.method, status);
    const body = new ReceivedBody({
      resume,
      abort: (reason) => {
        this.#end();
        this.#abort?.(reason);
      },
    });
    this.#body = body;
    try {
      const source = this.#isBodiless ? undefined : decoded(body, headers, maxDecompressionRatio);
      const response = lightResponse({ status, statusText, headers, url: this.#request.url }, source);
      this.#settle()?.resolve(response);
      if (source !== undefined) watchSoon(response);
    } catch (error) {
      this.#settle()?.reject(fetchFailed(error));
      body.cancel(error);
    }
    return true;
  }

  onData(chunk: Buffer): boolean {
    // Nobody would ever read it, and the connection would be kept waiting.
    if (this.#isBodiless) this.#body?.cancel(new Error("a body came with a status that has none"));
    return this.#body?.push(chunk) ?? true;
  }

  onComplete(): void {
    this.#end();
    this.#body?.complete();
  }

  onError(error: Error): void {
    this.#end();
    this.#sent?.cancel(error);
    if (this.#body === undefined) this.#settle()?.reject(denialBehind(error) ?? fetchFailed(error));
    else this.#body.fail(new TypeError("terminated", { cause: error }), { isAbort: false });
  }

  #stop(): void {
    if (this.#isOver) return;
    this.#end();
    const reason: unknown = this.#request.signal?.reason;
    this.#settle()?.reject(reason);
    this.#sent?.cancel(reason);
    this.#body?.fail(reason, { isAbort: true });
    this.#abort?.();
  }

  #settle(): Outcome | undefined {
    const outcome = this.#outcome;
    this.#outcome = undefined;
    return outcome;
  }

  #end(): void {
    this.#isOver = true;
    this.#request.signal?.removeEventListener("abort", this.#onAbort);
  }
}

function decoded(body: ReceivedBody, headers: HeaderList, maxRatio: number): ByteSource {
  const decoders = decodersFor(headers.get("content-encoding"));
  return decoders === undefined ? body : new DecodedBody(body, decoders, maxRatio);
}
