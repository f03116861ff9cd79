/**
 * The record of one guarded call: schema v1.0 (docs/spec/record.md). Written piece by piece, in canonical order; as a
 * value it is made by the twin in `http-record.reference.ts`.
 */
import { type ByteBlocks, ownText, toBase64Url, toUtf8 } from "../bytes.js";
import type { CapturedVariable } from "../filter/captured-variables.js";
import type { CanonicalRequest } from "../http/canonical-request.js";
import type { CompiledPolicy, CompiledProxy } from "../policy/compile.js";
import { cut } from "../redaction/cut.js";
import type { SanitizationMark } from "../redaction/mark.js";
import { type RecordedHeaders, redactHeaders } from "../redaction/redact-headers.js";
import { type Attempt, type CallFacts, codeOf, type HopFacts, proxyOf } from "./call-facts.js";
import { canonicalJson } from "./canonical-json.js";
import { netText, tlsText } from "./connection-facts.js";
import { isoTime } from "./iso-time.js";
import { after, before, listText, numberOrNone, numberText, quoted, quotedOrNone } from "./json-text.js";
import { policyText } from "./policy-part.js";
import { cleanQuoted, filtersText, marksText, outcomeText, SANITIZER } from "./record-parts.js";
import { recordedPath, recordedText, recordedTexts } from "./recorded-text.js";

/**
 * The bytes of a record: canonical JSON in UTF-8. What is hashed later is what is stored now. Holds no secret and no
 * raw path by default.
 *
 * @param blocks - where they are put, as records are many and small. @default a buffer of their own
 */
export function encodeRecord(facts: CallFacts, blocks?: ByteBlocks): Uint8Array {
  const text = recordText(facts);
  return blocks === undefined ? toUtf8(text) : blocks.utf8Of(text);
}

function recordText(facts: CallFacts): string {
  const [first] = facts.hops;
  const proxy = proxyOf(facts.compiled, first.decision);
  const marks: SanitizationMark[] = [];
  // In this order, in which their marks stand.
  const http = httpText(facts, proxy, marks);
  const filters = filtersText(facts.receipts, marks);
  const vars = varsText(facts.variables, marks);
  const outcome = outcomeText(facts.outcome, marks);
  const policy = policyText(facts, first.decision, proxy);
  const { net, tls } = connectionOf(first);
  const owner = ownerOf(facts.compiled, proxy);
  const who = `"actor":${actorText(facts)},"filters":${filters},"http":${http},"id":${quoted(facts.id)}`;
  const how = `${after("net", net)},"nonce":"${toBase64Url(facts.nonce)}","outcome":${outcome},"policy":${policy}`;
  const whose = `${owner.region},"sanitization":${marksText(marks)},${owner.ids}`;
  const when = `"time":${timeText(facts)},"timings":${timingsText(facts.timings)}${after("tls", tls)}`;
  return `{${who}${how},"provenance":"sdk",${whose},${when},"type":"http.request","v":"1.0"${after("vars", vars)}}`;
}

function actorText({ actor, proxyCredential }: CallFacts): string {
  const { ref, type = "service" } = actor ?? {};
  return `{${before("credentialId", quotedOrNone(proxyCredential))}${before("ref", quotedOrNone(ref))}"type":"${type}"}`;
}

function timeText({ startedAt, endedAt }: CallFacts): string {
  const end = isoTime(endedAt);
  return `{"end":"${end}","observed":"${end}","start":"${isoTime(startedAt)}"}`;
}

function timingsText({ policyUs, totalUs, waitUs }: CallFacts["timings"]): string {
  const wait = after("waitUs", numberOrNone(waitUs));
  return `{"policyUs":${numberText(policyUs)},"totalUs":${numberText(totalUs)}${wait}}`;
}

/** What every record of a proxy says alike. */
interface OwnerTexts {
  readonly region: string;
  readonly ids: string;
}

const ownersOf = new WeakMap<CompiledPolicy, Map<CompiledProxy | undefined, OwnerTexts>>();

function ownerOf(compiled: CompiledPolicy, proxy: CompiledProxy | undefined): OwnerTexts {
  const owners = ownersOf.get(compiled) ?? new Map<CompiledProxy | undefined, OwnerTexts>();
  const known = owners.get(proxy);
  if (known !== undefined) return known;
  const owner = ownerTexts(compiled, proxy);
  ownersOf.set(compiled, owners.set(proxy, owner));
  return owner;
}

