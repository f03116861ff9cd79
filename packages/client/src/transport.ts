/** How a decided request leaves the process. The guard decides; a transport only sends. */
import type { ConnectionFacts } from "@sallyport/core";
import type { NetworkGuard } from "./network/network-guard.js";

/** A request exactly as it was decided on, credential included. */
export interface TransportRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  readonly body: Uint8Array | ReadableStream<Uint8Array> | undefined;
  readonly signal: AbortSignal | undefined;
  /** Members of the caller's `init` that neither the guard nor the connection is concerned with. */
  readonly extras: Readonly<Record<string, unknown>>;
  /** What the connection may be. The same object for all requests that may share connections. */
  readonly guard: NetworkGuard;
  /** Whether one of the headers is a secret of ours. */
  readonly isCredentialed: boolean;
  /** Whether a filter may change the answer: then it is the guard, most of the time, that reads its body. */
  readonly isFiltered: boolean;
  /** To be told of the connection that the answer came over, before it is given. */
  readonly onConnection: (facts: ConnectionFacts) => void;
}

/**
 * How far a transport keeps to the guard of a request.
 *
 * - `pinned`: it dials no address but one that {@link NetworkGuard.verdictOf} has allowed.
 * - `waived`: it does not, and whoever built it said that credentials may be sent all the same.
 * - `unpinned`: it does not. No credential is sent through it, except to a loopback address and `localhost`.
 */
export type Pinning = "pinned" | "waived" | "unpinned";

/**
 * Sends one request and resolves at its headers. Must not follow redirects: the guard decides each hop. Failures of the
 * network are thrown as they are; a connection that the guard refuses throws {@link NetworkDenial}.
 */
export interface Transport {
  (request: TransportRequest): Promise<Response>;
  /** Asked before each request. @default "unpinned" */
  readonly pinning?: () => Pinning;
}
