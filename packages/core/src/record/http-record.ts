/** The record of one guarded call: schema v1.0 (docs/spec/record.md). */
import { toBase64Url, toUtf8 } from "../bytes.js";
import type { CapturedVariable } from "../filter/captured-variables.js";
import { MAX_PATH_TEXT } from "../filter/path-shapes.js";
import type { RecordedReceipt } from "../filter/recorded-receipt.js";
import type { CanonicalRequest } from "../http/canonical-request.js";
import type { CompiledPolicy, CompiledProxy } from "../policy/compile.js";
import type { Decision, MatchedRule, ReasonCode, Scope } from "../policy/decision.js";
import type { SanitizationMark } from "../redaction/mark.js";
import { redactHeaders } from "../redaction/redact-headers.js";
import { canonicalJson, type JsonValue } from "./canonical-json.js";
import { type ConnectionFacts, connectionPart } from "./connection-facts.js";
import { cleanText, recordedPath, recordedText, recordedTexts } from "./recorded-text.js";

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

/** One hop: the first request, or a redirect that was followed. */
export interface HopFacts {
  readonly request: CanonicalRequest;
  readonly decision: Decision;
  /** Absent when no response came. */
  readonly status?: number;
  /** What it went over; absent when no answer came, or the transport did not tell. */
  readonly connection?: ConnectionFacts;
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
  readonly actor?: { readonly type: "user" | "service" | "system"; readonly ref?: string };
  readonly proxyCredential?: string;
  /** Lower-case names of headers that the guard set. */
  readonly injectedHeaders: ReadonlySet<string>;
  readonly hasRequestBody: boolean;
  readonly responseHeaders?: ReadonlyMap<string, string>;
  /** Bytes handed to the caller, where the guard saw them all. */
  readonly responseBodyBytes?: number;
  readonly receipts: readonly RecordedReceipt[];
  readonly variables: readonly CapturedVariable[];
  readonly outcome: Outcome;
  /** Epoch ms. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** Monotonic, in microseconds. */
  readonly timings: { readonly policyUs: number; readonly waitUs?: number; readonly totalUs: number };
}

/** The bytes of a record: canonical JSON in UTF-8. What is hashed later is what is stored now. */
export function encodeRecord(facts: CallFacts): Uint8Array {
  return toUtf8(canonicalJson(httpRecord(facts)));
}

/** The record as a JSON value: strings, booleans, whole numbers, lists, objects. Holds no secret and no raw path by default. */
export function httpRecord(facts: CallFacts): JsonValue {
  const [first] = facts.hops;
  const proxy = proxyOf(facts.compiled, first.decision);
  const marks: SanitizationMark[] = [];
  return {
    v: "1.0",
    id: facts.id,
    type: "http.request",
    nonce: toBase64Url(facts.nonce),
    region: proxy?.region ?? facts.compiled.policy.region,
    provenance: "sdk",
    tenant: {
      clientId: facts.compiled.policy.clientId,
      proxyId: proxy?.id,
      proxyName: textOf(proxy?.entity.name),
    },
    actor: {
      type: facts.actor?.type ?? "service",
      ref: facts.actor?.ref,
      credentialId: facts.proxyCredential,
    },
    target: proxy && {
      id: proxy.target.id,
      service: textOf(proxy.target.entity.name),
      credentialId: proxy.targetCredential?.id,
    },
    time: { start: isoTime(facts.startedAt), end: isoTime(facts.endedAt), observed: isoTime(facts.endedAt) },
    http: httpPart(facts, proxy, marks),
    ...(first.connection && connectionPart(first.connection)),
    policy: policyPart(facts, first.decision, proxy),
    filters: filtersPart(facts.receipts, marks),
    vars: varsPart(facts.variables, marks),
    outcome: outcomePart(facts.outcome, marks),
    timings: facts.timings,
    sanitizer: { profile: "default", version: "1" },
    sanitization: marks as unknown as JsonValue,
  };
}

/** RFC 3339 in UTC, always three digits of milliseconds. */
export function isoTime(epochMs: number): string {
  return new Date(epochMs).toISOString();
}

export function filtersPart(receipts: readonly RecordedReceipt[], marks: SanitizationMark[]): JsonValue {
  return receipts.map((receipt, index) => ({ ...receipt, paths: pathsPart(receipt, index, marks) }));
}

export function outcomePart(outcome: Outcome, marks: SanitizationMark[]): JsonValue {
  const { message, errorType } = outcome;
  return {
    ...outcome,
    message: message === undefined ? undefined : recordedText(message, "/outcome/message", marks),
    errorType: textOf(errorType),
  };
}

export function proxyOf(compiled: CompiledPolicy, decision: Decision): CompiledProxy | undefined {
  return decision.proxyId === undefined ? undefined : compiled.proxies.get(decision.proxyId);
}

function httpPart(facts: CallFacts, proxy: CompiledProxy | undefined, marks: SanitizationMark[]): JsonValue {
  const [{ request, status }] = facts.hops;
  const requestHeaders = redactHeaders(request.headers, "/http/request/headers", facts.injectedHeaders);
  marks.push(...requestHeaders.marks);
  if (facts.hasRequestBody) marks.push({ pointer: "/http/request/body", action: "drop", class: "pii" });
  const responseHeaders =
    facts.responseHeaders && redactHeaders(facts.responseHeaders, "/http/response/headers");
  marks.push(...(responseHeaders?.marks ?? []));
  if (facts.responseHeaders !== undefined)
    marks.push({ pointer: "/http/response/body", action: "drop", class: "pii" });
  return {
    method: shortText(recordedText(request.method, "/http/method", marks)),
    url: urlPart(request, proxy, marks),
    status: facts.hops.at(-1)?.status ?? status,
    request: { headers: requestHeaders.headers },
    response: responseHeaders && { headers: responseHeaders.headers, bodyBytes: facts.responseBodyBytes },
    redirects: facts.hops.slice(1).map((hop, index) => redirectPart(facts, hop, index + 1)),
  };
}

