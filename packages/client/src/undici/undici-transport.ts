/** The transport over undici's dispatcher, without the platform's `fetch`. */
import { warnOfReplacedFetch } from "../fetch/replaced-fetch.js";
import type { Lookup } from "../network/guarded-connector.js";
import { GuardedPools } from "../network/guarded-pools.js";
import type { Transport, TransportRequest } from "../transport.js";
import { refuseUnknown } from "../unknown-option.js";
import { exchange } from "./exchange.js";

export interface UndiciTransportOptions {
  /** Finds the addresses of names; the network guard checks what it answers. @default dns.lookup */
  readonly lookup?: Lookup | undefined;
}

/**
 * A transport that sends by undici's dispatcher directly, faster than `fetch` on small bodies. Connections are kept
 * alive and are this transport's own: the process's global dispatcher is neither used nor changed.
 */
export function undiciTransport(options: UndiciTransportOptions = {}): Transport {
  refuseUnknown("undiciTransport", options, ["lookup"]);
  const pools = new GuardedPools(options.lookup);
  const send = (request: TransportRequest) => {
    warnOfReplacedFetch();
    const dispatcher = pools.dispatcherFor(request.guard);
    return dispatcher instanceof Promise
      ? dispatcher.then((made) => exchange(made, request))
      : exchange(dispatcher, request);
  };
  return Object.assign(send, { pinning: () => "pinned" as const });
}
