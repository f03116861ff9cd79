/** What a record says of the decision, as canonical JSON (docs/spec/record.md, "Members"). */
import { ownText } from "../bytes.js";
import type { CompiledProxy } from "../policy/compile.js";
import type { Decision, MatchedRule, Scope, ScopeDecision } from "../policy/decision.js";
import { type CallFacts, codeOf, isCredentialSkipped, proxyOf } from "./call-facts.js";
import { after, before, KnownTexts, listText, numberText, quoted, quotedOrNone } from "./json-text.js";

/** The member `policy`: code, decision and mode are those of the last hop, scopes and rules those of the first. */
export function policyText(facts: CallFacts, first: Decision, proxy: CompiledProxy | undefined): string {
  const final = facts.hops.at(-1)?.decision ?? first;
  const mode = proxyOf(facts.compiled, final)?.entity.mode ?? "enforce";
  return textOf({
    hash: facts.compiled.hash,
    code: codeOf(final),
    effect: final.effect,
    mode,
    observed: final.observed,
    isSkipped: isCredentialSkipped(facts, proxy),
    scopes: scopesText(first.scopes),
  });
}

interface PolicyPart {
  readonly hash: string;
  readonly code: string | undefined;
  readonly effect: Decision["effect"];
  readonly mode: string;
  readonly observed: string | undefined;
  readonly isSkipped: boolean;
  readonly scopes: string;
}

/** The part before: the next one is often the same. */
let lastPart: { readonly part: PolicyPart; readonly text: string } | undefined;

function textOf(part: PolicyPart): string {
  if (lastPart === undefined || !isSamePart(part, lastPart.part))
    lastPart = { part, text: ownText(partText(part)) };
  return lastPart.text;
}

function isSamePart(one: PolicyPart, other: PolicyPart): boolean {
  return (
    one.scopes === other.scopes &&
    one.hash === other.hash &&
    one.code === other.code &&
    one.effect === other.effect &&
    one.mode === other.mode &&
    one.observed === other.observed &&
    one.isSkipped === other.isSkipped
  );
}

function partText({ hash, code, effect, mode, observed, isSkipped, scopes }: PolicyPart): string {
  const bundle = `"bundle":{"sha256":${quoted(hash)}},${before("code", quotedOrNone(code))}`;
  const skipped = isSkipped ? '"proxyCredentialSkipped":true,' : "";
  const would = before("observed", quotedOrNone(observed));
  return `{${bundle}"decision":"${effect}","mode":"${mode}",${would}${skipped}${scopes}}`;
}

/** Of the decision before: the next one is often by the same rules. */
let last: { readonly scopes: readonly ScopeDecision[]; readonly text: string } = {
  scopes: [],
  text: '"rules":[],"scopes":[]',
};

function scopesText(scopes: readonly ScopeDecision[]): string {
  if (!areAlike(scopes, last.scopes)) {
    const text = `"rules":${rulesText(scopes)},"scopes":${listText(scopes, scopeText)}`;
    last = { scopes, text: ownText(text) };
  }
  return last.text;
}

function areAlike(some: readonly ScopeDecision[], others: readonly ScopeDecision[]): boolean {
  if (some.length !== others.length) return false;
  for (let index = 0; index < some.length; index++)
    if (!isAlike(some[index] as ScopeDecision, others[index] as ScopeDecision)) return false;
  return true;
}

function isAlike(one: ScopeDecision, other: ScopeDecision): boolean {
  if (one === other) return true;
  const { scope, id, effect, ruleId, matched, observed } = one;
  if (scope !== other.scope || id !== other.id || effect !== other.effect || ruleId !== other.ruleId)
    return false;
  if (observed !== undefined || other.observed !== undefined || matched.length !== other.matched.length)
    return false;
  // The rules themselves, so that those of another policy are others.
  for (let index = 0; index < matched.length; index++)
    if (matched[index] !== other.matched[index]) return false;
  return true;
}

function scopeText({ effect, id, observed, ruleId, scope }: ScopeDecision): string {
  const would = after("observed", quotedOrNone(observed?.effect));
  return `{"effect":"${effect}","id":${quoted(id)}${would}${after("ruleId", quotedOrNone(ruleId))},"scope":"${scope}"}`;
}

function rulesText(scopes: readonly ScopeDecision[]): string {
  let text = "";
  for (const { scope, matched, observed } of scopes) {
    for (const rule of matched) text += `,${enforcedText(scope, rule)}`;
    if (observed !== undefined)
      for (const rule of observed.matched) text += `,${ruleText(scope, rule, "observe")}`;
  }
  return `[${text.slice(1)}]`;
}

/** One object stands for one rule of one scope, as long as its policy is in force; where it cannot be evaluated, a new one. */
function enforcedText(scope: Scope, rule: MatchedRule): string {
  const write = () => ruleText(scope, rule, undefined);
  return rule.unevaluable ? write() : enforcedTexts.of(rule, write);
}

const enforcedTexts = new KnownTexts<MatchedRule>();

function ruleText(scope: Scope, rule: MatchedRule, mode: "observe" | undefined): string {
  const { ruleId, effect, priority, unevaluable } = rule;
  const id = `"effect":"${effect}","id":${quoted(ruleId)}${after("mode", quotedOrNone(mode))}`;
  return `{${id},"priority":${numberText(priority)},"scope":"${scope}"${after("unevaluable", unevaluable && "true")}}`;
}
