/** Options of `createGuardedFetch`, checked once when it is built. */
import {
  ConfigError,
  definePolicy,
  isPolicy,
  type Keyring,
  type Policy,
  type PolicyDocument,
  type StorageAdapter,
} from "@sallyport/core";
import { isPlatformFetch } from "./fetch/platform-fetch.js";
import { fileSource } from "./file-source.js";
import type { Environment } from "./injection.js";
import type { PolicyFile } from "./policy-file.js";
import { fixedSource, type PolicyInForce, type PolicySource, snapshotOf } from "./policy-source.js";
import type { AuditFailureListener } from "./recorder.js";
import type { Transport } from "./transport.js";
import { undiciTransport } from "./undici/undici-transport.js";
import { refuseUnknown } from "./unknown-option.js";
import { checkWorld, type World } from "./world.js";

export interface GuardedFetchOptions {
  /** The policy in force, or `fromFile(path)`. A document is checked as `definePolicy` does. */
  readonly policy: Policy | PolicyDocument | PolicyFile;
  /** Where records go. There is no default and no way to record nothing; the caller closes it. */
  readonly store: StorageAdapter;
  /** Opens sealed credentials; needed when the policy has any. */
  readonly keyring?: Keyring | undefined;
  /** @default undiciTransport() */
  readonly transport?: Transport | undefined;
  /**
   * What a denied call does: reject with `RequestDeniedError`, or answer with status 403 and a problem document
   * (for SDKs that treat every rejection as a network failure and retry it).
   * @default "throw"
   */
  readonly onDeny?: "throw" | "respond" | undefined;
  /** Told when a record could not be stored. @default a warning of the process, once */
  readonly onAuditFailure?: AuditFailureListener | undefined;
  /** Where `secret: { env }` is looked up, at each call. @default process.env */
  readonly environment?: Environment | undefined;
  /** Time and randomness; for tests. */
  readonly world?: Partial<World> | undefined;
}

/** What holds for all calls. */
export interface SharedOptions {
  readonly store: StorageAdapter;
  readonly keyring: Keyring | undefined;
  readonly transport: Transport;
  readonly onDeny: "throw" | "respond";
  readonly onAuditFailure: AuditFailureListener;
  readonly environment: () => Environment;
  readonly world: World;
}

/** What holds for one call, from its first hop to the end of its body: the policy is one and the same. */
export interface CheckedOptions extends SharedOptions, PolicyInForce {}

const KNOWN_OPTIONS = [
  "policy",
  "store",
  "keyring",
  "transport",
  "onDeny",
  "onAuditFailure",
  "environment",
  "world",
];

/** @throws ConfigError naming the option; PolicyError for the policy */
export function checkOptions(options: GuardedFetchOptions): {
  readonly shared: SharedOptions;
  readonly source: PolicySource;
} {
  if (typeof options !== "object" || options === null)
    throw new ConfigError("options", "expected an object", { help: "pass `{ policy, store }`" });
  refuseUnknown("", options, KNOWN_OPTIONS);
  if (typeof options.store?.log?.putRecord !== "function") {
    throw new ConfigError("store", "expected a store for the records", {
      help: "pass `store: memoryStore()`",
    });
  }
  if (options.policy === undefined) {
    throw new ConfigError("policy", "expected a policy", {
      help: "pass `policy: definePolicy({ … })`, or `fromFile(path)`",
    });
  }
  const { onDeny = "throw", transport = undiciTransport() } = options;
  if (onDeny !== "throw" && onDeny !== "respond")
    throw new ConfigError("onDeny", "expected `throw` or `respond`");
  if (typeof transport !== "function")
    throw new ConfigError("transport", "expected a function", {
      help: "pass `undiciTransport()` or `fetchTransport(fetch)`",
    });
  if (isFetch(transport))
    throw new ConfigError("transport", "expected a transport, and got a `fetch`", {
      help: "pass `fetchTransport()`, or `fetchTransport(fetch)` for one of your own",
    });
  if (options.keyring !== undefined && typeof options.keyring.get !== "function") {
    throw new ConfigError("keyring", "expected an object with `get(kid)`", {
      help: "pass `envKeyring()` or `memoryKeyring({ … })`",
    });
  }
  const { environment } = options;
  const world = checkWorld(options.world);
  const shared = {
    store: options.store,
    keyring: options.keyring,
    transport,
    onDeny,
    onAuditFailure: options.onAuditFailure ?? warnOnce(),
    environment: () => environment ?? process.env,
    world,
  };
  return { shared, source: sourceOf(options.policy, options.keyring, world) };
}

function isFetch(transport: unknown): boolean {
  return transport === globalThis.fetch || isPlatformFetch(transport);
}

function sourceOf(
  policy: GuardedFetchOptions["policy"],
  keyring: Keyring | undefined,
  world: World,
): PolicySource {
  if (typeof policy === "string")
    throw new ConfigError("policy", "expected a policy, and got a text", {
      help: "to read a file, pass `fromFile(path)`; a text, `definePolicy(JSON.parse(text))`",
    });
  if (isPolicyFile(policy)) return fileSource(policy, keyring, world);
  return fixedSource(snapshotOf(isPolicy(policy) ? policy : definePolicy(policy), keyring));
}

function isPolicyFile(policy: GuardedFetchOptions["policy"]): policy is PolicyFile {
  return typeof policy === "object" && policy !== null && "kind" in policy && policy.kind === "file";
}

function warnOnce(): AuditFailureListener {
  let hasWarned = false;
  return ({ lost }) => {
    if (hasWarned) return;
    hasWarned = true;
    const fate = lost ? "and was lost" : "and waits in memory";
    process.emitWarning(
      `a record could not be stored ${fate}: no call is let out until the store takes it`,
      "SallyportWarning",
    );
  };
}
