/** What becomes of a response: which filters apply to an exchange, and what they leave of its body. */
import { type BodyKind, bodyKindOf } from "../http/media-type.js";
import { JsonTree } from "../json-query/json-tree.js";
import type { VariableValues } from "../pattern/program.js";
import type { CompiledScope } from "../policy/compile.js";
import type { MatchInput } from "../policy/conditions.js";
import { SCOPE_NAMES } from "../policy/decision.js";
import type { Settings } from "../policy/schema.js";
import { resolveVariables, type VariableSources } from "../variables/resolve-variables.js";
import type { CompiledFilter } from "./compiled-filter.js";
import type { CompiledOperation } from "./compiled-operation.js";
import type { StreamLimits } from "./document-series.js";
import { createEventStreamFilter } from "./event-stream.js";
import {
  createJsonFilter,
  type FilterOptions,
  filterJson,
  type HashBytes,
  type JsonFilter,
  needsWhole,
  type Receipt,
  type Stage,
  type StageOperation,
} from "./filter-json.js";
import { createJsonLinesFilter } from "./json-lines.js";
import { type OwnValues, visibleVariables } from "./visible-variables.js";

/** The filters that apply to one exchange, in the order of their stages. */
export interface ApplicableFilters {
  readonly filters: readonly CompiledFilter[];
  /** Whether any of them has an operation: then a body that cannot be filtered is withheld. */
  readonly hasOperations: boolean;
  /** Whether any of them reads the body without changing it. */
  readonly readsBody: boolean;
}

/** Selects by the conditions of each filter. Where ambiguous paths pass, either reading of the path will do. */
export function applicableFilters(scopes: readonly CompiledScope[], input: MatchInput): ApplicableFilters {
  const filters = scopes
    .flatMap((scope) => scope.filters)
    .filter(
      ({ applies }) =>
        applies(input, input.path) || (input.decodedPath !== input.path && applies(input, input.decodedPath)),
    );
  return {
    filters,
    hasOperations: filters.some(({ operations }) => operations.length > 0),
    readsBody: filters.some(({ variables }) => variables.some(({ source }) => source === "responseBody")),
  };
}

/** A captured variable, for the record. */
export interface CapturedVariable {
  readonly name: string;
  /** Absent when the variable is missing, or may not be recorded. */
  readonly value: string | undefined;
  readonly isRecorded: boolean;
}

export interface ResponseToFilter {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  /** The whole decoded body; `undefined` when it was not read to its end: see {@link wantedBody}. */
  readonly body: Uint8Array | undefined;
}

export type FilterOutcome =
  /** Nothing to do: the body goes on as it came. */
  | { readonly kind: "untouched"; readonly variables: readonly CapturedVariable[] }
  | {
      readonly kind: "filtered";
      readonly body: Uint8Array;
      readonly receipts: readonly Receipt[];
      readonly variables: readonly CapturedVariable[];
    }
  /** The body, from its first byte, is to go through this filter. Its reasons name the policy's filter. */
  | {
      readonly kind: "streamed";
      readonly filter: JsonFilter;
      readonly variables: readonly CapturedVariable[];
    }
  /** The body must not reach the caller. */
  | { readonly kind: "withheld"; readonly reason: string; readonly variables: readonly CapturedVariable[] };

/** Sources of variables that the response itself does not give. */
export interface ExchangeSources extends Pick<VariableSources, "input" | "own" | "vars"> {
  /** For `hash` operations. */
  readonly hash?: HashBytes | undefined;
}

/** How much of a body has to be read before anything of it may go on. */
export type WantedBody =
  /** All of it, up to `settings.maxFilterBufferBytes`. */
  | "whole"
  /** Only whether there is any: what no filter can read is withheld unless it is empty. */
  | "first-byte"
  | "nothing";

