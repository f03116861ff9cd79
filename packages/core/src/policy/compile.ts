/** Turns a policy into an immutable snapshot of matchers, so that deciding touches neither text nor store. */

import { injectedHeaderOf } from "../credential/secret.js";
import { InternalError, type PolicyIssue } from "../errors.js";
import { type CompiledFilter, compileFilter } from "../filter/compiled-filter.js";
import type { Select } from "../filter/select.js";
import type { Pattern } from "../pattern/pattern.js";
import { type BaseUrl, readBaseUrl, readOrigin } from "./base-url.js";
import type { CompiledBodyCheck } from "./body-checks.js";
import { ConditionPatterns } from "./condition-patterns.js";
import { compileQuestions, type RuleQuestions } from "./conditions.js";
import type { Effect, MatchedRule, Scope, ScopeDecision } from "./decision.js";
import { type OuterNames, outerNames } from "./outer-variables.js";
import { policyHash } from "./policy-hash.js";
import { RuleIndex } from "./rule-index.js";
import type { CredentialEntity, Filter, Policy, ProxyEntity, Rule, TargetEntity } from "./schema.js";
import { toPointer } from "./schema-issues.js";
import { compileTargetNetwork, type TargetNetwork } from "./target-network.js";

export interface CompiledRule extends RuleQuestions {
  readonly id: string;
  readonly effect: Effect;
  readonly priority: number;
  readonly notes: string | undefined;
  /** The rule as decisions list it. */
  readonly reported: MatchedRule;
}

/** The rules and filters of one proxy, target or credential. */
export interface CompiledScope {
  readonly scope: Scope;
  readonly id: string;
  readonly defaultEffect: Effect;
  /** Those that decide, by `priority`, highest first, then by id: the order in which matches are reported. */
  readonly rules: readonly CompiledRule[];
  readonly ruleIndex: RuleIndex;
  /** Those with `mode: "observe"`, in the same order. */
  readonly observedRules: readonly CompiledRule[];
  readonly observedIndex: RuleIndex;
  /** What the scope says when no rule matches. */
  readonly unmatched: ScopeDecision;
  /** Of all these rules. */
  readonly bodyChecks: readonly CompiledBodyCheck[];
  readonly filters: readonly CompiledFilter[];
}

export interface CompiledTarget {
  readonly id: string;
  readonly entity: TargetEntity;
  readonly baseUrl: BaseUrl;
  readonly network: TargetNetwork;
  readonly scope: CompiledScope;
}

export interface CompiledCredential {
  readonly id: string;
  readonly entity: CredentialEntity;
  /** Where it may be sent: canonical, sorted, without repeats. What its ciphertext is bound to. */
  readonly origins: readonly string[];
  /** Lower-case name of the header that it sets, as far as it is known before the secret is opened. */
  readonly injectedHeader: string | undefined;
  /** Epoch ms; `undefined` when it does not expire. */
  readonly expiresAt: number | undefined;
  readonly scope: CompiledScope;
}

export interface CompiledProxy {
  readonly id: string;
  readonly entity: ProxyEntity;
  readonly region: string;
  readonly target: CompiledTarget;
  readonly targetCredential: CompiledCredential | undefined;
  /** By id; empty when the proxy names none. */
  readonly proxyCredentials: ReadonlyMap<string, CompiledCredential>;
  readonly allowedOverrides: ReadonlySet<string>;
  readonly scope: CompiledScope;
  /** All that hold whoever calls, in the order in which they are reported; its own comes last. */
  readonly scopes: readonly CompiledScope[];
}

/** A base URL, and the proxies that lead to the targets that have it. */
export interface RoutedBaseUrl {
  /** Without trailing slash. */
  readonly path: string;
  /** Empty for a target that no proxy leads to. */
  readonly proxies: readonly CompiledProxy[];
}

export interface CompiledPolicy {
  readonly policy: Policy;
  /** SHA-256 of the policy, hexadecimal. */
  readonly hash: string;
  /** By id. */
  readonly proxies: ReadonlyMap<string, CompiledProxy>;
  /** By id, those that no proxy names included. */
  readonly credentials: ReadonlyMap<string, CompiledCredential>;
  /** Aliases to ids. */
  readonly aliases: ReadonlyMap<string, string>;
  /** By origin, longest base path first. */
  readonly baseUrlsByOrigin: ReadonlyMap<string, readonly RoutedBaseUrl[]>;
}

/** Sums of `programSize` above these are refused; equal patterns count once. */
const MAX_RULE_PROGRAM_SIZE = 2_000_000;
const MAX_FILTER_PROGRAM_SIZE = 100_000;

const compiled = new WeakMap<Policy, CompiledPolicy>();

/**
 * Compiles a policy that {@link parsePolicy} or {@link definePolicy} returned. The same policy gives the same object.
 *
 * @throws InternalError for any other object
 */
export function compilePolicy(policy: Policy): CompiledPolicy {
  const known = compiled.get(policy);
  if (known === undefined) throw new InternalError("a policy was compiled that had not been parsed");
  return known;
}

