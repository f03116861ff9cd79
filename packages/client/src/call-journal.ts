/** What is known of one call while it goes on, and the one record it leaves. */
import {
  type CallFacts,
  type CapturedVariable,
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

/** How a call ended. */
export interface CallEnd {
  readonly outcome: Outcome;
  readonly receipts?: readonly RecordedReceipt[];
  readonly variables?: readonly CapturedVariable[];
  readonly responseHeaders?: ReadonlyMap<string, string>;
  readonly bodyBytes?: number;
}

export class CallJournal {
  /** UUIDv7 of the record, and of the request. */
  readonly id: string;
  readonly hops: HopFacts[] = [];
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

  get lastHop(): HopFacts | undefined {
    return this.hops.at(-1);
  }

  /** Adds to what is known of the last hop. */
  amendLastHop(facts: Partial<HopFacts>): void {
    const last = this.hops.pop();
    if (last !== undefined) this.hops.push({ ...last, ...facts });
  }

  /** Adds what the request filters made of the body of the next hop. */
  addFiltered({ receipts, variables, observed }: FilteredRequest): void {
    const hop = this.hops.length;
    for (const receipt of receipts) this.#receipts.push(hop === 0 ? receipt : { ...receipt, hop });
    for (const variable of variables) this.#variables.push(variable);
    this.#observedRefusal ??= observed;
  }

  /** Hands the record over, once: later calls do nothing. Never throws. */
  async record(
    context: { readonly options: CheckedOptions; readonly identity: Identity; readonly recorder: Recorder },
    hasRequestBody: boolean,
    end: CallEnd,
  ): Promise<void> {
    if (this.#isRecorded) return;
    this.#isRecorded = true;
    const { options, identity, recorder } = context;
    const actor = await recordedActor(identity, options.compiled.policy.clientId, options.keyring);
    let bytes: Uint8Array;
    try {
      bytes = encodeRecord(this.#facts(options, identity, actor, hasRequestBody, end));
    } catch (error) {
      recorder.lose(this.id, error);
      return;
    }
    await recorder.record(this.id, bytes);
  }

  /** A denial after which the call went on, or one that was only observed. */
  #observed(outcome: Outcome): Outcome {
    const denied = this.hops.map(({ decision }) => decision).find(({ effect }) => effect === "deny");
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
      hops: [this.#firstHop, ...this.hops.slice(1)],
      injectedHeaders: this.injected,
      hasRequestBody,
      receipts: [...this.#receipts, ...(end.receipts ?? [])],
      variables: [...this.#variables, ...(end.variables ?? [])],
      outcome: this.#observed(end.outcome),
      startedAt: this.#startedAt,
      endedAt: world.now(),
      timings: {
        policyUs: toMicroseconds(this.policyMs),
        totalUs: toMicroseconds(world.monotonicMs() - this.#startedMs),
        ...(this.waitMs === undefined ? {} : { waitUs: toMicroseconds(this.waitMs) }),
      },
      ...(actor === undefined ? {} : { actor }),
      ...(proxyCredential === undefined ? {} : { proxyCredential }),
      ...(end.responseHeaders === undefined ? {} : { responseHeaders: end.responseHeaders }),
      ...(end.bodyBytes === undefined ? {} : { responseBodyBytes: end.bodyBytes }),
    };
  }
}

function toMicroseconds(milliseconds: number): number {
  return Math.round(milliseconds * 1000);
}
