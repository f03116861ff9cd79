/** Who a call is made for. Bound by `guarded.with()`, captured when the call is made. */
import { type CallFacts, ConfigError, type Keyring, pseudonymOf } from "@sallyport/core";
import { within } from "./deadline.js";
import { refuseUnknown } from "./unknown-option.js";

export interface Identity {
  /** Id of the proxy credential in force: its rules and filters apply. */
  readonly proxyCredential?: string | undefined;
  /** Whom the record names, by a keyed pseudonym; the id itself is not recorded. */
  readonly actor?: { readonly type: "user" | "service" | "system"; readonly id: string } | undefined;
  /** Trusted input of filters' variables with `source: "vars"`. */
  readonly vars?: Readonly<Record<string, string | number | boolean | undefined>> | undefined;
}

/** @throws ConfigError for a field that is not one of an identity's */
export function checkIdentity(identity: Identity): Identity {
  refuseUnknown("with", identity, ["proxyCredential", "actor", "vars"]);
  const { proxyCredential, actor, vars } = identity;
  if (
    actor !== undefined &&
    (typeof actor.id !== "string" || !["user", "service", "system"].includes(actor.type))
  ) {
    throw new ConfigError("with.actor", 'expected `{ type: "user" | "service" | "system", id }`');
  }
  return {
    ...(proxyCredential === undefined ? {} : { proxyCredential }),
    ...(actor === undefined ? {} : { actor: { ...actor } }),
    ...(vars === undefined ? {} : { vars: { ...vars } }),
  };
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
