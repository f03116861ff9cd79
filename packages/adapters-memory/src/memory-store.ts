import { ConfigError, type StorageAdapter } from "@sallyport/core";
import { memoryConfigStore } from "./config-store.js";
import { memoryLogStore } from "./log-store.js";

export interface MemoryStoreOptions {
  /** Binds the store to a region at once. @default the region of the first policy that uses it */
  readonly region?: string | undefined;
  /**
   * How many bytes of records are kept. At the limit `putRecord` fails, so that calls are refused rather than
   * recorded nowhere.
   * @default 268435456 (256 MiB)
   */
  readonly maxBytes?: number | undefined;
}

const DEFAULT_MAX_BYTES = 256 * 1024 * 1024;

/**
 * A store in memory, for tests, examples and processes whose records need not outlive them.
 *
 * @throws ConfigError when an option is not what it should be
 */
export function memoryStore(options: MemoryStoreOptions = {}): StorageAdapter {
  const maxBytes = options.maxBytes ?? DEFAULT_MAX_BYTES;
  if (!Number.isSafeInteger(maxBytes) || maxBytes < 1)
    throw new ConfigError("maxBytes", "expected a whole number of bytes");
  let region = options.region;
  return {
    config: memoryConfigStore(),
    log: memoryLogStore({ maxBytes, region: () => region }),
    async claimRegion(wanted) {
      region ??= wanted;
      if (region !== wanted) throw otherRegion(region, wanted);
    },
    async close() {},
  };
}

function otherRegion(region: string, wanted: string): ConfigError {
  return new ConfigError("store", `the store belongs to region \`${region}\`, the policy to \`${wanted}\``, {
    help: "give each region a store of its own",
  });
}
