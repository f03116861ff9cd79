/** What whoever starts a process should know about its policy. */
import type { CompiledPolicy } from "@sallyport/core";

/** Proxies with `mode: "observe"` protect nothing: one warning of the process names them all. */
export function warnOfObservers({ proxies }: CompiledPolicy): void {
  const observing = [...proxies.values()].filter(({ entity }) => entity.mode === "observe");
  if (observing.length === 0) return;
  const named = observing.map(({ id }) => `\`${id}\``).join(", ");
  process.emitWarning(
    `only observing, so that calls which the policy denies are sent and responses are not filtered: ${named}`,
    "SallyportWarning",
  );
}
