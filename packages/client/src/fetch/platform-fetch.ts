/** Whether a `fetch` is the one that came with Node. */

/** Node's own `fetch` loads this module of Node's when it is first called; nothing outside of Node can. */
const MODULE_OF_NODE = "internal/deps/undici/undici";

const known = new WeakMap<object, boolean>();

/**
 * Tells Node's `fetch` from a mock, an instrumentation and other implementations, by its source: it may have been replaced
 * before this module was loaded, so that there is nothing to compare it with. Where this cannot tell, it says no.
 */
export function isPlatformFetch(fetch: unknown): boolean {
  if (typeof fetch !== "function") return false;
  const before = known.get(fetch);
  if (before !== undefined) return before;
  const answer = Function.prototype.toString.call(fetch).includes(MODULE_OF_NODE);
  known.set(fetch, answer);
  return answer;
}
