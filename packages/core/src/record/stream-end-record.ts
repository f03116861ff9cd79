/** The record of how a filtered stream ended: schema v1.0 (docs/spec/record.md, "Streams"). */
import { toBase64Url, toUtf8 } from "../bytes.js";
import type { RecordedReceipt } from "../filter/recorded-receipt.js";
import type { CompiledPolicy } from "../policy/compile.js";
import type { Decision } from "../policy/decision.js";
import type { SanitizationMark } from "../redaction/mark.js";
import { type Outcome, proxyOf } from "./call-facts.js";
import { isoTime } from "./iso-time.js";
import { after, numberText, quoted, quotedOrNone } from "./json-text.js";
import { filtersText, marksText, outcomeText, SANITIZER } from "./record-parts.js";

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
  const filters = filtersText(facts.receipts, marks);
  const outcome = outcomeText(facts.outcome, marks);
  const end = isoTime(facts.endedAt);
  const what = `"filters":${filters},"http":{"response":{"bodyBytes":${numberText(facts.bodyBytes)}}},"id":${quoted(facts.id)}`;
  const links = `"links":{"request":${quoted(facts.requestId)}},"nonce":"${toBase64Url(facts.nonce)}"`;
  const whose = `"outcome":${outcome},"provenance":"sdk","region":${quoted(proxy?.region ?? region)}`;
  const without = `"sanitization":${marksText(marks)},"sanitizer":${SANITIZER}`;
  const tenant = `{"clientId":${quoted(clientId)}${after("proxyId", quotedOrNone(proxy?.id))}}`;
  const when = `"time":{"end":"${end}","observed":"${end}"},"timings":{"totalUs":${numberText(facts.totalUs)}}`;
  return toUtf8(
    `{${what},${links},${whose},${without},"tenant":${tenant},${when},"type":"http.stream.end","v":"1.0"}`,
  );
}
