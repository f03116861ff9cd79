/** The transport over undici's dispatcher, without the platform's `fetch`. */
import type { Agent } from "undici";
import type { Transport } from "../transport.js";
import { exchange } from "./exchange.js";

/** Larger heads of responses are refused. */
const MAX_HEADER_BYTES = 16 * 1024;
const CONNECT_TIMEOUT_MS = 10_000;
const HEADERS_TIMEOUT_MS = 60_000;
const BODY_IDLE_TIMEOUT_MS = 120_000;

/**
 * A transport that sends by undici's dispatcher directly, faster than `fetch` on small bodies. Connections are kept
 * alive and are this transport's own: the process's global dispatcher is neither used nor changed.
 */
export function undiciTransport(): Transport {
  let agent: Promise<Agent> | undefined;
  return async (request) => {
    // Loading undici fills the process's slot for a default dispatcher if it is empty. A request has `Headers`, and with
    // these the platform has filled it: so its `fetch` stays as it was.
    agent ??= import("undici").then(
      ({ Agent }) =>
        new Agent({
          connect: { timeout: CONNECT_TIMEOUT_MS },
          headersTimeout: HEADERS_TIMEOUT_MS,
          bodyTimeout: BODY_IDLE_TIMEOUT_MS,
          maxHeaderSize: MAX_HEADER_BYTES,
        }),
    );
    return exchange(await agent, request);
  };
}
