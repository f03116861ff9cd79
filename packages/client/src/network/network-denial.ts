/** A connection that the network guard refuses. */

/**
 * Thrown by transports before anything is sent; the guarded call turns it into a denial with this code. It never reaches
 * a caller.
 */
export class NetworkDenial extends Error {
  override readonly name = "NetworkDenial";
  readonly code: "network" | "tls";

  /** @param reason - a sentence that names no address which the caller does not know already */
  constructor(code: "network" | "tls", reason: string) {
    super(reason);
    this.code = code;
  }
}

/** The denial behind an error, if there is one: `fetch` wraps what a connection fails with. */
export function denialBehind(error: unknown): NetworkDenial | undefined {
  for (let current = error, depth = 0; current instanceof Error && depth < MAX_CAUSES; depth++) {
    if (current instanceof NetworkDenial) return current;
    current = current.cause;
  }
  return undefined;
}

const MAX_CAUSES = 5;

/** Why a credential does not leave through a transport that does not keep to the guard. */
export const UNPINNED_CREDENTIAL =
  "the transport does not check the address that it dials, so the credential of the target is not given to it";
