/** What a sealed credential is for: authenticated with the ciphertext, and enforced when the credential is injected. */
import { toUtf8 } from "../bytes.js";
import type { AuthType } from "../policy/schema.js";

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
