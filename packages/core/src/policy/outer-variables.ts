/** The names of variables that a filter may use without declaring them: those of scopes further out. */
import type { Scope } from "./decision.js";
import type { Filter, Policy } from "./schema.js";

/** Names by the scope and the id of the target, credential or proxy whose filters may use them, and what they filter. */
export type OuterNames = (scope: Scope, id: string, on: Filter["on"]) => ReadonlySet<string>;

/**
 * Looks through the proxies, which say what can be further out of what. A name counts when any filter that may apply
 * before declares it; whether one did is seen with each call, and where none did, the variable is missing.
 */
export function outerNames(policy: Policy): OuterNames {
  const found = { request: namesFor(policy, "request"), response: namesFor(policy, "response") };
  return (scope, id, on) => found[on][scope].get(id) ?? NONE;
}

const NONE: ReadonlySet<string> = new Set();

type Names = Readonly<Record<Scope, ReadonlyMap<string, ReadonlySet<string>>>>;

/** Request filters and response filters do not see each other's. */
function namesFor({ targets, credentials, proxies }: Policy, on: Filter["on"]): Names {
  const namesOf = (entity: Filtered | undefined) => declaredBy(entity, on);
  const found: Record<Scope, Map<string, Set<string>>> = {
    targetCredential: new Map(),
    target: new Map(),
    proxyCredential: new Map(),
    proxy: new Map(),
  };
  const add = (scope: Scope, id: string, names: Iterable<string>) => {
    const known = found[scope].get(id) ?? new Set();
    for (const name of names) known.add(name);
    found[scope].set(id, known);
  };
  for (const [id, { targetCredential = "", target, proxyCredential = [] }] of Object.entries(proxies)) {
    const outermost = namesOf(credentials[targetCredential]);
    const outer = [...outermost, ...namesOf(targets[target])];
    add("target", target, outermost);
    add("proxy", id, outer);
    for (const credential of proxyCredential) {
      add("proxyCredential", credential, outer);
      add("proxy", id, namesOf(credentials[credential]));
    }
  }
  return found;
}

interface Filtered {
  readonly filters: readonly Filter[];
}

/** A filter that is switched off never applies. */
function declaredBy(entity: Filtered | undefined, on: Filter["on"]): string[] {
  return (entity?.filters ?? []).flatMap((filter) =>
    filter.mode === "off" || filter.on !== on ? [] : filter.variables.map(({ name }) => name),
  );
}
