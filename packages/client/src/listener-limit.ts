import { defaultMaxListeners, getMaxListeners, setMaxListeners } from "node:events";

/**
 * So many listeners on a signal are no leak, unless somebody has said how many are. A signal of another kind than Node's, in
 * a test environment for example, has no such limit.
 *
 * @param most - 0: any number
 */
export function allowListeners(signal: AbortSignal, most: number): void {
  try {
    if (getMaxListeners(signal) === defaultMaxListeners) setMaxListeners(most, signal);
  } catch {
    // Node looks for what only its own have.
  }
}
