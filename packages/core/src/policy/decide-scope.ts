/** What the rules of one scope say: any matching deny denies, else any matching allow allows, else the default does. */
import { type CompiledRule, type CompiledScope, inReportedOrder } from "./compile.js";
import type { Holds, MatchInput } from "./component.js";
import type { Effect, MatchedRule, ObservedScope, ScopeDecision } from "./decision.js";
import { isIndexedMethod, type RuleIndex } from "./rule-index.js";

export function decideScope(scope: CompiledScope, input: MatchInput): ScopeDecision {
  const { rules, observedRules } = scope;
  const matched = rules.length === 0 ? NO_RULES : matchesAmong(rules, scope.ruleIndex, input);
  const observed = observedRules.length === 0 ? undefined : observedBy(scope, matched, input);
  if (matched.length === 0 && observed === undefined) return scope.unmatched;
  const deciding = decidingOf(matched);
  const { scope: name, id, defaultEffect } = scope;
  if (deciding === undefined)
    return { scope: name, id, effect: defaultEffect, matched, ...(observed && { observed }) };
  const decided = { scope: name, id, effect: deciding.effect, ruleId: deciding.ruleId, matched };
  return observed === undefined ? decided : { ...decided, observed };
}

function decidingOf(matched: readonly MatchedRule[]): MatchedRule | undefined {
  for (const rule of matched) if (rule.effect === "deny") return rule;
  return matched[0];
}

function observedBy(
  scope: CompiledScope,
  enforced: readonly MatchedRule[],
  input: MatchInput,
): ObservedScope | undefined {
  const matched = matchesAmong(scope.observedRules, scope.observedIndex, input);
  if (matched.length === 0) return undefined;
  const all = [...enforced, ...matched].map((rule) => ({ ...rule, id: rule.ruleId })).sort(inReportedOrder);
  // SAFETY: there is at least one.
  const { effect, ruleId } = decidingOf(all) as MatchedRule;
  return { effect, ruleId, matched };
}

function matchesAmong(
  rules: readonly CompiledRule[],
  index: RuleIndex,
  input: MatchInput,
): readonly MatchedRule[] {
  let matched: MatchedRule[] | undefined;
  const candidates = candidatesAmong(index, input);
  const needsMethod = !isIndexedMethod(input.request.method);
  for (let at = 0; at < candidates.length; at++) {
    const rule = rules[candidates[at] as number] as CompiledRule;
    if (needsMethod && rule.methods?.has(input.request.method.toUpperCase()) === false) continue;
    const holds = ruleHolds(rule, input);
    if (!countsAsMatch(holds, rule.effect)) continue;
    const one: MatchedRule = holds === undefined ? { ...rule.reported, unevaluable: true } : rule.reported;
    if (matched === undefined) matched = [one];
    else matched.push(one);
  }
  return matched ?? NO_RULES;
}

const NO_RULES: readonly MatchedRule[] = Object.freeze([]);

function candidatesAmong(index: RuleIndex, { request, path, decodedPath }: MatchInput): readonly number[] {
  const candidates = index.candidates(path, request.method);
  if (decodedPath === path) return candidates;
  return [...new Set([...candidates, ...index.candidates(decodedPath, request.method)])].sort(
    (a, b) => a - b,
  );
}

/** Where a proxy allows ambiguous paths, a deny rule also covers what a careless server would read. */
function ruleHolds(rule: CompiledRule, input: MatchInput): Holds {
  const { path, decodedPath } = input;
  const holds = holdsAt(rule, input, path);
  if (holds === true || rule.effect === "allow" || decodedPath === path) return holds;
  const decoded = holdsAt(rule, input, decodedPath);
  return decoded === false ? holds : decoded;
}

/** Of a rule that can have the method. */
function holdsAt({ path, othersHold }: CompiledRule, input: MatchInput, text: string): Holds {
  if (path !== undefined && path.pattern.matches(text) !== path.wanted) return false;
  return othersHold === undefined ? true : othersHold(input, text);
}

/** What cannot be evaluated counts against the call. */
export function countsAsMatch(holds: Holds, effect: Effect): boolean {
  return effect === "deny" ? holds !== false : holds === true;
}

/** For a rule that matches because of it: which component cannot be evaluated, and why. */
export function unevaluableIn({ others }: CompiledRule, input: MatchInput): string {
  const component = others.find(({ holds }) => holds(input, input.path) === undefined);
  return component === undefined
    ? ""
    : `, as its \`${component.name}\` cannot be evaluated: ${component.saw(input, input.path)}`;
}
