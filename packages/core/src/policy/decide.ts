/**
 * The decision: pure, synchronous, from one immutable snapshot. Deny is what is left when nothing allows.
 *
 * All four scopes must allow. Within a scope any matching deny denies, else any matching allow allows, else the scope's
 * default decides; the order of rules never matters (docs/spec/policy.md, "Rules").
 */
import type { CanonicalRequest } from "../http/canonical-request.js";
import type { CompiledCredential, CompiledPolicy, CompiledProxy, CompiledScope } from "./compile.js";
import type { MatchInput } from "./conditions.js";
import {
  type Decision,
  type Denied,
  type MatchedRule,
  type ReasonCode,
  SCOPE_NAMES,
  type ScopeDecision,
} from "./decision.js";
import { pathBelow } from "./route.js";

/** A canonical request with the context it is decided in. What is absent is never assumed. */
export interface DecisionRequest extends CanonicalRequest {
  /** Epoch ms. */
  readonly now: number;
  /** Id of the proxy credential in force: authenticated by the gateway, or named by the calling code. */
  readonly proxyCredential?: string;
}

/**
 * Decides one request of one proxy.
 *
 * @param proxyId - an id, not an alias; an unknown one is denied `unrouted`
 */
export function decide(compiled: CompiledPolicy, proxyId: string, request: DecisionRequest): Decision {
  const proxy = compiled.proxies.get(proxyId);
  if (proxy === undefined) return deny(undefined, "unrouted", `no proxy \`${proxyId}\``);
  const early = refusalBeforeRules(proxy, request);
  if (early !== undefined) return early;

  const input = matchInputOf(proxy, request);
  if (input === undefined) {
    return deny(proxyId, "unrouted", `the URL is outside the base URL of target \`${proxy.target.id}\``);
  }
  const credential =
    request.proxyCredential === undefined ? undefined : proxy.proxyCredentials.get(request.proxyCredential);
  const scopes = scopesOf(proxy, credential).map((scope) => decideScope(scope, input));
  const denying = scopes.find((scope) => scope.effect === "deny");
  if (denying !== undefined) return denyByScope(proxyId, denying, scopes, request);
  return { effect: "allow", proxyId, scopes };
}

/** The request as the rules and filters of a proxy see it; `undefined` when it is outside the target's base URL. */
export function matchInputOf(proxy: CompiledProxy, request: CanonicalRequest): MatchInput | undefined {
  const { origin, path: basePath, decodedPath: decodedBasePath } = proxy.target.baseUrl;
  const path = request.origin === origin ? pathBelow(basePath, request.path) : undefined;
  if (path === undefined) return undefined;
  // Elsewhere an ambiguous path is denied, and a second reading of a plain one would only surprise (`/caf%C3%A9`).
  if (proxy.entity.paths.ambiguous === "deny") return { request, path, decodedPath: path };
  // What a careless server would read outside the base path is outside the target.
  const decodedPath = pathBelow(decodedBasePath, request.decodedPath);
  return decodedPath === undefined ? undefined : { request, path, decodedPath };
}

/** The scopes of a proxy in the order in which they are reported, and in which their filters run. */
export function scopesOf(
  proxy: CompiledProxy,
  proxyCredential: CompiledCredential | undefined,
): CompiledScope[] {
  return [proxy.targetCredential?.scope, proxy.target.scope, proxyCredential?.scope, proxy.scope].filter(
    (scope) => scope !== undefined,
  );
}

/** What denies a request whatever the rules say. */
function refusalBeforeRules(proxy: CompiledProxy, request: DecisionRequest): Denied | undefined {
  const { id, entity } = proxy;
  if (request.refusal !== undefined) return deny(id, "unevaluable", request.refusal);
  const [ambiguity] = request.ambiguities;
  if (ambiguity !== undefined && entity.paths.ambiguous === "deny")
    return deny(id, "path_ambiguous", ambiguity);
  const override = request.overrides.find((name) => !proxy.allowedOverrides.has(name));
  if (override !== undefined) {
    return deny(
      id,
      "path_ambiguous",
      `\`${override}\` asks the server to act on another method or path than the one decided on`,
    );
  }
  return inactiveRefusal(proxy) ?? credentialRefusal(proxy, request);
}

function inactiveRefusal(proxy: CompiledProxy): Denied | undefined {
  if (!proxy.entity.active) return deny(proxy.id, "inactive", `proxy \`${proxy.id}\` is switched off`);
  if (!proxy.target.entity.active)
    return deny(proxy.id, "inactive", `target \`${proxy.target.id}\` is switched off`);
  return undefined;
}

function credentialRefusal(proxy: CompiledProxy, request: DecisionRequest): Denied | undefined {
  const named = request.proxyCredential;
  const inForce = named === undefined ? undefined : proxy.proxyCredentials.get(named);
  if (named !== undefined && inForce === undefined) {
    return deny(
      proxy.id,
      "credential",
      `proxy \`${proxy.id}\` does not accept proxy credential \`${named}\``,
    );
  }
  const isMissing = named === undefined && proxy.proxyCredentials.size > 0;
  if (isMissing && proxy.entity.inProcess !== "skip-proxy-credential") {
    return deny(
      proxy.id,
      "credential",
      `proxy \`${proxy.id}\` needs a proxy credential and none is in force`,
    );
  }
  for (const credential of [proxy.targetCredential, inForce]) {
    if (credential === undefined) continue;
    if (!credential.entity.active)
      return deny(proxy.id, "inactive", `credential \`${credential.id}\` is switched off`);
    // Negated, so that a clock that gives no number expires everything.
    if (credential.expiresAt !== undefined && !(request.now < credential.expiresAt)) {
      return deny(proxy.id, "credential", `credential \`${credential.id}\` has expired`);
    }
  }
  return undefined;
}

function decideScope(scope: CompiledScope, input: MatchInput): ScopeDecision {
  const matched = scope.rules.filter((rule) => {
    if (rule.matches(input, input.path)) return true;
    // Where a proxy allows ambiguous paths, a deny rule also covers what a careless server would read.
    return (
      rule.effect === "deny" && input.decodedPath !== input.path && rule.matches(input, input.decodedPath)
    );
  });
  const deciding = matched.find(({ effect }) => effect === "deny") ?? matched[0];
  return {
    scope: scope.scope,
    id: scope.id,
    effect: deciding?.effect ?? scope.defaultEffect,
    ...(deciding === undefined ? {} : { ruleId: deciding.id }),
    matched: matched.map(({ id, effect, priority, notes }): MatchedRule => {
      return { ruleId: id, effect, priority, ...(notes === undefined ? {} : { notes }) };
    }),
  };
}

function denyByScope(
  proxyId: string,
  denying: ScopeDecision,
  scopes: readonly ScopeDecision[],
  request: CanonicalRequest,
): Denied {
  const where = `${SCOPE_NAMES[denying.scope]} \`${denying.id}\``;
  return {
    effect: "deny",
    proxyId,
    code: denying.ruleId === undefined ? "default" : "rule",
    scope: denying.scope,
    ...(denying.ruleId === undefined ? {} : { ruleId: denying.ruleId }),
    reason:
      denying.ruleId === undefined
        ? `no rule of ${where} allows this \`${request.method}\` request, and its default is deny`
        : `rule \`${denying.ruleId}\` of ${where} denies it`,
    scopes,
  };
}

function deny(proxyId: string | undefined, code: ReasonCode, reason: string): Denied {
  return { effect: "deny", ...(proxyId === undefined ? {} : { proxyId }), code, reason, scopes: [] };
}
