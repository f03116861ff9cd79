/**
 * The decision: pure, synchronous, from one immutable snapshot. Deny is what is left when nothing allows.
 *
 * All four scopes must allow. Within a scope any matching deny denies, else any matching allow allows, else the scope's
 * default decides; the order of rules never matters (docs/spec/policy.md, "Rules").
 */
import type { CanonicalRequest } from "../http/canonical-request.js";
import { BodyFindings } from "./body-checks.js";
import type { CompiledCredential, CompiledPolicy, CompiledProxy, CompiledScope } from "./compile.js";
import type { MatchInput } from "./component.js";
import { decideScope, unevaluableIn } from "./decide-scope.js";
import {
  type Decision,
  type Denied,
  type Effect,
  type ReasonCode,
  SCOPE_NAMES,
  type ScopeDecision,
} from "./decision.js";
import type { DecisionContext } from "./decision-context.js";
import { pathBelow } from "./route.js";

/**
 * Decides one request of one proxy.
 *
 * @param proxyId - an id, not an alias; an unknown one is denied `unrouted`
 */
export function decide(
  compiled: CompiledPolicy,
  proxyId: string,
  request: CanonicalRequest,
  context: DecisionContext,
): Decision {
  return judge(compiled, proxyId, request, context).decision;
}

/** A decision with what it was made on. */
export interface Judgement {
  readonly decision: Decision;
  /** Those of the decision; empty when it was made before the rules were looked at. */
  readonly scopes: readonly CompiledScope[];
  /** What the rules saw; absent when they were not looked at. */
  readonly input?: MatchInput;
}

/** As {@link decide}. */
export function judge(
  compiled: CompiledPolicy,
  proxyId: string,
  request: CanonicalRequest,
  context: DecisionContext,
): Judgement {
  const proxy = compiled.proxies.get(proxyId);
  if (proxy === undefined)
    return { decision: deny(undefined, "unrouted", `no proxy \`${proxyId}\``), scopes: [] };
  const early = refusalBeforeRules(proxy, request, context);
  if (early !== undefined) return { decision: early, scopes: [] };
  const seen = matchInputOf(proxy, request, context);
  if (seen === undefined) {
    const outside = `the URL is outside the base URL of target \`${proxy.target.id}\``;
    return { decision: deny(proxyId, "unrouted", outside), scopes: [] };
  }
  if (context.body?.kind === "refused")
    return { decision: deny(proxyId, "unevaluable", context.body.reason), scopes: [] };
  const scopes = scopesOf(proxy, credentialInForce(proxy, context.proxyCredential));
  const input = withBodyFindings(seen, scopes, compiled);
  return { decision: decideByScopes(proxyId, scopes, input), scopes, input };
}

function decideByScopes(proxyId: string, scopes: readonly CompiledScope[], input: MatchInput): Decision {
  const decided = scopes.map((scope) => decideScope(scope, input));
  let position = -1;
  let isObserved = false;
  for (let index = 0; index < decided.length; index++) {
    const one = decided[index] as ScopeDecision;
    if (one.effect === "deny" && position < 0) position = index;
    if (one.observed !== undefined) isObserved = true;
  }
  const denying = decided[position];
  const decision: Decision =
    denying === undefined
      ? { effect: "allow", proxyId, scopes: decided }
      : denialBy(proxyId, denying, scopes[position], decided, input);
  return isObserved ? { ...decision, ...observedIn(decided) } : decision;
}

/** Written without spreads: decisions are made for every call. */
function denialBy(
  proxyId: string,
  denying: ScopeDecision,
  compiled: CompiledScope | undefined,
  scopes: readonly ScopeDecision[],
  input: MatchInput,
): Denied {
  const { scope, ruleId } = denying;
  const reason = reasonOf(denying, compiled, input);
  return ruleId === undefined
    ? { effect: "deny", proxyId, code: "default", scope, reason, scopes }
    : { effect: "deny", proxyId, code: "rule", scope, ruleId, reason, scopes };
}

