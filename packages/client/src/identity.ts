/** Who a call is made for. Bound by `guarded.with()`, captured when the call is made. */
import { type Actor, type CallFacts, ConfigError, type Keyring, pseudonymOf } from "@sallyport/core";
import { within } from "./deadline.js";
import { refuseUnknown } from "./unknown-option.js";

export interface Identity {
  /** Id of the proxy credential in force: its rules and filters apply. */
  readonly proxyCredential?: string | undefined;
  /**
   * On whose behalf calls are made, for `actor` checks of rules. The calling code vouches for it: nothing is verified
   * here. Records name its type and a keyed pseudonym of its id; tenant and claims are not recorded.
   */
  readonly actor?: Actor | undefined;
  /**
   * Claims of a token that the calling code has verified, signature, issuer, audience and times, for `token` checks of
   * rules. JSON data, copied. Never a token as it came in, and not recorded.
   */
  readonly token?: Readonly<Record<string, unknown>> | undefined;
  /** Trusted input of filters' variables with `source: "vars"`. */
  readonly vars?: Readonly<Record<string, string | number | boolean | undefined>> | undefined;
}

/** @throws ConfigError for a field that is not one of an identity's, or is not what it should be */
export function checkIdentity(identity: Identity): Identity {
  refuseUnknown("with", identity, ["proxyCredential", "actor", "token", "vars"]);
  const { proxyCredential, actor, token, vars } = identity;
  return {
    ...(proxyCredential === undefined ? {} : { proxyCredential }),
    ...(actor === undefined ? {} : { actor: checkActor(actor) }),
    ...(token === undefined ? {} : { token: claimsOf("with.token", token) }),
    ...(vars === undefined ? {} : { vars: { ...vars } }),
  };
}

function checkActor(given: Actor): Actor {
  const hasIdentity = typeof given === "object" && given !== null && typeof given.id === "string";
  if (!hasIdentity || !["user", "service", "system"].includes(given.type))
    throw new ConfigError("with.actor", 'expected `{ type: "user" | "service" | "system", id }`');
  refuseUnknown("with.actor", given, ["type", "id", "tenant", "claims"]);
  const { type, id, tenant, claims } = given;
  if (tenant !== undefined && typeof tenant !== "string")
    throw new ConfigError("with.actor.tenant", "expected a string");
  return {
    ...{ type, id },
    ...(tenant === undefined ? {} : { tenant }),
    ...(claims === undefined ? {} : { claims: claimsOf("with.actor.claims", claims) }),
  };
}

/** A copy as JSON data, so that what was checked is what is decided on, and deciding runs no code of the caller's. */
function claimsOf(path: string, claims: unknown): Readonly<Record<string, unknown>> {
  if (typeof claims !== "object" || claims === null || Array.isArray(claims)) {
    throw new ConfigError(path, "expected an object of claims", {
      help: "pass what your verifier returned, not the text of the token",
    });
  }
  try {
    return JSON.parse(JSON.stringify(claims));
  } catch (cause) {
    throw new ConfigError(path, "the claims are not JSON data", { cause });
  }
}

/** The actor as a record names it: its pseudonym is absent when the keyring has no `pseudonym:<clientId>`. */
export async function recordedActor(
  { actor }: Identity,
  clientId: string,
  keyring: Keyring | undefined,
): Promise<CallFacts["actor"]> {
  if (actor === undefined) return undefined;
  const ref = await pseudonym(actor, clientId, keyring);
  return ref === undefined ? { type: actor.type } : { type: actor.type, ref };
}

/** A keyring that fails here, or does not answer, must not change what the caller of a call that was sent gets. */
async function pseudonym(
  actor: NonNullable<Identity["actor"]>,
  clientId: string,
  keyring: Keyring | undefined,
): Promise<string | undefined> {
  try {
    const key = await within(MAX_KEYRING_MS, Promise.resolve(keyring?.get(`pseudonym:${clientId}`)));
    return key === undefined ? undefined : pseudonymOf(key, actor.type, actor.id);
  } catch {
    return undefined;
  }
}

const MAX_KEYRING_MS = 1000;
