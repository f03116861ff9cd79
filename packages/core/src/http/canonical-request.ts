/**
 * The canonical form of a request: what is decided on, and then sent byte for byte.
 *
 * Built once per hop; nothing later looks at what the caller passed (docs/spec/policy.md, "Canonical request").
 */
import { canonicalPath } from "./canonical-path.js";
import { type QueryPair, type RawPair, splitQuery } from "./form-query.js";
import { isGuardHeader } from "./guard-headers.js";
import { canonicalMethod, isMethodToken, isRefusedMethod } from "./method.js";
import { parsedUrl } from "./parsed-url.js";

export interface CanonicalRequest {
  readonly method: string;
  /** Absolute URL without credentials and fragment. A fixed point of URL parsing: sending it changes nothing. */
  readonly url: string;
  /** `https://host[:port]`, the default port left out. */
  readonly origin: string;
  /** `http` or `https`; any other one stands with a `refusal`. */
  readonly scheme: string;
  /** Lower case, ASCII, without port and trailing dot; an IPv6 address in brackets. */
  readonly host: string;
  /** Absent for the scheme's own. */
  readonly port: number | undefined;
  /** The whole path, starting with `/`. */
  readonly path: string;
  /** `path` with everything decoded and slashes collapsed: deny rules are tested on it too where ambiguity is allowed. */
  readonly decodedPath: string;
  /** Raw query without `?`; empty when there is none. */
  readonly query: string;
  /** The query's pairs, decoded, repeats kept. */
  readonly queryPairs: readonly QueryPair[];
  /** Lower-case names; repeated headers joined with `, ` as they are sent. None that is the guard's own. */
  readonly headers: ReadonlyMap<string, string>;
  /** Why the path can be read in more than one way; empty for nearly all requests. A proxy may allow it. */
  readonly ambiguities: readonly string[];
  /** Names of headers and parameters that ask a server to act on another method or path. */
  readonly overrides: readonly string[];
  /** Why the request can never be sent, whatever the policy says. */
  readonly refusal: string | undefined;
}

export interface RequestDescription {
  /** A string is inspected before it is parsed, because parsing hides backslashes and encoded dots. */
  readonly url: string | URL;
  /** @default "GET" */
  readonly method?: string;
  readonly headers?: Iterable<readonly [string, string]>;
}

/**
 * Brings a request into canonical form. Never throws on data: what is wrong with it stands in `refusal` and
 * `ambiguities`, and {@link decide} denies it.
 *
 * @returns `undefined` when the URL cannot be parsed as an absolute URL at all
 */
export function canonicalRequest(description: RequestDescription): CanonicalRequest | undefined {
  const url = parsedUrl(description.url);
  if (url === undefined) return undefined;
  const { hasCredentials } = url;
  const isWeb = url.protocol === "http:" || url.protocol === "https:";
  const host = url.hostname.replace(/\.$/, "");
  const origin = `${url.protocol}//${host}${url.port === "" ? "" : `:${url.port}`}`;
  const canonical = canonicalPath(url.pathname);
  const query = url.search.slice(1);
  const pairs = splitQuery(query);
  const headers = joinHeaders(description.headers ?? []);
  const method = description.method ?? "GET";
  const sent = `${origin}${canonical.path}${url.search}`;
  // What every decision looks at stands first and together, so that it shares lines of the processor's cache.
  return {
    origin,
    path: canonical.path,
    method: canonicalMethod(method),
    headers,
    refusal: refusalOf({ method, hasCredentials, isWeb, host, href: url.href, sent, pairs }),
    ambiguities: both(rawAmbiguities(description.url), canonical.ambiguities),
    overrides: sharedIfEmpty(overridesIn(headers, pairs)),
    decodedPath: canonical.decoded,
    host,
    queryPairs:
      pairs.length === 0 ? NO_PAIRS : pairs.flatMap(({ pair }) => (pair === undefined ? [] : [pair])),
    query,
    url: sent,
    scheme: url.protocol.slice(0, -1),
    port: url.port === "" ? undefined : Number(url.port),
  };
}

/** Nearly every request has none, and one list for all of them is at hand when the next is decided. */
function sharedIfEmpty(list: readonly string[]): readonly string[] {
  return list.length === 0 ? NONE : list;
}

