import { ConfigError } from "@sallyport/core";
import { pooledRandom } from "./random-pool.js";
import { refuseUnknown } from "./unknown-option.js";

/** Time and randomness, given from outside so that a test can hold them still. */
export interface World {
  /** Epoch ms. */
  readonly now: () => number;
  /** Milliseconds from any start, never going back. Where it does, or gives no number, no time has passed. */
  readonly monotonicMs: () => number;
  /** So many random bytes. */
  readonly random: (length: number) => Uint8Array;
}

export const realWorld: World = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  random: pooledRandom,
};

/**
 * The world as an option gives it; what it leaves out is real.
 *
 * @throws ConfigError for another member, and for one that does not give what it should
 */
export function checkWorld(given: Partial<World> = {}): World {
  if (typeof given !== "object" || given === null) throw new ConfigError("world", "expected an object");
  refuseUnknown("world", given, Object.keys(realWorld));
  const { now = realWorld.now, monotonicMs = realWorld.monotonicMs, random = realWorld.random } = given;
  if (typeof now !== "function")
    throw new ConfigError("world.now", "expected a function that gives epoch ms");
  if (typeof monotonicMs !== "function" || !Number.isFinite(monotonicMs()))
    throw new ConfigError(
      "world.monotonicMs",
      "expected a function that gives a finite number of milliseconds",
    );
  if (typeof random !== "function" || !(random(1) instanceof Uint8Array))
    throw new ConfigError("world.random", "expected a function that gives so many random bytes");
  return {
    now,
    monotonicMs: monotonicMs === realWorld.monotonicMs ? monotonicMs : steady(monotonicMs),
    random,
  };
}

/** What a record says of time must be a number, whatever a clock does. */
function steady(clock: () => number): () => number {
  let last = clock();
  return () => {
    const reading = clock();
    if (Number.isFinite(reading) && reading > last) last = reading;
    return last;
  };
}
