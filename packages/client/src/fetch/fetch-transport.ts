/** The transport over a `fetch`: the platform's, a mock's or an instrumentation's. */
import type { Lookup } from "../network/guarded-connector.js";
import { GuardedPools } from "../network/guarded-pools.js";
import { NetworkDenial, UNPINNED_CREDENTIAL } from "../network/network-denial.js";
import type { Pinning, Transport, TransportRequest } from "../transport.js";
import { refuseUnknown } from "../unknown-option.js";
import { initOf } from "./fetch-init.js";
import { HandedBody } from "./handed-body.js";
import { heedingResponse } from "./heeding-response.js";
import { isPlatformFetch } from "./platform-fetch.js";
import { watchedExchange } from "./watched-exchange.js";

export interface FetchTransportOptions {
  /**
   * Whether credentials are sent through a `fetch` that is not the platform's: it chooses the address itself, and the
   * network guard can only check addresses in URLs. For tests that mock `fetch`, and for instrumentations that are trusted.
   * @default false
   */
  readonly allowUnpinned?: boolean | undefined;
  /** Finds the addresses of names for the platform's `fetch`. @default dns.lookup */
  readonly lookup?: Lookup | undefined;
}

/**
 * A transport over a `fetch`.
 *
 * The platform's own is given a dispatcher of ours, so that the network guard holds. Another one is not: the record says
 * `net.address: "unpinned"`, a warning of the process says it once, and credentials need `allowUnpinned`.
 *
 * @param fetch - looked up when a call is made unless given, so that a mock or an instrumentation installed later is
 *   used. @default globalThis.fetch
 */
export function fetchTransport(
  fetch?: typeof globalThis.fetch,
  options: FetchTransportOptions = {},
): Transport {
  refuseUnknown("fetchTransport", options, ["allowUnpinned", "lookup"]);
  const { allowUnpinned = false, lookup } = options;
  const pools = new GuardedPools(lookup);
  const current = () => fetch ?? globalThis.fetch;
  const pinningOf = (used: unknown): Pinning => {
    if (isPlatformFetch(used)) return "pinned";
    return allowUnpinned ? "waived" : "unpinned";
  };
  const exchange = async (request: TransportRequest): Promise<Response> => {
    const dispatcher = isPlatformFetch(current()) ? await pools.dispatcherFor(request.guard) : undefined;
    const used = current();
    // It may have been replaced since the credential was opened, or the dispatcher made.
    const pinning = pinningOf(used);
    if (pinning === "pinned" && dispatcher !== undefined) return watchedExchange(used, dispatcher, request);
    if (pinning !== "waived" && request.isCredentialed && !request.guard.isLoopback)
      throw new NetworkDenial("network", UNPINNED_CREDENTIAL);
    warnOnce(pinning);
    request.onConnection({ address: "unpinned" });
    return heedingResponse(await used(request.url, initOf(request)), request.signal);
  };
  const handOver = async (request: TransportRequest, body: ReadableStream<Uint8Array>): Promise<Response> => {
    const handed = new HandedBody(body, request.signal);
    try {
      return await exchange({ ...request, body: handed.stream });
    } catch (error) {
      handed.cancel(error);
      throw error;
    }
  };
  const send = (request: TransportRequest): Promise<Response> =>
    request.body instanceof ReadableStream ? handOver(request, request.body) : exchange(request);
  return Object.assign(send, { pinning: () => pinningOf(current()) });
}

let hasWarned = false;

function warnOnce(pinning: Pinning): void {
  if (hasWarned || pinning === "waived") return;
  hasWarned = true;
  process.emitWarning(
    "a guarded call goes through a `fetch` that is not the platform's: the network guard checks addresses in URLs only",
    "SallyportWarning",
  );
}
