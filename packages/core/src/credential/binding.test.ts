import { describe, expect, it } from "vitest";
import { decodeUtf8 } from "../bytes.js";
import { definePolicy } from "../policy/parse-policy.js";
import type { PolicyDocument } from "../policy/schema.js";
import { bindingBytes, type CredentialBinding } from "./binding.js";
import { openCredential, sealCredential } from "./envelope.js";
import { credentialBinding } from "./policy-binding.js";

const binding: CredentialBinding = {
  clientId: "acme",
  region: "eu-west-1",
  id: "github",
  type: "target",
  authType: "bearer",
  version: 3,
  origins: ["https://b.example", "https://a.example"],
};

describe("bindingBytes", () => {
  it("is the JSON list that docs/spec/credential.md prints, origins sorted", () => {
    expect(decodeUtf8(bindingBytes("k1", binding))).toBe(
      '["sp1","k1","acme","eu-west-1","github","target","bearer",3,["https://a.example","https://b.example"]]',
    );
  });

  it("does not change the order of the caller's own list", () => {
    bindingBytes("k1", binding);
    expect(binding.origins).toEqual(["https://b.example", "https://a.example"]);
  });

  it("gives no two bindings the same text, whatever their fields hold", () => {
    const shifted = { ...binding, clientId: 'acme","eu-west-1', region: "x" };
    expect(bindingBytes("k1", shifted)).not.toEqual(
      bindingBytes("k1", { ...binding, region: 'eu-west-1","x' }),
    );
  });
});

const document: PolicyDocument = {
  clientId: "acme",
  region: "eu-west-1",
  targets: {
    api: { baseUrl: "https://API.example:443/v3/" },
    uploads: { baseUrl: "https://uploads.example:8443" },
    other: { baseUrl: "https://other.example" },
  },
  credentials: { github: { type: "target", authType: "bearer" } },
  proxies: {
    a: { target: "uploads", targetCredential: "github" },
    b: { target: "api", targetCredential: "github" },
    c: { target: "other" },
  },
};

describe("credentialBinding", () => {
  it("takes the origins of the targets that the credential is used for", () => {
    expect(credentialBinding(document, "github")).toEqual({
      ...binding,
      version: 1,
      origins: ["https://api.example", "https://uploads.example:8443"],
    });
  });

  it("takes the origins that the credential lists, in canonical form", () => {
    const origins = ["https://UPLOADS.example:8443/", "https://api.example:443", "https://a.example"];
    const github = { type: "target", authType: "key", version: 3, origins } as const;
    expect(credentialBinding({ ...document, credentials: { github } }, "github")).toEqual({
      ...binding,
      authType: "apiKey",
      origins: ["https://a.example", "https://api.example", "https://uploads.example:8443"],
    });
  });

  it("is the same before and after the secret is sealed into the policy", () => {
    const key = new Uint8Array(32).fill(1);
    const before = credentialBinding(document, "github");
    const sealed = sealCredential(new Uint8Array(4), {
      key,
      kid: "k1",
      iv: new Uint8Array(16),
      binding: before,
    });
    const policy = definePolicy({
      ...document,
      credentials: { github: { type: "target", authType: "bearer", secret: { sealed } } },
    });
    const after = credentialBinding(policy, "github");
    expect(after).toEqual(before);
    expect(openCredential(sealed, { key, binding: after })).toEqual(new Uint8Array(4));
  });

  it("does not mind that other credentials have no secret yet either", () => {
    const two = {
      ...document,
      credentials: { ...document.credentials, gitlab: { type: "target", authType: "basic" } },
    } as const;
    expect(credentialBinding(two, "github")).toEqual(credentialBinding(document, "github"));
    expect(credentialBinding(two, "gitlab")).toMatchObject({
      id: "gitlab",
      authType: "basicAuth",
      origins: [],
    });
  });

  it("changes when a policy sends the credential to another origin, so that the envelope no longer opens", () => {
    const moved = { ...document, targets: { ...document.targets, api: { baseUrl: "https://evil.example" } } };
    expect(credentialBinding(moved, "github").origins).toEqual([
      "https://evil.example",
      "https://uploads.example:8443",
    ]);
  });

  it.each(["gitlab", "constructor", "__proto__"])("refuses %s, which the policy does not have", (id) => {
    expect(() => credentialBinding(document, id)).toThrowError("the policy has no credential");
    expect(() => credentialBinding(definePolicy({ clientId: "acme", region: "eu-west-1" }), id)).toThrowError(
      "the policy has no credential",
    );
  });
});
