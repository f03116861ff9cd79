import { describe, expect, it } from "vitest";
import { canonicalRequest } from "../http/canonical-request.js";
import { compilePolicy } from "./compile.js";
import { decide } from "./decide.js";
import { definePolicy } from "./parse-policy.js";

/** The effect of one allow rule among so many others that the rules are indexed. */
function effectOf(methods: readonly string[], method: string) {
  const others = Array.from({ length: 12 }, (_, index) => ({
    effect: "allow" as const,
    path: `^/other${index}/`,
  }));
  const policy = definePolicy({
    clientId: "acme",
    region: "eu-1",
    targets: { t: { baseUrl: "https://api.example" } },
    proxies: { p: { target: "t", rules: [...others, { effect: "allow", path: "^/a$", methods }] } },
  });
  const request = canonicalRequest({ url: "https://api.example/a", method });
  if (request === undefined) throw new Error("the URL is absolute");
  return decide(compilePolicy(policy), "p", request, { now: 0 }).effect;
}

describe("a deny rule that cannot be evaluated", () => {
  const policy = () =>
    definePolicy({
      clientId: "acme",
      region: "eu-1",
      targets: { t: { baseUrl: "https://api.example" } },
      proxies: {
        p: {
          target: "t",
          rules: [
            { effect: "deny", id: "by-token", headers: [{ name: "^accept$" }], token: [{ claim: "sub" }] },
            { effect: "deny", id: "plain", path: "^/a$", priority: 1 },
            { effect: "allow", id: "by-actor", actor: [{ name: "id" }] },
          ],
        },
      },
    });
  const decided = (path: string) => {
    const request = canonicalRequest({ url: `https://api.example${path}`, headers: [["accept", "*/*"]] });
    if (request === undefined) throw new Error("the URL is absolute");
    return decide(compilePolicy(policy()), "p", request, { now: 0 });
  };
  const byToken = { ruleId: "by-token", effect: "deny", priority: 0, unevaluable: true };

  it("is marked in the decision, and no other is", () => {
    expect(decided("/a").scopes.at(-1)?.matched).toEqual([
      { ruleId: "plain", effect: "deny", priority: 1 },
      byToken,
    ]);
    expect(decided("/a")).toMatchObject({ reason: "rule `plain` of proxy `p` denies it" });
  });

  it("is explained by the component that it was, not by one that holds", () => {
    expect(decided("/b")).toMatchObject({
      scopes: [{}, { matched: [byToken] }],
      reason:
        "rule `by-token` of proxy `p` denies it, as its `token` cannot be evaluated: the call has no verified token",
    });
  });
});

it("methods that the index does not tell apart are told apart by the rule, without case", () => {
  expect(effectOf(["Purge"], "purge")).toBe("allow");
  expect(effectOf(["LINK", "GET"], "link")).toBe("allow");
  expect(effectOf(["Purge"], "link")).toBe("deny");
  expect(effectOf(["GET"], "link")).toBe("deny");
});
