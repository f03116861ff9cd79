/** What becomes of a response: what the filters that apply leave of its body. */
import { bodyKindOf, notJson } from "../http/media-type.js";
import { JsonTree } from "../json-query/json-tree.js";
import type { Settings } from "../policy/schema.js";
import type { VariableSources } from "../variables/resolve-variables.js";
import { type ApplicableFilters, nameOf } from "./applicable-filters.js";
import { stagesOf } from "./bound-stages.js";
import {
  type CapturedVariable,
  captureAll,
  type ExchangeSources,
  missingVariable,
  recordable,
  variablesOf,
} from "./captured-variables.js";
import type { CompiledFilter } from "./compiled-filter.js";
import { filterJson, type JsonFilter, needsWhole, type Receipt, type Stage } from "./filter-json.js";
import { filterOfKind } from "./filter-of-kind.js";
import { type OwnValues, visibleVariables } from "./visible-variables.js";

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
 * Runs the applicable filters over a response, all as enforced; `applicable.observed` is for a run of its own. Pure; never throws on data. What cannot be parsed is withheld.
 */
export function filterResponse(
  applicable: ApplicableFilters,
  response: ResponseToFilter,
  exchange: ExchangeSources,
  settings: Settings,
): FilterOutcome {
  const { applied, fixedStages } = planOf(applicable);
  const valuesOf = (body: Uint8Array | undefined) =>
    fixedStages === undefined
      ? captureAll(applicable.filters, sourcesOf(response, exchange, settings, body))
      : NO_VALUES;
  const upstream = valuesOf(response.body);
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
  if (kind === "other") return withhold(notJson(response.headers.get("content-type")));
  const bound = fixedStages ?? bind(applicable.filters, upstream);
  if (typeof bound === "string") return withhold(`variable \`${bound}\` of a filter has no value`);
  const stages = bound;
  const { maxJsonDepth, maxScalarBytes, maxFilterBufferBytes } = settings;
  const options = { maxJsonDepth, maxScalarBytes, maxFilterBufferBytes, hash: exchange.hash };
  if (kind === "json" && response.body === undefined && needsWhole(stages)) {
    return withhold("a `select` has to see the whole body, which is larger than `maxFilterBufferBytes`");
  }
  if (kind !== "json" || response.body === undefined) {
    const filter = named(applied, filterOfKind(kind, stages, options));
    return { kind: "streamed", filter, variables: recordable(applicable.filters, upstream) };
  }
  const result = filterJson(response.body, stages, options);
  if (!result.ok) return withhold(result.reason);
  // For the record, variables are read from what is left: what was destroyed is never archived.
  const variables = recordable(applicable.filters, applicable.readsBody ? valuesOf(result.bytes) : upstream);
  return { kind: "filtered", body: result.bytes, receipts: result.receipts, variables };
}

/** What is the same for all responses to which the same filters apply. */
interface Plan {
  /** The beginning of a sentence on why a body does not go on. */
  readonly applied: string;
  /** Absent when the filters have variables, or name any. */
  readonly fixedStages: readonly Stage[] | undefined;
}

const plans = new WeakMap<ApplicableFilters, Plan>();

function planOf(applicable: ApplicableFilters): Plan {
  const known = plans.get(applicable);
  if (known !== undefined) return known;
  const { filters } = applicable;
  const plan = {
    applied: nameOf(filters.find(({ operations }) => operations.length > 0)),
    fixedStages: filters.some(dealsInVariables) ? undefined : stagesOf(filters, NO_VALUES),
  };
  plans.set(applicable, plan);
  return plan;
}

function dealsInVariables({ variables, operations }: CompiledFilter): boolean {
  return variables.length > 0 || operations.some((operation) => variablesOf(operation).length > 0);
}

const NO_VALUES: OwnValues = new Map();

/** @returns the stages, or the name of a variable that has no value */
function bind(filters: readonly CompiledFilter[], own: OwnValues): readonly Stage[] | string {
  const visible = visibleVariables(filters, own);
  return missingVariable(filters, visible) ?? stagesOf(filters, visible);
}

function named(applied: string, filter: JsonFilter): JsonFilter {
  const name = <T extends { readonly ok: boolean }>(result: T): T =>
    "reason" in result ? { ...result, reason: `${applied}: ${result.reason}` } : result;
  return { ...filter, write: (piece) => name(filter.write(piece)), end: () => name(filter.end()) };
}

function isFilteredStatus(status: number, settings: Settings): boolean {
  return settings.filterStatuses === "all" || (status >= 200 && status <= 299);
}

function sourcesOf(
  response: ResponseToFilter,
  exchange: ExchangeSources,
  settings: Settings,
  body: Uint8Array | undefined,
): VariableSources {
  return {
    ...exchange,
    responseHeaders: response.headers,
    responseStatus: response.status,
    responseBody: () => parseBody(body, settings),
  };
}

/** Strictly and to the allowed depth first: a variable is not read from what no filter would read. */
function parseBody(body: Uint8Array | undefined, settings: Settings): JsonTree | undefined {
  const checked = body === undefined ? undefined : filterJson(body, [], settings);
  return checked?.ok === true ? JsonTree.read(checked.bytes) : undefined;
}
