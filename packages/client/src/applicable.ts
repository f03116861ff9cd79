/** The filters of one hop: those of its proxy's scopes whose conditions hold. */
import {
  type ApplicableFilters,
  applicableFilters,
  type CanonicalRequest,
  type CompiledProxy,
  InternalError,
  type MatchInput,
  matchInputOf,
  scopesOf,
} from "@sallyport/core";

/** The request as the proxy that allowed it sees it. */
export function matchInputFor(proxy: CompiledProxy, request: CanonicalRequest): MatchInput {
  const input = matchInputOf(proxy, request);
  if (input === undefined) throw new InternalError("a request outside its target's base URL was allowed");
  return input;
}

export function filtersFor(
  proxy: CompiledProxy,
  request: CanonicalRequest,
  proxyCredentialId: string | undefined,
): ApplicableFilters {
  const credential =
    proxyCredentialId === undefined ? undefined : proxy.proxyCredentials.get(proxyCredentialId);
  return applicableFilters(scopesOf(proxy, credential), matchInputFor(proxy, request));
}
