/** What the connections of one target may be, as its policy says. */
import { type AddressVerdict, addressVerdict, type CompiledTarget } from "@sallyport/core";

/**
 * The rules of one target under one policy. Connections are pooled by this object: those made under another policy, or
 * for another target, are never used again.
 */
export interface NetworkGuard {
  /** Whether an address may be dialled. */
  verdictOf(address: string): AddressVerdict;
  /**
   * Whether the target is on loopback whoever dials: its host is a loopback address, or `localhost`. A name below it may be
   * led anywhere by a resolver that is not checked.
   */
  readonly isLoopback: boolean;
  readonly tls: CompiledTarget["entity"]["tls"];
  readonly limits: CompiledTarget["entity"]["limits"];
  /** A proxy between this process and the target; `env`: as the environment says. */
  readonly proxy: CompiledTarget["network"]["proxy"];
}

const guards = new WeakMap<CompiledTarget, NetworkGuard>();

/** The same object for the same target. */
export function networkGuardOf(target: CompiledTarget): NetworkGuard {
  const known = guards.get(target);
  if (known !== undefined) return known;
  const { addresses, proxy } = target.network;
  const { tls, limits } = target.entity;
  const guard: NetworkGuard = {
    verdictOf: (address) => addressVerdict(address, addresses),
    isLoopback: target.baseUrl.isLoopback && !target.baseUrl.host.endsWith(".localhost"),
    ...{ tls, limits, proxy },
  };
  guards.set(target, guard);
  return guard;
}