/** The request as the rules and filters of a proxy see it; `undefined` when it is outside the target's base URL. */
export function matchInputOf(
  proxy: CompiledProxy,
  request: CanonicalRequest,
  context: MatchInput["context"] = NO_CONTEXT,
): MatchInput | undefined {
  const injectedHeader =
    context.carriesCredential === false ? undefined : proxy.targetCredential?.injectedHeader;
  const { origin, path: basePath, decodedPath: decodedBasePath } = proxy.target.baseUrl;
  const path = request.origin === origin ? pathBelow(basePath, request.path) : undefined;
  if (path === undefined) return undefined;
  // Elsewhere an ambiguous path is denied, and a second reading of a plain one would only surprise (`/caf%C3%A9`).
  if (proxy.entity.paths.ambiguous === "deny")
    return { request, context, path, decodedPath: path, injectedHeader };
  // What a careless server would read outside the base path is outside the target.
  const decodedPath = pathBelow(decodedBasePath, request.decodedPath);
  return decodedPath === undefined ? undefined : { request, context, path, decodedPath, injectedHeader };
}

const NO_CONTEXT: MatchInput["context"] = Object.freeze({});

/** The scopes of a proxy in the order in which they are reported, and in which their filters run. */
export function scopesOf(
  proxy: CompiledProxy,
  proxyCredential: CompiledCredential | undefined,
): readonly CompiledScope[] {
  if (proxyCredential === undefined) return proxy.scopes;
  const known = scopesWith.get(proxy)?.get(proxyCredential);
  if (known !== undefined) return known;
  const scopes = [...proxy.scopes.slice(0, -1), proxyCredential.scope, proxy.scope];
  const ofProxy = scopesWith.get(proxy) ?? new WeakMap();
  scopesWith.set(proxy, ofProxy.set(proxyCredential, scopes));
  return scopes;
}

/** The same list each time, so that what is known of it is found again. */
const scopesWith = new WeakMap<CompiledProxy, WeakMap<CompiledCredential, readonly CompiledScope[]>>();

/** Whether a rule in force looks at request bodies: only then does a decision need one. */
export function inspectsBody(proxy: CompiledProxy, proxyCredential: string | undefined): boolean {
  return scopesOf(proxy, credentialInForce(proxy, proxyCredential)).some(looksAtBody);
}

function looksAtBody({ bodyChecks }: CompiledScope): boolean {
  return bodyChecks.length > 0;
}

function withBodyFindings(
  input: MatchInput,
  scopes: readonly CompiledScope[],
  { policy }: CompiledPolicy,
): MatchInput {
  if (!scopes.some(looksAtBody)) return input;
  const checks = scopes.flatMap(({ bodyChecks }) => bodyChecks);
  const { headers } = input.request;
  const { body } = input.context;
  return { ...input, body: new BodyFindings({ headers, body }, checks, policy.settings) };
}

/**
 * Whether a denied call goes on all the same, and its denial is only recorded: the proxy observes, and what denies is
 * the rules or the spelling of the path. Whether a call may be made at all is enforced whatever the mode.
 */
export function isOnlyObserved(
  compiled: CompiledPolicy,
  decision: Denied,
  request: CanonicalRequest,
  context: DecisionContext,
): boolean {
  const proxy = decision.proxyId === undefined ? undefined : compiled.proxies.get(decision.proxyId);
  if (proxy?.entity.mode !== "observe") return false;
  if (decision.code === "rule" || decision.code === "default") return true;
  if (decision.code !== "path_ambiguous") return false;
  // Such a denial comes first: what would have been asked behind it has to be asked here.
  if ((inactiveRefusal(proxy) ?? credentialRefusal(proxy, context)) !== undefined) return false;
  const { origin, path, decodedPath } = proxy.target.baseUrl;
  if (request.origin !== origin || pathBelow(path, request.path) === undefined) return false;
  return pathBelow(decodedPath, request.decodedPath) !== undefined;
}

