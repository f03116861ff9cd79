/** A filter as the engine runs it. */
import type { PolicyIssue } from "../errors.js";
import type { Pattern } from "../pattern/pattern.js";
import { ConditionPatterns } from "../policy/condition-patterns.js";
import { type Conditions, compileConditions } from "../policy/conditions.js";
import type { Scope } from "../policy/decision.js";
import type { Filter } from "../policy/schema.js";
import { type CompiledVariable, compileVariable } from "../variables/compiled-variable.js";
import { type CompiledOperation, compileOperation } from "./compiled-operation.js";
import type { Select } from "./select.js";

export interface CompiledFilter {
  /** The filter's `id`, or `filters/N` by position when it has none. */
  readonly id: string;
  readonly scope: Scope;
  /** Id of the proxy, target or credential that has the filter. */
  readonly entityId: string;
  readonly on: Filter["on"];
  readonly mode: Filter["mode"];
  readonly applies: Conditions;
  readonly variables: readonly CompiledVariable[];
  readonly operations: readonly CompiledOperation[];
}

/** Where a filter stands. */
export interface FilterPlace {
  readonly scope: Scope;
  readonly entityId: string;
  readonly index: number;
  /** Names of variables of outer scopes, which its operations may use. */
  readonly outerNames: ReadonlySet<string>;
}

export interface CompiledFilterResult {
  readonly filter: CompiledFilter | undefined;
  /** All that it has, in conditions and in operations, repeats included. */
  readonly patterns: readonly (Pattern | Select)[];
  /** Their pointers start at the filter. */
  readonly issues: readonly PolicyIssue[];
}

/** Compiles a filter. */
export function compileFilter(filter: Filter, place: FilterPlace): CompiledFilterResult {
  const conditions = new ConditionPatterns();
  const issues = [...conditions.check(filter)];
  const variables = filter.variables.flatMap((variable, index) => {
    const result = compileVariable(variable, index, filter.on);
    for (const issue of result.issues) issues.push(issue);
    return result.variable === undefined ? [] : [result.variable];
  });
  for (const issue of repeatedNames(filter)) issues.push(issue);
  const declared = new Set([...place.outerNames, ...filter.variables.map(({ name }) => name)]);
  const operations = filter.operations.flatMap((operation, index) => {
    const result = compileOperation(operation, index, declared);
    for (const issue of result.issues) issues.push(issue);
    return result.operation === undefined ? [] : [result.operation];
  });
  const patterns = [...conditions.patterns, ...operations.flatMap(patternsOf)];
  if (issues.length > 0) return { filter: undefined, patterns, issues };
  const { scope, entityId, index } = place;
  const id = filter.id ?? `filters/${index}`;
  return {
    filter: {
      ...{ id, scope, entityId, on: filter.on, mode: filter.mode },
      applies: compileConditions(filter),
      variables,
      operations,
    },
    patterns,
    issues,
  };
}

function patternsOf({ pattern, select, matchValue }: CompiledOperation): (Pattern | Select)[] {
  return [pattern, select, matchValue].filter((compiled) => compiled !== undefined);
}

function repeatedNames(filter: Filter): PolicyIssue[] {
  const seen = new Set<string>();
  return filter.variables.flatMap(({ name }, index) => {
    const isRepeated = seen.has(name);
    seen.add(name);
    if (!isRepeated) return [];
    return [
      {
        pointer: `/variables/${index}/name`,
        message: `\`${name}\` is used twice in this filter`,
        kind: "invalid" as const,
      },
    ];
  });
}
