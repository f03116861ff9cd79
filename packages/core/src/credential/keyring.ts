/** Keys by id. The id stands in every envelope, so that a key is chosen, never tried. */
import { ConfigError } from "../errors.js";
import { KEY_BYTES } from "./envelope.js";

export interface Keyring {
  /** The key that new envelopes are sealed with; absent for a ring that only opens. */
  readonly primary?: string;
  /** A 32-byte key; `undefined` when the ring does not hold it. The caller must not change the bytes. */
  get(kid: string): Uint8Array | undefined | Promise<Uint8Array | undefined>;
}

/**
 * A keyring of the keys given.
 *
 * @param options.primary - id of the key to seal with; one of `keys`. Left out, the ring only opens
 * @param options.keys - 32 bytes each; copied
 * @throws ConfigError when a key has another size or the primary is not among them
 */
export function memoryKeyring(options: {
  readonly primary?: string;
  readonly keys: Readonly<Record<string, Uint8Array>>;
}): Keyring {
  const keys = new Map<string, Uint8Array>();
  for (const [kid, key] of Object.entries(options.keys)) {
    if (!(key instanceof Uint8Array) || key.length !== KEY_BYTES) {
      throw new ConfigError(`keys.${kid}`, `expected ${KEY_BYTES} bytes`, {
        help: "make one with `crypto.randomBytes(32)`",
      });
    }
    keys.set(kid, Uint8Array.from(key));
  }
  const { primary } = options;
  if (primary !== undefined && !keys.has(primary))
    throw new ConfigError("primary", `there is no key \`${primary}\``);
  return Object.freeze({
    ...(primary === undefined ? {} : { primary }),
    get: (kid: string) => keys.get(kid),
  });
}
