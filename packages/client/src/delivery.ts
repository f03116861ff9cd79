/** From the upstream's response to the caller's: read no more of it than the filters need, withhold what they cannot. */
import {
  type ApplicableFilters,
  type CapturedVariable,
  type ExchangeSources,
  type FilterOutcome,
  filterResponse,
  InternalError,
  isSallyportError,
  type Outcome,
  observingFilter,
  type RecordedReceipt,
  type Settings,
  wantedBody,
} from "@sallyport/core";
import { joined, type Prefix, readSourcePrefix } from "./body.js";
import { failureOf } from "./failure.js";
import { type BodyEnd, filteredBody } from "./filtered-body.js";
import { announcesMore, limitedBody, tooLarge } from "./limited-body.js";
import {
  filteredResponse,
  posesAsGuard,
  type ResponseOrigin,
  resumedResponse,
  withheldResponse,
  withOrigin,
} from "./response/guard-responses.js";
import { hasBody, type ResponseHead, takeBody } from "./response/light-response.js";

export interface Delivered {
  readonly response: Response;
  readonly receipts: readonly RecordedReceipt[];
  readonly variables: readonly CapturedVariable[];
  readonly outcome: Outcome;
  /** Absent when the body streams on unread. */
  readonly bodyBytes?: number | undefined;
}

export interface Exchange {
  readonly response: Response;
  /** Of the response, read once. */
  readonly head: ResponseHead;
  readonly applicable: ApplicableFilters;
  readonly sources: ExchangeSources;
  readonly settings: Settings;
  /** `limits.maxResponseBytes` of the target. */
  readonly maxBytes: number | undefined;
  readonly origin: ResponseOrigin;
  readonly signal: AbortSignal | undefined;
  /** Told how a body ended whose outcome is `open`. Must not throw. */
  readonly onStreamEnd: (end: StreamEnd) => Promise<void>;
}

/** How a body ended, and what was done to it until then. */
export interface StreamEnd {
  readonly outcome: Outcome;
  readonly receipts: readonly RecordedReceipt[];
  readonly bodyBytes: number;
}

/** At once, where nothing of the body has to be waited for. */
export function deliver(given: Exchange): Delivered | Promise<Delivered> {
  const exchange = limited(given);
  if (exchange === undefined) return tooLargeFor(given);
  const { response, settings } = exchange;
  const hadBody = hasBody(response);
  const prefix = readWanted(response, wantedOf(exchange), settings);
  if (!(prefix instanceof Promise)) return deliverOrHangUp(exchange, hadBody, prefix);
  return prefix.then(
    (read) => deliverOrHangUp(exchange, hadBody, read),
    (error) => {
      if (isSallyportError(error) && error.code === "ERR_RESPONSE_WITHHELD") return tooLargeFor(given);
      throw error;
    },
  );
}

/** A fault of ours must not keep the connection. */
function deliverOrHangUp(...[exchange, hadBody, prefix]: Parameters<typeof deliverRead>): Delivered {
  try {
    return deliverRead(exchange, hadBody, prefix);
  } catch (error) {
    unread(exchange.response, prefix)
      ?.cancel(error)
      .catch(() => {});
    throw error;
  }
}

function deliverRead(exchange: Exchange, hadBody: boolean, prefix: Prefix | undefined): Delivered {
  const { head, applicable, sources, settings } = exchange;
  const { status } = head;
  const body = !hadBody ? NO_BYTES : prefix?.rest === undefined ? prefix?.bytes : undefined;
  const toFilter = { status, headers: head.headers.joined(), body };
  const outcome = filterResponse(applicable, toFilter, sources, settings);
  if (outcome.kind === "withheld") return withheld(exchange, outcome, prefix);
  const observed = applicable.observed && filterResponse(applicable.observed, toFilter, sources, settings);
  if (outcome.kind === "streamed" || observed?.kind === "streamed")
    return streamed(exchange, outcome, observed, prefix);
  const observedReceipts =
    observed?.kind === "filtered" ? (applicable.observed?.receiptsOf(observed.receipts) ?? []) : [];
  const isFiltered = outcome.kind === "filtered";
  const receipts = isFiltered ? outcome.receipts : [];
  return {
    response: isFiltered ? filtered(exchange, prefix, outcome.body) : untouched(exchange, prefix),
    receipts: observedReceipts.length === 0 ? receipts : [...receipts, ...observedReceipts],
    variables: outcome.variables,
    outcome:
      observed?.kind === "withheld" ? { ...outcomeOf(status), ...observedOf(observed) } : outcomeOf(status),
    bodyBytes: isFiltered ? outcome.body.length : undefined,
  };
}

const NO_BYTES = new Uint8Array(0);

/** The exchange with a body that ends at its limit; `undefined` when it is known to be too large. */
function limited(exchange: Exchange): Exchange | undefined {
  const { response, head, maxBytes, origin } = exchange;
  if (maxBytes === undefined || response.body === null) return exchange;
  if (announcesMore(head, maxBytes)) return undefined;
  return { ...exchange, response: resumedResponse(head, limitedBody(response.body, maxBytes), origin) };
}

function tooLargeFor(exchange: Exchange): Delivered {
  return withheld(exchange, { reason: tooLarge(exchange.maxBytes ?? 0), variables: [] }, undefined);
}