function ownerTexts({ policy }: CompiledPolicy, proxy: CompiledProxy | undefined): OwnerTexts {
  const proxyId = after("proxyId", quotedOrNone(proxy?.id));
  const proxyName = after("proxyName", cleanQuoted(proxy?.entity.name));
  const tenant = `{"clientId":${quoted(policy.clientId)}${proxyId}${proxyName}}`;
  const target = after("target", proxy && targetText(proxy));
  return {
    region: ownText(`"region":${quoted(proxy?.region ?? policy.region)}`),
    ids: ownText(`"sanitizer":${SANITIZER}${target},"tenant":${tenant}`),
  };
}

function targetText({ target, targetCredential }: CompiledProxy): string {
  const credential = before("credentialId", quotedOrNone(targetCredential?.id));
  return `{${credential}"id":${quoted(target.id)}${after("service", cleanQuoted(target.entity.name))}}`;
}

function connectionOf({ connection }: HopFacts): { net: string | undefined; tls: string | undefined } {
  return connection === undefined
    ? { net: undefined, tls: undefined }
    : { net: netText(connection), tls: connection.tls && tlsText(connection.tls) };
}

function httpText(facts: CallFacts, proxy: CompiledProxy | undefined, marks: SanitizationMark[]): string {
  const [{ request, status, earlierAttempts }] = facts.hops;
  const requestHeaders = redactHeaders(
    request.headers,
    "/http/request/headers",
    marks,
    facts.injectedHeaders,
  );
  if (facts.hasRequestBody) marks.push(NO_REQUEST_BODY);
  const response = responseText(facts, marks);
  const method = methodText(request.method, marks);
  const attempts = before("attempts", earlierAttempts && listText(earlierAttempts, attemptText));
  const redirects = redirectsText(facts);
  const answer = `${before("response", response)}${before("status", numberOrNone(facts.hops.at(-1)?.status ?? status))}`;
  const sent = `"request":{"headers":${headersText(requestHeaders)}}`;
  const url = urlText(request, proxy, marks);
  return `{${attempts}"method":${method},"redirects":${redirects},${sent},${answer}"url":${url}}`;
}

const NO_REQUEST_BODY: SanitizationMark = { action: "drop", class: "pii", pointer: "/http/request/body" };
const NO_RESPONSE_BODY: SanitizationMark = { action: "drop", class: "pii", pointer: "/http/response/body" };
const NO_PATH: SanitizationMark = { action: "drop", class: "pii", pointer: "/http/url/path" };

function responseText(
  { responseHeaders, responseBodyBytes }: CallFacts,
  marks: SanitizationMark[],
): string | undefined {
  if (responseHeaders === undefined) return undefined;
  const headers = headersText(redactHeaders(responseHeaders, "/http/response/headers", marks));
  marks.push(NO_RESPONSE_BODY);
  return `{${before("bodyBytes", numberOrNone(responseBodyBytes))}"headers":${headers}}`;
}

function headersText(headers: RecordedHeaders): string {
  let text = "";
  for (let index = 0; index < headers.length; index += 2)
    text += `${index === 0 ? "" : ","}"${headers[index]}":${quoted(headers[index + 1] as string)}`;
  return `{${text}}`;
}

function redirectsText(facts: CallFacts): string {
  return facts.hops.length === 1
    ? "[]"
    : listText(facts.hops.slice(1), (hop, index) => redirectText(facts, hop, index + 1));
}

function redirectText(facts: CallFacts, hop: HopFacts, index: number): string {
  const proxy = proxyOf(facts.compiled, hop.decision);
  const { net, tls } = connectionOf(hop);
  const attempts = before("attempts", hop.earlierAttempts && listText(hop.earlierAttempts, attemptText));
  const code = before("code", quotedOrNone(codeOf(hop.decision)));
  const mode = after("mode", proxy?.entity.mode === "observe" ? '"observe"' : undefined);
  const decided = `${attempts}${code}"decision":"${hop.decision.effect}","hop":${index}`;
  const sent = `,"method":${methodText(hop.request.method, [])}${mode}${after("net", net)}`;
  const answered = `${after("proxyId", quotedOrNone(proxy?.id))}${after("status", numberOrNone(hop.status))}`;
  const to = `${after("targetId", quotedOrNone(proxy?.target.id))}${after("tls", tls)}`;
  return `{${decided}${sent}${answered}${to},"url":${urlText(hop.request, proxy, [])}}`;
}

