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

const filteringProxies = new WeakMap<CompiledProxy, boolean>();

/** Whether any filter of any of its scopes is one of requests. */
export function hasRequestFilters(proxy: CompiledProxy): boolean {
  const known = filteringProxies.get(proxy);
  if (known !== undefined) return known;
  const scopes = [
    ...scopesOf(proxy, undefined),
    ...[...proxy.proxyCredentials.values()].flatMap((one) => scopesOf(proxy, one)),
  ];
  const hasAny = scopes.some(({ filters }) => filters.some(({ on }) => on === "request"));
  filteringProxies.set(proxy, hasAny);
  return hasAny;
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
