/** What whoever starts a process should know about its policy. */
import { type CompiledPolicy, type CompiledProxy, SCOPE_NAMES } from "@sallyport/core";

/** What only observes protects nothing: one warning of the process names all such proxies, another all such filters. */
export function warnOfObservers({ proxies }: CompiledPolicy): void {
  const all = [...proxies.values()];
  warn(
    "only observing, so that calls which the policy denies are sent and responses are not filtered",
    all.filter(onlyObserves).map(({ id }) => `\`${id}\``),
  );
  warn(
    "only observing, so that what they would take out stays in",
    all.filter((proxy) => !onlyObserves(proxy)).flatMap(observingFilters),
  );
}

function onlyObserves({ entity }: CompiledProxy): boolean {
  return entity.mode === "observe";
}

function observingFilters({ targetCredential, target, proxyCredentials, scope }: CompiledProxy): string[] {
  const scopes = [
    targetCredential?.scope,
    target.scope,
    ...[...proxyCredentials.values()].map((one) => one.scope),
    scope,
  ];
  return scopes
    .flatMap((one) => one?.filters ?? [])
    .filter(({ mode, operations }) => mode === "observe" && operations.length > 0)
    .map((filter) => `filter \`${filter.id}\` of ${SCOPE_NAMES[filter.scope]} \`${filter.entityId}\``);
}

function warn(what: string, names: readonly string[]): void {
  // Several proxies may share a filter.
  if (names.length > 0) process.emitWarning(`${what}: ${[...new Set(names)].join(", ")}`, "SallyportWarning");
}
