import { type CompiledPolicy, ConfigError, nearestName, type Route, routeByName } from "@sallyport/core";

/**
 * The route of a proxy that the calling code names.
 *
 * @param path - of the option that names it
 * @throws ConfigError when the policy has no such proxy: a mistake in the code, not a decision about a call
 */
export function requireProxy(compiled: CompiledPolicy, path: string, idOrAlias: unknown): Route {
  if (typeof idOrAlias !== "string") throw new ConfigError(path, "expected the id or alias of a proxy");
  const route = routeByName(compiled, idOrAlias);
  if (route.kind === "routed") return route;
  const names = [...compiled.proxies.keys(), ...compiled.aliases.keys()];
  const nearest = nearestName(idOrAlias, names);
  const meant = nearest === undefined ? "" : `, did you mean \`${nearest}\`?`;
  throw new ConfigError(path, `the policy has no proxy \`${idOrAlias}\`${meant}`, {
    help:
      names.length === 0
        ? "the policy has no proxies"
        : `it has ${names.map((name) => `\`${name}\``).join(", ")}`,
  });
}
