/** The record of how a filtered stream ended: schema v1.0 (docs/spec/record.md, "Streams"). */
import { toBase64Url, toUtf8 } from "../bytes.js";
import type { RecordedReceipt } from "../filter/recorded-receipt.js";
import type { CompiledPolicy } from "../policy/compile.js";
import type { Decision } from "../policy/decision.js";
import type { SanitizationMark } from "../redaction/mark.js";
import { canonicalJson, type JsonValue } from "./canonical-json.js";
import { filtersPart, type Outcome, outcomePart, proxyOf } from "./http-record.js";
import { isoTime } from "./iso-time.js";

/** What is known when the body of a call that was already recorded has ended. */
export interface StreamEndFacts {
  /** UUIDv7. */
  readonly id: string;
  /** 16 random bytes. */
  readonly nonce: Uint8Array;
  /** Id of the call's own record. */
  readonly requestId: string;
  readonly compiled: CompiledPolicy;
  /** On the first hop. */
  readonly decision: Decision;
  readonly receipts: readonly RecordedReceipt[];
  readonly outcome: Outcome;
  /** Bytes handed to the caller. */
  readonly bodyBytes: number;
  /** Epoch ms. */
  readonly endedAt: number;
  /** Monotonic, in microseconds, since the call began. */
  readonly totalUs: number;
}

/** The bytes of the record: canonical JSON in UTF-8. */
export function encodeStreamEnd(facts: StreamEndFacts): Uint8Array {
  const { clientId, region } = facts.compiled.policy;
  const proxy = proxyOf(facts.compiled, facts.decision);
  const marks: SanitizationMark[] = [];
  const record: JsonValue = {
    v: "1.0",
    id: facts.id,
    type: "http.stream.end",
    nonce: toBase64Url(facts.nonce),
    region: proxy?.region ?? region,
    provenance: "sdk",
    links: { request: facts.requestId },
    tenant: { clientId, proxyId: proxy?.id },
    time: { end: isoTime(facts.endedAt), observed: isoTime(facts.endedAt) },
    http: { response: { bodyBytes: facts.bodyBytes } },
    filters: filtersPart(facts.receipts, marks),
    outcome: outcomePart(facts.outcome, marks),
    timings: { totalUs: facts.totalUs },
    sanitizer: { profile: "default", version: "1" },
    sanitization: marks as unknown as JsonValue,
  };
  return toUtf8(canonicalJson(record));
}
