/** The key of `hash` operations. */
import {
  type CompiledPolicy,
  ConfigError,
  type HashBytes,
  hashKeyId,
  hashUnder,
  type Keyring,
} from "@sallyport/core";

/** What hashes the values that `hash` operations match; `undefined` for a policy that has none. */
export type HashSource = () => HashBytes | undefined | Promise<HashBytes | undefined>;

/** 32 bytes, as all keys of a keyring. */
const KEY_BYTES = 32;

/**
 * Finds the key once. A keyring that answers later is waited for by the first call that needs it; a key that it turns
 * out not to have withholds what would be hashed.
 *
 * @throws ConfigError when the policy hashes and there is no key for it
 */
export function hashSource(compiled: CompiledPolicy, keyring: Keyring | undefined): HashSource {
  if (!hashes(compiled)) return () => undefined;
  const id = hashKeyId(compiled.policy.clientId);
  const found = keyring?.get(id);
  if (found instanceof Promise) {
    const hash = found.then(asHash);
    // Whoever waits for it is told; without a call nobody does.
    hash.catch(() => {});
    return () => hash;
  }
  const hash = asHash(found);
  if (hash === undefined) {
    throw new ConfigError("keyring", `a filter of the policy hashes, which needs the 32-byte key \`${id}\``, {
      help: `add it: \`memoryKeyring({ keys: { "${id}": bytes } })\``,
    });
  }
  return () => hash;
}

function asHash(key: Uint8Array | undefined): HashBytes | undefined {
  return key?.length === KEY_BYTES ? hashUnder(key) : undefined;
}

function hashes({ proxies, credentials }: CompiledPolicy): boolean {
  const scopes = [
    ...[...proxies.values()].flatMap((proxy) => [proxy.scope, proxy.target.scope]),
    ...[...credentials.values()].map(({ scope }) => scope),
  ];
  return scopes.some(({ filters }) =>
    filters.some(({ operations }) => operations.some(({ effect }) => effect === "hash")),
  );
}
