/** undici, loaded when it is first needed, so that the platform's own `fetch` stays as it was. */
import type * as Undici from "undici";

/** Where every undici of a process, the platform's too, looks for its default dispatcher. */
const GLOBAL_DISPATCHER = Symbol.for("undici.globalDispatcher.1");

let loading: Promise<typeof Undici> | undefined;

export function loadUndici(): Promise<typeof Undici> {
  loading ??= load();
  return loading;
}

/**
 * Loading undici fills the slot if it is empty, and then the platform's `fetch` would use a dispatcher of another
 * version. So the platform fills it first, which it does when one of its classes is touched.
 */
async function load(): Promise<typeof Undici> {
  void globalThis.Response;
  const slots = globalThis as unknown as Record<symbol, unknown>;
  const before = slots[GLOBAL_DISPATCHER];
  const undici = await import("undici");
  if (before !== undefined && slots[GLOBAL_DISPATCHER] !== before) slots[GLOBAL_DISPATCHER] = before;
  return undici;
}