function attemptText({ delayMs, errorType, status }: Attempt): string {
  const failed = after("errorType", cleanQuoted(errorType));
  return `{"delayUs":${numberText(Math.round(delayMs * 1000))}${failed}${after("status", numberOrNone(status))}}`;
}

/** A record is of bounded size whatever the URL: what is longer is cut. */
const MAX_PATH_CHARACTERS = 2048;
const MAX_QUERY_NAMES = 64;
const MAX_NAME_CHARACTERS = 128;

function methodText(method: string, marks: SanitizationMark[]): string {
  return quoted(shortText(recordedText(method, "/http/method", marks)));
}

function shortText(text: string): string {
  return cut(text, MAX_NAME_CHARACTERS);
}

/** The template comes from the policy: a raw path may name a person. */
function urlText(
  request: CanonicalRequest,
  proxy: CompiledProxy | undefined,
  marks: SanitizationMark[],
): string {
  const isRecorded = proxy?.entity.paths.record === "core";
  if (!isRecorded) marks.push(NO_PATH);
  const count = request.queryPairs.length;
  if (count > 0) marks.push({ action: "drop", class: "pii", count, pointer: "/http/url/query" });
  const path = isRecorded
    ? quoted(cut(recordedPath(request.path, "/http/url/path", marks), MAX_PATH_CHARACTERS))
    : undefined;
  const names = count === 0 ? undefined : queryNamesText(request.queryPairs, marks);
  const { beforePath, beforeNames, afterNames } = originText(request, proxy);
  return `${beforePath}${after("path", path)}${beforeNames}${after("queryNames", names)}${afterNames}`;
}

/** What surrounds the parts of a URL that differ from call to call. */
interface OriginText {
  readonly host: string;
  readonly port: number | undefined;
  readonly scheme: string;
  /** Of the target; `undefined` without one. */
  readonly basePath: string | undefined;
  readonly beforePath: string;
  readonly beforeNames: string;
  readonly afterNames: string;
}

/** Of the call before: the next one often goes to the same place. Nothing in it is a part of that call's URL. */
let lastOrigin: OriginText | undefined;

function originText({ host, port, scheme }: CanonicalRequest, proxy: CompiledProxy | undefined): OriginText {
  const basePath = proxy?.target.baseUrl.path;
  const isKnown =
    lastOrigin?.basePath === basePath &&
    lastOrigin?.host === host &&
    lastOrigin.port === port &&
    lastOrigin.scheme === scheme;
  return isKnown ? (lastOrigin as OriginText) : newOrigin(host, port, scheme, basePath);
}

function newOrigin(
  host: string,
  port: number | undefined,
  scheme: string,
  basePath: string | undefined,
): OriginText {
  const template = after("template", basePath === undefined ? undefined : quoted(`${basePath}/{+path}`));
  lastOrigin = {
    host: ownText(host),
    port,
    scheme: ownText(scheme),
    basePath,
    beforePath: ownText(`{"host":${quoted(host)}`),
    beforeNames: after("port", numberOrNone(port)),
    afterNames: ownText(`,"scheme":${quoted(scheme)}${template}}`),
  };
  return lastOrigin;
}

/** Distinct once more: what was redacted or cut may have become alike. */
function queryNamesText(
  pairs: CanonicalRequest["queryPairs"],
  marks: SanitizationMark[],
): string | undefined {
  const distinct = new Set(pairs.map(({ name }) => name));
  const names = [...distinct].filter((name) => name.toLowerCase() !== "authorization");
  if (names.length === 0) return undefined;
  const recorded = recordedTexts(names.slice(0, MAX_QUERY_NAMES), "/http/url/queryNames", marks);
  return listText([...new Set(recorded.map(shortText))].sort(), quoted);
}

function varsText(variables: readonly CapturedVariable[], marks: SanitizationMark[]): string | undefined {
  if (variables.length === 0) return undefined;
  // Without a prototype: `__proto__` is a name like any other.
  const recorded: Record<string, string | null> = Object.create(null);
  for (const { name, value, isRecorded } of variables) {
    if (isRecorded) recorded[name] = value === undefined ? null : recordedText(value, `/vars/${name}`, marks);
    else marks.push({ action: "drop", class: "pii", pointer: `/vars/${name}` });
  }
  return canonicalJson(recorded);
}