function redirectPart(facts: CallFacts, hop: HopFacts, index: number): JsonValue {
  const proxy = proxyOf(facts.compiled, hop.decision);
  return {
    hop: index,
    method: shortText(recordedText(hop.request.method, "", [])),
    url: urlPart(hop.request, proxy, []),
    proxyId: proxy?.id,
    targetId: proxy?.target.id,
    decision: hop.decision.effect,
    mode: proxy?.entity.mode === "observe" ? "observe" : undefined,
    code: codeOf(hop.decision),
    status: hop.status,
    ...(hop.connection && connectionPart(hop.connection)),
  };
}

/** A record is of bounded size whatever the URL: what is longer is cut. */
const MAX_PATH_CHARACTERS = 2048;
const MAX_QUERY_NAMES = 64;
const MAX_NAME_CHARACTERS = 128;

function shortText(text: string): string {
  return text.slice(0, MAX_NAME_CHARACTERS);
}

/** The template comes from the policy: a raw path may name a person. */
function urlPart(
  request: CanonicalRequest,
  proxy: CompiledProxy | undefined,
  marks: SanitizationMark[],
): JsonValue {
  const names = [...new Set(request.queryPairs.map(({ name }) => name))].filter(
    (name) => name.toLowerCase() !== "authorization",
  );
  const isRecorded = proxy?.entity.paths.record === "core";
  if (!isRecorded) marks.push({ pointer: "/http/url/path", action: "drop", class: "pii" });
  if (request.queryPairs.length > 0) {
    marks.push({
      pointer: "/http/url/query",
      action: "drop",
      class: "pii",
      count: request.queryPairs.length,
    });
  }
  return {
    scheme: request.scheme,
    host: request.host,
    port: request.port,
    template: proxy === undefined ? undefined : `${proxy.target.baseUrl.path}/{+path}`,
    path: isRecorded
      ? recordedPath(request.path, "/http/url/path", marks).slice(0, MAX_PATH_CHARACTERS)
      : undefined,
    queryNames: names.length === 0 ? undefined : queryNamesPart(names, marks),
  };
}

/** Distinct once more: what was redacted or cut may have become alike. */
function queryNamesPart(names: readonly string[], marks: SanitizationMark[]): readonly string[] {
  const recorded = recordedTexts(names.slice(0, MAX_QUERY_NAMES), "/http/url/queryNames", marks);
  return [...new Set(recorded.map(shortText))].sort();
}

function policyPart(facts: CallFacts, decision: Decision, proxy: CompiledProxy | undefined): JsonValue {
  const last = facts.hops.at(-1)?.decision ?? decision;
  return {
    decision: last.effect,
    mode: proxyOf(facts.compiled, last)?.entity.mode ?? "enforce",
    code: codeOf(last),
    observed: last.observed,
    bundle: { sha256: facts.compiled.hash },
    proxyCredentialSkipped: isCredentialSkipped(facts, proxy) || undefined,
    scopes: decision.scopes.map(({ scope, id, effect, ruleId, observed }) => ({
      ...{ scope, id, effect, ruleId },
      observed: observed?.effect,
    })),
    rules: decision.scopes.flatMap(({ scope, matched, observed }) => [
      ...matched.map((rule) => rulePart(scope, rule)),
      ...(observed?.matched ?? []).map((rule) => ({ ...rulePart(scope, rule), mode: "observe" })),
    ]),
  };
}

function rulePart(scope: Scope, { ruleId, effect, priority, unevaluable }: MatchedRule) {
  return { scope, id: ruleId, effect, priority, unevaluable };
}

function codeOf(decision: Decision): ReasonCode | undefined {
  return decision.effect === "deny" ? decision.code : undefined;
}

function isCredentialSkipped(facts: CallFacts, proxy: CompiledProxy | undefined): boolean {
  return (
    facts.proxyCredential === undefined &&
    proxy !== undefined &&
    proxy.proxyCredentials.size > 0 &&
    proxy.entity.inProcess !== undefined
  );
}

/** Keys are data: a document may have an address for a name, and names as long as it likes. */
function pathsPart({ paths }: RecordedReceipt, index: number, marks: SanitizationMark[]): readonly string[] {
  const count = paths.filter((path) => path.length >= MAX_PATH_TEXT).length;
  if (count > 0) marks.push({ pointer: "/filters", action: "truncate", class: "size", count });
  return recordedTexts(paths.map(unlessCut), `/filters/${index}/paths`, marks);
}

/** Of a path that was cut only the root is told: no detector knows half of what it looks for. */
function unlessCut(path: string): string {
  return path.length < MAX_PATH_TEXT ? path : "$";
}

function varsPart(variables: readonly CapturedVariable[], marks: SanitizationMark[]): JsonValue | undefined {
  // Without a prototype: `__proto__` is a name like any other.
  const recorded: Record<string, string | null> = Object.create(null);
  for (const { name, value, isRecorded } of variables) {
    if (isRecorded) recorded[name] = value === undefined ? null : recordedText(value, `/vars/${name}`, marks);
    else marks.push({ pointer: `/vars/${name}`, action: "drop", class: "pii" });
  }
  return variables.length === 0 ? undefined : recorded;
}

function textOf(text: string | undefined): string | undefined {
  return text === undefined ? undefined : cleanText(text);
}
