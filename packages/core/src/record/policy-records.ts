/** The records of what becomes of a policy in a running process: schema v1.0 (docs/spec/record.md, "Policy changes"). */
import { toBase64Url, toUtf8 } from "../bytes.js";
import type { ErrorCode, PolicyIssue } from "../errors.js";
import type { CompiledPolicy } from "../policy/compile.js";
import { cut } from "../redaction/cut.js";
import type { SanitizationMark } from "../redaction/mark.js";
import { canonicalJson, type JsonValue } from "./canonical-json.js";
import { isoTime } from "./iso-time.js";
import { recordedText } from "./recorded-text.js";

interface PolicyFacts {
  /** UUIDv7. */
  readonly id: string;
  /** 16 random bytes. */
  readonly nonce: Uint8Array;
  /** The policy that is in force from now on. */
  readonly compiled: CompiledPolicy;
  /** Epoch ms. */
  readonly observedAt: number;
}

export interface PolicyChangedFacts extends PolicyFacts {
  /** Hash of the policy that was in force until now. */
  readonly previousHash: string;
}

export interface ReloadFailedFacts extends PolicyFacts {
  /** Epoch ms of the first attempt that failed since one succeeded. */
  readonly failingSince: number;
  readonly errorType: ErrorCode;
  /** At least one. */
  readonly issues: readonly PolicyIssue[];
}

/** The bytes of a `policy.changed` record: canonical JSON in UTF-8. */
export function encodePolicyChanged(facts: PolicyChangedFacts): Uint8Array {
  return encode("policy.changed", facts, {
    time: { observed: isoTime(facts.observedAt) },
    policy: { bundle: { sha256: facts.compiled.hash }, previous: { sha256: facts.previousHash } },
    outcome: { result: "success" },
    sanitization: [],
  });
}

/** The bytes of a `policy.reload_failed` record: canonical JSON in UTF-8. */
export function encodeReloadFailed(facts: ReloadFailedFacts): Uint8Array {
  const marks: SanitizationMark[] = [];
  const issues = facts.issues.slice(0, MAX_ISSUES).map(({ pointer, message, kind, line, column }, index) => ({
    pointer: shortText(pointer, `/policy/issues/${index}/pointer`, marks),
    message: shortText(message, `/policy/issues/${index}/message`, marks),
    kind,
    ...(line === undefined ? {} : { line }),
    ...(column === undefined ? {} : { column }),
  }));
  return encode("policy.reload_failed", facts, {
    time: { start: isoTime(facts.failingSince), observed: isoTime(facts.observedAt) },
    policy: { bundle: { sha256: facts.compiled.hash }, issues, issueCount: facts.issues.length },
    outcome: { result: "failure", errorType: facts.errorType },
    sanitization: marks as unknown as JsonValue,
  });
}

/** A record is of bounded size, however much is wrong with a document. */
const MAX_ISSUES = 20;
const MAX_TEXT_CHARACTERS = 512;

/** Names of unknown fields are whatever somebody wrote there. */
function shortText(text: string, pointer: string, marks: SanitizationMark[]): string {
  return cut(recordedText(text, pointer, marks), MAX_TEXT_CHARACTERS);
}

function encode(
  type: string,
  { id, nonce, compiled }: PolicyFacts,
  more: { readonly [name: string]: JsonValue },
): Uint8Array {
  const { clientId, region } = compiled.policy;
  return toUtf8(
    canonicalJson({
      v: "1.0",
      id,
      type,
      nonce: toBase64Url(nonce),
      region,
      provenance: "sdk",
      tenant: { clientId },
      ...more,
      sanitizer: { profile: "default", version: "1" },
    }),
  );
}
