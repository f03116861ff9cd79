/** What the policy says about one request. Plain data, safe to log: it holds no header value, query or body. */

/** The four gates a request has to pass, in the order in which they are reported. All must allow. */
export const SCOPES = ["targetCredential", "target", "proxyCredential", "proxy"] as const;

export type Scope = (typeof SCOPES)[number];

/** The scopes in the words of a policy author. */
export const SCOPE_NAMES: Readonly<Record<Scope, string>> = {
  targetCredential: "target credential",
  target: "target",
  proxyCredential: "proxy credential",
  proxy: "proxy",
};

export type Effect = "allow" | "deny";

/** Why a request is denied. See docs/spec/policy.md, "Reason codes". */
export type ReasonCode =
  | "rule"
  | "default"
  | "unrouted"
  | "inactive"
  | "path_ambiguous"
  | "unevaluable"
  | "network"
  | "tls"
  | "rate_limited"
  | "meter_exceeded"
  | "audit_unavailable"
  | "credential"
  | "redirect";

/** A rule that matched the request. */
export interface MatchedRule {
  /** The rule's `id`, or `rules/N` by position when it has none. */
  readonly ruleId: string;
  readonly effect: Effect;
  readonly priority: number;
  readonly notes?: string;
  /** Set for a deny rule that matches because a check that cannot be evaluated counts as satisfied. */
  readonly unevaluable?: true;
}

/** What a scope would say if its rules with `mode: "observe"` were enforced too. */
export interface ObservedScope {
  readonly effect: Effect;
  /** The rule that would decide; absent when the scope's default would. */
  readonly ruleId?: string;
  /** Every matching rule that only observes, in the order of reports. Never empty. */
  readonly matched: readonly MatchedRule[];
}

/** What one scope says. */
export interface ScopeDecision {
  readonly scope: Scope;
  /** Id of the proxy, target or credential whose rules these are. */
  readonly id: string;
  readonly effect: Effect;
  /** The rule that decided; absent when the scope's default did. */
  readonly ruleId?: string;
  /** Every matching rule, highest `priority` first, then by id. */
  readonly matched: readonly MatchedRule[];
  /** Absent when no rule that only observes matches. */
  readonly observed?: ObservedScope;
}

export interface Allowed {
  readonly effect: "allow";
  readonly proxyId: string;
  readonly scopes: readonly ScopeDecision[];
  /** What the scopes would say if all rules with `mode: "observe"` were enforced too; absent when none matches. */
  readonly observed?: Effect;
}

export interface Denied {
  readonly effect: "deny";
  /** Absent when no proxy could be chosen. */
  readonly proxyId?: string;
  readonly code: ReasonCode;
  /** The scope that denied first, for `rule` and `default`. */
  readonly scope?: Scope;
  /** The rule that denied, for `rule`. */
  readonly ruleId?: string;
  /** One sentence for a person. */
  readonly reason: string;
  /** What to do, where `code` alone does not tell it. */
  readonly help?: string;
  /** Empty when the request was denied before rules were looked at. */
  readonly scopes: readonly ScopeDecision[];
  /** Which redirect hop was denied; absent for the first request. */
  readonly hop?: number;
  /** As in {@link Allowed}. */
  readonly observed?: Effect;
}

export type Decision = Allowed | Denied;
