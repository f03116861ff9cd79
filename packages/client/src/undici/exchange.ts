/** One request over a dispatcher: from its headers to the `Response` of its answer, and whatever ends it. */
import { Readable } from "node:stream";
import type { Dispatcher } from "undici";
import type { ByteSource } from "../byte-source.js";
import { denialBehind } from "../network/network-denial.js";
import { CONNECTION, type Connection, type WatchedDispatch } from "../network/watched-client.js";
import { lightResponse } from "../response/light-response.js";
import type { TransportRequest } from "../transport.js";
import { DecodedBody, decodersFor } from "./decoded-body.js";
import { ReceivedBody } from "./received-body.js";
import { sentHeaders } from "./sent-headers.js";

/** Final statuses whose responses have no body (Fetch standard, "null body status"). */
const NULL_BODY_STATUSES = new Set([204, 205, 304]);

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
    const { origin, pathname, search } = new URL(url);
    const handler = new ExchangeHandler(request, resolve, reject);
    const options: WatchedDispatch = {
      origin,
      path: `${pathname}${search}`,
      method: method as Dispatcher.HttpMethod,
      headers: sentHeaders(request),
      body:
        body instanceof ReadableStream
          ? Readable.from(chunksOf(body), { objectMode: false })
          : (body ?? null),
      [CONNECTION]: handler.onConnection,
    };
    dispatcher.dispatch(options, handler);
  });
}

/** The platform refuses anything but bytes in these words. */
async function* chunksOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of body as ReadableStream<unknown>) {
    if (!(chunk instanceof Uint8Array)) throw new TypeError("Received non-Uint8Array chunk");
    yield chunk;
  }
}

/** Told by the dispatcher what happens. */
class ExchangeHandler implements Dispatcher.DispatchHandler {
  readonly #request: TransportRequest;
  readonly #resolve: (response: Response) => void;
  readonly #reject: (error: unknown) => void;
  #body: ReceivedBody | undefined;
  #isOver = false;
  #abort: ((reason?: Error) => void) | undefined;
  #connection: Connection | undefined;
  readonly #onAbort = () => this.#stop();
  readonly onConnection = (connection: Connection) => {
    this.#connection = connection;
  };

  constructor(
    request: TransportRequest,
    resolve: (response: Response) => void,
    reject: (error: unknown) => void,
  ) {
    this.#request = request;
    this.#resolve = resolve;
    this.#reject = reject;
    request.signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  onConnect(abort: (reason?: Error) => void): void {
    this.#abort = abort;
    if (this.#request.signal?.aborted === true) abort();
  }

  onHeaders(status: number, raw: Buffer[], resume: () => void, statusText: string): boolean {
    // Informational answers come before the one that counts; undici takes no unasked change of protocol.
    if (status < 200) return true;
    const { guard, onConnection } = this.#request;
    const { maxHeaders, maxDecompressionRatio } = guard.limits;
    // The dispatcher makes it the failure of this request.
    if (raw.length / 2 > maxHeaders) throw new Error(`the response has more than ${maxHeaders} headers`);
    if (this.#connection?.facts !== undefined) onConnection(this.#connection.facts);
    const headers = new Headers();
    for (let index = 0; index + 1 < raw.length; index += 2)
      headers.append(textOf(raw[index]), textOf(raw[index + 1]));
    const hasBody = this.#request.method !== "HEAD" && !NULL_BODY_STATUSES.has(status);
    const body = new ReceivedBody({
      resume,
      abort: (reason) => {
        this.#end();
        this.#abort?.(reason);
      },
    });
    this.#body = body;
    try {
      this.#resolve(
        lightResponse(
          { status, statusText, headers, url: this.#request.url },
          hasBody ? decoded(body, headers, maxDecompressionRatio) : undefined,
        ),
      );
    } catch (error) {
      this.#reject(new TypeError("fetch failed", { cause: error }));
      body.cancel(error);
    }
    return true;
  }

  onData(chunk: Buffer): boolean {
    return this.#body?.push(chunk) ?? true;
  }

  onComplete(): void {
    this.#end();
    this.#body?.complete();
  }

  onError(error: Error): void {
    this.#end();
    if (this.#body === undefined)
      this.#reject(denialBehind(error) ?? new TypeError("fetch failed", { cause: error }));
    else this.#body.fail(new TypeError("terminated", { cause: error }), { isAbort: false });
  }

  #stop(): void {
    if (this.#isOver) return;
    this.#end();
    const { signal, body } = this.#request;
    const reason: unknown = signal?.reason;
    this.#reject(reason);
    // Nobody has begun to read it if there was no connection yet.
    if (body instanceof ReadableStream && !body.locked) body.cancel(reason).catch(() => {});
    this.#body?.fail(reason, { isAbort: true });
    this.#abort?.();
  }

  #end(): void {
    this.#isOver = true;
    this.#request.signal?.removeEventListener("abort", this.#onAbort);
  }
}

/** Header bytes are one character each. */
function textOf(bytes: Buffer | undefined): string {
  return bytes === undefined ? "" : bytes.toString("latin1");
}

function decoded(body: ReceivedBody, headers: Headers, maxRatio: number): ByteSource {
  const decoders = decodersFor(headers.get("content-encoding"));
  return decoders === undefined ? body : new DecodedBody(body, decoders, maxRatio);
}
