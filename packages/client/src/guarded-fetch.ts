/** The public face of the client: a `fetch` that decides, injects, filters and records. */
import { guardedCall } from "./call.js";
import type { CallContext } from "./call-context.js";
import type { FetchInput, GuardedRequestInit } from "./caller-request.js";
import { tracedToCaller } from "./failure.js";
import { checkIdentity, type Identity } from "./identity.js";
import { allowListeners } from "./listener-limit.js";
import { requireProxy } from "./named-proxy.js";
import {
  type CheckedOptions,
  checkOptions,
  type GuardedFetchOptions,
  type SharedOptions,
} from "./options.js";
import { policyJournal } from "./policy-journal.js";
import type { PolicyInForce, PolicySource } from "./policy-source.js";
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
   * Waits for calls under way and stores what records are waiting. Later calls are denied, and a policy's file is looked
   * at no more. The store stays open.
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
  const { shared, source } = checkOptions(options);
  const { compiled } = source.current();
  warnOfObservers(compiled);
  const { store, world, onAuditFailure } = shared;
  const recorder = new Recorder({ store, region: compiled.policy.region, world, onAuditFailure });
  source.start(policyJournal(recorder, world));
  return bind(new Gate(shared, source, recorder), {}, undefined);
}

/** What all bindings of one guarded fetch share. */
class Gate {
  readonly #shared: SharedOptions;
  readonly #source: PolicySource;
  readonly #recorder: Recorder;
  #latest: { readonly inForce: PolicyInForce; readonly options: CheckedOptions } | undefined;
  /** Calls that began before `close()`. */
  #underWay = 0;
  #end = () => {};
  /** Resolves once it is closed and none of them goes on. */
  readonly #over = new Promise<void>((resolve) => {
    this.#end = resolve;
  });
  #isClosed = false;
  readonly #closing = new AbortController();

  constructor(shared: SharedOptions, source: PolicySource, recorder: Recorder) {
    this.#shared = shared;
    this.#source = source;
    this.#recorder = recorder;
    // As many calls may wait to be sent again as there are.
    allowListeners(this.#closing.signal, 0);
  }

  /** With the policy of now. */
  get options(): CheckedOptions {
    const inForce = this.#source.current();
    if (this.#latest?.inForce !== inForce)
      this.#latest = { inForce, options: { ...this.#shared, ...inForce } };
    return this.#latest.options;
  }

  /** Waits itself, so that the stack of an error leads to whoever called. */
  async call(
    { identity, proxy }: Pick<CallContext, "identity" | "proxy">,
    input: FetchInput,
    init: GuardedRequestInit | undefined,
  ): Promise<Response> {
    const isAwaited = !this.#isClosed;
    if (isAwaited) this.#underWay++;
    try {
      return await guardedCall(this.#contextFor(identity, proxy), input, init);
    } catch (error) {
      throw tracedToCaller(error);
    } finally {
      if (isAwaited) this.#underWay--;
      this.#endIfOver();
    }
  }

  #endIfOver(): void {
    if (this.#underWay === 0 && this.#isClosed) this.#end();
  }

  #contextFor(identity: Identity, proxy: string | undefined): CallContext {
    const { options } = this;
    return {
      options,
      identity,
      proxy,
      recorder: this.#recorder,
      closing: this.#closing.signal,
      isInForce: () => this.options === options,
    };
  }

  async close(): Promise<void> {
    this.#source.close();
    this.#recorder.refuse();
    this.#isClosed = true;
    this.#closing.abort();
    this.#endIfOver();
    await this.#over;
    await this.#recorder.flush();
  }
}

function bind(gate: Gate, identity: Identity, proxy: string | undefined): GuardedFetch {
  const guarded = (input: FetchInput, init?: GuardedRequestInit) =>
    gate.call({ identity, proxy }, input, init);
  return Object.assign(guarded, {
    proxy: (idOrAlias: string) => {
      requireProxy(gate.options.compiled, "proxy", idOrAlias);
      return bind(gate, identity, idOrAlias);
    },
    with: (more: Identity) => bind(gate, { ...identity, ...checkIdentity(more) }, proxy),
    close: () => gate.close(),
  });
}
