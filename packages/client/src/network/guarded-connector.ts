/**
 * How connections of a target are made: the address that was checked is the address that is dialled.
 *
 * Three checks, since none sees all: the host of the URL, for a literal address never reaches a resolver; every address
 * of a resolver's answer; and the address at the other end of the connection.
 */
import { type LookupAddress, lookup as systemLookup } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import * as tls from "node:tls";
import type { buildConnector } from "undici";
import { NetworkDenial } from "./network-denial.js";
import type { NetworkGuard } from "./network-guard.js";

/** Finds the addresses of a name, as `dns.lookup` of Node does. What it answers is checked whatever it is. */
export type Lookup = LookupFunction;

/**
 * A connector for undici's clients.
 *
 * @param build - undici's own, which dials
 * @param lookup - @default dns.lookup
 */
export function guardedConnector(
  build: typeof buildConnector,
  guard: NetworkGuard,
  lookup: Lookup = systemLookup as Lookup,
): buildConnector.connector {
  const connect = build({
    ...tlsOptionsOf(guard),
    timeout: guard.limits.connectTimeoutMs,
    lookup: checkedLookup(guard, lookup),
  });
  return (options, callback) => {
    const refused = refusalOfHost(guard, options.hostname);
    if (refused !== undefined) {
      queueMicrotask(() => callback(refused, null));
      return;
    }
    connect(options, (error, socket) => {
      if (error !== null) return callback(tlsDenialOf(error, guard) ?? error, null);
      const peer = socket.remoteAddress;
      const denial = peer === undefined ? undefined : refusalOf(guard, peer);
      if (denial === undefined) return callback(null, socket);
      socket.destroy();
      callback(denial, null);
    });
  };
}

/** Options of `tls.connect`. */
export function tlsOptionsOf(guard: NetworkGuard): buildConnector.BuildOptions {
  const { ca, minVersion } = guard.tls;
  return {
    minVersion,
    rejectUnauthorized: true,
    // A list of one's own takes the place of the default one.
    ...(ca === undefined ? {} : { ca: [...defaultCertificates(), ...ca] }),
  };
}

/** What Node trusts; up to Node 22.14 it does not tell of what `NODE_EXTRA_CA_CERTS` adds. */
function defaultCertificates(): readonly string[] {
  const { getCACertificates } = tls as { getCACertificates?: (type: "default") => readonly string[] };
  return getCACertificates?.("default") ?? tls.rootCertificates;
}

/** What the guard says of the host of a URL, where this is an address. */
export function refusalOfHost(guard: NetworkGuard, hostname: string): NetworkDenial | undefined {
  const host = hostname.startsWith("[") ? hostname.slice(1, -1) : hostname;
  return isIP(host) === 0 ? undefined : refusalOf(guard, host);
}

function refusalOf(guard: NetworkGuard, address: string): NetworkDenial | undefined {
  const verdict = guard.verdictOf(address);
  return verdict.allowed ? undefined : new NetworkDenial("network", verdict.reason);
}

/** Asks for every address: if one of them is refused the name is, whichever would be dialled. */
function checkedLookup(guard: NetworkGuard, lookup: Lookup): LookupFunction {
  return (hostname, options, callback) => {
    let isAnswered = false;
    const fail = (error: unknown) => {
      if (isAnswered) return;
      isAnswered = true;
      callback(error instanceof Error ? error : new Error("the resolver failed", { cause: error }), "", 0);
    };
    const take: Parameters<Lookup>[2] = (error, answer) => {
      if (error) return fail(error);
      // Node would dial for a second answer while the first is being dialled.
      if (isAnswered) return;
      isAnswered = true;
      const addresses = addressesOf(answer);
      const [first] = addresses;
      const denial =
        first === undefined
          ? new NetworkDenial("network", "the name of the host has no address")
          : addresses.map(({ address }) => refusalOf(guard, address)).find((one) => one !== undefined);
      if (denial !== undefined) return callback(denial, "", 0);
      if (options.all === true) callback(null, addresses);
      else callback(null, first?.address ?? "", first?.family ?? 0);
    };
    try {
      // One of the user's may be an async function, whose failure nobody else would hear of.
      Promise.resolve<unknown>(lookup(hostname, { ...options, all: true }, take)).catch(fail);
    } catch (error) {
      fail(error);
    }
  };
}

/**
 * What a resolver answered, each address read once. One of the user's may answer with a single address all the same, or
 * with anything: nothing may be thrown here, in a callback of the resolver's.
 */
function addressesOf(answer: unknown): LookupAddress[] {
  const given: readonly unknown[] = Array.isArray(answer) ? answer : answer ? [answer] : [];
  return given.map((one) => {
    const read: unknown = typeof one === "object" && one !== null ? (one as LookupAddress).address : one;
    const address = typeof read === "string" ? read : "";
    // The family that it is of, which Node dials by.
    return { address, family: isIP(address) };
  });
}

/** What OpenSSL says of a peer whose version of the protocol is too old, and what such a peer makes it say. */
const VERSION_ERRORS = new Set([
  "ERR_SSL_UNSUPPORTED_PROTOCOL",
  "ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION",
  "ERR_SSL_WRONG_VERSION_NUMBER_IN_HELLO",
]);

function tlsDenialOf(error: Error, guard: NetworkGuard): NetworkDenial | undefined {
  const { code } = error as { code?: unknown };
  if (typeof code !== "string" || !VERSION_ERRORS.has(code)) return undefined;
  return new NetworkDenial("tls", `the server does not speak ${guard.tls.minVersion} or newer`);
}
