/** Where the policy of a guarded fetch comes from: asked once by each call, which keeps to the answer to its end. */
import { type CompiledPolicy, compilePolicy, type Keyring, type Policy } from "@sallyport/core";
import { type HashSource, hashSource } from "./hashing.js";
import { requireKeyring } from "./injection.js";
import type { ReloadFailure } from "./reload-failure.js";

/** A policy, ready for calls. Never changes. */
export interface PolicySnapshot {
  readonly compiled: CompiledPolicy;
  readonly hash: HashSource;
}

/** What one call goes by. */
export interface PolicyInForce extends PolicySnapshot {
  /** Why no call may go by it any more: a sentence. `undefined` while it may. */
  readonly staleness: string | undefined;
}

/** Told of what becomes of the policy. Must not throw. */
export interface PolicyListener {
  /** Called before any call goes by the new one. */
  changed(before: CompiledPolicy, after: CompiledPolicy): void;
  failed(failure: ReloadFailure, inForce: CompiledPolicy): void;
}

export interface PolicySource {
  current(): PolicyInForce;
  /** Begins to look for changes. */
  start(listener: PolicyListener): void;
  /** Nothing changes any more. Safe to call twice. */
  close(): void;
}

/** @throws ConfigError when the policy needs a key that is not there */
export function snapshotOf(policy: Policy, keyring: Keyring | undefined): PolicySnapshot {
  const compiled = compilePolicy(policy);
  requireKeyring(compiled, keyring);
  return { compiled, hash: hashSource(compiled, keyring) };
}

/** A policy that was given as an object. */
export function fixedSource(snapshot: PolicySnapshot): PolicySource {
  const inForce = { ...snapshot, staleness: undefined };
  return { current: () => inForce, start: () => {}, close: () => {} };
}
