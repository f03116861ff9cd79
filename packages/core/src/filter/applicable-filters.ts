/** Which filters apply to an exchange: those that are enforced, and what those that only observe would add. */
import type { CompiledScope } from "../policy/compile.js";
import { ALWAYS, type MatchInput } from "../policy/conditions.js";
import { SCOPE_NAMES } from "../policy/decision.js";
import type { Filter, ProxyEntity } from "../policy/schema.js";
import type { CompiledFilter } from "./compiled-filter.js";
import type { Receipt } from "./filter-json.js";
import type { RecordedReceipt } from "./recorded-receipt.js";

/** The filters that apply to one exchange in one direction, outer scopes first. */
export interface ApplicableFilters {
  /** Of those that only observe, the variables alone. */
  readonly filters: readonly CompiledFilter[];
  /** Whether any of them has an operation: then a body that cannot be filtered does not go on. */
  readonly hasOperations: boolean;
  /** Whether any of them reads the body without changing it. */
  readonly readsBody: boolean;
  /** Absent when none that has an operation only observes. */
  readonly observed?: ObservedFilters;
}

/** All filters as they would apply if those that only observe were enforced too. */
export interface ObservedFilters extends ApplicableFilters {
  /** Of receipts of all filters, those of the filters that only observe, marked. */
  readonly receiptsOf: (receipts: readonly Receipt[]) => RecordedReceipt[];
}

export interface FilterSelection {
  readonly on: Filter["on"];
  /** Of the proxy: one that observes only observes with all its filters. @default "enforce" */
  readonly mode?: ProxyEntity["mode"];
}

/** Selects by the conditions of each filter. Where ambiguous paths pass, either reading of the path will do. */
export function applicableFilters(
  scopes: readonly CompiledScope[],
  input: MatchInput,
  { on, mode = "enforce" }: FilterSelection,
): ApplicableFilters {
  const always = alwaysApplicable.get(scopes)?.get(on)?.get(mode);
  if (always !== undefined) return always;
  const applicable = select(scopes, input, on, mode);
  if (!scopes.some((scope) => scope.filters.some((filter) => filter.on === on && filter.applies !== ALWAYS)))
    keepAlways(scopes, on, mode, applicable);
  return applicable;
}

type ByMode = Map<ProxyEntity["mode"], ApplicableFilters>;

/** Where no filter has conditions the answer is the same for all requests, and the same object. */
const alwaysApplicable = new WeakMap<readonly CompiledScope[], Map<Filter["on"], ByMode>>();

function keepAlways(
  scopes: readonly CompiledScope[],
  on: Filter["on"],
  mode: ProxyEntity["mode"],
  applicable: ApplicableFilters,
): void {
  const byDirection = alwaysApplicable.get(scopes) ?? new Map<Filter["on"], ByMode>();
  alwaysApplicable.set(scopes, byDirection);
  const byMode: ByMode = byDirection.get(on) ?? new Map();
  byDirection.set(on, byMode.set(mode, applicable));
}

function select(
  scopes: readonly CompiledScope[],
  input: MatchInput,
  on: Filter["on"],
  mode: ProxyEntity["mode"],
): ApplicableFilters {
  const filters = scopes
    .flatMap((scope) => scope.filters)
    .filter(
      (filter) =>
        filter.on === on &&
        (filter.applies(input, input.path) ||
          (input.decodedPath !== input.path && filter.applies(input, input.decodedPath))),
    );
  const onlyObserves = (filter: CompiledFilter) => mode === "observe" || filter.mode === "observe";
  const observing = filters.filter((filter) => filter.operations.length > 0 && onlyObserves(filter));
  if (observing.length === 0) return asEnforced(filters);
  const enforced = filters.map((filter) => (onlyObserves(filter) ? { ...filter, operations: [] } : filter));
  const observers = new Set(observing.map(placeOf));
  const receiptsOf = (receipts: readonly Receipt[]) =>
    receipts
      .filter((receipt) => observers.has(placeOf({ ...receipt, id: receipt.filterId })))
      .map((receipt) => ({ ...receipt, mode: "observe" as const }));
  return { ...asEnforced(enforced), observed: { ...asEnforced(filters), receiptsOf } };
}

function asEnforced(filters: readonly CompiledFilter[]): ApplicableFilters {
  return {
    filters,
    hasOperations: filters.some(({ operations }) => operations.length > 0),
    readsBody: filters.some(({ variables }) => variables.some(({ source }) => source === "responseBody")),
  };
}

function placeOf({ scope, entityId, id }: Pick<CompiledFilter, "scope" | "entityId" | "id">): string {
  return `${scope} ${entityId} ${id}`;
}

/** The beginning of a sentence on why a body does not go on. */
export function nameOf(filter: CompiledFilter | undefined): string {
  if (filter === undefined) return "a filter applies";
  const kind = filter.on === "request" ? "request filter" : "filter";
  return `${kind} \`${filter.id}\` of ${SCOPE_NAMES[filter.scope]} \`${filter.entityId}\` applies`;
}
