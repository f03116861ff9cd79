/** Writes down what becomes of the policy while the process runs: a record each, and a warning of the process. */
import {
  type CompiledPolicy,
  encodePolicyChanged,
  encodeReloadFailed,
  isoTime,
  type PolicyChangedFacts,
  uuidV7,
} from "@sallyport/core";
import type { PolicyListener } from "./policy-source.js";
import type { Recorder } from "./recorder.js";
import { warnOfObservers } from "./start-up-warnings.js";
import type { World } from "./world.js";

export function policyJournal(recorder: Recorder, world: World): PolicyListener {
  /** Not waited for: until it is stored, no call is let out. */
  function record(
    compiled: CompiledPolicy,
    encode: (facts: Omit<PolicyChangedFacts, "previousHash">) => Uint8Array,
  ): void {
    const observedAt = world.now();
    const id = uuidV7(observedAt, world.random(10));
    void recorder.record(id, encode({ id, nonce: world.random(16), compiled, observedAt }));
  }
  return {
    changed(before, after) {
      record(after, (facts) => encodePolicyChanged({ ...facts, previousHash: before.hash }));
      if (after.hash !== before.hash) warnOfObservers(after);
    },
    failed({ message, help, ...failure }, inForce) {
      record(inForce, (facts) => encodeReloadFailed({ ...facts, ...failure }));
      const since = isoTime(failure.failingSince);
      const remedy = help === undefined ? "" : `; ${help}`;
      process.emitWarning(
        `the policy before stays in force: ${message}, since ${since}${remedy}`,
        "SallyportWarning",
      );
    },
  };
}
