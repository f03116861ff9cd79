/** The identity of a policy: what a record names, so that an auditor knows which text was in force. */
import { createHash } from "node:crypto";
import { canonicalJson, type JsonValue } from "../record/canonical-json.js";
import type { Policy } from "./schema.js";

/**
 * SHA-256, in hexadecimal, over the canonical JSON of the normalised document. The credential's id stands in place of
 * every secret, whatever its form, so that the hash says nothing about it.
 */
export function policyHash(policy: Policy): string {
  const credentials = Object.fromEntries(
    Object.entries(policy.credentials).map(([id, credential]) => [
      id,
      { ...credential, secret: credential.secret === undefined ? undefined : id },
    ]),
  );
  return createHash("sha256")
    .update(canonicalJson({ ...policy, credentials } as unknown as JsonValue))
    .digest("hex");
}
