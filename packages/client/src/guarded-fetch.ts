/** The public face of the client: a `fetch` that decides, injects, filters and records. */
import { guardedCall } from "./call.js";
import type { CallContext } from "./call-context.js";
import type { FetchInput, GuardedRequestInit } from "./caller-request.js";
import { checkIdentity, type Identity } from "./identity.js";
import { requireProxy } from "./named-proxy.js";
import { type CheckedOptions, checkOptions, type GuardedFetchOptions } from "./options.js";
import { Recorder } from "./recorder.js";
import { warnOfObservers } from "./start-up-warnings.js";

/** A guarded `fetch`. Assignable to `typeof fetch`, so it can be handed to any SDK that takes one. */
export interface GuardedFetch {
  /**
   * Calls as `fetch` does. A body that streams through a filter ends with `ResponseWithheldError` where it cannot be
   * filtered any further.
   *
   * @throws RequestDeniedError when the policy denies the call (unless `onDeny: "respond"`); nothing was sent
   * @throws CredentialError when the target's credential cannot be opened; nothing was sent
   * @throws ConfigError for an `init` member that chooses the connection
   * @throws whatever the transport throws for a failure of the network, untouched
   */
  (input: FetchInput, init?: GuardedRequestInit): Promise<Response>;
  /**
   * The same for one proxy, by id or alias: URLs may be paths below its target's base URL.
   *
   * @throws ConfigError when the policy has no such proxy
   */
  proxy(idOrAlias: string): GuardedFetch;
  /** The same bound to an identity. What is left out here is taken from this one. */
  with(identity: Identity): GuardedFetch;
  /**
   * Waits for calls under way and stores what records are waiting. Later calls are denied. The store stays open.
   *
   * @throws StorageUnavailableError when records still wait; call it again when the store is back
   */
  close(): Promise<void>;
}

/**
 * Builds a guarded `fetch`.
 *
 * @throws ConfigError naming the option that is wrong; PolicyError naming what is wrong in the policy
 */
export function createGuardedFetch(options: GuardedFetchOptions): GuardedFetch {
  const checked = checkOptions(options);
  warnOfObservers(checked.compiled);
  const recorder = new Recorder({
    store: checked.store,
    region: checked.compiled.policy.region,
    world: checked.world,
    onAuditFailure: checked.onAuditFailure,
  });
  return bind(new Gate(checked, recorder), {}, undefined);
}

/** What all bindings of one guarded fetch share. */
class Gate {
  readonly options: CheckedOptions;
  readonly recorder: Recorder;
  readonly #underWay = new Set<Promise<unknown>>();

  constructor(options: CheckedOptions, recorder: Recorder) {
    this.options = options;
    this.recorder = recorder;
  }

  async call(
    context: CallContext,
    input: FetchInput,
    init: GuardedRequestInit | undefined,
  ): Promise<Response> {
    const call = guardedCall(context, input, init);
    this.#underWay.add(call);
    try {
      return await call;
    } finally {
      this.#underWay.delete(call);
    }
  }

  async close(): Promise<void> {
    this.recorder.refuse();
    await Promise.allSettled(this.#underWay);
    await this.recorder.flush();
  }
}

function bind(gate: Gate, identity: Identity, proxy: string | undefined): GuardedFetch {
  const context: CallContext = { options: gate.options, recorder: gate.recorder, identity, proxy };
  const guarded = (input: FetchInput, init?: GuardedRequestInit) => gate.call(context, input, init);
  return Object.assign(guarded, {
    proxy: (idOrAlias: string) => {
      requireProxy(gate.options.compiled, "proxy", idOrAlias);
      return bind(gate, identity, idOrAlias);
    },
    with: (more: Identity) => bind(gate, { ...identity, ...checkIdentity(more) }, proxy),
    close: () => gate.close(),
  });
}