const NONE: readonly string[] = Object.freeze([]);
const NO_PAIRS: readonly QueryPair[] = Object.freeze([]);

function both(first: readonly string[], second: readonly string[]): readonly string[] {
  if (first.length === 0) return sharedIfEmpty(second);
  return second.length === 0 ? first : [...first, ...second];
}

function refusalOf(facts: {
  method: string;
  hasCredentials: boolean;
  isWeb: boolean;
  host: string;
  href: string;
  sent: string;
  pairs: readonly RawPair[];
}): string | undefined {
  if (!facts.isWeb) return "only `http:` and `https:` URLs can be called";
  if (facts.hasCredentials) return "the URL carries a user name or password";
  if (facts.host === "" || facts.host.endsWith(".")) return "the URL has no valid host";
  if (!isMethodToken(facts.method)) return "the method is not a valid token";
  if (isRefusedMethod(facts.method)) return "the methods `CONNECT`, `TRACE` and `TRACK` are never sent";
  // No rule could see such a pair, so no proxy can allow it.
  if (facts.pairs.some(({ pair }) => pair === undefined)) return "the query has escapes that are not UTF-8";
  // INVARIANT: what was decided on is what is sent. Were the URL no fixed point, `fetch` would send another one; what
  // the parser itself has written is one (URL standard, "URL serializing").
  if (facts.sent !== facts.href && parsedUrl(facts.sent)?.href !== facts.sent)
    return "the URL has no stable canonical form";
  return undefined;
}

/** What no unambiguous URL has, be it in the query. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const UNPLAIN = /[\\\u0000-\u001f\u007f]|%2e/i;

/** What URL parsing would hide. A `URL` object has been parsed already and is judged on its `href`. */
function rawAmbiguities(input: string | URL): readonly string[] {
  if (typeof input !== "string" || !UNPLAIN.test(input)) return NONE;
  const found: string[] = [];
  const beforeQuery = input.split(/[?#]/, 1)[0] ?? "";
  if (beforeQuery.includes("\\")) found.push("the URL has a backslash");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(input)) found.push("the URL has a control character");
  if (/%2e/i.test(beforeQuery)) found.push("the path has an encoded dot (`%2E`)");
  return found;
}

function joinHeaders(entries: Iterable<readonly [string, string]>): Map<string, string> {
  const joined = new Map<string, string>();
  for (const [name, value] of entries) {
    const key = name.toLowerCase();
    if (isGuardHeader(key)) continue;
    const earlier = joined.get(key);
    joined.set(key, earlier === undefined ? value : `${earlier}, ${value}`);
  }
  return joined;
}

/** Headers by which some servers let a caller replace the method or the path that the rules saw. */
const OVERRIDE_HEADERS = new Set([
  "x-http-method",
  "x-http-method-override",
  "x-method-override",
  "x-original-url",
  "x-original-uri",
  "x-rewrite-url",
  "x-rewrite-uri",
  "x-override-url",
  "x-original-method",
  "x-forwarded-method",
  "x-forwarded-uri",
  "x-forwarded-url",
  "x-forwarded-path",
  "x-forwarded-prefix",
  "x-script-name",
  "x-envoy-original-path",
  "x-proxy-url",
  "x-request-uri",
  "request-uri",
  "base-url",
  "destination-url",
  "front-end-url",
  "proxy-url",
]);

/** Some frameworks look for the header's name among the parameters too. */
const OVERRIDE_PARAMETERS = new Set([
  "_method",
  "x-http-method",
  "x-http-method-override",
  "x-method-override",
]);

function overridesIn(headers: ReadonlyMap<string, string>, pairs: readonly RawPair[]): string[] {
  const names: string[] = [];
  // Many servers hand `x_http_method_override` to the application as the same variable.
  for (const name of headers.keys())
    if (OVERRIDE_HEADERS.has(name.includes("_") ? name.replaceAll("_", "-") : name)) names.push(name);
  for (const { pair } of pairs) {
    const name = pair?.name.toLowerCase() ?? "";
    if (OVERRIDE_PARAMETERS.has(name) && !names.includes(name)) names.push(name);
  }
  return names;
}
