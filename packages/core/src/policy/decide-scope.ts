/** What the rules of one scope say: any matching deny denies, else any matching allow allows, else the default does. */
import { type CompiledRule, type CompiledScope, inReportedOrder } from "./compile.js";
import type { Holds, MatchInput } from "./component.js";
import type { Effect, MatchedRule, ObservedScope, ScopeDecision } from "./decision.js";

export function decideScope(scope: CompiledScope, input: MatchInput): ScopeDecision {
  const matched = matchesAmong(scope.rules, input);
  const deciding = decidingOf(matched);
  const observed = scope.observedRules.length === 0 ? undefined : observedBy(scope, matched, input);
  return {
    scope: scope.scope,
    id: scope.id,
    effect: deciding?.effect ?? scope.defaultEffect,
    ...(deciding === undefined ? {} : { ruleId: deciding.ruleId }),
    matched,
    ...(observed === undefined ? {} : { observed }),
  };
}

function decidingOf(matched: readonly MatchedRule[]): MatchedRule | undefined {
  return matched.find(({ effect }) => effect === "deny") ?? matched[0];
}

function observedBy(
  scope: CompiledScope,
  enforced: readonly MatchedRule[],
  input: MatchInput,
): ObservedScope | undefined {
  const matched = matchesAmong(scope.observedRules, input);
  if (matched.length === 0) return undefined;
  const all = [...enforced, ...matched].map((rule) => ({ ...rule, id: rule.ruleId })).sort(inReportedOrder);
  const deciding = decidingOf(all);
  return {
    effect: deciding?.effect ?? scope.defaultEffect,
    ...(deciding === undefined ? {} : { ruleId: deciding.ruleId }),
    matched,
  };
}

function matchesAmong(rules: readonly CompiledRule[], input: MatchInput): MatchedRule[] {
  const matched: MatchedRule[] = [];
  for (const rule of rules) {
    const holds = ruleHolds(rule, input);
    if (!countsAsMatch(holds, rule.effect)) continue;
    const { id, effect, priority, notes } = rule;
    matched.push({
      ruleId: id,
      effect,
      priority,
      ...(notes === undefined ? {} : { notes }),
      ...(holds === undefined ? { unevaluable: true } : {}),
    });
  }
  return matched;
}

/** Where a proxy allows ambiguous paths, a deny rule also covers what a careless server would read. */
function ruleHolds(rule: CompiledRule, input: MatchInput): Holds {
  const holds = rule.matches(input, input.path);
  if (holds === true || rule.effect === "allow" || input.decodedPath === input.path) return holds;
  const decoded = rule.matches(input, input.decodedPath);
  return decoded === false ? holds : decoded;
}

/** What cannot be evaluated counts against the call. */
export function countsAsMatch(holds: Holds, effect: Effect): boolean {
  return effect === "deny" ? holds !== false : holds === true;
}

/** For a rule that matches because of it: which component cannot be evaluated, and why. */
export function unevaluableIn({ components }: CompiledRule, input: MatchInput): string {
  const component = components.find(({ holds }) => holds(input, input.path) === undefined);
  return component === undefined
    ? ""
    : `, as its \`${component.name}\` cannot be evaluated: ${component.saw(input, input.path)}`;
}