/** Compiles and remembers a checked document, or says what does not compile. For `parsePolicy` only. */
export function compileChecked(policy: Policy): PolicyIssue[] {
  const compiler = new Compiler(policy);
  const result = compiler.compile();
  if (compiler.issues.length === 0) compiled.set(policy, result);
  return compiler.issues;
}

class Compiler {
  readonly issues: PolicyIssue[] = [];
  readonly #policy: Policy;
  readonly #outerNames: OuterNames;

  constructor(policy: Policy) {
    this.#policy = policy;
    this.#outerNames = outerNames(policy);
  }

  compile(): CompiledPolicy {
    const policy = this.#policy;
    const targets = mapValues(policy.targets, (entity, id) => this.#target(id, entity));
    const credentials = mapValues(policy.credentials, (entity, id) => this.#credential(id, entity));
    const proxies = mapValues(policy.proxies, (entity, id) => this.#proxy(id, entity, targets, credentials));
    const aliases = new Map<string, string>();
    for (const [id, { alias }] of Object.entries(policy.proxies))
      if (alias !== undefined) aliases.set(alias, id);
    return {
      policy,
      hash: policyHash(policy),
      proxies,
      credentials,
      aliases,
      baseUrlsByOrigin: groupByOrigin([...targets.values()], [...proxies.values()]),
    };
  }

  #target(id: string, entity: TargetEntity): CompiledTarget {
    const read = readBaseUrl(entity.baseUrl);
    if (!read.ok) throw new InternalError("a base URL was not checked");
    return {
      id,
      entity,
      baseUrl: read.baseUrl,
      network: compileTargetNetwork(entity, read.baseUrl),
      scope: this.#scope("target", ["targets", id], id, entity, "allow"),
    };
  }

  #credential(id: string, entity: CredentialEntity): CompiledCredential {
    const scope = entity.type === "target" ? "targetCredential" : "proxyCredential";
    return {
      id,
      entity,
      origins: this.#originsOf(id, entity),
      injectedHeader: injectedHeaderOf(entity),
      expiresAt: entity.expiresAt === undefined ? undefined : Date.parse(entity.expiresAt),
      scope: this.#scope(scope, ["credentials", id], id, entity, "allow"),
    };
  }

  #originsOf(id: string, entity: CredentialEntity): string[] {
    const named = Object.values(this.#policy.proxies).filter((proxy) => proxy.targetCredential === id);
    const urls = entity.origins ?? named.map((proxy) => this.#policy.targets[proxy.target]?.baseUrl ?? "");
    const origins = urls.flatMap((url) => {
      const read = entity.origins === undefined ? readBaseUrl(url) : readOrigin(url);
      if (!read.ok) return [];
      return ["origin" in read ? read.origin : read.baseUrl.origin];
    });
    return [...new Set(origins)].sort();
  }

  #proxy(
    id: string,
    entity: ProxyEntity,
    targets: ReadonlyMap<string, CompiledTarget>,
    credentials: ReadonlyMap<string, CompiledCredential>,
  ): CompiledProxy {
    const target = targets.get(entity.target);
    if (target === undefined) throw new InternalError("a reference was not checked");
    const named = (entity.proxyCredential ?? []).flatMap((one) => credentials.get(one) ?? []);
    const targetCredential =
      entity.targetCredential === undefined ? undefined : credentials.get(entity.targetCredential);
    const scope = this.#scope("proxy", ["proxies", id], id, entity, "deny");
    return {
      id,
      entity,
      region: entity.region ?? this.#policy.region,
      target,
      targetCredential,
      proxyCredentials: new Map(named.map((credential) => [credential.id, credential])),
      allowedOverrides: new Set(entity.allowOverrideHeaders),
      scope,
      scopes: [targetCredential?.scope, target.scope, scope].filter((one) => one !== undefined),
    };
  }

  #scope(
    scope: Scope,
    path: readonly PropertyKey[],
    id: string,
    entity: { defaultRuleEffect?: Effect | undefined; rules: readonly Rule[]; filters: readonly Filter[] },
    defaultEffect: Effect,
  ): CompiledScope {
    this.#checkIds([...path, "rules"], entity.rules);
    this.#checkIds([...path, "filters"], entity.filters);
    const { rules, observedRules } = this.#rules([...path, "rules"], entity.rules);
    const patterns: (Pattern | Select)[] = [];
    const filters = entity.filters.flatMap((filter, index) => {
      const outerNames = this.#outerNames(scope, id, filter.on);
      const result = compileFilter(filter, { scope, entityId: id, index, outerNames });
      const start = toPointer([...path, "filters", index]);
      for (const issue of result.issues) this.issues.push({ ...issue, pointer: start + issue.pointer });
      for (const pattern of result.patterns) patterns.push(pattern);
      return result.filter === undefined ? [] : [result.filter];
    });
    this.#checkBudget([...path, "filters"], patterns, MAX_FILTER_PROGRAM_SIZE);
    const byDefault = entity.defaultRuleEffect ?? defaultEffect;
    return {
      scope,
      id,
      defaultEffect: byDefault,
      rules,
      ruleIndex: new RuleIndex(rules),
      observedRules,
      observedIndex: new RuleIndex(observedRules),
      unmatched: Object.freeze({ scope, id, effect: byDefault, matched: Object.freeze([]) }),
      bodyChecks: [...bodyChecksOf(rules), ...bodyChecksOf(observedRules)],
      filters: filters.filter(({ mode }) => mode !== "off"),
    };
  }

