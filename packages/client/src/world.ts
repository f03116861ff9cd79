import { pooledRandom } from "./random-pool.js";

/** Time and randomness, given from outside so that a test can hold them still. */
export interface World {
  /** Epoch ms. */
  readonly now: () => number;
  /** Milliseconds from any start, never going back. */
  readonly monotonicMs: () => number;
  /** So many random bytes. */
  readonly random: (length: number) => Uint8Array;
}

export const realWorld: World = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  random: pooledRandom,
};
