/** Where a redirect leads and what goes along (docs/spec/transport.md, "Redirects"; Fetch standard, HTTP-redirect fetch). */
import type { CanonicalRequest } from "@sallyport/core";
import { headersOf } from "./response/light-response.js";

/** As many redirects as the Fetch standard follows. */
export const MAX_REDIRECTS = 20;

const REDIRECT_STATUSES = new Set([301, 302, 303, 307, 308]);

export function isRedirect(response: Response): boolean {
  return REDIRECT_STATUSES.has(response.status) && headersOf(response).has("location");
}

export type NextHop =
  | {
      readonly kind: "follow";
      readonly url: URL;
      readonly method: string;
      /** Whether the body is dropped, as it is when the method becomes GET. */
      readonly dropsBody: boolean;
      readonly isCrossOrigin: boolean;
    }
  | { readonly kind: "denied"; readonly url: URL; readonly reason: string }
  | { readonly kind: "invalid" };

/** Headers that describe a body, dropped with it. */
export const BODY_HEADERS = [
  "content-encoding",
  "content-language",
  "content-length",
  "content-location",
  "content-type",
];

/** Headers that never cross from one origin to another. */
export const ORIGIN_BOUND_HEADERS = ["authorization", "cookie", "proxy-authorization"];

/**
 * Reads a redirect.
 *
 * @param from - the request that was answered with it
 * @param body - what that request carried
 */
export function nextHop(
  from: CanonicalRequest,
  response: Response,
  body: "none" | "bytes" | "stream",
): NextHop {
  const url = parse(headersOf(response).get("location") ?? "", from.url);
  if (url === undefined) return { kind: "invalid" };
  if (from.scheme === "https" && url.protocol === "http:") {
    return { kind: "denied", url, reason: "a redirect from `https:` to `http:` is not followed" };
  }
  const isCrossOrigin = url.origin !== new URL(from.url).origin;
  const becomesGet = isRewrittenToGet(response.status, from.method);
  const sendsBody = body !== "none" && !becomesGet;
  if (sendsBody && isCrossOrigin) {
    return { kind: "denied", url, reason: "a redirect to another origin would send the request body there" };
  }
  if (sendsBody && body === "stream") {
    return { kind: "denied", url, reason: "a redirect needs the request body again, and it was a stream" };
  }
  return {
    kind: "follow",
    url,
    method: becomesGet ? "GET" : from.method,
    dropsBody: becomesGet,
    isCrossOrigin,
  };
}

function isRewrittenToGet(status: number, method: string): boolean {
  if (status === 303) return method !== "GET" && method !== "HEAD";
  return (status === 301 || status === 302) && method === "POST";
}

/** Headers come as one character a byte; `fetch` reads a location as UTF-8 (Fetch standard, "location URL"). */
function utf8Of(location: string): string {
  if (!/[\x80-\xff]/.test(location)) return location;
  return new TextDecoder().decode(Uint8Array.from(location, (character) => character.charCodeAt(0)));
}

function parse(location: string, base: string): URL | undefined {
  try {
    return new URL(utf8Of(location), base);
  } catch {
    return undefined;
  }
}
