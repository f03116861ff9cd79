/** Decisions: a policy, a request, and what is decided on it. */
import {
  canonicalRequest,
  compilePolicy,
  type Decision,
  decide,
  parsePolicy,
  routeByName,
  routeByUrl,
  SCOPES,
} from "@sallyport/core";
import { expect } from "vitest";
import { z } from "zod";
import { caseFields, defineArea } from "../area.js";

const fields = z.record(z.string(), z.unknown());
const effect = z.enum(["allow", "deny"]);

/** Laid over the small policy of {@link documentOf}; a credential is there only when it is given. */
const given = z.strictObject({
  proxy: fields.optional(),
  target: fields.optional(),
  targetCredential: fields.optional(),
  proxyCredential: fields.optional(),
});

const scopeDecision = z.strictObject({
  scope: z.enum(SCOPES),
  effect,
  ruleId: z.string().optional(),
  /** Ids of all matching rules, in the order in which they are reported. */
  matched: z.array(z.string()).default([]),
});

const caseSchema = z.strictObject({
  ...caseFields,
  given: given.optional(),
  /** A whole document, where the small policy will not do. */
  policy: fields.optional(),
  request: z.strictObject({
    url: z.string(),
    method: z.string().default("GET"),
    headers: z.array(z.tuple([z.string(), z.string()])).default([]),
  }),
  /** An id or alias: the call is named. `null`: it is routed by its URL. */
  proxy: z.string().nullable().default("proxy"),
  proxyCredential: z.string().optional(),
  now: z.iso.datetime().default("2026-01-01T00:00:00Z"),
  expect: z.strictObject({
    effect,
    code: z.string().optional(),
    scope: z.enum(SCOPES).optional(),
    ruleId: z.string().optional(),
    reason: z.string().optional(),
    proxyId: z.string().optional(),
    scopes: z.array(scopeDecision).optional(),
  }),
});

type Case = z.output<typeof caseSchema>;

export const area = defineArea<Case>({
  caseSchema,
  replay(one) {
    const decision = decisionOf(one);
    const { reason, proxyId, scopes, ...always } = one.expect;
    expect(summaryOf(decision)).toEqual({ code: undefined, scope: undefined, ruleId: undefined, ...always });
    if (reason !== undefined) expect(decision).toMatchObject({ reason });
    if (proxyId !== undefined) expect(decision.proxyId).toBe(proxyId);
    if (scopes !== undefined) expect(decision.scopes.map(scopeSummaryOf)).toEqual(scopes);
  },
});

function decisionOf(one: Case): Decision {
  const compiled = compilePolicy(parsePolicy(documentOf(one)));
  const request = canonicalRequest(one.request);
  if (request === undefined) throw new Error("the URL of the vector does not parse");
  const route = one.proxy === null ? routeByUrl(compiled, request) : routeByName(compiled, one.proxy);
  if (route.kind === "unrouted") return route.decision;
  const { proxyCredential } = one;
  return decide(compiled, route.proxyId, {
    ...request,
    now: Date.parse(one.now),
    ...(proxyCredential === undefined ? {} : { proxyCredential }),
  });
}

/** The small policy: one target `target` at https://api.example/v1, one proxy `proxy` that allows by default. */
function documentOf({ given, policy }: Case): unknown {
  if ((given === undefined) === (policy === undefined))
    throw new Error("a case has either `given` or `policy`");
  if (given === undefined) return policy;
  const { proxy, target, targetCredential, proxyCredential } = given;
  return {
    clientId: "acme",
    region: "eu-1",
    targets: { target: { baseUrl: "https://api.example/v1", ...target } },
    credentials: {
      ...(targetCredential && {
        "target-credential": {
          type: "target",
          authType: "bearer",
          secret: { env: "TOKEN" },
          ...targetCredential,
        },
      }),
      ...(proxyCredential && { "proxy-credential": { type: "proxy", authType: "none", ...proxyCredential } }),
    },
    proxies: {
      proxy: {
        target: "target",
        defaultRuleEffect: "allow",
        ...(targetCredential && { targetCredential: "target-credential" }),
        ...(proxyCredential && { proxyCredential: "proxy-credential" }),
        ...proxy,
      },
    },
  };
}

function summaryOf(decision: Decision) {
  if (decision.effect === "allow")
    return { effect: decision.effect, code: undefined, scope: undefined, ruleId: undefined };
  const { effect, code, scope, ruleId } = decision;
  return { effect, code, scope, ruleId };
}

function scopeSummaryOf({ scope, effect, ruleId, matched }: Decision["scopes"][number]) {
  return {
    scope,
    effect,
    ...(ruleId === undefined ? {} : { ruleId }),
    matched: matched.map((rule) => rule.ruleId),
  };
}
