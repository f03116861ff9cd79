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
import { isoTime } from "./iso-time.js";
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

/** The bytes of a record: canonical JSON in UTF-8. What is hashed later is what is stored now. */
export function encodeRecord(facts: CallFacts): Uint8Array {
  const record = httpRecord(facts);
  // All names but those of variables are ours, and in order.
  return toUtf8(facts.variables.length === 0 ? JSON.stringify(record) : canonicalJson(record));
}

/**
 * The record as a JSON value: strings, booleans, whole numbers, lists, objects. Holds no secret and no raw path by default.
 *
 * Members stand in the order of their names, here and in all parts: so {@link canonicalJson} has little to do.
 */
export function httpRecord(facts: CallFacts): JsonValue {
  const [first] = facts.hops;
  const { policy } = facts.compiled;
  const proxy = proxyOf(facts.compiled, first.decision);
  const connection = first.connection && connectionPart(first.connection);
  const marks: SanitizationMark[] = [];
  // In this order, in which their marks stand.
  const http = httpPart(facts, proxy, marks);
  const filters = filtersPart(facts.receipts, marks);
  const vars = varsPart(facts.variables, marks);
  const outcome = outcomePart(facts.outcome, marks);
  const end = isoTime(facts.endedAt);
  return {
    actor: {
      credentialId: facts.proxyCredential,
      ref: facts.actor?.ref,
      type: facts.actor?.type ?? "service",
    },
    filters,
    http,
    id: facts.id,
    net: connection?.net,
    nonce: toBase64Url(facts.nonce),
    outcome,
    policy: policyPart(facts, first.decision, proxy),
    provenance: "sdk",
    region: proxy?.region ?? policy.region,
    sanitization: marks as unknown as JsonValue,
    sanitizer: { profile: "default", version: "1" },
    target: proxy && {
      credentialId: proxy.targetCredential?.id,
      id: proxy.target.id,
      service: textOf(proxy.target.entity.name),
    },
    tenant: { clientId: policy.clientId, proxyId: proxy?.id, proxyName: textOf(proxy?.entity.name) },
    time: { end, observed: end, start: isoTime(facts.startedAt) },
    timings: timingsPart(facts.timings),
    tls: connection?.tls,
    type: "http.request",
    v: "1.0",
    vars,
  };
}

function timingsPart({ policyUs, totalUs, waitUs }: CallFacts["timings"]): JsonValue {
  return { policyUs, totalUs, waitUs };
}

export function filtersPart(receipts: readonly RecordedReceipt[], marks: SanitizationMark[]): JsonValue {
  return receipts.map((receipt, index) => {
    const { effect, entityId, filterId, hop, mode, nodes, on, operationId, scope } = receipt;
    const paths = pathsPart(receipt, index, marks);
    return { effect, entityId, filterId, hop, mode, nodes, on, operationId, paths, scope };
  });
}

export function outcomePart(outcome: Outcome, marks: SanitizationMark[]): JsonValue {
  const { category, errorType, message, observed, result } = outcome;
  return {
    category,
    errorType: textOf(errorType),
    message: message === undefined ? undefined : recordedText(message, "/outcome/message", marks),
    observed,
    result,
  };
}

export function proxyOf(compiled: CompiledPolicy, decision: Decision): CompiledProxy | undefined {
  return decision.proxyId === undefined ? undefined : compiled.proxies.get(decision.proxyId);
}

function httpPart(facts: CallFacts, proxy: CompiledProxy | undefined, marks: SanitizationMark[]): JsonValue {
  const [{ request, status, earlierAttempts }] = facts.hops;
  const requestHeaders = redactHeaders(request.headers, "/http/request/headers", facts.injectedHeaders);
  marks.push(...requestHeaders.marks);
  if (facts.hasRequestBody) marks.push({ action: "drop", class: "pii", pointer: "/http/request/body" });
  const responseHeaders =
    facts.responseHeaders && redactHeaders(facts.responseHeaders, "/http/response/headers");
  marks.push(...(responseHeaders?.marks ?? []));
  if (facts.responseHeaders !== undefined)
    marks.push({ action: "drop", class: "pii", pointer: "/http/response/body" });
  return {
    attempts: attemptsPart(earlierAttempts),
    method: shortText(recordedText(request.method, "/http/method", marks)),
    redirects: facts.hops.slice(1).map((hop, index) => redirectPart(facts, hop, index + 1)),
    request: { headers: requestHeaders.headers },
    response: responseHeaders && { bodyBytes: facts.responseBodyBytes, headers: responseHeaders.headers },
    status: facts.hops.at(-1)?.status ?? status,
    url: urlPart(request, proxy, marks),
  };
}

