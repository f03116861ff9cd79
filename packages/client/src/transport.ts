/** How a decided request leaves the process. The guard decides; a transport only sends. */

/** A request exactly as it was decided on, credential included. */
export interface TransportRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  readonly body: Uint8Array | ReadableStream<Uint8Array> | undefined;
  readonly signal: AbortSignal | undefined;
  /** Members of the caller's `init` that neither the guard nor the connection is concerned with. */
  readonly extras: Readonly<Record<string, unknown>>;
}

/**
 * Sends one request and resolves at its headers. Must not follow redirects: the guard decides each hop. Failures of the
 * network are thrown as they are.
 */
export type Transport = (request: TransportRequest) => Promise<Response>;

/**
 * A transport over a `fetch`.
 *
 * @param fetch - looked up when a call is made unless given, so that a mock or an instrumentation installed later is
 *   used. @default globalThis.fetch
 */
export function fetchTransport(fetch?: typeof globalThis.fetch): Transport {
  return ({ url, method, headers, body, signal, extras }) => {
    const init: RequestInit & { duplex?: "half" } = { ...extras, method, headers, redirect: "manual" };
    if (body !== undefined) init.body = body;
    if (body instanceof ReadableStream) init.duplex = "half";
    // One of its own: the platform leaves its listeners on the signal it is given until that is collected.
    if (signal !== undefined)
      init.signal = signal instanceof AbortSignal ? AbortSignal.any([signal]) : signal;
    return (fetch ?? globalThis.fetch)(url, init);
  };
}
