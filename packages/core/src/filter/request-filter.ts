/** What becomes of a request's body: the request filters run before anything else looks at it. */
import { type BodyKind, bodyKindOf, notJson } from "../http/media-type.js";
import type { RequestBody } from "../policy/decision-context.js";
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
} from "./captured-variables.js";
import type { CompiledFilter } from "./compiled-filter.js";
import { type FilterResult, filterJson, type JsonFilter, type Receipt } from "./filter-json.js";
import { filterOfKind } from "./filter-of-kind.js";
import type { RecordedReceipt } from "./recorded-receipt.js";
import { type OwnValues, visibleVariables } from "./visible-variables.js";

export interface RequestToFilter {
  readonly headers: ReadonlyMap<string, string>;
  /** As it would be sent without filters: read as far as {@link wantedRequestBody} says. */
  readonly body: RequestBody;
  /** The filtering that the body has already been through, when it is sent again. */
  readonly filteredAs?: RequestFiltering | undefined;
}

/** Which filters ran over a body, with which values. Compared, never shown: it holds values. */
export interface RequestFiltering {
  readonly enforced: string | undefined;
  readonly observed: string | undefined;
}

export interface FilteredRequest {
  /** What is decided on, and sent if it is `bytes`. `refused`: nothing may be sent. */
  readonly body: RequestBody;
  /** Whether the body went through a filter: what describes its former bytes no longer holds. */
  readonly isRewritten: boolean;
  readonly receipts: readonly RecordedReceipt[];
  readonly variables: readonly CapturedVariable[];
  /** Why it would have been refused, if filters that only observe were enforced. */
  readonly observed?: string;
  readonly filteredAs: RequestFiltering;
}

/** As {@link wantedBody} of a response. What only observes waits for nothing that it cannot read. */
export function wantedRequestBody(
  { hasOperations, observed }: ApplicableFilters,
  headers: ReadonlyMap<string, string>,
): "whole" | "first-byte" | "nothing" {
  const isReadable = kindOf(headers).ok;
  if (hasOperations) return isReadable ? "whole" : "first-byte";
  return observed !== undefined && isReadable ? "whole" : "nothing";
}

/**
 * Runs the applicable filters over a request's body, innermost scope first. Pure; never throws on data. What cannot be
 * parsed is refused.
 */
export function filterRequest(
  applicable: ApplicableFilters,
  request: RequestToFilter,
  exchange: ExchangeSources,
  settings: Settings,
): FilteredRequest {
  const sources: VariableSources = { ...exchange, ...NO_RESPONSE };
  const own = captureAll(applicable.filters, sources);
  const run = (filters: readonly CompiledFilter[], values: OwnValues, before: string | undefined) =>
    new Run(filters, visibleVariables(filters, values)).over(request, before, exchange, settings);
  const enforced = run(applicable.filters, own, request.filteredAs?.enforced);
  const observed =
    applicable.observed &&
    run(
      applicable.observed.filters,
      captureAll(applicable.observed.filters, sources),
      request.filteredAs?.observed,
    );
  const receipts = [
    ...enforced.receipts,
    ...(applicable.observed?.receiptsOf(observed?.receipts ?? []) ?? []),
  ].map((receipt) => ({ ...receipt, on: "request" as const }));
  const wouldRefuse = enforced.body.kind === "refused" ? undefined : observed?.body;
  return {
    body: enforced.body,
    isRewritten: enforced.isRewritten,
    receipts,
    variables: recordable(applicable.filters, own),
    ...(wouldRefuse?.kind === "refused" ? { observed: wouldRefuse.reason } : {}),
    filteredAs: { enforced: enforced.key, observed: observed?.key ?? request.filteredAs?.observed },
  };
}

/** What a request filter may not ask for: no policy that does loads. */
const NO_RESPONSE = {
  responseHeaders: new Map<string, string>(),
  responseStatus: Number.NaN,
  responseBody: () => undefined,
};

