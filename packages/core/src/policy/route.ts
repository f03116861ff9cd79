/** Which proxy a call belongs to (docs/spec/policy.md, "Routing"). */
import type { CanonicalRequest } from "../http/canonical-request.js";
import type { CompiledPolicy, CompiledProxy } from "./compile.js";
import type { Denied } from "./decision.js";

export type Route =
  | { readonly kind: "routed"; readonly proxyId: string }
  | { readonly kind: "unrouted"; readonly decision: Denied };

/**
 * Chooses the proxy whose target covers the URL: same origin, longest base path at a segment boundary. A target that no
 * proxy leads to, and an inactive proxy, still count, so that switching one off never re-routes its calls.
 */
export function routeByUrl(compiled: CompiledPolicy, request: CanonicalRequest): Route {
  const covering = (compiled.baseUrlsByOrigin.get(request.origin) ?? []).find(
    ({ path }) => pathBelow(path, request.path) !== undefined,
  );
  if (covering === undefined) return unrouted(`no target covers \`${request.origin}\` at this path`);
  const candidates = covering.proxies;
  const [first] = candidates;
  if (first === undefined) return unrouted("no proxy leads to the target that covers this URL");
  if (candidates.length === 1) return { kind: "routed", proxyId: first.id };
  const chosen = defaultAmong(compiled, candidates);
  if (chosen !== undefined) return { kind: "routed", proxyId: chosen };
  const ids = candidates.map(({ id }) => `\`${id}\``).sort();
  return unrouted(
    `proxies ${ids.join(", ")} cover this URL equally: name one, or set \`settings.defaultProxy\``,
  );
}

/** The proxy of an id or alias. */
export function routeByName(compiled: CompiledPolicy, idOrAlias: string): Route {
  const proxyId = compiled.proxies.has(idOrAlias) ? idOrAlias : compiled.aliases.get(idOrAlias);
  return proxyId === undefined ? unrouted(`no proxy \`${idOrAlias}\``) : { kind: "routed", proxyId };
}

/** What follows a base path (given without trailing slash), starting with `/`; `undefined` when it is not below it. */
export function pathBelow(basePath: string, path: string): string | undefined {
  if (basePath === "") return path;
  if (path === basePath) return "/";
  return path.startsWith(`${basePath}/`) ? path.slice(basePath.length) : undefined;
}

export function unrouted(reason: string): { readonly kind: "unrouted"; readonly decision: Denied } {
  return { kind: "unrouted", decision: { effect: "deny", code: "unrouted", reason, scopes: [] } };
}

function defaultAmong(compiled: CompiledPolicy, candidates: readonly CompiledProxy[]): string | undefined {
  const defaults = compiled.policy.settings.defaultProxy;
  const chosen = candidates.filter((proxy) => defaults[proxy.target.id] === proxy.id);
  return chosen.length === 1 ? chosen[0]?.id : undefined;
}