function redirectPart(facts: CallFacts, hop: HopFacts, index: number): JsonValue {
  const proxy = proxyOf(facts.compiled, hop.decision);
  const connection = hop.connection && connectionPart(hop.connection);
  return {
    attempts: attemptsPart(hop.earlierAttempts),
    code: codeOf(hop.decision),
    decision: hop.decision.effect,
    hop: index,
    method: shortText(recordedText(hop.request.method, "", [])),
    mode: proxy?.entity.mode === "observe" ? "observe" : undefined,
    net: connection?.net,
    proxyId: proxy?.id,
    status: hop.status,
    targetId: proxy?.target.id,
    tls: connection?.tls,
    url: urlPart(hop.request, proxy, []),
  };
}

function attemptsPart(attempts: readonly Attempt[] | undefined): JsonValue | undefined {
  return attempts?.map(({ delayMs, errorType, status }) => ({
    delayUs: Math.round(delayMs * 1000),
    errorType: textOf(errorType),
    status,
  }));
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
  const isRecorded = proxy?.entity.paths.record === "core";
  if (!isRecorded) marks.push({ action: "drop", class: "pii", pointer: "/http/url/path" });
  const count = request.queryPairs.length;
  if (count > 0) marks.push({ action: "drop", class: "pii", count, pointer: "/http/url/query" });
  return {
    host: request.host,
    path: isRecorded
      ? recordedPath(request.path, "/http/url/path", marks).slice(0, MAX_PATH_CHARACTERS)
      : undefined,
    port: request.port,
    queryNames: count === 0 ? undefined : queryNamesPart(request.queryPairs, marks),
    scheme: request.scheme,
    template: proxy === undefined ? undefined : `${proxy.target.baseUrl.path}/{+path}`,
  };
}

/** Distinct once more: what was redacted or cut may have become alike. */
function queryNamesPart(
  pairs: CanonicalRequest["queryPairs"],
  marks: SanitizationMark[],
): readonly string[] | undefined {
  const distinct = new Set(pairs.map(({ name }) => name));
  const names = [...distinct].filter((name) => name.toLowerCase() !== "authorization");
  if (names.length === 0) return undefined;
  const recorded = recordedTexts(names.slice(0, MAX_QUERY_NAMES), "/http/url/queryNames", marks);
  return [...new Set(recorded.map(shortText))].sort();
}

function policyPart(facts: CallFacts, decision: Decision, proxy: CompiledProxy | undefined): JsonValue {
  const last = facts.hops.at(-1)?.decision ?? decision;
  const rules: JsonValue[] = [];
  for (const { scope, matched, observed } of decision.scopes) {
    for (const rule of matched) rules.push(rulePart(scope, rule, undefined));
    for (const rule of observed?.matched ?? []) rules.push(rulePart(scope, rule, "observe"));
  }
  return {
    bundle: { sha256: facts.compiled.hash },
    code: codeOf(last),
    decision: last.effect,
    mode: proxyOf(facts.compiled, last)?.entity.mode ?? "enforce",
    observed: last.observed,
    proxyCredentialSkipped: isCredentialSkipped(facts, proxy) || undefined,
    rules,
    scopes: decision.scopes.map(({ scope, id, effect, ruleId, observed }) => ({
      effect,
      id,
      observed: observed?.effect,
      ruleId,
      scope,
    })),
  };
}

function rulePart(
  scope: Scope,
  { ruleId, effect, priority, unevaluable }: MatchedRule,
  mode: "observe" | undefined,
): JsonValue {
  return { effect, id: ruleId, mode, priority, scope, unevaluable };
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
  if (count > 0) marks.push({ action: "truncate", class: "size", count, pointer: "/filters" });
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
    else marks.push({ action: "drop", class: "pii", pointer: `/vars/${name}` });
  }
  return variables.length === 0 ? undefined : recorded;
}

function textOf(text: string | undefined): string | undefined {
  return text === undefined ? undefined : cleanText(text);
}
