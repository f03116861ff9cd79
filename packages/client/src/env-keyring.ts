import { ConfigError, type Keyring, memoryKeyring } from "@sallyport/core";
import type { Environment } from "./injection.js";

export interface EnvKeyringOptions {
  /** @default "SALLYPORT_KEYRING" */
  readonly variable?: string | undefined;
  /** @default process.env */
  readonly environment?: Environment | undefined;
}

const DEFAULT_VARIABLE = "SALLYPORT_KEYRING";

/**
 * A keyring from an environment variable: `kid:base64key` pairs, separated by commas, the primary first. Read once.
 *
 * @throws ConfigError when the variable is missing or malformed; its message never holds any of the value
 */
export function envKeyring(options: EnvKeyringOptions = {}): Keyring {
  const variable = options.variable ?? DEFAULT_VARIABLE;
  const value = (options.environment ?? process.env)[variable];
  const help =
    "set it to `kid:base64key`, for example from `node -p \"'k1:' + crypto.randomBytes(32).toString('base64')\"`";
  if (value === undefined || value === "")
    throw new ConfigError(variable, "the environment variable is not set", { help });
  const keys: Record<string, Uint8Array> = {};
  let primary: string | undefined;
  for (const pair of value.split(",")) {
    const colon = pair.lastIndexOf(":");
    const kid = pair.slice(0, colon).trim();
    const encoded = pair.slice(colon + 1).trim();
    const key = Buffer.from(encoded, "base64");
    if (colon < 1 || key.length !== 32 || key.toString("base64") !== encoded || Object.hasOwn(keys, kid)) {
      throw new ConfigError(
        variable,
        "the environment variable is not a list of `kid:base64key` pairs with 32-byte keys and different ids",
        { help },
      );
    }
    keys[kid] = key;
    primary ??= kid;
  }
  return memoryKeyring({ primary: primary ?? "", keys });
}
