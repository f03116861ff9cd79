import { expect, it } from "vitest";
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

it("methods that the index does not tell apart are told apart by the rule, without case", () => {
  expect(effectOf(["Purge"], "purge")).toBe("allow");
  expect(effectOf(["LINK", "GET"], "link")).toBe("allow");
  expect(effectOf(["Purge"], "link")).toBe("deny");
  expect(effectOf(["GET"], "link")).toBe("deny");
});