/** What {@link filterResponse} needs of the body. No stream of documents is waited for. */
export function wantedBody(
  { hasOperations, readsBody }: ApplicableFilters,
  { status, headers }: Pick<ResponseToFilter, "status" | "headers">,
  settings: Settings,
): WantedBody {
  const kind = bodyKindOf(headers.get("content-type"));
  const isFiltered = hasOperations && isFilteredStatus(status, settings);
  if (kind === "other") return isFiltered ? "first-byte" : "nothing";
  return kind === "json" && (isFiltered || readsBody) ? "whole" : "nothing";
}

/**
 * Runs the applicable filters over a response. Pure; never throws on data. What cannot be parsed is withheld.
 */
export function filterResponse(
  applicable: ApplicableFilters,
  response: ResponseToFilter,
  exchange: ExchangeSources,
  settings: Settings,
): FilterOutcome {
  const valuesOf = (body: Uint8Array | undefined) =>
    captureAll(applicable.filters, response, exchange, settings, body);
  const upstream = valuesOf(response.body);
  const applied = nameOf(applicable.filters.find(({ operations }) => operations.length > 0));
  const withhold = (reason: string): FilterOutcome => ({
    kind: "withheld",
    reason: `${applied}: ${reason}`,
    // Nothing of a withheld body may be recorded either.
    variables: recordable(applicable.filters, valuesOf(undefined)),
  });

  if (
    !applicable.hasOperations ||
    !isFilteredStatus(response.status, settings) ||
    response.body?.length === 0
  ) {
    return { kind: "untouched", variables: recordable(applicable.filters, upstream) };
  }
  if (response.headers.has("content-range")) return withhold("a part of a body cannot be filtered");
  const kind = bodyKindOf(response.headers.get("content-type"));
  if (kind === "other") return withhold(notJson(response));
  const visible = visibleVariables(applicable.filters, upstream);
  const missing = missingVariable(applicable.filters, visible);
  if (missing !== undefined) return withhold(`variable \`${missing}\` of a filter has no value`);

  const stages = stagesOf(applicable.filters, visible);
  const { maxJsonDepth, maxScalarBytes, maxFilterBufferBytes } = settings;
  const options = { maxJsonDepth, maxScalarBytes, maxFilterBufferBytes, hash: exchange.hash };
  if (kind === "json" && response.body === undefined && needsWhole(stages)) {
    return withhold("a `select` has to see the whole body, which is larger than `maxFilterBufferBytes`");
  }
  if (kind !== "json" || response.body === undefined) {
    const filter = named(applied, newFilter(kind, stages, options));
    return { kind: "streamed", filter, variables: recordable(applicable.filters, upstream) };
  }
  const result = filterJson(response.body, stages, options);
  if (!result.ok) return withhold(result.reason);
  // For the record, variables are read from what is left: what was destroyed is never archived.
  const variables = recordable(applicable.filters, applicable.readsBody ? valuesOf(result.bytes) : upstream);
  return { kind: "filtered", body: result.bytes, receipts: result.receipts, variables };
}

function newFilter(
  kind: Exclude<BodyKind, "other">,
  stages: readonly Stage[],
  options: FilterOptions & StreamLimits,
): JsonFilter {
  switch (kind) {
    case "json":
      return createJsonFilter(stages, options);
    case "json-lines":
      return createJsonLinesFilter(stages, options);
    case "event-stream":
      return createEventStreamFilter(stages, options);
  }
}

function named(applied: string, filter: JsonFilter): JsonFilter {
  const name = <T extends { readonly ok: boolean }>(result: T): T =>
    "reason" in result ? { ...result, reason: `${applied}: ${result.reason}` } : result;
  return { ...filter, write: (piece) => name(filter.write(piece)), end: () => name(filter.end()) };
}

function nameOf(filter: CompiledFilter | undefined): string {
  return filter === undefined
    ? "a filter applies"
    : `filter \`${filter.id}\` of ${SCOPE_NAMES[filter.scope]} \`${filter.entityId}\` applies`;
}

