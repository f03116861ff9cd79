/** From the upstream's response to the caller's: read no more of it than the filters need, withhold what they cannot. */
import {
  type ApplicableFilters,
  type CapturedVariable,
  type ExchangeSources,
  filterResponse,
  type Outcome,
  type Receipt,
  type Settings,
  wantedBody,
} from "@sallyport/core";
import { joined, type Prefix, readPrefix } from "./body.js";
import {
  filteredResponse,
  posesAsGuard,
  type ResponseOrigin,
  resumedResponse,
  withheldResponse,
  withOrigin,
} from "./responses.js";

export interface Delivered {
  readonly response: Response;
  readonly receipts: readonly Receipt[];
  readonly variables: readonly CapturedVariable[];
  readonly outcome: Outcome;
  /** Absent when the body streams on unread. */
  readonly bodyBytes?: number;
}

export async function deliver(exchange: {
  readonly response: Response;
  readonly applicable: ApplicableFilters;
  readonly exchange: ExchangeSources;
  readonly settings: Settings;
  readonly origin: ResponseOrigin;
  /** Only observe: what the filters do is told, and the response goes on as it came. */
  readonly observes: boolean;
}): Promise<Delivered> {
  const { response, applicable, settings, origin, observes } = exchange;
  const headers = new Map(response.headers);
  const wanted = wantedBody(applicable, { status: response.status, headers }, settings);
  const isUnread = observes && wanted === "first-byte" && mayHaveBody(response);
  const prefix = isUnread ? undefined : await readWanted(response, wanted, settings);
  const isWhole = prefix === undefined ? !isUnread : prefix.rest === undefined;
  const body = isWhole ? (prefix?.bytes ?? EMPTY) : undefined;
  const outcome = filterResponse(
    applicable,
    { status: response.status, headers, body },
    exchange.exchange,
    settings,
  );
  const { variables } = outcome;
  if (observes || outcome.kind === "untouched") {
    const receipts = outcome.kind === "filtered" ? outcome.receipts : [];
    const observed =
      outcome.kind === "withheld" ? { observed: "withheld" as const, message: outcome.reason } : {};
    return {
      response: untouched(response, prefix, origin),
      receipts,
      variables,
      outcome: { ...outcomeOf(response.status), ...observed },
    };
  }
  switch (outcome.kind) {
    case "filtered":
      return {
        response: filteredResponse(response, outcome.body, origin),
        receipts: outcome.receipts,
        variables,
        outcome: outcomeOf(response.status),
        bodyBytes: outcome.body.length,
      };
    case "withheld":
      prefix?.rest?.cancel().catch(() => {});
      return {
        response: withheldResponse(response, outcome.reason, origin),
        receipts: [],
        variables,
        outcome: { result: "failure", category: "withheld", message: outcome.reason },
      };
  }
}

const EMPTY = new Uint8Array(0);

/** As far as its head tells: a stream that is only observed is not waited for. */
function mayHaveBody({ body, headers }: Response): boolean {
  return body !== null && headers.get("content-length") !== "0";
}

async function readWanted(
  response: Response,
  wanted: "whole" | "first-byte" | "nothing",
  settings: Settings,
): Promise<Prefix | undefined> {
  if (response.body === null || wanted === "nothing") return undefined;
  return readPrefix(response.body, wanted === "whole" ? settings.maxFilterBufferBytes : 0);
}

/** The platform's own response wherever nothing of it was read. */
function untouched(response: Response, prefix: Prefix | undefined, origin: ResponseOrigin): Response {
  if (prefix !== undefined) return resumedResponse(response, joined(prefix), origin);
  if (posesAsGuard(response.headers)) return resumedResponse(response, response.body, origin);
  return response.url === origin.url && !origin.redirected ? response : withOrigin(response, origin);
}

function outcomeOf(status: number): Outcome {
  if (status >= 500) return { result: "failure", category: "upstream_5xx" };
  if (status >= 400) return { result: "failure", category: "upstream_4xx" };
  return { result: "success" };
}
