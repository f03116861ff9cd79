/** The body of one hop on its way through the request filters: before rules see it, and whatever they say. */
import {
  type ApplicableFilters,
  type CanonicalRequest,
  type CompiledProxy,
  type DecisionContext,
  type ExchangeSources,
  type FilteredRequest,
  filterRequest,
  type MatchInput,
  matchInputOf,
  type RequestBody,
  type RequestFiltering,
  type Settings,
  wantedRequestBody,
} from "@sallyport/core";
import { filtersFor } from "./applicable.js";
import { joined, readSentPrefix, type SentBody } from "./body.js";

export interface HopToFilter {
  readonly request: CanonicalRequest;
  /** Called if a filter applies, once. */
  readonly takeBody: () => SentBody | Promise<SentBody>;
  readonly sources: () => Omit<ExchangeSources, "input"> | Promise<Omit<ExchangeSources, "input">>;
  readonly settings: Settings;
  /** How the body was filtered on the hop before. */
  readonly filteredAs: RequestFiltering | undefined;
  /** Cancels a body that is being read, with its reason. */
  readonly signal: AbortSignal | undefined;
}

/** The request filters that apply to a hop; `undefined` when none does. */
export function requestFiltersFor(
  proxy: CompiledProxy,
  request: CanonicalRequest,
  context: DecisionContext,
): AppliedFilters | undefined {
  const input = matchInputOf(proxy, request, context);
  // Such a request is denied without a look at its body.
  if (input === undefined) return undefined;
  const applicable = filtersFor(proxy, input, "request");
  return applicable.filters.length === 0 ? undefined : { applicable, input };
}

export interface AppliedFilters {
  readonly applicable: ApplicableFilters;
  readonly input: MatchInput;
}

/** What the request filters left. Nothing is sent when `outcome.body` is `refused`. */
export interface FilteredHop {
  readonly request: CanonicalRequest;
  /** What is to be sent: of a body that was read in part, all of it. */
  readonly body: SentBody;
  readonly outcome: FilteredRequest;
}

/** Headers that describe the bytes of a request's body, and are wrong once it was rewritten. */
export const REQUEST_FRAMING_HEADERS: readonly string[] = [
  "content-digest",
  "content-encoding",
  "content-length",
  "content-md5",
  "digest",
  "repr-digest",
  "trailer",
  "transfer-encoding",
];

export async function filteredHop(
  { applicable, input }: AppliedFilters,
  hop: HopToFilter,
): Promise<FilteredHop> {
  const { request, settings, filteredAs } = hop;
  const read = await readWanted(
    await hop.takeBody(),
    wantedRequestBody(applicable, request.headers),
    settings.maxFilterBufferBytes,
    hop.signal,
  );
  const outcome = filterRequest(
    applicable,
    { headers: request.headers, body: read.seen, filteredAs },
    { ...(await hop.sources()), input },
    settings,
  );
  if (!outcome.isRewritten) return { request, body: read.body, outcome };
  const body = outcome.body.kind === "bytes" ? outcome.body.bytes : undefined;
  return { request: { ...request, headers: unframed(request.headers) }, body, outcome };
}

interface ReadBody {
  readonly body: SentBody;
  readonly seen: RequestBody;
}

async function readWanted(
  body: SentBody,
  wanted: ReturnType<typeof wantedRequestBody>,
  maxBytes: number,
  signal: AbortSignal | undefined,
): Promise<ReadBody> {
  if (body === undefined) return { body, seen: { kind: "none" } };
  if (!(body instanceof ReadableStream)) return { body, seen: { kind: "bytes", bytes: body } };
  if (wanted === "nothing") return { body, seen: { kind: "unevaluable", reason: "the body is a stream" } };
  const prefix = await readSentPrefix(body, wanted === "whole" ? maxBytes : 0, signal);
  if (prefix.rest === undefined) return { body: prefix.bytes, seen: { kind: "bytes", bytes: prefix.bytes } };
  return {
    body: joined(prefix),
    seen: { kind: "unevaluable", reason: "the body is larger than `maxFilterBufferBytes`" },
  };
}

function unframed(headers: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const left = new Map(headers);
  for (const name of REQUEST_FRAMING_HEADERS) left.delete(name);
  return left;
}
