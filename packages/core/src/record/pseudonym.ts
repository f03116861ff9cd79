import { createHmac } from "node:crypto";
import { toBase64Url } from "../bytes.js";

/**
 * A keyed pseudonym: equal identities can be told to be equal, and the key's destruction unlinks them all.
 *
 * @param key - 32 bytes, the keyring's `pseudonym:<clientId>`
 * @returns `h1:` and 22 characters of base64url HMAC-SHA256 over `type:id`
 */
export function pseudonymOf(key: Uint8Array, type: string, id: string): string {
  const digest = createHmac("sha256", key).update(`${type}:${id}`).digest();
  return `h1:${toBase64Url(digest).slice(0, 22)}`;
}
