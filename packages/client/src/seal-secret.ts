import {
  ConfigError,
  credentialBinding,
  headerOfSecret,
  IV_BYTES,
  type Keyring,
  type Policy,
  type PolicyDocument,
  sealCredential,
  unreadable,
} from "@sallyport/core";

export interface SealSecretOptions {
  /** The policy that will hold the envelope; the credential may still lack its `secret`. */
  readonly policy: Policy | PolicyDocument;
  /** Id of the credential. */
  readonly credential: string;
  /** The fields of the credential's type, for example `{ token }`; or its short form, the token itself. */
  readonly secret: string | Readonly<Record<string, unknown>>;
  /** Seals with its primary key. */
  readonly keyring: Keyring;
}

/**
 * Seals a secret for one credential of a policy. The envelope opens for that credential alone: not for another tenant,
 * region, id, type or version, and not once its origins have changed.
 *
 * @returns the envelope, for `secret: { sealed }`
 * @throws CredentialError `ERR_CREDENTIAL_SHAPE` when the secret is not one of the credential's type
 * @throws ConfigError when the policy has no such credential or the keyring no primary key; PolicyError for the policy
 */
export async function sealSecret({
  policy,
  credential,
  secret,
  keyring,
}: SealSecretOptions): Promise<string> {
  const binding = credentialBinding(policy, credential);
  const kid = keyring.primary;
  if (kid === undefined) throw new ConfigError("keyring", "has no primary key to seal with");
  const key = await keyring.get(kid);
  if (key === undefined) throw unreadable();
  const text = typeof secret === "string" ? secret : JSON.stringify(secret);
  if (binding.authType !== "none") headerOfSecret(binding.authType, text);
  const plaintext = new TextEncoder().encode(text);
  const envelope = sealCredential(plaintext, {
    key,
    kid,
    iv: crypto.getRandomValues(new Uint8Array(IV_BYTES)),
    binding,
  });
  plaintext.fill(0);
  return envelope;
}
