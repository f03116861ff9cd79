/** What is known of one call while it goes on, and the one record it leaves. */
import {
  type Attempt,
  type CallFacts,
  type CanonicalRequest,
  type CapturedVariable,
  type Decision,
  encodeRecord,
  encodeStreamEnd,
  type FilteredRequest,
  type HopFacts,
  InternalError,
  type Outcome,
  type RecordedReceipt,
  uuidV7,
} from "@sallyport/core";
import type { StreamEnd } from "./delivery.js";
import { type Identity, recordedActor } from "./identity.js";
import type { CheckedOptions } from "./options.js";
import type { Recorder } from "./recorder.js";

/** One hop, of which more becomes known as it goes on. */
export type Hop = { -readonly [K in keyof HopFacts]: HopFacts[K] };

/** How a call ended. */
export interface CallEnd {
  readonly outcome: Outcome;
  readonly receipts?: readonly RecordedReceipt[] | undefined;
  readonly variables?: readonly CapturedVariable[] | undefined;
  readonly responseHeaders?: ReadonlyMap<string, string> | undefined;
  readonly bodyBytes?: number | undefined;
}

export interface RecordingContext {
  readonly options: CheckedOptions;
  readonly identity: Identity;
  readonly recorder: Recorder;
}

export class CallJournal {
  /** UUIDv7 of the record, and of the request. */
  readonly id: string;
  readonly hops: Hop[] = [];
  /** Lower-case names of headers that the guard has set in any hop. */
  readonly injected = new Set<string>();
  /** Milliseconds spent deciding. */
  policyMs = 0;
  /** Milliseconds spent waiting for headers; `undefined` when nothing was sent. */
  waitMs: number | undefined;
  /** What the request filters did, on all hops. */
  readonly #receipts: RecordedReceipt[] = [];
  readonly #variables: CapturedVariable[] = [];
  /** Why a request filter that only observes would have refused the body. */
  #observedRefusal: string | undefined;
  readonly #startedAt: number;
  readonly #startedMs: number;
  #isRecorded = false;

  constructor({ world }: CheckedOptions) {
    this.#startedAt = world.now();
    this.#startedMs = world.monotonicMs();
    this.id = uuidV7(this.#startedAt, world.random(10));
  }

  get lastHop(): Hop | undefined {
    return this.hops[this.hops.length - 1];
  }

  addHop(request: CanonicalRequest, decision: Decision): void {
    this.hops.push({ request, decision, status: undefined, connection: undefined });
  }

  /** The last hop is sent again: what was its answer is that of an earlier attempt. */
  addAttempt(attempt: Attempt): void {
    const hop = this.lastHop;
    if (hop === undefined) return;
    hop.earlierAttempts = [...(hop.earlierAttempts ?? []), attempt];
    hop.status = undefined;
    hop.connection = undefined;
  }

  /** Adds what the request filters made of the body of the next hop. */
  addFiltered({ receipts, variables, observed }: FilteredRequest): void {
    const hop = this.hops.length;
    for (const receipt of receipts) this.#receipts.push(hop === 0 ? receipt : { ...receipt, hop });
    for (const variable of variables) this.#variables.push(variable);
    this.#observedRefusal ??= observed;
  }

  /** Hands the record over, once: later calls do nothing. Never throws. */
  record(context: RecordingContext, hasRequestBody: boolean, end: CallEnd): Promise<void> {
    if (this.#isRecorded) return Promise.resolve();
    this.#isRecorded = true;
    const { options, identity } = context;
    if (identity.actor === undefined) return this.#record(context, undefined, hasRequestBody, end);
    return recordedActor(identity, options.compiled.policy.clientId, options.keyring).then((actor) =>
      this.#record(context, actor, hasRequestBody, end),
    );
  }

  #record(
    { options, identity, recorder }: RecordingContext,
    actor: CallFacts["actor"],
    hasRequestBody: boolean,
    end: CallEnd,
  ): Promise<void> {
    let bytes: Uint8Array;
    try {
      bytes = encodeRecord(this.#facts(options, identity, actor, hasRequestBody, end), recorder.blocks);
    } catch (error) {
      recorder.lose(this.id, error);
      return Promise.resolve();
    }
    return recorder.record(this.id, bytes);
  }

  /** A denial after which the call went on, or one that was only observed. */
  #observed(outcome: Outcome): Outcome {
    const denied = this.hops.find(({ decision }) => decision.effect === "deny")?.decision;
    const reason = denied?.effect === "deny" ? denied.reason : this.#observedRefusal;
    if (outcome.result === "denied" || reason === undefined) return outcome;
    // It comes before what would have become of the response.
    const message = outcome.observed === undefined ? outcome.message : undefined;
    return { ...outcome, observed: "policy_denied", message: message ?? reason };
  }

  /** Hands over how a body ended that was open when the call was recorded. Never throws. */
  async recordStreamEnd(
    { options, recorder }: { readonly options: CheckedOptions; readonly recorder: Recorder },
    { outcome, receipts, bodyBytes }: StreamEnd,
  ): Promise<void> {
    const { world, compiled } = options;
    const endedAt = world.now();
    const id = uuidV7(endedAt, world.random(10));
    let bytes: Uint8Array;
    try {
      bytes = encodeStreamEnd({
        id,
        nonce: world.random(16),
        requestId: this.id,
        compiled,
        decision: this.#firstHop.decision,
        receipts,
        outcome,
        bodyBytes,
        endedAt,
        totalUs: toMicroseconds(world.monotonicMs() - this.#startedMs),
      });
    } catch (error) {
      recorder.lose(id, error);
      return;
    }
    await recorder.record(id, bytes);
  }

  get #firstHop(): HopFacts {
    const [first] = this.hops;
    if (first === undefined) throw new InternalError("a call without a hop was recorded");
    return first;
  }

  #facts(
    { world, compiled }: CheckedOptions,
    { proxyCredential }: Identity,
    actor: CallFacts["actor"],
    hasRequestBody: boolean,
    end: CallEnd,
  ): CallFacts {
    return {
      id: this.id,
      nonce: world.random(16),
      compiled,
      hops: this.hops.length === 1 ? [this.#firstHop] : [this.#firstHop, ...this.hops.slice(1)],
      injectedHeaders: this.injected,
      hasRequestBody,
      receipts: both(this.#receipts, end.receipts),
      variables: both(this.#variables, end.variables),
      outcome: this.#observed(end.outcome),
      startedAt: this.#startedAt,
      endedAt: world.now(),
      timings: {
        policyUs: toMicroseconds(this.policyMs),
        totalUs: toMicroseconds(world.monotonicMs() - this.#startedMs),
        waitUs: this.waitMs === undefined ? undefined : toMicroseconds(this.waitMs),
      },
      actor,
      proxyCredential,
      responseHeaders: end.responseHeaders,
      responseBodyBytes: end.bodyBytes,
    };
  }
}

function both<T>(first: readonly T[], second: readonly T[] | undefined): readonly T[] {
  if (second === undefined) return first;
  return first.length === 0 ? second : [...first, ...second];
}

function toMicroseconds(milliseconds: number): number {
  return Math.round(milliseconds * 1000);
}
