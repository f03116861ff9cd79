/** A policy that is read from a file, and looked at again every so often. */
import type { Keyring } from "@sallyport/core";
import { checkPolicyFile, type PolicyFile } from "./policy-file.js";
import type { PolicyListener, PolicySource } from "./policy-source.js";
import { PolicyFileReader, readPolicyFile } from "./read-policy-file.js";
import { ReloadedPolicy } from "./reloaded-policy.js";
import type { World } from "./world.js";

/**
 * Reads the file once, at once.
 *
 * @throws PolicyError naming the file when it does not load; ConfigError for an option, or a key that is not there
 */
export function fileSource(given: PolicyFile, keyring: Keyring | undefined, world: World): PolicySource {
  const file = checkPolicyFile(given);
  const policy = new ReloadedPolicy({ file, keyring, world }, readPolicyFile(file.path));
  const reader = new PolicyFileReader(file.path, world.monotonicMs);
  let timer: NodeJS.Timeout | undefined;
  let isOpen = true;

  function pollSoon(listener: PolicyListener): void {
    timer = setTimeout(() => void poll(listener), file.pollMs);
    // Waiting for a change keeps no process alive.
    timer.unref();
  }

  async function poll(listener: PolicyListener): Promise<void> {
    const read = await reader.read(!policy.isFailing);
    await policy.take(read, listener, () => isOpen);
    if (isOpen) pollSoon(listener);
  }

  return {
    current: () => policy.current(),
    start: pollSoon,
    close() {
      isOpen = false;
      clearTimeout(timer);
    },
  };
}
