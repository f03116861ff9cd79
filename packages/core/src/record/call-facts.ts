/** All that is known about one guarded call when it ends, from which its record is made. */
import type { CapturedVariable } from "../filter/captured-variables.js";
import type { RecordedReceipt } from "../filter/recorded-receipt.js";
import type { CanonicalRequest } from "../http/canonical-request.js";
import type { CompiledPolicy, CompiledProxy } from "../policy/compile.js";
import type { Decision, ReasonCode } from "../policy/decision.js";
import type { ConnectionFacts } from "./connection-facts.js";

/** How a call ended. */
export interface Outcome {
  readonly result: "success" | "failure" | "denied" | "unknown";
  /** `open`: the body streams through a filter, and another record will say how it ended. */
  readonly category?:
    | "open"
    | "upstream_4xx"
    | "upstream_5xx"
    | "policy_denied"
    | "withheld"
    | "credential"
    | "internal"
    | "network"
    | "aborted";
  /** Low-cardinality type of an error: its `code`, else its name. */
  readonly errorType?: string;
  /** How it would have ended if the proxy did more than observe. */
  readonly observed?: "policy_denied" | "withheld";
  /** A sentence without data of the call. */
  readonly message?: string;
}

/** One time that a hop was sent, after which it was sent again. */
export interface Attempt {
  /** Of its answer; absent when none came. */
  readonly status?: number | undefined;
  /** As in {@link Outcome}; absent when an answer came. */
  readonly errorType?: string | undefined;
  /** From its end to the next one. */
  readonly delayMs: number;
}

/** One hop: the first request, or a redirect that was followed. */
export interface HopFacts {
  readonly request: CanonicalRequest;
  readonly decision: Decision;
  /** Those before the last one; absent when there was only one. */
  readonly earlierAttempts?: readonly Attempt[] | undefined;
  /** Absent when no response came. */
  readonly status?: number | undefined;
  /** What it went over; absent when no answer came, or the transport did not tell. */
  readonly connection?: ConnectionFacts | undefined;
}

/** All that is known about a call when it ends. */
export interface CallFacts {
  /** UUIDv7. */
  readonly id: string;
  /** 16 random bytes: a record without them could be confirmed by guessing its content. */
  readonly nonce: Uint8Array;
  readonly compiled: CompiledPolicy;
  /** At least one; the first is the call itself. */
  readonly hops: readonly [HopFacts, ...HopFacts[]];
  readonly actor?: { readonly type: "user" | "service" | "system"; readonly ref?: string } | undefined;
  readonly proxyCredential?: string | undefined;
  /** Lower-case names of headers that the guard set. */
  readonly injectedHeaders: ReadonlySet<string>;
  readonly hasRequestBody: boolean;
  readonly responseHeaders?: ReadonlyMap<string, string> | undefined;
  /** Bytes handed to the caller, where the guard saw them all. */
  readonly responseBodyBytes?: number | undefined;
  readonly receipts: readonly RecordedReceipt[];
  readonly variables: readonly CapturedVariable[];
  readonly outcome: Outcome;
  /** Epoch ms. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** Monotonic, in microseconds. */
  readonly timings: {
    readonly policyUs: number;
    readonly waitUs?: number | undefined;
    readonly totalUs: number;
  };
}

export function proxyOf(compiled: CompiledPolicy, decision: Decision): CompiledProxy | undefined {
  return decision.proxyId === undefined ? undefined : compiled.proxies.get(decision.proxyId);
}

export function codeOf(decision: Decision): ReasonCode | undefined {
  return decision.effect === "deny" ? decision.code : undefined;
}

/** Whether the call went without the proxy credentials that a gateway would ask for. */
export function isCredentialSkipped(facts: CallFacts, proxy: CompiledProxy | undefined): boolean {
  return (
    facts.proxyCredential === undefined &&
    proxy !== undefined &&
    proxy.proxyCredentials.size > 0 &&
    proxy.entity.inProcess !== undefined
  );
}