function credentialInForce(proxy: CompiledProxy, id: string | undefined): CompiledCredential | undefined {
  return id === undefined ? undefined : proxy.proxyCredentials.get(id);
}

/** What denies a request whatever the rules say. */
function refusalBeforeRules(
  proxy: CompiledProxy,
  request: CanonicalRequest,
  context: DecisionContext,
): Denied | undefined {
  const { id, entity } = proxy;
  if (request.refusal !== undefined) return deny(id, "unevaluable", request.refusal);
  const ambiguity = request.ambiguities[0];
  if (ambiguity !== undefined && entity.paths.ambiguous === "deny")
    return deny(id, "path_ambiguous", ambiguity);
  const override =
    request.overrides.length === 0
      ? undefined
      : request.overrides.find((name) => !proxy.allowedOverrides.has(name));
  if (override !== undefined) {
    return deny(
      id,
      "path_ambiguous",
      `\`${override}\` asks the server to act on another method or path than the one decided on`,
    );
  }
  return inactiveRefusal(proxy) ?? credentialRefusal(proxy, context);
}

function inactiveRefusal(proxy: CompiledProxy): Denied | undefined {
  if (!proxy.entity.active) return deny(proxy.id, "inactive", `proxy \`${proxy.id}\` is switched off`);
  if (!proxy.target.entity.active)
    return deny(proxy.id, "inactive", `target \`${proxy.target.id}\` is switched off`);
  return undefined;
}

function credentialRefusal(proxy: CompiledProxy, context: DecisionContext): Denied | undefined {
  const named = context.proxyCredential;
  const inForce = credentialInForce(proxy, named);
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
  return unusable(proxy, proxy.targetCredential, context) ?? unusable(proxy, inForce, context);
}

function unusable(
  proxy: CompiledProxy,
  credential: CompiledCredential | undefined,
  context: DecisionContext,
): Denied | undefined {
  if (credential === undefined) return undefined;
  if (!credential.entity.active)
    return deny(proxy.id, "inactive", `credential \`${credential.id}\` is switched off`);
  // Not `>=`: a clock that gives no number expires everything.
  if (credential.expiresAt === undefined || context.now < credential.expiresAt) return undefined;
  const reason = `credential \`${credential.id}\` has expired`;
  return { ...deny(proxy.id, "credential", reason), help: EXPIRED_HELP[credential.entity.type] };
}

const EXPIRED_HELP = {
  target:
    "give it a later `expiresAt`; if its secret has run out too, seal the new one with a raised `version`",
  proxy: "give it a later `expiresAt`, or bind another one with `guarded.with({ proxyCredential })`",
} as const;

function observedIn(scopes: readonly ScopeDecision[]): { observed?: Effect } {
  const denies = scopes.some(({ effect, observed }) => (observed?.effect ?? effect) === "deny");
  return { observed: denies ? "deny" : "allow" };
}

function reasonOf(denying: ScopeDecision, scope: CompiledScope | undefined, input: MatchInput): string {
  const where = `${SCOPE_NAMES[denying.scope]} \`${denying.id}\``;
  const { ruleId } = denying;
  if (ruleId === undefined)
    return `no rule of ${where} allows this \`${input.request.method}\` request, and its default is deny`;
  const isAssumed = denying.matched.some((rule) => rule.ruleId === ruleId && rule.unevaluable);
  const rule = isAssumed ? scope?.rules.find(({ id }) => id === ruleId) : undefined;
  const sentence = `rule \`${ruleId}\` of ${where} denies it`;
  return rule === undefined ? sentence : sentence + unevaluableIn(rule, input);
}

function deny(proxyId: string | undefined, code: ReasonCode, reason: string): Denied {
  return { effect: "deny", ...(proxyId === undefined ? {} : { proxyId }), code, reason, scopes: [] };
}
