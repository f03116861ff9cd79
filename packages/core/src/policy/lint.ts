/** What a policy may say and probably does not mean. A warning never keeps a policy from loading. */
import { canMatch } from "../filter/reachable-paths.js";
import { type CharacterSet, LAST_UNIT } from "../pattern/character-set.js";
import { type Expression, itemsOf } from "../pattern/expression.js";
import { isIncluded, matchesEverything, matchesNothing } from "../pattern/inclusion.js";
import { compilePattern } from "../pattern/pattern.js";
import { readBaseUrl } from "./base-url.js";
import { withoutCase } from "./conditions.js";
import { withEscapedDots } from "./escaped-dots.js";
import { lintCredential } from "./lint-credential.js";
import { lintMethods } from "./lint-methods.js";
import { lintNetwork } from "./lint-network.js";
import { type LintWarning, warning } from "./lint-warning.js";
import type { Filter, Policy, Rule } from "./schema.js";

/** Pairs of rules that are compared at most, per list: every one takes a walk through two patterns. */
const MAX_COMPARED = 20_000;

/**
 * Looks for what is probably a mistake (docs/spec/policy.md, "Lint").
 *
 * @returns warnings in the order of the document; empty for a policy that is sound as far as can be told
 */
export function lintPolicy(policy: Policy): LintWarning[] {
  const entities = (["targets", "credentials", "proxies"] as const).flatMap((kind) =>
    Object.entries(policy[kind]).map(([id, entity]) => ({ id, path: [kind, id], entity })),
  );
  return entities.flatMap(({ id, path, entity }) => [
    ...("baseUrl" in entity ? lintNetwork(path, entity) : []),
    ...("authType" in entity ? lintCredential(policy, id, path, entity) : []),
    ...lintScope(path, entity, reachedBy(policy, path)),
  ]);
}

type Path = readonly PropertyKey[];

function lintScope(
  path: Path,
  entity: { readonly rules: readonly Rule[]; readonly filters: readonly Filter[] },
  reach: Reach,
) {
  const dead = new Set<Rule>();
  const ofRules = entity.rules.flatMap((rule, index) => {
    const deadly = deadConditions("unreachable_rule", [...path, "rules", index], rule, reach);
    if (deadly.length > 0) dead.add(rule);
    const at = [...path, "rules", index];
    return [...lintMethods(at, rule), ...(deadly.length > 0 ? deadly : lintRule(at, rule))];
  });
  return [
    ...ofRules,
    ...unreachableRules([...path, "rules"], entity.rules, dead),
    ...entity.filters.flatMap((filter, index) => [
      ...lintMethods([...path, "filters", index], filter),
      ...deadConditions("unreachable_filter", [...path, "filters", index], filter, reach),
      ...lintFilter([...path, "filters", index], filter),
    ]),
  ];
}

/** What the rules and filters of one scope can ever see. */
interface Reach {
  /** Of the targets that it is asked for; empty when no proxy leads there. */
  readonly hosts: readonly string[];
  /** Of paths. */
  readonly characters: CharacterSet;
}

function reachedBy({ targets, proxies }: Policy, [kind, id]: Path): Reach {
  const leading = Object.entries(proxies).filter(
    ([proxyId, { target, targetCredential, proxyCredential = [] }]) =>
      (kind === "proxies" && proxyId === id) ||
      (kind === "targets" && target === id) ||
      (kind === "credentials" && (targetCredential === id || proxyCredential.includes(String(id)))),
  );
  const hosts = leading.flatMap(([, { target }]) => {
    const read = readBaseUrl(targets[target]?.baseUrl ?? "");
    return read.ok ? [read.baseUrl.host] : [];
  });
  const isDecoded = leading.some(([, { paths }]) => paths.ambiguous === "allow");
  return { hosts, characters: isDecoded ? ANYTHING : PATH_CHARACTERS };
}

/** Where ambiguous paths pass, a path is looked at decoded too. */
const ANYTHING: CharacterSet = [[0, LAST_UNIT]];

/** What URL parsing leaves unescaped in a path, and the percent sign. */
const PATH_CHARACTERS: CharacterSet = [
  [0x21, 0x21],
  [0x24, 0x3b],
  [0x3d, 0x3d],
  [0x40, 0x5b],
  [0x5d, 0x5f],
  [0x61, 0x7a],
  [0x7c, 0x7c],
  [0x7e, 0x7e],
];

