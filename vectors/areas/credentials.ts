/** Credentials: one secret and its envelope, sealed to the exact text or opened, or refused with the one error. */
import { type CredentialBinding, CredentialError, openCredential, sealCredential } from "@sallyport/core";
import { expect } from "vitest";
import { z } from "zod";
import { caseFields, defineArea } from "../area.js";

const hex = z.string().regex(/^(?:[0-9a-f]{2})*$/);

const binding = z.strictObject({
  clientId: z.string(),
  region: z.string(),
  id: z.string(),
  type: z.enum(["proxy", "target"]),
  authType: z.enum(["apiKey", "bearer", "basicAuth", "none"]),
  version: z.int(),
  origins: z.array(z.string()),
});

const caseSchema = z.strictObject({
  ...caseFields,
  key: hex,
  binding,
  envelope: z.string(),
  /** What sealing needs besides: then the envelope has to come out exactly, and has to open again. */
  seal: z.strictObject({ kid: z.string(), iv: hex, plaintext: z.string() }).optional(),
  allowUnversioned: z.boolean().optional(),
  /** `version`: the envelope is of a version that is not known. */
  expect: z.enum(["opens", "unreadable", "version"]),
  /** What it opens to. */
  plaintext: z.string().optional(),
});

type CredentialCase = z.output<typeof caseSchema>;

export const area = defineArea<CredentialCase>({ caseSchema, replay });

async function replay(one: CredentialCase): Promise<void> {
  const key = Buffer.from(one.key, "hex");
  if (one.seal !== undefined) {
    const { kid, iv, plaintext } = one.seal;
    const options = { key, kid, iv: Buffer.from(iv, "hex"), binding: one.binding };
    expect(sealCredential(Buffer.from(plaintext), options)).toBe(one.envelope);
    expect(await sealByWebCrypto(Buffer.from(plaintext), options)).toBe(one.envelope);
  }
  const open = () => {
    const allowUnversioned = one.allowUnversioned ?? false;
    return openCredential(one.envelope, { key, binding: one.binding, allowUnversioned });
  };
  if (one.expect === "opens") {
    expect(Buffer.from(open()).toString()).toBe(one.seal?.plaintext ?? one.plaintext);
    return;
  }
  const code = one.expect === "version" ? "ERR_CREDENTIAL_VERSION" : "ERR_CREDENTIAL_UNREADABLE";
  const message = {
    version: "the envelope has a version that is not supported",
    unreadable: "the credential cannot be opened",
  }[one.expect];
  expect(open).toThrowError(expect.objectContaining({ code, message, name: CredentialError.name }));
}

/** The same envelope by another implementation of AES-GCM, from docs/spec/credential.md alone. */
async function sealByWebCrypto(
  plaintext: Uint8Array<ArrayBuffer>,
  options: {
    key: Uint8Array<ArrayBuffer>;
    kid: string;
    iv: Uint8Array<ArrayBuffer>;
    binding: CredentialBinding;
  },
): Promise<string> {
  const { clientId, region, id, type, authType, version, origins } = options.binding;
  const bound = ["sp1", options.kid, clientId, region, id, type, authType, version, origins.toSorted()];
  const additionalData = new TextEncoder().encode(JSON.stringify(bound));
  const key = await crypto.subtle.importKey("raw", options.key, "AES-GCM", false, ["encrypt"]);
  const algorithm = { name: "AES-GCM", iv: options.iv, additionalData, tagLength: 128 };
  const sealed = Buffer.from(await crypto.subtle.encrypt(algorithm, key, plaintext));
  const parts = [options.iv, sealed.subarray(-16), sealed.subarray(0, -16)].map((part) =>
    Buffer.from(part).toString("base64"),
  );
  return ["sp1", options.kid, ...parts].join(":");
}
