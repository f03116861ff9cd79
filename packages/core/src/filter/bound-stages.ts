/** The stages of an exchange: the operations of the filters that apply, scope by scope, bound to its variables. */
import type { VariableValues } from "../pattern/program.js";
import type { Scope } from "../policy/decision.js";
import { variablesOf } from "./captured-variables.js";
import type { CompiledFilter } from "./compiled-filter.js";
import type { Stage, StageOperation } from "./filter-json.js";
import type { OwnValues } from "./visible-variables.js";

/** In the order of the filters' scopes; a scope without operations has none. */
export function stagesOf(filters: readonly CompiledFilter[], visible: OwnValues): Stage[] {
  const scopes = [...new Set(filters.map(({ scope }) => scope))];
  return scopes.flatMap((scope) => {
    const ofScope = filters.filter((filter) => filter.scope === scope && filter.operations.length > 0);
    return ofScope.length === 0
      ? []
      : [namesVariables(ofScope) ? newStage(scope, ofScope, visible) : sharedStage(scope, ofScope)];
  });
}

function namesVariables(filters: readonly CompiledFilter[]): boolean {
  return filters.some(({ operations }) => operations.some((one) => variablesOf(one).length > 0));
}

function newStage(scope: Scope, filters: readonly CompiledFilter[], visible?: OwnValues): Stage {
  return {
    scope,
    operations: filters.flatMap((filter) => bind(filter, visible?.get(filter) ?? NO_VALUES)),
  };
}

function bind(filter: CompiledFilter, values: VariableValues): StageOperation[] {
  return filter.operations.map(({ id, effect, pattern, select, matchValue, mask }) => ({
    effect,
    pattern,
    select,
    matchValue,
    mask,
    values,
    filterId: filter.id,
    entityId: filter.entityId,
    operationId: id,
  }));
}

const NO_VALUES: VariableValues = new Map();

/** Stages without variables, by their first filter and the ids of all: a stage remembers the paths it has seen. */
const stages = new WeakMap<CompiledFilter, Map<string, Stage>>();

const MAX_SHARED_STAGES = 64;

function sharedStage(scope: Scope, filters: readonly CompiledFilter[]): Stage {
  // SAFETY: a scope without filters has no stage.
  const first = filters[0] as CompiledFilter;
  const byIds = stages.get(first) ?? new Map<string, Stage>();
  stages.set(first, byIds);
  const ids = filters.map(({ id }) => id).join(" ");
  const stage = byIds.get(ids) ?? newStage(scope, filters);
  // Which filters apply together is the caller's choice.
  if (byIds.size < MAX_SHARED_STAGES) byIds.set(ids, stage);
  return stage;
}
