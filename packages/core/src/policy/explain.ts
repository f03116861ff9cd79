/** Why a request is decided as it is: what `decide` says, and what kept each other rule from matching. */
import type { CanonicalRequest } from "../http/canonical-request.js";
import type { CompiledPolicy, CompiledRule } from "./compile.js";
import type { ComponentName, MatchInput } from "./component.js";
import { componentsOf } from "./conditions.js";
import { isOnlyObserved, judge } from "./decide.js";
import { countsAsMatch } from "./decide-scope.js";
import type { Decision, Effect, Scope } from "./decision.js";
import type { DecisionContext } from "./decision-context.js";
import type { ProxyEntity } from "./schema.js";

/** The first component of a rule that did not hold. Holds no value of the request. */
export interface FailedComponent {
  readonly name: ComponentName;
  /** Which check of the list, for a component that is one. */
  readonly index?: number;
  /** Whether it failed only because it cannot be evaluated. */
  readonly isUnevaluable: boolean;
  /** What it saw, for people: names may stand in it, and what the policy says. */
  readonly saw: string;
}

export interface UnmatchedRule {
  readonly ruleId: string;
  readonly effect: Effect;
  readonly mode: "enforce" | "observe";
  readonly failed: FailedComponent;
}

export interface ScopeExplanation {
  readonly scope: Scope;
  readonly id: string;
  /** What holds when no rule matches. */
  readonly defaultEffect: Effect;
  /** Rules that are switched off are left out. */
  readonly unmatched: readonly UnmatchedRule[];
}

export interface Explanation {
  /** What {@link decide} says. */
  readonly decision: Decision;
  /** Of the proxy; absent when there is none. */
  readonly mode?: ProxyEntity["mode"];
  /** Whether the call goes on: it is allowed, or its proxy only observes. */
  readonly proceeds: boolean;
  /** Those of the decision; empty when it was made before the rules were looked at. */
  readonly scopes: readonly ScopeExplanation[];
}

/** Decides as {@link decide} does, and says of every rule that does not match which of its components failed first. */
export function explain(
  compiled: CompiledPolicy,
  proxyId: string,
  request: CanonicalRequest,
  context: DecisionContext,
): Explanation {
  const { decision, scopes, input } = judge(compiled, proxyId, request, context);
  const mode = compiled.proxies.get(proxyId)?.entity.mode;
  return {
    decision,
    ...(mode === undefined ? {} : { mode }),
    proceeds: decision.effect === "allow" || isOnlyObserved(compiled, decision, request, context),
    scopes: scopes.map(({ scope, id, defaultEffect, rules, observedRules }, position) => {
      const { matched = [], observed } = decision.scopes[position] ?? {};
      const ids = new Set([...matched, ...(observed?.matched ?? [])].map(({ ruleId }) => ruleId));
      const others = (list: readonly CompiledRule[], one: UnmatchedRule["mode"]) =>
        list.flatMap((rule) => (ids.has(rule.id) ? [] : unmatched(rule, one, input)));
      const all = [...others(rules, "enforce"), ...others(observedRules, "observe")];
      return { scope, id, defaultEffect, unmatched: all };
    }),
  };
}

function unmatched(
  rule: CompiledRule,
  mode: UnmatchedRule["mode"],
  input: MatchInput | undefined,
): UnmatchedRule[] {
  if (input === undefined) return [];
  const { id, effect } = rule;
  for (const { name, index, holds, saw } of componentsOf(rule)) {
    const held = holds(input, input.path);
    if (countsAsMatch(held, effect)) continue;
    const at = index === undefined ? {} : { index };
    const failed = { name, ...at, isUnevaluable: held === undefined, saw: saw(input, input.path) };
    return [{ ruleId: id, effect, mode, failed }];
  }
  return [];
}
