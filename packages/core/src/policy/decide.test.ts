import { describe, expect, it } from "vitest";
import { RequestDeniedError } from "../errors.js";
import { canonicalRequest } from "../http/canonical-request.js";
import { type CompiledPolicy, compilePolicy } from "./compile.js";
import { compileConditions } from "./conditions.js";
import { decide, inspectsBody, isOnlyObserved, matchInputOf } from "./decide.js";
import type { DecisionContext } from "./decision-context.js";
import { definePolicy } from "./parse-policy.js";
import type { PolicyDocument, ProxyDocument, RuleDocument } from "./schema.js";

function compiled(
  proxy: Partial<ProxyDocument> = {},
  callerRules: readonly RuleDocument[] = [],
): CompiledPolicy {
  const policy = definePolicy({
    clientId: "acme",
    region: "eu-1",
    targets: { t: { baseUrl: "https://api.example/v1" } },
    credentials: { caller: { type: "proxy", authType: "none", rules: callerRules } },
    proxies: { p: { target: "t", proxyCredential: "caller", inProcess: "skip-proxy-credential", ...proxy } },
  });
  return compilePolicy(policy);
}

function requestOf(url: string, method = "POST") {
  const request = canonicalRequest({ url, method, headers: [["accept", "text/plain"]] });
  if (request === undefined) throw new Error("the URL is absolute");
  return request;
}

const request = requestOf("https://api.example/v1/users");
const ALLOW_ALL: readonly RuleDocument[] = [{ effect: "allow" }];

describe("a decision", () => {
  it("denies a body that no request filter could read, though no rule looks at it, and says why", () => {
    const body = { kind: "refused", reason: "the body is not JSON" } as const;
    for (const mode of ["enforce", "observe"] as const) {
      const policy = compiled({ mode, rules: ALLOW_ALL });
      const decision = decide(policy, "p", request, { now: 0, body });
      expect(decision).toMatchObject({ effect: "deny", code: "unevaluable", reason: "the body is not JSON" });
      if (decision.effect === "deny")
        expect(isOnlyObserved(policy, decision, request, { now: 0 })).toBe(false);
    }
    expect(
      decide(compiled({ rules: ALLOW_ALL }), "p", request, { now: 0, body: { kind: "none" } }).effect,
    ).toBe("allow");
  });

  it("names a proxy that there is not, and a target whose base URL does not cover the call", () => {
    expect(decide(compiled(), "other", request, { now: 0 })).toMatchObject({
      code: "unrouted",
      reason: "no proxy `other`",
    });
    expect(decide(compiled(), "p", requestOf("https://api.example/v2"), { now: 0 })).toMatchObject({
      code: "unrouted",
      reason: "the URL is outside the base URL of target `t`",
    });
  });

  it("says of a credential that has expired what to do about one of its type", () => {
    const expiresAt = "1970-01-01T00:00:01Z";
    const helpFor = (credentials: PolicyDocument["credentials"], proxyCredential?: string) => {
      const policy = compilePolicy(
        definePolicy({
          clientId: "acme",
          region: "eu-1",
          targets: { t: { baseUrl: "https://api.example/v1" } },
          credentials: { caller: { type: "proxy", authType: "none" }, ...credentials },
          proxies: {
            p: {
              target: "t",
              proxyCredential: "caller",
              ...(credentials?.key && { targetCredential: "key" }),
            },
          },
        }),
      );
      const decision = decide(policy, "p", request, { now: 1000, proxyCredential });
      if (decision.effect !== "deny" || decision.code !== "credential") throw new Error("it is not denied");
      return new RequestDeniedError(decision).help;
    };
    const key = { type: "target", authType: "bearer", secret: { env: "T" }, expiresAt } as const;
    expect(helpFor({ key }, "caller")).toBe(
      "give it a later `expiresAt`; if its secret has run out too, seal the new one with a raised `version`",
    );
    expect(helpFor({ caller: { type: "proxy", authType: "none", expiresAt } }, "caller")).toBe(
      "give it a later `expiresAt`, or bind another one with `guarded.with({ proxyCredential })`",
    );
    expect(helpFor({})).toBe("bind one that the proxy names with `guarded.with({ proxyCredential })`");
  });
});

describe("the header that the target's credential will set", () => {
  const policy = () =>
    compilePolicy(
      definePolicy({
        clientId: "acme",
        region: "eu-1",
        targets: { t: { baseUrl: "https://api.example/v1" } },
        credentials: { c: { type: "target", authType: "bearer", secret: { env: "TOKEN" } } },
        proxies: {
          p: { target: "t", targetCredential: "c", rules: [...ALLOW_ALL, deny({ name: "^authorization$" })] },
          q: {
            target: "t",
            targetCredential: "c",
            rules: [...ALLOW_ALL, deny({ name: "^authorization$", matchValue: "^Basic" })],
          },
        },
      }),
    );
  const matchedBy = (proxy: string, context: Partial<DecisionContext> = {}) =>
    decide(policy(), proxy, request, { now: 0, ...context }).scopes.at(-1)?.matched;

  it("is seen by rules, its value never", () => {
    const rule = { ruleId: "rules/1", effect: "deny", priority: 0 };
    const allow = { ruleId: "rules/0", effect: "allow", priority: 0 };
    expect(matchedBy("p")).toEqual([allow, rule]);
    expect(matchedBy("p", { carriesCredential: true })).toEqual([allow, rule]);
    expect(matchedBy("q")).toEqual([allow, { ...rule, unevaluable: true }]);
  });

  it("is not there where the credential does not go along", () => {
    for (const proxy of ["p", "q"]) expect(matchedBy(proxy, { carriesCredential: false })).toHaveLength(1);
  });

  function deny(check: { readonly name: string; readonly matchValue?: string }): RuleDocument {
    return { effect: "deny", headers: [check] };
  }
});

