/** Says so when somebody has replaced what `fetch` sends through, and expects calls to go through it. */
import { isPlatformFetch } from "./platform-fetch.js";

let hasWarned = false;
let knownFetch: unknown;
let knownDispatcher: unknown;

/** undici's slot for the process's default dispatcher. */
const DISPATCHER = Symbol.for("undici.globalDispatcher.1");

/** For a transport that uses neither: a mocked test must not reach the network in silence. Warns once a process. */
export function warnOfReplacedFetch(): void {
  const { fetch } = globalThis;
  const dispatcher = (globalThis as { [DISPATCHER]?: unknown })[DISPATCHER];
  if (hasWarned || (fetch === knownFetch && dispatcher === knownDispatcher)) return;
  knownFetch = fetch;
  knownDispatcher = dispatcher;
  if (!isPlatformFetch(fetch)) {
    warn(
      "the global `fetch` was replaced, by a mock or an instrumentation, and guarded calls do not go through it: to send " +
        "them through it pass `transport: fetchTransport()`, in a test `fetchTransport(undefined, { allowUnpinned: true })`",
    );
  } else if (!isDefault(dispatcher)) {
    warn(
      "the global dispatcher was replaced, and guarded calls do not go through it: for a proxy set `network.proxy` of the " +
        "target, for a `MockAgent` pass `transport: fetchTransport((url, init) => fetch(url, init), { allowUnpinned: true })`",
    );
  }
}

function warn(what: string): void {
  hasWarned = true;
  process.emitWarning(what, "SallyportWarning");
}

/** An agent as undici fills the slot with, of whichever copy. */
function isDefault(dispatcher: unknown): boolean {
  if (typeof dispatcher !== "object" || dispatcher === null) return true;
  // From undici 8 on, a wrapper for older copies stands here.
  return ["Agent", "Dispatcher1Wrapper"].includes(dispatcher.constructor.name);
}
