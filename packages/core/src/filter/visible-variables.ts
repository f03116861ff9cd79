/** The variables that the operations of a filter may name: its own, and behind them those of outer scopes. */
import type { VariableValues } from "../pattern/program.js";
import type { CompiledFilter } from "./compiled-filter.js";

/** Values by name, of each filter's own variables; a missing one is absent. */
export type OwnValues = ReadonlyMap<CompiledFilter, VariableValues>;

/** A name that is declared hides the same name further out, even where it is missing: then it is `undefined`. */
type Declared = ReadonlyMap<string, string | undefined>;

/**
 * What each filter sees. Filters of one scope do not see each other: their order means nothing.
 *
 * @param filters - those that apply, in the order of their stages
 */
export function visibleVariables(filters: readonly CompiledFilter[], own: OwnValues): OwnValues {
  const visible = new Map<CompiledFilter, VariableValues>();
  let outer: Declared = new Map();
  for (const scope of new Set(filters.map((filter) => filter.scope))) {
    const declared = filters
      .filter((filter) => filter.scope === scope)
      .map((filter) => ({ filter, names: declaredBy(filter, own.get(filter)) }));
    for (const { filter, names } of declared) visible.set(filter, present(new Map([...outer, ...names])));
    outer = new Map([...outer, ...together(declared.map(({ names }) => names))]);
  }
  return visible;
}

function declaredBy({ variables }: CompiledFilter, values: VariableValues | undefined): Declared {
  return new Map(variables.map(({ name }) => [name, values?.get(name)]));
}

/** Two filters that say different things under one name say nothing. */
function together(declared: readonly Declared[]): Declared {
  const all = new Map<string, string | undefined>();
  for (const names of declared) {
    for (const [name, value] of names) {
      all.set(name, all.has(name) && all.get(name) !== value ? undefined : value);
    }
  }
  return all;
}

function present(declared: Declared): VariableValues {
  const values = new Map<string, string>();
  for (const [name, value] of declared) if (value !== undefined) values.set(name, value);
  return values;
}
