/** The variables of the filters that apply: for their operations, and for the record. */
import type { VariableValues } from "../pattern/program.js";
import { resolveVariables, type VariableSources } from "../variables/resolve-variables.js";
import type { CompiledFilter } from "./compiled-filter.js";
import type { CompiledOperation } from "./compiled-operation.js";
import type { HashBytes } from "./filter-json.js";
import type { OwnValues } from "./visible-variables.js";

/** A captured variable, for the record. */
export interface CapturedVariable {
  readonly name: string;
  /** Absent when the variable is missing, or may not be recorded. */
  readonly value: string | undefined;
  readonly isRecorded: boolean;
}

/** Sources of variables that the response itself does not give. */
export interface ExchangeSources extends Pick<VariableSources, "input" | "own" | "vars"> {
  /** For `hash` operations. */
  readonly hash?: HashBytes | undefined;
}

/** Each filter's own variables. */
export function captureAll(filters: readonly CompiledFilter[], sources: VariableSources): OwnValues {
  return new Map(filters.map((filter) => [filter, resolveVariables(filter.variables, sources)]));
}

/** Names of the variables that an operation's patterns name. */
export function variablesOf({ pattern, matchValue }: CompiledOperation): readonly string[] {
  const inPath = pattern?.variables ?? [];
  return matchValue === undefined ? inPath : [...inPath, ...matchValue.variables];
}

/** An operation whose variable is missing must not be taken for one that matches nothing. */
export function missingVariable(filters: readonly CompiledFilter[], visible: OwnValues): string | undefined {
  for (const filter of filters) {
    for (const operation of filter.operations) {
      if (operation.effect === "retain") continue;
      const name = variablesOf(operation).find((one) => !visible.get(filter)?.has(one));
      if (name !== undefined) return name;
    }
  }
  return undefined;
}

export function recordable(
  filters: readonly CompiledFilter[],
  values: ReadonlyMap<CompiledFilter, VariableValues>,
): CapturedVariable[] {
  return filters.flatMap((filter) =>
    filter.variables.map(({ name, isRecorded }) => ({
      name,
      isRecorded,
      value: isRecorded ? values.get(filter)?.get(name) : undefined,
    })),
  );
}
