/** The filters of one hop: those of its proxy's scopes whose conditions hold. */
import {
  type ApplicableFilters,
  applicableFilters,
  type CanonicalRequest,
  type CompiledProxy,
  type DecisionContext,
  type FilterSelection,
  InternalError,
  type MatchInput,
  matchInputOf,
  scopesOf,
} from "@sallyport/core";

/** The request as the proxy that let it pass sees it. */
export function matchInputFor(
  proxy: CompiledProxy,
  request: CanonicalRequest,
  context: DecisionContext,
): MatchInput {
  const input = matchInputOf(proxy, request, context);
  if (input === undefined) throw new InternalError("a request outside its target's base URL was allowed");
  return input;
}

export function filtersFor(
  proxy: CompiledProxy,
  input: MatchInput,
  on: FilterSelection["on"],
): ApplicableFilters {
  const { proxyCredential } = input.context;
  const credential = proxyCredential === undefined ? undefined : proxy.proxyCredentials.get(proxyCredential);
  return applicableFilters(scopesOf(proxy, credential), input, { on, mode: proxy.entity.mode });
}
