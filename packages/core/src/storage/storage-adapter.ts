import type { ConfigStore } from "./config-store.js";
import type { LogStore } from "./log-store.js";

/**
 * A place that keeps configuration and records. Operational data stays in its region: an adapter takes the region of
 * the first policy that uses it, and refuses every other one from then on.
 */
export interface StorageAdapter {
  readonly config: ConfigStore;
  readonly log: LogStore;
  /**
   * Binds the store to a region, or checks that it is bound to this one.
   *
   * @throws ConfigError when it is bound to another
   */
  claimRegion(region: string): Promise<void>;
  /** Releases connections and timers. Safe to call twice. */
  close(): Promise<void>;
}