/** Conditions that no request meets. Worst in a deny rule and in a filter: they look like a protection. */
function deadConditions(
  code: "unreachable_rule" | "unreachable_filter",
  at: Path,
  { mode, host, path }: { readonly mode: string } & Pick<Rule, "host" | "path">,
  { hosts, characters }: Reach,
): LintWarning[] {
  if (mode === "off") return [];
  const warnings: LintWarning[] = [];
  if (host !== undefined && hosts.length > 0) {
    const pattern = compilePattern(withoutCase(host));
    if (!hosts.some((one) => pattern.matches(one))) {
      const message = "the pattern matches the host of no target that leads here";
      const help = `a host has no port: match ${[...new Set(hosts)].map((one) => `\`${one}\``).join(", ")}`;
      warnings.push(warning(code, [...at, "host"], message, help));
    }
  }
  if (path?.presence === "must_exist" && matchesNothing(compilePattern(path), "/", characters) === true) {
    const message = "no path matches the pattern";
    const help =
      "a path begins with `/`, has no query, and holds other characters than ASCII, spaces and braces escaped";
    warnings.push(warning(code, [...at, "path"], message, help));
  }
  return warnings;
}

function lintRule(path: Path, rule: Rule): LintWarning[] {
  if (rule.effect !== "allow" || rule.mode === "off") return [];
  if (allowsEverything(rule)) {
    return [
      warning(
        "allows_everything",
        path,
        "this rule allows every request",
        "add a condition, or let the scope's default allow",
      ),
    ];
  }
  const warnings: LintWarning[] = [];
  const host = rule.host && compilePattern(rule.host).expression;
  if (host !== undefined && !(isAnchored(host, "textStart") && isAnchored(host, "textEnd"))) {
    const help = "anchor it at both ends: `^api\\.example\\.com$`";
    warnings.push(
      warning(
        "unanchored_allow",
        [...path, "host"],
        "the pattern allows every host that it is a part of",
        help,
      ),
    );
  }
  const escaped = rule.host === undefined ? undefined : withEscapedDots(rule.host.pattern);
  if (escaped !== rule.host?.pattern) {
    const message = "a dot in the pattern stands for any character, so it allows other hosts too";
    warnings.push(warning("unescaped_dot", [...path, "host"], message, `write \`${escaped}\``));
  }
  if (
    rule.path?.presence === "must_exist" &&
    !isAnchored(compilePattern(rule.path).expression, "textStart")
  ) {
    const message = "the pattern allows every path that it is found in, wherever it stands";
    warnings.push(warning("unanchored_allow", [...path, "path"], message, "begin it with `^/`"));
  }
  return warnings;
}

function isAnchored(expression: Expression, where: "textStart" | "textEnd"): boolean {
  const items = itemsOf(expression);
  const edge = where === "textStart" ? items[0] : items.at(-1);
  // Alternatives may each have an anchor of their own.
  if (edge?.kind === "choice") return edge.options.every((option) => isAnchored(option, where));
  return edge?.kind === "assertion" && edge.assertion === where;
}

/** Conditions other than method, host and path are taken to be such that some request fails them. */
function allowsEverything(rule: Rule): boolean {
  return (
    !hasOtherConditions(rule) &&
    rule.methods === undefined &&
    rule.host === undefined &&
    coversEveryPath(rule)
  );
}

function coversEveryPath({ path }: Rule): boolean {
  if (path === undefined) return true;
  const pattern = compilePattern(path);
  return path.presence === "must_exist"
    ? matchesEverything(pattern, "/") === true
    : matchesNothing(pattern, "/", ANYTHING) === true;
}

const OTHER_CONDITIONS = ["headers", "query", "token", "actor", "body", "when"] as const;

function hasOtherConditions(rule: Rule): boolean {
  return OTHER_CONDITIONS.some((name) => rule[name] !== undefined);
}

/** A rule that matches nothing which another one, of the same effect or a deny, does not match too. */
function unreachableRules(path: Path, rules: readonly Rule[], dead: ReadonlySet<Rule>): LintWarning[] {
  const inForce = [...rules.entries()].filter(([, rule]) => rule.mode === "enforce" && !dead.has(rule));
  let compared = 0;
  return inForce.flatMap(([index, rule]) => {
    const cover = inForce.find(([other, wider]) => {
      if (other === index || (wider.effect !== "deny" && wider.effect !== rule.effect)) return false;
      if (++compared > MAX_COMPARED || !covers(wider, rule)) return false;
      // Of two that say the same, the later one is too many.
      return !covers(rule, wider) || wider.effect !== rule.effect || other < index;
    });
    if (cover === undefined) return [];
    const [other, wider] = cover;
    const name = wider.id ?? `rules/${other}`;
    const message =
      wider.effect === rule.effect
        ? `rule \`${name}\` ${wider.effect === "deny" ? "denies" : "allows"} all that this one does`
        : `rule \`${name}\` denies all that this one allows`;
    return [
      warning("unreachable_rule", [...path, index], message, "remove one of the two, or narrow the other"),
    ];
  });
}

/** Whether the wide rule matches whatever the narrow one does, as far as that can be told. */
function covers(wide: Rule, narrow: Rule): boolean {
  for (const name of OTHER_CONDITIONS) {
    if (wide[name] !== undefined && !isSame(wide[name], narrow[name])) return false;
  }
  if (wide.methods !== undefined) {
    const wideMethods = new Set(wide.methods.map((method) => method.toUpperCase()));
    if (!(narrow.methods ?? [""]).every((method) => wideMethods.has(method.toUpperCase()))) return false;
  }
  if (wide.host !== undefined && !isSame(wide.host, narrow.host)) return false;
  return coversPath(wide, narrow);
}

function coversPath(wide: Rule, narrow: Rule): boolean {
  if (wide.path === undefined || isSame(wide.path, narrow.path)) return true;
  if (wide.path.presence !== "must_exist") return false;
  if (narrow.path?.presence !== "must_exist") return coversEveryPath(wide);
  return isIncluded(compilePattern(narrow.path), compilePattern(wide.path), "/") === true;
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function lintFilter(path: Path, filter: Filter): LintWarning[] {
  return filter.operations.flatMap((operation, index) => {
    if (operation.jsonPath === undefined) return [];
    const pattern = compilePattern(operation.jsonPath);
    // The value of a variable may make it match.
    if (
      pattern.variables.length > 0 ||
      canMatch({ effect: operation.effect, pattern, values: new Map() }) !== false
    ) {
      return [];
    }
    const help = "path text looks like `$.items[0].ssn`: write `\\.ssn$` for every member of that name";
    return [
      warning(
        "matches_no_path",
        [...path, "operations", index, "jsonPath"],
        "no document has a path that this matches",
        help,
      ),
    ];
  });
}
