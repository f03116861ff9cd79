/** The names of variables that a filter may use without declaring them: those of scopes further out. */
import type { Scope } from "./decision.js";
import type { Filter, Policy } from "./schema.js";

/** Names by the scope and the id of the target, credential or proxy whose filters may use them. */
export type OuterNames = (scope: Scope, id: string) => ReadonlySet<string>;

/**
 * Looks through the proxies, which say what can be further out of what. A name counts when any filter that may apply
 * before declares it; whether one did is seen with each call, and where none did, the variable is missing.
 */
export function outerNames({ targets, credentials, proxies }: Policy): OuterNames {
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
  return (scope, id) => found[scope].get(id) ?? NONE;
}

const NONE: ReadonlySet<string> = new Set();

/** A filter that is switched off never applies. */
function namesOf(entity: { readonly filters: readonly Filter[] } | undefined): string[] {
  return (entity?.filters ?? []).flatMap(({ mode, variables }) =>
    mode === "off" ? [] : variables.map(({ name }) => name),
  );
}
