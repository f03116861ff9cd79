/** Decisions: a policy, a request, and what is decided on it. */
import {
  canonicalRequest,
  compilePolicy,
  type Decision,
  type DecisionContext,
  decide,
  type Explanation,
  explain,
  parsePolicy,
  type RequestBody,
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
  settings: fields.optional(),
});

/** What is known beside the request. Left out: not known. */
const context = {
  now: z.union([z.iso.datetime(), z.literal("unknown")]).default("2026-01-01T00:00:00Z"),
  proxyCredential: z.string().optional(),
  actor: z
    .strictObject({
      type: z.enum(["user", "service", "system"]),
      id: z.string(),
      tenant: z.string().optional(),
      claims: fields.optional(),
    })
    .optional(),
  token: fields.optional(),
  /** Text, bytes in hexadecimal, `null` for a request without body, or why it could not be had. */
  body: z
    .union([
      z.string(),
      z.null(),
      z.strictObject({ hex: z.string() }),
      z.strictObject({ unevaluable: z.string() }),
    ])
    .optional(),
};

const scopeDecision = z.strictObject({
  scope: z.enum(SCOPES),
  effect,
  ruleId: z.string().optional(),
  /** Ids of all matching rules, in the order in which they are reported. */
  matched: z.array(z.string()).default([]),
  /** What the scope would say if the rules that only observe were enforced, and those of them that match. */
  observed: z
    .strictObject({ effect, ruleId: z.string().optional(), matched: z.array(z.string()) })
    .optional(),
});

/** A rule that did not match, and the component that failed first. */
const unmatchedRule = z.strictObject({
  ruleId: z.string(),
  name: z.string(),
  index: z.int().optional(),
  isUnevaluable: z.boolean().default(false),
  saw: z.string(),
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
  ...context,
  expect: z.strictObject({
    effect,
    code: z.string().optional(),
    scope: z.enum(SCOPES).optional(),
    ruleId: z.string().optional(),
    reason: z.string().optional(),
    proxyId: z.string().optional(),
    scopes: z.array(scopeDecision).optional(),
    observed: effect.optional(),
    /** Whether the call goes on. Left out: as `effect` says. */
    proceeds: z.boolean().optional(),
    /** Rules of all scopes that did not match, as `explain` lists them. */
    unmatched: z.array(unmatchedRule).optional(),
  }),
});

type Case = z.output<typeof caseSchema>;

export const area = defineArea<Case>({
  caseSchema,
  replay(one) {
    const { decision, proceeds, scopes: explained } = explanationOf(one);
    const { reason, proxyId, scopes, unmatched, ...always } = one.expect;
    expect({ ...summaryOf(decision), proceeds }).toEqual({
      ...{ code: undefined, scope: undefined, ruleId: undefined, observed: undefined },
      proceeds: always.effect === "allow",
      ...always,
    });
    if (reason !== undefined) expect(decision).toMatchObject({ reason });
    if (proxyId !== undefined) expect(decision.proxyId).toBe(proxyId);
    if (scopes !== undefined) expect(decision.scopes.map(scopeSummaryOf)).toEqual(scopes);
    if (unmatched !== undefined) expect(explained.flatMap(unmatchedIn)).toEqual(unmatched);
  },
});

/** Of a call that no proxy can be chosen for, nothing but the decision. */
function explanationOf(one: Case): Explanation {
  const compiled = compilePolicy(parsePolicy(documentOf(one)));
  const request = canonicalRequest(one.request);
  if (request === undefined) throw new Error("the URL of the vector does not parse");
  const route = one.proxy === null ? routeByUrl(compiled, request) : routeByName(compiled, one.proxy);
  if (route.kind === "unrouted") return { decision: route.decision, proceeds: false, scopes: [] };
  const context = contextOf(one);
  const explanation = explain(compiled, route.proxyId, request, context);
  expect(decide(compiled, route.proxyId, request, context)).toEqual(explanation.decision);
  return explanation;
}

function contextOf({ now, proxyCredential, actor, token, body }: Case): DecisionContext {
  return {
    now: now === "unknown" ? Number.NaN : Date.parse(now),
    ...(proxyCredential === undefined ? {} : { proxyCredential }),
    ...(actor === undefined ? {} : { actor }),
    ...(token === undefined ? {} : { token }),
    ...(body === undefined ? {} : { body: bodyOf(body) }),
  };
}

function bodyOf(body: NonNullable<Case["body"]> | null): RequestBody {
  if (body === null) return { kind: "none" };
  if (typeof body === "string") return { kind: "bytes", bytes: new TextEncoder().encode(body) };
  if ("unevaluable" in body) return { kind: "unevaluable", reason: body.unevaluable };
  return { kind: "bytes", bytes: Uint8Array.from(Buffer.from(body.hex, "hex")) };
}

/** The small policy: one target `target` at https://api.example/v1, one proxy `proxy` that allows by default. */
function documentOf({ given, policy }: Case): unknown {
  if ((given === undefined) === (policy === undefined))
    throw new Error("a case has either `given` or `policy`");
  if (given === undefined) return policy;
  const { proxy, target, targetCredential, proxyCredential, settings } = given;
  return {
    clientId: "acme",
    region: "eu-1",
    ...(settings && { settings }),
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
  const { effect, observed } = decision;
  if (effect === "allow") return { effect, code: undefined, scope: undefined, ruleId: undefined, observed };
  const { code, scope, ruleId } = decision;
  return { effect, code, scope, ruleId, observed };
}

function scopeSummaryOf({ scope, effect, ruleId, matched, observed }: Decision["scopes"][number]) {
  return {
    scope,
    effect,
    ...(ruleId === undefined ? {} : { ruleId }),
    matched: matched.map((rule) => rule.ruleId),
    ...(observed && { observed: { ...observed, matched: observed.matched.map((rule) => rule.ruleId) } }),
  };
}

function unmatchedIn({ unmatched }: Explanation["scopes"][number]) {
  return unmatched.map(({ ruleId, failed }) => ({ ruleId, ...failed }));
}