/** What is enforced wants nothing more than what is observed, which is all filters. */
function wantedOf(exchange: Exchange): ReturnType<typeof wantedBody> {
  const { applicable, settings } = exchange;
  const head = { status: exchange.head.status, headers: exchange.head.headers.joined() };
  const enforced = wantedBody(applicable, head, settings);
  if (applicable.observed === undefined) return enforced;
  const wanted = wantedBody(applicable.observed, head, settings);
  // What no filter can read is not waited for only to say so.
  return wanted === "first-byte" && mayHaveBody(exchange) ? enforced : wanted;
}

function observedOf(outcome: FilterOutcome | undefined): Pick<Outcome, "observed" | "message"> {
  return outcome?.kind === "withheld" ? { observed: "withheld", message: outcome.reason } : {};
}

function streamed(
  exchange: Exchange,
  outcome: FilterOutcome & { readonly kind: "streamed" | "untouched" | "filtered" },
  observed: FilterOutcome | undefined,
  prefix: Prefix | undefined,
): Delivered {
  const { response, head, applicable, origin, signal, onStreamEnd } = exchange;
  const { variables } = outcome;
  const upstream = unread(response, prefix);
  if (upstream === undefined) throw new InternalError("a body that was read is to be streamed");
  const enforced = outcome.kind === "streamed" ? outcome.filter : undefined;
  const observer =
    observed?.kind === "streamed" && applicable.observed !== undefined
      ? observingFilter(observed.filter, { enforced, receiptsOf: applicable.observed.receiptsOf })
      : undefined;
  const used = observer ?? enforced;
  if (used === undefined) throw new InternalError("a body without a filter is to be streamed");
  // What was read already can still be withheld as a whole.
  const begun = used.write(prefix?.bytes ?? NO_BYTES);
  if (!begun.ok) return withheld(exchange, { reason: begun.reason, variables }, prefix);
  const onEnd = (end: BodyEnd) => {
    const ended = endOutcome(end, head.status, signal);
    const message = ended.category === "withheld" ? undefined : observer?.reason();
    const would = message === undefined ? {} : { observed: "withheld" as const, message };
    return onStreamEnd({ ...end, outcome: { ...ended, ...would } });
  };
  const body = filteredBody({ upstream, filter: used, begun: begun.bytes, signal, onEnd });
  return {
    response: (enforced === undefined ? resumedResponse : filteredResponse)(head, body, origin),
    receipts: [],
    variables,
    outcome: { result: "unknown", category: "open", ...observedOf(observed) },
  };
}

function withheld(
  { response, head, origin }: Exchange,
  { reason, variables }: { readonly reason: string; readonly variables: readonly CapturedVariable[] },
  prefix: Prefix | undefined,
): Delivered {
  unread(response, prefix)
    ?.cancel()
    .catch(() => {});
  return {
    response: withheldResponse(head, reason, origin),
    receipts: [],
    variables,
    outcome: { result: "failure", category: "withheld", message: reason },
  };
}

/** What is left of the upstream's body. */
function unread(response: Response, prefix: Prefix | undefined): ReadableStream<Uint8Array> | undefined {
  return prefix === undefined ? (response.body ?? undefined) : prefix.rest;
}

/** As far as its head tells: a stream that is only observed is not waited for. */
function mayHaveBody({ response, head }: Exchange): boolean {
  return hasBody(response) && head.headers.get("content-length") !== "0";
}

function readWanted(
  response: Response,
  wanted: "whole" | "first-byte" | "nothing",
  settings: Settings,
): Prefix | undefined | Promise<Prefix> {
  if (!hasBody(response) || wanted === "nothing") return undefined;
  const body = takeBody(response);
  return body && readSourcePrefix(body, wanted === "whole" ? settings.maxFilterBufferBytes : 0);
}

/** The transport's own response wherever nothing of it was read. */
function untouched({ response, head, origin }: Exchange, prefix: Prefix | undefined): Response {
  if (prefix !== undefined) return resumedResponse(head, joined(prefix), origin);
  if (posesAsGuard(head.headers)) return resumedResponse(head, response.body, origin);
  return response.url === origin.url && !origin.redirected ? response : withOrigin(response, origin);
}

/** A body that comes out as it came in still has the length, tag and digest that the upstream gave it. */
function filtered({ head, origin }: Exchange, prefix: Prefix | undefined, body: Uint8Array): Response {
  const isRewritten = prefix === undefined || Buffer.compare(prefix.bytes, body) !== 0;
  return (isRewritten ? filteredResponse : resumedResponse)(head, body, origin);
}

function endOutcome(end: BodyEnd, status: number, signal: AbortSignal | undefined): Outcome {
  switch (end.kind) {
    case "complete":
      return outcomeOf(status);
    case "cancelled":
      return { result: "failure", category: "aborted" };
    case "failed":
      return failureOf(end.error, signal);
  }
}

function outcomeOf(status: number): Outcome {
  if (status >= 500) return UPSTREAM_5XX;
  return status >= 400 ? UPSTREAM_4XX : SUCCESS;
}

const SUCCESS: Outcome = { result: "success" };
const UPSTREAM_4XX: Outcome = { result: "failure", category: "upstream_4xx" };
const UPSTREAM_5XX: Outcome = { result: "failure", category: "upstream_5xx" };
