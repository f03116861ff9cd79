/** One hop of a call: the first request, or a redirect that is followed. */
import type {
  ApplicableFilters,
  DecisionContext,
  Denied,
  MatchInput,
  RequestFiltering,
  Route,
} from "@sallyport/core";
import { filtersFor, matchInputFor } from "./applicable.js";
import type { HopToSend } from "./dispatch.js";

/** The request of one hop, before the credential. */
export interface Hop extends HopToSend {
  readonly route: Route;
  readonly context: DecisionContext;
  readonly filteredAs: RequestFiltering | undefined;
  /** What the filters of its response see of the request. */
  readonly input: MatchInput;
  readonly responseFilters: ApplicableFilters;
}

export function hopOf(hop: Omit<Hop, "input" | "responseFilters">): Hop {
  const { request, context, headers, body, proxy, filteredAs, route, isTrusted } = hop;
  const input = matchInputFor(proxy, request, context);
  const responseFilters = filtersFor(proxy, input, "response");
  return { request, context, headers, body, proxy, filteredAs, route, isTrusted, input, responseFilters };
}

/** Leaves the chain of hops for a denial. Never reaches a caller. */
export class DeniedHop extends Error {
  readonly decision: Denied;

  constructor(decision: Denied) {
    super(decision.reason);
    this.decision = decision;
  }
}
