/**
 * The cipher: AES-256-GCM over one secret, with what the secret is for as associated data.
 *
 * Text forms: `sp1:<kid>:<iv>:<tag>:<data>`, and the older bare triple `<iv>:<tag>:<data>`, which names neither version
 * nor key and is bound to nothing (docs/spec/credential.md).
 */
import { createCipheriv, createDecipheriv } from "node:crypto";
import { decodeBase64, toBase64 } from "../bytes.js";
import { ConfigError, CredentialError } from "../errors.js";
import { bindingBytes, type CredentialBinding } from "./binding.js";

export const KEY_BYTES = 32;
export const IV_BYTES = 16;
const TAG_BYTES = 16;
const VERSION = "sp1";
const KID = /^[A-Za-z0-9_-]{1,64}$/;

/** Longer secrets are refused: no credential is, and it bounds what a policy file may hold. */
export const MAX_SECRET_BYTES = 64 * 1024;

export interface SealOptions {
  /** 32 bytes. */
  readonly key: Uint8Array;
  /** Which key it is: 1 to 64 of `A-Z a-z 0-9 _ -`. */
  readonly kid: string;
  /** 16 bytes, never used twice with one key. */
  readonly iv: Uint8Array;
  readonly binding: CredentialBinding;
}

/**
 * Seals a secret so that it opens only with the same key and for the same binding.
 *
 * @param plaintext - up to {@link MAX_SECRET_BYTES} bytes; neither kept nor changed
 * @returns the envelope: ASCII, safe in JSON and in a header
 * @throws ConfigError when key, kid, iv or plaintext have the wrong size
 */
export function sealCredential(plaintext: Uint8Array, { key, kid, iv, binding }: SealOptions): string {
  requireBytes("key", key, KEY_BYTES);
  requireBytes("iv", iv, IV_BYTES);
  if (!KID.test(kid)) throw new ConfigError("kid", "expected 1 to 64 of `A-Z a-z 0-9 _ -`");
  if (plaintext.length > MAX_SECRET_BYTES)
    throw new ConfigError("plaintext", `has more than ${MAX_SECRET_BYTES} bytes`);
  const cipher = createCipheriv("aes-256-gcm", key, iv, { authTagLength: TAG_BYTES });
  cipher.setAAD(bindingBytes(kid, binding));
  const data = concat(cipher.update(plaintext), cipher.final());
  return [VERSION, kid, toBase64(iv), toBase64(cipher.getAuthTag()), toBase64(data)].join(":");
}

/** A parsed text form. */
export interface Envelope {
  /** The key it names; `undefined` for the bare triple. */
  readonly kid: string | undefined;
  readonly iv: Uint8Array;
  readonly tag: Uint8Array;
  readonly data: Uint8Array;
}

/**
 * Reads either text form. Strict: a part that is not canonical base64, or of the wrong length, is unreadable.
 *
 * @throws CredentialError `ERR_CREDENTIAL_VERSION` for an envelope of another version, else `ERR_CREDENTIAL_UNREADABLE`
 */
export function parseEnvelope(text: string): Envelope {
  const parts = text.split(":");
  if (parts.length === 5) {
    const [version, kid = "", ...triple] = parts;
    if (version !== VERSION) {
      throw new CredentialError(
        "ERR_CREDENTIAL_VERSION",
        "the envelope has a version that is not supported",
        {
          help: `only \`${VERSION}:\` envelopes are known to this version`,
        },
      );
    }
    if (!KID.test(kid)) throw unreadable();
    return { kid, ...parseTriple(triple) };
  }
  if (parts.length !== 3) throw unreadable();
  return { kid: undefined, ...parseTriple(parts) };
}

export interface OpenOptions {
  /** The key that the envelope names; chosen by its id, never by trial. */
  readonly key: Uint8Array;
  readonly binding: CredentialBinding;
  /** Opens the bare triple too, which is bound to nothing. @default false */
  readonly allowUnversioned?: boolean;
}

/**
 * Opens an envelope.
 *
 * @returns the secret; the caller owns the bytes and should zero them after use
 * @throws CredentialError with one and the same message for a wrong key, tampering, truncation and another binding
 */
export function openCredential(
  envelope: string | Envelope,
  { key, binding, allowUnversioned = false }: OpenOptions,
): Uint8Array {
  const { kid, iv, tag, data } = typeof envelope === "string" ? parseEnvelope(envelope) : envelope;
  if (kid === undefined && !allowUnversioned) throw unreadable();
  requireBytes("key", key, KEY_BYTES);
  try {
    // Without `authTagLength` Node accepts tags cut down to four bytes.
    const decipher = createDecipheriv("aes-256-gcm", key, iv, { authTagLength: TAG_BYTES });
    if (kid !== undefined) decipher.setAAD(bindingBytes(kid, binding));
    decipher.setAuthTag(tag);
    return concat(decipher.update(data), decipher.final());
  } catch {
    // The cause is left out on purpose: it would tell tampering from a wrong key.
    throw unreadable();
  }
}

/** The one error for everything that does not open. */
export function unreadable(): CredentialError {
  return new CredentialError("ERR_CREDENTIAL_UNREADABLE", "the credential cannot be opened", {
    help: "check that the keyring holds the key it was sealed with, and that client, region, id, type, version and origins are those it was sealed for; else seal it again",
  });
}

function parseTriple(parts: readonly string[]): Omit<Envelope, "kid"> {
  const [iv, tag, data] = parts.map(decodeBase64);
  if (iv?.length !== IV_BYTES || tag?.length !== TAG_BYTES || data === undefined) throw unreadable();
  return { iv, tag, data };
}

function requireBytes(path: string, bytes: Uint8Array, length: number): void {
  if (!(bytes instanceof Uint8Array) || bytes.length !== length) {
    throw new ConfigError(path, `expected ${length} bytes`, {
      help: "make a key with `crypto.randomBytes(32)`",
    });
  }
}

function concat(first: Uint8Array, second: Uint8Array): Uint8Array {
  const whole = new Uint8Array(first.length + second.length);
  whole.set(first);
  whole.set(second, first.length);
  first.fill(0);
  return whole;
}
