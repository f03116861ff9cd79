/** Who a call is made for. Bound by `guarded.with()`, captured when the call is made. */
import { type CallFacts, ConfigError, type Keyring, pseudonymOf } from "@sallyport/core";
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
  const key = await pseudonymKey(clientId, keyring);
  return key === undefined
    ? { type: actor.type }
    : { type: actor.type, ref: pseudonymOf(key, actor.type, actor.id) };
}

/** A keyring that fails here must not change what the caller of a call that was sent gets. */
async function pseudonymKey(clientId: string, keyring: Keyring | undefined): Promise<Uint8Array | undefined> {
  try {
    return await keyring?.get(`pseudonym:${clientId}`);
  } catch {
    return undefined;
  }
}
