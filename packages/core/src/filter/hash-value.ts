/** What stands in place of a hashed value: equal values can be correlated without being seen. */
import { createHmac } from "node:crypto";
import { toBase64Url } from "../bytes.js";

/** Id of the key in the keyring, by client. */
export function hashKeyId(clientId: string): string {
  return `hash:${clientId}`;
}

/** base64url characters of the HMAC: 132 bits, so that no two values meet by chance. */
const CHARACTERS = 22;

/**
 * Hashes under a key: `h1:` and the first 22 characters of the base64url HMAC-SHA256.
 *
 * @param key - 32 bytes; not changed, kept as long as the function is
 */
export function hashUnder(key: Uint8Array): (bytes: Uint8Array) => string {
  return (bytes) => {
    const digest = createHmac("sha256", key).update(bytes).digest();
    return `h1:${toBase64Url(digest).slice(0, CHARACTERS)}`;
  };
}
