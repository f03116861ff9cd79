/** Test-only: a policy with filters in any of the four scopes, and bodies of requests on their way through them. */
import { toUtf8 } from "../bytes.js";
import { canonicalRequest } from "../http/canonical-request.js";
import { compilePolicy } from "../policy/compile.js";
import { matchInputOf, scopesOf } from "../policy/decide.js";
import type { Scope } from "../policy/decision.js";
import type { RequestBody } from "../policy/decision-context.js";
import { definePolicy } from "../policy/parse-policy.js";
import type { PolicyDocument, Settings } from "../policy/schema.js";
import { type ApplicableFilters, applicableFilters } from "./applicable-filters.js";
import { type FilteredRequest, filterRequest, type RequestFiltering } from "./request-filter.js";

export type FilterDocument = NonNullable<NonNullable<PolicyDocument["proxies"]>[string]["filters"]>[number];

export interface RequestExchange {
  readonly applicable: ApplicableFilters;
  readonly settings: Settings;
  /** Runs the filters over a body: a text is one of UTF-8 bytes. */
  readonly send: (
    body: string | RequestBody,
    headers?: Readonly<Record<string, string>>,
    filteredAs?: RequestFiltering,
  ) => FilteredRequest;
}

/** @param vars - of the calling code */
export function requestExchange(
  filters: Partial<Record<Scope, readonly FilterDocument[]>>,
  settings: NonNullable<PolicyDocument["settings"]> = {},
  vars: Readonly<Record<string, unknown>> = {},
): RequestExchange {
  const of = (scope: Scope) => [...(filters[scope] ?? [])];
  const policy = definePolicy({
    clientId: "acme",
    region: "eu-west-1",
    targets: { people: { baseUrl: "https://api.example", filters: of("target") } },
    credentials: {
      key: { type: "target", authType: "none", filters: of("targetCredential") },
      caller: { type: "proxy", authType: "none", filters: of("proxyCredential") },
    },
    proxies: {
      payroll: {
        target: "people",
        targetCredential: "key",
        proxyCredential: "caller",
        filters: of("proxy"),
      },
    },
    settings,
  });
  const compiled = compilePolicy(policy);
  const proxy = compiled.proxies.get("payroll");
  const request = canonicalRequest({ url: "https://api.example/", method: "POST" });
  const input = proxy && request && matchInputOf(proxy, request);
  if (proxy === undefined || input === undefined) throw new Error("the request is outside the target");
  const applicable = applicableFilters(scopesOf(proxy, compiled.credentials.get("caller")), input, {
    on: "request",
  });
  const own = { credentialId: "caller", proxyId: "payroll", requestId: "r" };
  return {
    applicable,
    settings: policy.settings,
    send: (given, headers = { "content-type": "application/json" }, filteredAs = undefined) => {
      const body = typeof given === "string" ? ({ kind: "bytes", bytes: toUtf8(given) } as const) : given;
      const sent = { headers: new Map(Object.entries(headers)), body, filteredAs };
      return filterRequest(applicable, sent, { input, own, vars }, policy.settings);
    },
  };
}
