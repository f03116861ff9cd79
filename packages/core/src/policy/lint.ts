/** What a policy may say and probably does not mean. A warning never keeps a policy from loading. */
import { canMatch } from "../filter/reachable-paths.js";
import { itemsOf } from "../pattern/expression.js";
import { isIncluded, matchesEverything } from "../pattern/inclusion.js";
import { compilePattern } from "../pattern/pattern.js";
import type { Filter, Policy, Rule } from "./schema.js";
import { toPointer } from "./schema-issues.js";

export type LintCode =
  /** An allow rule whose host or path pattern matches in the middle of a text. */
  | "unanchored_allow"
  /** An allow rule without a condition that any request fails. */
  | "allows_everything"
  /** A rule that can never decide: all it matches is denied, or allowed already, by another. */
  | "unreachable_rule"
  /** An operation whose pattern matches no path that a document can have. */
  | "matches_no_path"
  /** A secret that is too short to be looked for in responses. */
  | "short_secret";

export interface LintWarning {
  readonly code: LintCode;
  /** JSON pointer (RFC 6901) into the document. */
  readonly pointer: string;
  readonly message: string;
  /** What to do. */
  readonly help: string;
}

/** Shorter values occur by chance. */
export const MIN_SECRET_CHARACTERS = 8;

/** Pairs of rules that are compared at most, per list: every one takes a walk through two patterns. */
const MAX_COMPARED = 20_000;

/**
 * Looks for what is probably a mistake (docs/spec/policy.md, "Lint").
 *
 * @returns warnings in the order of the document; empty for a policy that is sound as far as can be told
 */
export function lintPolicy(policy: Policy): LintWarning[] {
  const entities = (["targets", "credentials", "proxies"] as const).flatMap((kind) =>
    Object.entries(policy[kind]).map(([id, entity]) => ({ path: [kind, id], entity })),
  );
  return [
    ...entities.flatMap(({ path, entity }) => lintScope(path, entity)),
    ...Object.entries(policy.credentials).flatMap(([id, { secret }]) =>
      secret === undefined ? [] : shortSecrets(["credentials", id, "secret", "inline"], secret.locate()),
    ),
  ];
}

type Path = readonly PropertyKey[];

function lintScope(
  path: Path,
  entity: { readonly rules: readonly Rule[]; readonly filters: readonly Filter[] },
) {
  return [
    ...entity.rules.flatMap((rule, index) => lintRule([...path, "rules", index], rule)),
    ...unreachableRules([...path, "rules"], entity.rules),
    ...entity.filters.flatMap((filter, index) => lintFilter([...path, "filters", index], filter)),
  ];
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
  if (rule.host !== undefined && !(isAnchored(rule.host, "textStart") && isAnchored(rule.host, "textEnd"))) {
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
  if (rule.path?.presence === "must_exist" && !isAnchored(rule.path, "textStart")) {
    const message = "the pattern allows every path that it is found in, wherever it stands";
    warnings.push(warning("unanchored_allow", [...path, "path"], message, "begin it with `^/`"));
  }
  return warnings;
}

function isAnchored(spec: { readonly pattern: string }, where: "textStart" | "textEnd"): boolean {
  const { expression } = compilePattern(spec);
  const items = itemsOf(expression);
  const item = where === "textStart" ? items[0] : items.at(-1);
  // Alternatives in a group may each have an anchor of their own.
  const options =
    item?.kind === "choice" ? item.options : expression.kind === "choice" ? expression.options : undefined;
  if (options === undefined) return item?.kind === "assertion" && item.assertion === where;
  return options.every((option) => {
    const own = where === "textStart" ? itemsOf(option)[0] : itemsOf(option).at(-1);
    return own?.kind === "assertion" && own.assertion === where;
  });
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
  return path.presence === "must_exist" && matchesEverything(compilePattern(path), "/") === true;
}

const OTHER_CONDITIONS = ["headers", "query", "token", "actor", "body", "when"] as const;

function hasOtherConditions(rule: Rule): boolean {
  return OTHER_CONDITIONS.some((name) => rule[name] !== undefined);
}

/** A rule that matches nothing which another one, of the same effect or a deny, does not match too. */
function unreachableRules(path: Path, rules: readonly Rule[]): LintWarning[] {
  const inForce = [...rules.entries()].filter(([, { mode }]) => mode === "enforce");
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

function shortSecrets(
  path: Path,
  location: ReturnType<NonNullable<Policy["credentials"][string]["secret"]>["locate"]>,
) {
  if (location.kind !== "inline") return [];
  return Object.entries(location.value).flatMap(([name, value]) =>
    typeof value === "string" && SECRET_FIELDS.has(name) && value.length < MIN_SECRET_CHARACTERS
      ? [
          warning(
            "short_secret",
            [...path, name],
            `a secret of fewer than ${MIN_SECRET_CHARACTERS} characters occurs by chance and cannot be looked for in responses`,
            "use one that is longer",
          ),
        ]
      : [],
  );
}

const SECRET_FIELDS: ReadonlySet<string> = new Set(["token", "key", "password"]);

function warning(code: LintCode, path: Path, message: string, help: string): LintWarning {
  return { code, pointer: toPointer(path), message, help };
}