/** Names the media type alone, and only if it is one: the rest of the header is the upstream's to choose. */
function notJson({ headers }: ResponseToFilter): string {
  const essence = headers.get("content-type")?.split(";")[0]?.trim().toLowerCase() ?? "";
  if (bodyKindOf(essence) !== "other") return "the body is JSON in another charset than UTF-8";
  const isMediaType = /^[a-z0-9.+-]{1,40}\/[a-z0-9.+-]{1,80}$/.test(essence);
  return `the body is ${isMediaType ? `\`${essence}\`` : "of no known type"}, not JSON`;
}

function isFilteredStatus(status: number, settings: Settings): boolean {
  return settings.filterStatuses === "all" || (status >= 200 && status <= 299);
}

function captureAll(
  filters: readonly CompiledFilter[],
  response: ResponseToFilter,
  exchange: ExchangeSources,
  settings: Settings,
  body: Uint8Array | undefined,
): OwnValues {
  const sources: VariableSources = {
    ...exchange,
    responseHeaders: response.headers,
    responseStatus: response.status,
    responseBody: () => parseBody(body, settings),
  };
  return new Map(filters.map((filter) => [filter, resolveVariables(filter.variables, sources)]));
}

/** Strictly and to the allowed depth first: a variable is not read from what no filter would read. */
function parseBody(body: Uint8Array | undefined, settings: Settings): JsonTree | undefined {
  const checked = body === undefined ? undefined : filterJson(body, [CHECK_ONLY], settings);
  return checked?.ok === true ? JsonTree.read(checked.bytes) : undefined;
}

const CHECK_ONLY: Stage = { scope: "proxy", operations: [] };

function variablesOf({ pattern, matchValue }: CompiledOperation): readonly string[] {
  const inPath = pattern?.variables ?? [];
  return matchValue === undefined ? inPath : [...inPath, ...matchValue.variables];
}

/** An operation whose variable is missing must not be taken for one that matches nothing. */
function missingVariable(filters: readonly CompiledFilter[], visible: OwnValues): string | undefined {
  for (const filter of filters) {
    for (const operation of filter.operations) {
      if (operation.effect === "retain") continue;
      const name = variablesOf(operation).find((one) => !visible.get(filter)?.has(one));
      if (name !== undefined) return name;
    }
  }
  return undefined;
}

function recordable(filters: readonly CompiledFilter[], values: OwnValues): CapturedVariable[] {
  return filters.flatMap((filter) =>
    filter.variables.map(({ name, isRecorded }) => ({
      name,
      isRecorded,
      value: isRecorded ? values.get(filter)?.get(name) : undefined,
    })),
  );
}

function stagesOf(filters: readonly CompiledFilter[], visible: OwnValues): Stage[] {
  const scopes = [...new Set(filters.map(({ scope }) => scope))];
  return scopes.flatMap((scope) => {
    const ofScope = filters.filter((filter) => filter.scope === scope && filter.operations.length > 0);
    return ofScope.length === 0
      ? []
      : [namesVariables(ofScope) ? newStage(ofScope, visible) : sharedStage(ofScope)];
  });
}

function namesVariables(filters: readonly CompiledFilter[]): boolean {
  return filters.some(({ operations }) => operations.some((one) => variablesOf(one).length > 0));
}

function newStage(filters: readonly CompiledFilter[], visible?: OwnValues): Stage {
  return {
    scope: filters[0]?.scope ?? "proxy",
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

function sharedStage(filters: readonly CompiledFilter[]): Stage {
  const [first] = filters;
  if (first === undefined) return newStage(filters);
  const byIds = stages.get(first) ?? new Map<string, Stage>();
  stages.set(first, byIds);
  const ids = filters.map(({ id }) => id).join(" ");
  const stage = byIds.get(ids) ?? newStage(filters);
  // Which filters apply together is the caller's choice.
  if (byIds.size < MAX_SHARED_STAGES) byIds.set(ids, stage);
  return stage;
}
