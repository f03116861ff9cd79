/** Marks as they are collected: what was replaced at one place in one class is one mark with its number. */
import type { MarkClass, SanitizationMark } from "./mark.js";

/** By class and place, in the order in which they came up. */
export type MarkTally = Map<string, SanitizationMark>;

/** Counts what was replaced at a place. */
export function tallyRedactions(
  tally: MarkTally,
  pointer: string,
  found: readonly { readonly class: MarkClass }[],
): void {
  for (const one of found) {
    const key = `${one.class} ${pointer}`;
    const before = tally.get(key);
    const count = before === undefined ? 1 : (before.count ?? 1) + 1;
    tally.set(key, { action: "redact", class: one.class, ...(count > 1 && { count }), pointer });
  }
}
