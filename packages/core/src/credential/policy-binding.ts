/** What a credential of a policy is sealed for. */
import { ConfigError } from "../errors.js";
import { compilePolicy } from "../policy/compile.js";
import { definePolicy, isPolicy } from "../policy/parse-policy.js";
import type { Policy, PolicyDocument } from "../policy/schema.js";
import type { CredentialBinding } from "./binding.js";

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
