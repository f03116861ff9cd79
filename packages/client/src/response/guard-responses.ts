/** Responses that the guard makes itself. */
import type { Denied } from "@sallyport/core";
import { HeaderList } from "../headers/header-list.js";
import { lightHeaders } from "../headers/light-headers.js";
import { lightResponse, type ResponseHead } from "./light-response.js";

/** What a caller of `fetch` sees of where a response came from. */
export interface ResponseOrigin {
  readonly url: string;
  readonly redirected: boolean;
}

/** Headers that describe the bytes of a body, and are wrong once it was rewritten. */
const FRAMING_HEADERS: ReadonlySet<string> = new Set([
  "accept-ranges",
  "content-digest",
  "content-encoding",
  "content-length",
  "content-md5",
  "content-range",
  "digest",
  "etag",
  "repr-digest",
  "trailer",
  "transfer-encoding",
]);

/** The upstream's response with what the filters leave of its body. */
export function filteredResponse(
  upstream: ResponseHead,
  body: Uint8Array | ReadableStream<Uint8Array>,
  origin: ResponseOrigin,
): Response {
  return build(upstream.status, body, unframed(upstream.headers), upstream.statusText, origin);
}

/** The upstream's response around a body of which a part was read. */
export function resumedResponse(
  upstream: ResponseHead,
  body: Uint8Array | ReadableStream<Uint8Array> | null,
  origin: ResponseOrigin,
): Response {
  return build(upstream.status, body, withoutOwnHeaders(upstream.headers), upstream.statusText, origin);
}

/** A response in place of one whose body must not reach the caller: 422 for a success, else the status kept. */
export function withheldResponse(upstream: ResponseHead, reason: string, origin: ResponseOrigin): Response {
  const isSuccess = upstream.status >= 200 && upstream.status <= 299;
  const status = isSuccess ? 422 : upstream.status;
  const headers = unframed(upstream.headers);
  const title = "Response withheld";
  return problem({ status, code: "response-withheld", title, detail: reason }, headers, origin);
}

/** The answer to a denied call under `onDeny: "respond"`. */
export function deniedResponse(decision: Denied): Response {
  const { code, ruleId, scope, hop, reason } = decision;
  return problem(
    {
      status: 403,
      code: "denied",
      title: "Request denied",
      detail: reason,
      reasonCode: code,
      ruleId,
      scope,
      hop,
    },
    new HeaderList(),
    { url: "", redirected: false },
  );
}

/** A response that `fetch` would have given the same URL: `redirect: "manual"` hides the redirects that were followed. */
export function withOrigin(response: Response, { url, redirected }: ResponseOrigin): Response {
  const clone = response.clone.bind(response);
  return Object.defineProperties(response, {
    url: { value: url, configurable: true },
    redirected: { value: redirected, configurable: true },
    type: { value: "basic", configurable: true },
    clone: { value: () => withOrigin(clone(), { url, redirected }), configurable: true, writable: true },
  });
}

interface Problem {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  /** Also the `sallyport-code` header. */
  readonly code: string;
  readonly [member: string]: string | number | undefined;
}

/** A problem document (RFC 9457). Holds nothing of the request or the upstream's body. */
function problem(
  { status, title, detail, code, ...members }: Problem,
  headers: HeaderList,
  origin: ResponseOrigin,
): Response {
  // Octokit shows a body with a charset as it is, and of this type without one nothing.
  headers.set("content-type", "application/problem+json; charset=utf-8");
  headers.set("sallyport-code", code);
  headers.set("sallyport-message", detail.replace(/[^\x20-\x7e]/g, "?"));
  // SDKs look for an error of their own API's shape: without one, some take this body for a result.
  const error = { type: code, code, message: detail };
  const document = { type: "about:blank", title, status, detail, code, ...members, message: detail, error };
  return build(status, new TextEncoder().encode(JSON.stringify(document)), headers, "", origin);
}

function build(
  status: number,
  body: Uint8Array | ReadableStream<Uint8Array> | null,
  headers: HeaderList,
  statusText: string,
  origin: ResponseOrigin,
): Response {
  // An upstream can send a status or status text that no `Response` can hold.
  const isValid = status >= 200 && status <= 599;
  const text = /^[\t\x20-\x7e\x80-\xff]*$/.test(statusText) ? statusText : "";
  const head = {
    status: isValid ? status : 502,
    statusText: isValid ? text : "",
    headers,
    url: origin.url,
    redirected: origin.redirected,
  };
  if (!(body instanceof ReadableStream)) return lightResponse(head, body ?? undefined);
  const init = { status: head.status, statusText: head.statusText, headers: lightHeaders(headers) };
  return withOrigin(new Response(body, init), origin);
}

function unframed(headers: HeaderList): HeaderList {
  const copy = headers.copy();
  copy.deleteAll((name) => FRAMING_HEADERS.has(name) || isOwnHeader(name));
  return copy;
}

/** Only the guard speaks under these names. */
function withoutOwnHeaders(headers: HeaderList): HeaderList {
  const copy = headers.copy();
  copy.deleteAll(isOwnHeader);
  return copy;
}

function isOwnHeader(name: string): boolean {
  return name.startsWith("sallyport-");
}

/** Whether an upstream answers in the guard's name. */
export function posesAsGuard(headers: HeaderList): boolean {
  return headers.flat.some((text, index) => index % 2 === 0 && isOwnHeader(text));
}
