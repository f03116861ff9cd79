/** Connections that are kept alive, by the guard that they were made under. */

import { isIP } from "node:net";
import type { buildConnector, Client, Dispatcher } from "undici";
import { fetchFailed } from "../failure.js";
import { guardedConnector, type Lookup, tlsOptionsOf } from "./guarded-connector.js";
import type { NetworkGuard } from "./network-guard.js";
import { watchedClients } from "./watched-client.js";

type Undici = typeof import("undici");

/** One per transport. */
export class GuardedPools {
  readonly #lookup: Lookup | undefined;
  readonly #dispatchers = new WeakMap<NetworkGuard, Dispatcher | Promise<Dispatcher>>();

  /** @param lookup - @default dns.lookup */
  constructor(lookup: Lookup | undefined) {
    this.#lookup = lookup;
  }

  /**
   * The dispatcher for requests under this guard, the same for as long as the guard is.
   *
   * undici is loaded with the first one. That fills the process's slot for a default dispatcher if it is empty; whoever
   * calls has `Headers`, and with these the platform has filled it: so its `fetch` stays as it was.
   */
  dispatcherFor(guard: NetworkGuard): Dispatcher | Promise<Dispatcher> {
    const known = this.#dispatchers.get(guard);
    if (known !== undefined) return known;
    const making = import("undici").then((undici) => this.#make(undici, guard));
    this.#dispatchers.set(guard, making);
    making.then(
      (made) => this.#dispatchers.set(guard, made),
      // What the environment says may be put right.
      () => this.#dispatchers.delete(guard),
    );
    return making;
  }

  #make(undici: Undici, guard: NetworkGuard): Dispatcher {
    const { limits } = guard;
    const connect = guardedConnector(undici.buildConnector, guard, this.#lookup);
    const clientOf = watchedClients(undici.Client);
    const options = {
      headersTimeout: limits.headersTimeoutMs,
      bodyTimeout: limits.bodyIdleTimeoutMs,
      maxHeaderSize: limits.maxHeaderBytes,
      connect,
      // Of connections that a proxy carries, undici's agent for proxies makes the sockets: to the proxy, then the tunnel
      // that it is asked for, then TLS within.
      proxyTls: { minVersion: MIN_PROXY_TLS, rejectUnauthorized: true, timeout: limits.connectTimeoutMs },
      clientFactory: (origin: URL, given: { readonly connect?: buildConnector.connector }) =>
        new undici.Pool(origin, {
          ...given,
          ...(given.connect && { connect: withoutAddressAsName(given.connect) }),
          headersTimeout: limits.connectTimeoutMs,
          maxHeaderSize: limits.maxHeaderBytes,
        }),
      requestTls: { ...tlsOptionsOf(guard), timeout: limits.connectTimeoutMs },
      factory: (origin: string | URL, given: { readonly connect?: buildConnector.connector }) =>
        new undici.Pool(origin, {
          ...given,
          factory: (one: URL, more: Client.Options) =>
            clientOf(one, more, given.connect === connect ? "pinned" : "proxy"),
        }),
    };
    if (guard.proxy === undefined) return new undici.Agent(options);
    if (guard.proxy !== "env") return new undici.ProxyAgent({ ...options, uri: guard.proxy });
    refuseForeignProxies(process.env);
    return new undici.EnvHttpProxyAgent(options);
  }
}

/** A proxy that is an address has no name to ask it for (RFC 6066 section 3), and Node refuses one from 26 on. */
function withoutAddressAsName(connect: buildConnector.connector): buildConnector.connector {
  return (options, callback) => {
    if (isIP(options.servername ?? "") === 0) return connect(options, callback);
    const { servername: _, ...nameless } = options;
    connect(nameless, callback);
  };
}

/** Whatever the target's is. */
const MIN_PROXY_TLS = "TLSv1.2" as const;

/**
 * Of what the environment names, undici takes proxies for SOCKS too, and keeps none of the guard's limits with them.
 *
 * @throws TypeError as `fetch` does
 */
function refuseForeignProxies(env: NodeJS.ProcessEnv): void {
  const used = {
    http_proxy: env.http_proxy ?? env.HTTP_PROXY,
    https_proxy: env.https_proxy ?? env.HTTPS_PROXY,
  };
  for (const [name, value] of Object.entries(used)) {
    if (value === undefined || value === "") continue;
    if (URL.canParse(value) && /^https?:$/.test(new URL(value).protocol)) continue;
    // Without the value, which may hold a password.
    const cause = new Error(`\`${name}\` of the environment is not an absolute \`http:\` or \`https:\` URL`);
    throw fetchFailed(cause);
  }
}
