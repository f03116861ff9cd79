/** The naive twin of a call's record: the whole of it as a value. It shares which texts are recorded, not how they are written. */
import { toBase64Url } from "../bytes.js";
import type { CapturedVariable } from "../filter/captured-variables.js";
import { MAX_PATH_TEXT } from "../filter/path-shapes.js";
import type { RecordedReceipt } from "../filter/recorded-receipt.js";
import type { CanonicalRequest } from "../http/canonical-request.js";
import type { CompiledProxy } from "../policy/compile.js";
import type { Decision, MatchedRule, Scope } from "../policy/decision.js";
import { cut } from "../redaction/cut.js";
import type { SanitizationMark } from "../redaction/mark.js";
import { type RecordedHeaders, redactHeaders } from "../redaction/redact-headers.js";
import {
  type Attempt,
  type CallFacts,
  codeOf,
  type HopFacts,
  isCredentialSkipped,
  type Outcome,
  proxyOf,
} from "./call-facts.js";
import type { JsonValue } from "./canonical-json.js";
import { type ConnectionFacts, tlsPart } from "./connection-facts.js";
import { isoTime } from "./iso-time.js";
import { cleanText, recordedPath, recordedText, recordedTexts } from "./recorded-text.js";

/** The record as a JSON value: strings, booleans, whole numbers, lists, objects. Its canonical JSON is what is recorded. */
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

function filtersPart(receipts: readonly RecordedReceipt[], marks: SanitizationMark[]): JsonValue {
  return receipts.map((receipt, index) => {
    const { effect, entityId, filterId, hop, mode, nodes, on, operationId, scope } = receipt;
    const paths = pathsPart(receipt, index, marks);
    return { effect, entityId, filterId, hop, mode, nodes, on, operationId, paths, scope };
  });
}

function outcomePart(outcome: Outcome, marks: SanitizationMark[]): JsonValue {
  const { category, errorType, message, observed, result } = outcome;
  return {
    category,
    errorType: textOf(errorType),
    message: message === undefined ? undefined : recordedText(message, "/outcome/message", marks),
    observed,
    result,
  };
}

function httpPart(facts: CallFacts, proxy: CompiledProxy | undefined, marks: SanitizationMark[]): JsonValue {
  const [{ request, status, earlierAttempts }] = facts.hops;
  const requestHeaders = redactHeaders(
    request.headers,
    "/http/request/headers",
    marks,
    facts.injectedHeaders,
  );
  if (facts.hasRequestBody) marks.push({ action: "drop", class: "pii", pointer: "/http/request/body" });
  const responseHeaders =
    facts.responseHeaders && redactHeaders(facts.responseHeaders, "/http/response/headers", marks);
  if (facts.responseHeaders !== undefined)
    marks.push({ action: "drop", class: "pii", pointer: "/http/response/body" });
  return {
    attempts: attemptsPart(earlierAttempts),
    method: shortText(recordedText(request.method, "/http/method", marks)),
    redirects: facts.hops.slice(1).map((hop, index) => redirectPart(facts, hop, index + 1)),
    request: { headers: headersPart(requestHeaders) },
    response: responseHeaders && {
      bodyBytes: facts.responseBodyBytes,
      headers: headersPart(responseHeaders),
    },
    status: facts.hops.at(-1)?.status ?? status,
    url: urlPart(request, proxy, marks),
  };
}

function headersPart(headers: RecordedHeaders): JsonValue {
  const part: Record<string, string> = {};
  for (let index = 0; index < headers.length; index += 2)
    part[headers[index] ?? ""] = headers[index + 1] ?? "";
  return part;
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

function connectionPart({ address, peer, tls }: ConnectionFacts) {
  return {
    net: { address, peer: peer && { address: peer.address, port: peer.port } },
    tls: tls && tlsPart(tls),
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
  return cut(text, MAX_NAME_CHARACTERS);
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
      ? cut(recordedPath(request.path, "/http/url/path", marks), MAX_PATH_CHARACTERS)
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