interface RunResult {
  readonly body: RequestBody;
  readonly isRewritten: boolean;
  readonly receipts: readonly Receipt[];
  /** Of the last run that the body has been through, which may be an earlier one. */
  readonly key: string | undefined;
}

/** Filters with what they see, all as enforced. */
class Run {
  readonly #filters: readonly CompiledFilter[];
  readonly #visible: OwnValues;
  readonly #key: string;

  constructor(filters: readonly CompiledFilter[], visible: OwnValues) {
    this.#filters = filters.filter(({ operations }) => operations.length > 0);
    this.#visible = visible;
    this.#key = JSON.stringify(
      this.#filters.map((one) => [one.scope, one.entityId, one.id, [...(visible.get(one) ?? [])]]),
    );
  }

  /** @param before - the key of the run that the body has been through: the same one again would do it twice */
  over(
    { headers, body }: RequestToFilter,
    before: string | undefined,
    exchange: ExchangeSources,
    settings: Settings,
  ): RunResult {
    const isEmpty = body.kind === "none" || (body.kind === "bytes" && body.bytes.length === 0);
    const untouched = { body, isRewritten: false, receipts: [], key: before };
    if (this.#filters.length === 0 || isEmpty || this.#key === before) return untouched;
    const result = this.#filter(headers, body, exchange, settings);
    if (result.ok) {
      const { bytes, receipts } = result;
      return { body: { kind: "bytes", bytes }, isRewritten: true, receipts, key: this.#key };
    }
    const reason = `${nameOf(this.#filters.at(-1))}: ${result.reason}`;
    return { ...untouched, body: { kind: "refused", reason } };
  }

  #filter(
    headers: ReadonlyMap<string, string>,
    body: Exclude<RequestBody, { readonly kind: "none" }>,
    { hash }: ExchangeSources,
    { maxJsonDepth, maxScalarBytes, maxFilterBufferBytes }: Settings,
  ): FilterResult {
    const read = kindOf(headers);
    if (!read.ok) return read;
    if (body.kind !== "bytes") return { ok: false, reason: body.reason };
    const { bytes } = body;
    if (bytes.length > maxFilterBufferBytes)
      return { ok: false, reason: "the body is larger than `maxFilterBufferBytes`" };
    const missing = missingVariable(this.#filters, this.#visible);
    if (missing !== undefined)
      return { ok: false, reason: `variable \`${missing}\` of a filter has no value` };
    // The way back: what the response passes last, the request passes first.
    const stages = stagesOf(this.#filters, this.#visible).reverse();
    const options = { maxJsonDepth, maxScalarBytes, maxFilterBufferBytes, hash };
    return read.kind === "json"
      ? filterJson(bytes, stages, options)
      : filterDocuments(bytes, filterOfKind(read.kind, stages, options));
  }
}

function filterDocuments(bytes: Uint8Array, filter: JsonFilter): FilterResult {
  const begun = filter.write(bytes);
  if (!begun.ok) return begun;
  const ended = filter.end();
  return ended.ok ? { ...ended, bytes: concat(begun.bytes, ended.bytes) } : ended;
}

function concat(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

type Readable =
  | { readonly ok: true; readonly kind: Exclude<BodyKind, "other"> }
  | { readonly ok: false; readonly reason: string };

/** What can be told from the headers alone. */
function kindOf(headers: ReadonlyMap<string, string>): Readable {
  const contentType = headers.get("content-type");
  const kind = bodyKindOf(contentType);
  if (kind === "other") return { ok: false, reason: notJson(contentType) };
  const coding = headers.get("content-encoding") ?? "identity";
  if (coding.trim().toLowerCase() !== "identity") return { ok: false, reason: "the body is encoded" };
  if (headers.has("content-range")) return { ok: false, reason: "a part of a body cannot be filtered" };
  return { ok: true, kind };
}
