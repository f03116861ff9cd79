/** The filters of one hop: those of its proxy's scopes whose conditions hold. */
import {
  type ApplicableFilters,
  applicableFilters,
  type CompiledProxy,
  type DecisionRequest,
  type FilterSelection,
  InternalError,
  type MatchInput,
  matchInputOf,
  scopesOf,
} from "@sallyport/core";

/** The request as the proxy that let it pass sees it. */
export function matchInputFor(proxy: CompiledProxy, request: DecisionRequest): MatchInput {
  const input = matchInputOf(proxy, request);
  if (input === undefined) throw new InternalError("a request outside its target's base URL was allowed");
  return input;
}

export function filtersFor(
  proxy: CompiledProxy,
  input: MatchInput,
  proxyCredential: string | undefined,
  on: FilterSelection["on"],
): ApplicableFilters {
  const credential = proxyCredential === undefined ? undefined : proxy.proxyCredentials.get(proxyCredential);
  return applicableFilters(scopesOf(proxy, credential), input, { on, mode: proxy.entity.mode });
}