  /** The rules in force and those that only observe, each in the order in which they are reported. */
  #rules(
    path: readonly PropertyKey[],
    rules: readonly Rule[],
  ): { readonly rules: CompiledRule[]; readonly observedRules: CompiledRule[] } {
    const byMode: Record<Rule["mode"], CompiledRule[]> = { enforce: [], observe: [], off: [] };
    const conditions = new ConditionPatterns();
    for (let index = 0; index < rules.length; index++) {
      const rule = rules[index] as Rule;
      const issues = conditions.check(rule);
      for (const issue of issues) {
        this.issues.push({ ...issue, pointer: toPointer([...path, index]) + issue.pointer });
      }
      if (issues.length === 0) byMode[rule.mode].push(compileRule(rule, index));
    }
    this.#checkBudget(path, conditions.patterns, MAX_RULE_PROGRAM_SIZE);
    return {
      rules: byMode.enforce.sort(inReportedOrder),
      observedRules: byMode.observe.sort(inReportedOrder),
    };
  }

  #checkIds(path: readonly PropertyKey[], members: readonly { id?: string | undefined }[]): void {
    const seen = new Set<string>();
    for (let index = 0; index < members.length; index++) {
      const id = members[index]?.id;
      if (id === undefined) continue;
      if (seen.has(id)) {
        const pointer = toPointer([...path, index, "id"]);
        this.issues.push({ pointer, message: `\`${id}\` is used twice in this list`, kind: "invalid" });
      }
      seen.add(id);
    }
  }

  #checkBudget(path: readonly PropertyKey[], patterns: readonly (Pattern | Select)[], limit: number): void {
    const all = patterns.reduce((sum, { programSize }) => sum + programSize, 0);
    if (all <= limit) return;
    const sizes = new Map(
      patterns.map((one) => [`${"flags" in one ? one.flags : "select"}/${one.source}`, one.programSize]),
    );
    const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
    if (total <= limit) return;
    const message = `the patterns compile to ${total} instructions, at most ${limit} are allowed here`;
    this.issues.push({
      pointer: toPointer(path),
      message,
      help: "use fewer or smaller patterns",
      kind: "invalid",
    });
  }
}

function bodyChecksOf(rules: readonly CompiledRule[]): CompiledBodyCheck[] {
  const checks: CompiledBodyCheck[] = [];
  for (const { others } of rules)
    for (const { bodyCheck } of others) if (bodyCheck !== undefined) checks.push(bodyCheck);
  return checks;
}

/** The order in which matches are reported. Never matters to the outcome. */
export function inReportedOrder(
  a: Pick<CompiledRule, "priority" | "id">,
  b: Pick<CompiledRule, "priority" | "id">,
): number {
  return b.priority - a.priority || (a.id < b.id ? -1 : 1);
}

/** @param rule - with patterns that were found to compile */
function compileRule(rule: Rule, index: number): CompiledRule {
  const { id = `rules/${index}`, effect, priority, notes } = rule;
  const reported: MatchedRule =
    notes === undefined ? { ruleId: id, effect, priority } : { ruleId: id, effect, priority, notes };
  const { methods, path, others, othersHold } = compileQuestions(rule);
  // What a decision looks at stands first, so that it shares a line of the processor's cache.
  return {
    path,
    othersHold,
    effect,
    reported: Object.freeze(reported),
    methods,
    id,
    priority,
    notes,
    others,
  };
}

function mapValues<T, U>(
  entities: Readonly<Record<string, T>>,
  compile: (entity: T, id: string) => U,
): Map<string, U> {
  return new Map(Object.entries(entities).map(([id, entity]) => [id, compile(entity, id)]));
}

function groupByOrigin(
  targets: readonly CompiledTarget[],
  proxies: readonly CompiledProxy[],
): Map<string, RoutedBaseUrl[]> {
  const groups = new Map<string, RoutedBaseUrl[]>();
  for (const { origin, path } of targets.map((target) => target.baseUrl)) {
    const group = groups.get(origin) ?? [];
    groups.set(origin, group);
    if (group.some((one) => one.path === path)) continue;
    const leading = proxies.filter(
      ({ target: { baseUrl } }) => baseUrl.origin === origin && baseUrl.path === path,
    );
    group.push({ path, proxies: leading });
  }
  for (const group of groups.values()) group.sort((a, b) => b.path.length - a.path.length);
  return groups;
}
