import { describe, expect, it } from "vitest";
import { definePolicy } from "./parse-policy.js";
import { policyHash } from "./policy-hash.js";
import type { PolicyDocument } from "./schema.js";

type Secret = NonNullable<NonNullable<PolicyDocument["credentials"]>[string]["secret"]>;

function document(
  secret: Secret,
  proxy: Partial<NonNullable<PolicyDocument["proxies"]>[string]> = {},
): PolicyDocument {
  return {
    clientId: "acme",
    region: "eu-1",
    targets: { t: { baseUrl: "https://api.example" } },
    credentials: { c: { type: "target", authType: "bearer", secret } },
    proxies: { p: { target: "t", targetCredential: "c", ...proxy } },
  };
}

const hashOf = (one: PolicyDocument) => policyHash(definePolicy(one));
/** Of the document with its secret in `TOKEN`. */
const plain = "d59b9944af3d96ffcd1c0a54389a2d9f1c4fe186160419ba0f779a367cc47b93";

describe("policyHash", () => {
  it("is SHA-256 in hexadecimal, the same wherever the policy is loaded", () => {
    expect(hashOf(document({ env: "TOKEN" }))).toBe(plain);
  });

  it("says nothing about a secret, neither its form nor its value", () => {
    expect(hashOf(document({ env: "OTHER" }))).toBe(plain);
    expect(hashOf(document({ sealed: `sp1:k1:${"A".repeat(22)}==:${"A".repeat(22)}==:` }))).toBe(plain);
    expect(hashOf(document({ inline: { token: "hunter2" } }))).toBe(plain);
  });

  it("does not depend on the order of keys", () => {
    expect(hashOf(reversed(document({ env: "TOKEN" })) as PolicyDocument)).toBe(plain);
  });

  it("does not tell a default that is written out from one that is left out", () => {
    const proxy = {
      active: true,
      paths: { ambiguous: "deny" as const },
      rules: [],
      redirects: { mayEnter: [] },
    };
    expect(
      hashOf({ ...document({ env: "TOKEN" }, proxy), version: 1, settings: { filterStatuses: "all" } }),
    ).toBe(plain);
  });

  it("does not tell one spelling of a pattern or presence from another", () => {
    const short = { rules: [{ effect: "deny" as const, path: "^/a", headers: [{ name: "^x$" }] }] };
    const long = {
      rules: [
        {
          effect: "deny" as const,
          path: { pattern: "^/a", presence: "present" as const },
          headers: [{ name: { pattern: "^x$" }, presence: "must_exist" as const }],
        },
      ],
    };
    expect(hashOf(document({ env: "TOKEN" }, short))).toBe(hashOf(document({ env: "TOKEN" }, long)));
  });

  it.each<[string, Partial<NonNullable<PolicyDocument["proxies"]>[string]>]>([
    ["notes", { notes: "reviewed by Jane" }],
    ["a name", { name: "Payroll" }],
    ["a rule", { rules: [{ effect: "deny" }] }],
    ["the incident switch", { active: false }],
    ["a default that is spelled out where none is implied", { defaultRuleEffect: "deny" }],
  ])("changes with %s", (_, proxy) => {
    expect(hashOf(document({ env: "TOKEN" }, proxy))).not.toBe(plain);
  });

  it("changes with the order of rules, which changes their numbers", () => {
    const rules = [{ effect: "deny" as const }, { effect: "allow" as const }];
    const forward = hashOf(document({ env: "TOKEN" }, { rules }));
    expect(hashOf(document({ env: "TOKEN" }, { rules: rules.toReversed() }))).not.toBe(forward);
  });

  it("changes when a credential gets a secret, and with its id", () => {
    const none: PolicyDocument = {
      ...document({ env: "TOKEN" }),
      credentials: { c: { type: "target", authType: "none" } },
    };
    expect(hashOf(none)).not.toBe(plain);
  });
});

function reversed(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, member]) => [key, reversed(member)]),
  );
}