describe("an ambiguous path under a proxy that observes", () => {
  it("passes if both readings of it lie within the base URL", () => {
    const policy = compiled({ mode: "observe", rules: ALLOW_ALL });
    const passes = (path: string) => {
      const call = requestOf(`https://api.example${path}`);
      const decision = decide(policy, "p", call, { now: 0 });
      expect(decision).toMatchObject({ effect: "deny", code: "path_ambiguous" });
      return decision.effect === "deny" && isOnlyObserved(policy, decision, call, { now: 0 });
    };
    expect(passes("/v1/a%2Fb")).toBe(true);
    expect(passes("/v1/a//b")).toBe(true);
    // As it is written, and as a careless server reads it.
    expect(passes("/v2/..%2Fv1/a")).toBe(false);
    expect(passes("/v1/..%2Fv2/a")).toBe(false);
    expect(passes("/v2/a%2Fb")).toBe(false);
  });
});

describe("a decision needs the body", () => {
  const withBody: readonly RuleDocument[] = [{ effect: "deny", body: [{ jsonPath: "x" }] }];

  it("where a rule in force looks at it: of the proxy, or of the credential that the call has", () => {
    const needs = (policy: CompiledPolicy, proxyCredential?: string) => {
      const proxy = policy.proxies.get("p");
      return proxy !== undefined && inspectsBody(proxy, proxyCredential);
    };
    expect(needs(compiled({ rules: withBody }))).toBe(true);
    expect(needs(compiled({ rules: ALLOW_ALL }))).toBe(false);
    expect(needs(compiled({ rules: ALLOW_ALL }, withBody), "caller")).toBe(true);
    expect(needs(compiled({ rules: ALLOW_ALL }, withBody))).toBe(false);
    expect(needs(compiled({ rules: ALLOW_ALL }, withBody), "other")).toBe(false);
  });

  it("and without it such a rule cannot be evaluated", () => {
    const decision = decide(compiled({ rules: [...ALLOW_ALL, ...withBody] }), "p", request, { now: 0 });
    expect(decision).toMatchObject({ effect: "deny", code: "rule" });
    expect(decision.effect === "deny" && decision.reason).toContain("the body was not handed over");
  });
});

describe("the conditions of a filter", () => {
  const applies = (
    fields: Parameters<typeof compileConditions>[0],
    method?: string,
    context: Partial<DecisionContext> = {},
  ) => {
    const proxy = compiled().proxies.get("p");
    const call = requestOf("https://api.example/v1/users", method);
    const input = proxy && matchInputOf(proxy, call, { now: 0, ...context });
    if (input === undefined) throw new Error("the proxy covers the call");
    return compileConditions(fields)(input, input.path);
  };
  const path = (pattern: string) => ({ pattern, presence: "must_exist" }) as const;
  const header = (name: string) => ({ name: { pattern: name }, presence: "must_exist" }) as const;
  const claim = { claim: "sub", presence: "must_exist" } as const;

  it("all hold where it applies", () => {
    expect(applies({})).toBe(true);
    expect(applies({ path: path("^/users$"), headers: [header("^accept$")] })).toBe(true);
    expect(applies({ path: path("^/other$"), headers: [header("^accept$")] })).toBe(false);
    expect(applies({ path: path("^/users$"), headers: [header("^other$")] })).toBe(false);
    expect(applies({ path: path("^/other$") })).toBe(false);
  });

  it("count as held where they cannot be evaluated, unless another does not hold", () => {
    expect(applies({ token: [claim] })).toBe(true);
    expect(applies({ token: [claim], path: path("^/users$") })).toBe(true);
    expect(applies({ token: [claim], path: path("^/other$") })).toBe(false);
    expect(applies({ token: [claim], headers: [header("^other$")] })).toBe(false);
    expect(applies({ token: [claim] }, "GET", { token: {} })).toBe(false);
  });

  it("compare methods without case", () => {
    for (const method of ["link", "LINK", "LiNk"]) {
      expect(applies({ methods: ["Link"] }, method)).toBe(true);
      expect(applies({ methods: ["GET", "UNLINK"] }, method)).toBe(false);
    }
    expect(applies({ methods: ["get", "PUT"] }, "get")).toBe(true);
    expect(applies({ methods: ["put"] }, "GET")).toBe(false);
  });
});
