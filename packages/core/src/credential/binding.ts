/** What a sealed credential is for: authenticated with the ciphertext, and enforced when the credential is injected. */
import { toUtf8 } from "../bytes.js";
import { ConfigError } from "../errors.js";
import { compilePolicy } from "../policy/compile.js";
import { definePolicy, isPolicy } from "../policy/parse-policy.js";
import type { AuthType, Policy, PolicyDocument } from "../policy/schema.js";

export interface CredentialBinding {
  readonly clientId: string;
  readonly region: string;
  /** The credential's id in the policy. */
  readonly id: string;
  readonly type: "proxy" | "target";
  readonly authType: AuthType;
  /** Raised by each rotation. */
  readonly version: number;
  /** Where it may be sent, as `scheme://host[:port]`; any order. */
  readonly origins: readonly string[];
}

/** Associated data of the cipher: one text for one binding (docs/spec/credential.md, "Binding"). */
export function bindingBytes(kid: string, binding: CredentialBinding): Uint8Array {
  const { clientId, region, id, type, authType, version, origins } = binding;
  return toUtf8(
    JSON.stringify(["sp1", kid, clientId, region, id, type, authType, version, [...origins].sort()]),
  );
}

/**
 * The binding of a credential in a policy, for sealing its secret.
 *
 * @param policy - a policy, or a document whose credentials may lack their `secret` yet
 * @throws PolicyError when the document does not load otherwise; ConfigError when it has no such credential
 */
export function credentialBinding(policy: Policy | PolicyDocument, credentialId: string): CredentialBinding {
  const checked = isPolicy(policy) ? policy : definePolicy(withPlaceholders(policy));
  const credential = Object.hasOwn(checked.credentials, credentialId)
    ? checked.credentials[credentialId]
    : undefined;
  if (credential === undefined)
    throw new ConfigError("credentialId", `the policy has no credential \`${credentialId}\``);
  return {
    clientId: checked.clientId,
    region: credential.region ?? checked.region,
    id: credentialId,
    type: credential.type,
    authType: credential.authType,
    version: credential.version,
    origins: compilePolicy(checked).credentials.get(credentialId)?.origins ?? [],
  };
}

/** A document cannot hold envelopes before they are sealed, so missing secrets are stood in for. */
function withPlaceholders(document: PolicyDocument): PolicyDocument {
  const credentials = Object.entries(document.credentials ?? {}).map(([id, credential]) => {
    const isComplete =
      credential.secret !== undefined || credential.type === "proxy" || credential.authType === "none";
    return [id, isComplete ? credential : { ...credential, secret: { env: "NOT_SEALED_YET" } }] as const;
  });
  return { ...document, credentials: Object.fromEntries(credentials) };
}
