/** What the caller asked for: `input` and `init` merged once, as `fetch` merges them, and never looked at again. */
import { type CanonicalRequest, ConfigError, canonicalRequest, isGuardHeader } from "@sallyport/core";
import { joined, readSentPrefix, type SentBody } from "./body.js";
import { requireSignal, signalOf } from "./caller-signal.js";
import { unlessAborted } from "./deadline.js";
import { type ForeignRequest, isForeignRequest, platformBody, platformRequest } from "./foreign-classes.js";
import { HeaderList, isHeaderName } from "./headers/header-list.js";
import { plainOptions } from "./plain-options.js";
import { refuseUnknown } from "./unknown-option.js";

/** Options of one guarded call, beside those of `fetch`. */
export interface GuardedCallOptions {
  /** Id or alias of the proxy; the URL may then be a path below the target's base URL. */
  readonly proxy?: string | undefined;
}

export interface GuardedRequestInit extends RequestInit {
  readonly sallyport?: GuardedCallOptions | undefined;
}

export type FetchInput = Parameters<typeof fetch>[0];

export interface CallerRequest {
  readonly canonical: CanonicalRequest;
  /** Lower-case, as the platform completes them (`content-type` of a form, for example). The call's own, to change. */
  readonly headers: HeaderList;
  readonly redirect: "follow" | "manual" | "error";
  readonly signal: AbortSignal | undefined;
  readonly hasBody: boolean;
  /** The body as it is sent. Call once. */
  readonly takeBody: () => SentBody | Promise<SentBody>;
  /** For a call that failed: a stream that nobody is reading is told so. */
  readonly cancelBody: (reason: unknown) => void;
  readonly extras: Readonly<Record<string, unknown>>;
}

/** Members of `init` that would choose the connection, and with it walk round the guard. */
const CONNECTION_OPTIONS = [
  "dispatcher",
  "agent",
  "client",
  "socketPath",
  "unix",
  "proxy",
  "tls",
  "lookup",
  "localAddress",
  "createConnection",
];

/** Members that a caller may give through a prototype: a `Request` in place of `init`, or an object with getters. */
const FETCH_OPTIONS = [
  "method",
  "headers",
  "body",
  "redirect",
  "signal",
  "duplex",
  "integrity",
  "keepalive",
  "cache",
  "credentials",
  "mode",
  "referrer",
  "referrerPolicy",
  "sallyport",
];

/**
 * The caller's `init`, each member read once: what is checked is what is used.
 *
 * @throws ConfigError for a member that this version cannot honour; TypeError as `fetch` does for what is no object
 */
export function readInit(init: GuardedRequestInit | undefined): GuardedRequestInit | undefined {
  if (init === undefined || init === null) return undefined;
  if (typeof init !== "object" && typeof init !== "function") throw new TypeError("`init` is not an object");
  const copy: Record<string, unknown> = { ...init };
  for (const name of OPTIONS) {
    const value = name in copy ? copy[name] : (init as Record<string, unknown>)[name];
    if (value !== undefined) copy[name] = value;
  }
  refuseIntegrity(copy.integrity);
  return copy;
}

const OPTIONS = [...FETCH_OPTIONS, ...CONNECTION_OPTIONS];

/** A filtered body is another one than its publisher signed, and a redirect's has none. */
function refuseIntegrity(integrity: unknown): void {
  if (integrity === undefined || integrity === "") return;
  throw new ConfigError("init.integrity", "is not checked by this version, so it is refused", {
    help: "compare a digest of the body in the calling code",
  });
}

const MANAGED_OPTIONS = new Set(["method", "headers", "body", "redirect", "signal", "duplex", "sallyport"]);

/**
 * The options of ours in `init`. A misspelt one would silently choose another proxy.
 *
 * @throws ConfigError naming the option
 */
export function readCallOptions(init: GuardedRequestInit | undefined): GuardedCallOptions {
  const options: unknown = init?.sallyport;
  if (options === undefined) return {};
  if (typeof options !== "object" || options === null)
    throw new ConfigError("init.sallyport", "expected an object such as `{ proxy }`");
  refuseUnknown("init.sallyport", options, CALL_OPTIONS);
  const { proxy } = options as GuardedCallOptions;
  if (proxy !== undefined && typeof proxy !== "string")
    throw new ConfigError("init.sallyport.proxy", "expected an id or alias");
  return proxy === undefined ? {} : { proxy };
}

const CALL_OPTIONS = ["proxy"];

/** @throws ConfigError `ERR_TRANSPORT_OPTION_REFUSED` naming the first option that chooses the connection */
export function refuseConnectionOptions(init: GuardedRequestInit | undefined): void {
  for (const option of CONNECTION_OPTIONS) {
    if ((init as Record<string, unknown> | undefined)?.[option] === undefined) continue;
    throw new ConfigError(`init.${option}`, "chooses the connection, which would bypass the guard", {
      code: "ERR_TRANSPORT_OPTION_REFUSED",
      help: "leave it out, or give `createGuardedFetch` a `transport` of your own",
    });
  }
}

/**
 * Reads the caller's request: later only where the body is a file of another library.
 *
 * @param baseUrl - of a named proxy's target: a string input that starts with `/` or `?` is put behind it
 * @throws TypeError as `fetch` does for what is no request; its message never quotes the URL
 */
export function readCallerRequest(
  input: FetchInput,
  init: GuardedRequestInit | undefined,
  baseUrl: string | undefined,
): CallerRequest | Promise<CallerRequest> {
  const plain = readPlainRequest(input, init, baseUrl);
  if (plain !== undefined) return plain;
  const body = platformBody(init?.body);
  if (body === undefined) return readRequest(input, init, baseUrl);
  if (!(body instanceof Promise)) return readRequest(input, { ...init, body }, baseUrl);
  const signal = requireSignal(signalOf(input, init));
  return unlessAborted(signal, body).then(
    (read) => readRequest(input, { ...init, body: read }, baseUrl),
    // It is decided on, and recorded, as a body that fails later is.
    (error) => ({
      ...readRequest(input, { ...init, body: new Uint8Array() }, baseUrl),
      takeBody: () => Promise.reject(error),
    }),
  );
}

/** The same for what the platform takes as a body. */
function readRequest(
  input: FetchInput,
  init: GuardedRequestInit | undefined,
  baseUrl: string | undefined,
): CallerRequest {
  const given = input instanceof Request || isForeignRequest(input) ? input : undefined;
  const url = given === undefined ? absoluteUrl(input as string | URL, baseUrl) : given.url;
  const method = `${init?.method ?? given?.method ?? "GET"}`;
  const bare = canonicalRequest({ url, method });
  if (bare === undefined) throw unparsable(url, baseUrl);
  // The platform refuses such requests too, but its message quotes the URL; the decision says it without.
  if (bare.refusal !== undefined) return unsendable(bare);

  // The signal goes to the transport directly: each `Request` would leave a listener on it.
  const { signal: _, ...rest } = init ?? {};
  const request = requestOf(platformInput(given, rest.body) ?? bare.url, { ...rest, signal: null });
  refuseIntegrity(request.integrity);
  // Nobody but the guard may speak in its name.
  for (const name of [...request.headers.keys()]) if (isGuardHeader(name)) request.headers.delete(name);
  const canonical = canonicalRequest({ url, method, headers: request.headers });
  if (canonical === undefined) throw unparsable(url, baseUrl);
  const usedSignal = requireSignal(signalOf(input, init));
  return {
    canonical,
    headers: HeaderList.from(request.headers),
    redirect: request.redirect,
    signal: usedSignal,
    hasBody: request.body !== null,
    takeBody: () => takeBody(request, init, usedSignal),
    cancelBody: (reason) => {
      if (request.body?.locked === false) request.body.cancel(reason).catch(() => {});
    },
    extras: Object.fromEntries(Object.entries(rest).filter(([name]) => !MANAGED_OPTIONS.has(name))),
  };
}

/** The platform's own errors quote what is wrong, which may be a secret or stand beside one. */
function requestOf(input: string | Request, init: RequestInit): Request {
  try {
    return new Request(input, init);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    if (/referrer/i.test(error.message)) throw new TypeError("`init.referrer` is no URL that can be one");
    if (/header|iterable|sequence|ByteString/i.test(error.message))
      throw new TypeError(faultOfHeaders(init.headers));
    throw error;
  }
}

function faultOfHeaders(headers: RequestInit["headers"]): string {
  const pairs: readonly unknown[] = Array.isArray(headers) ? headers : Object.entries(headers ?? {});
  for (const [index, pair] of pairs.entries()) {
    const [name, value] = Array.isArray(pair) ? pair : [];
    if (name === undefined || value === undefined)
      return `\`init.headers\`: number ${index + 1} is no pair of a name and a value`;
    if (!isHeaderName(`${name}`))
      return `\`init.headers\`: number ${index + 1} has no name that a header can have`;
    if (!canBeSent(`${name}`, `${value}`)) return `header \`${name}\` has a value that no header can have`;
  }
  return "`init.headers` has a name or a value that no header can have";
}

function canBeSent(name: string, value: string): boolean {
  try {
    new Headers([[name, value]]);
    return true;
  } catch {
    return false;
  }
}

/** @param body - what is sent in place of the request's own */
function platformInput(
  given: Request | ForeignRequest | undefined,
  body: RequestInit["body"],
): Request | undefined {
  if (given === undefined || given instanceof Request) return given;
  return platformRequest(given, { withBody: body === undefined || body === null });
}

/**
 * The same for what most callers give, a string or `URL` with plain options: the platform's `Request` costs more than
 * all that is decided, and would change nothing of it.
 *
 * @returns `undefined` for all else
 */
function readPlainRequest(
  input: FetchInput,
  init: GuardedRequestInit | undefined,
  baseUrl: string | undefined,
): CallerRequest | undefined {
  if (typeof input !== "string" && !(input instanceof URL)) return undefined;
  const plain = plainOptions(init ?? {});
  if (plain === undefined) return undefined;
  const { method, headers, body, signal, redirect } = plain;
  const canonical = canonicalRequest({ url: absoluteUrl(input, baseUrl), method, headers });
  if (canonical === undefined || canonical.refusal !== undefined) return undefined;
  // The platform says what is wrong with it.
  if (body !== undefined && (canonical.method === "GET" || canonical.method === "HEAD")) return undefined;
  requireSignal(signal);
  return {
    canonical,
    headers,
    redirect,
    signal,
    hasBody: body !== undefined,
    takeBody: () => {
      if (signal?.aborted === true) throw signal.reason;
      return body;
    },
    cancelBody: () => {},
    extras: NO_EXTRAS,
  };
}

const NO_EXTRAS = {};

function absoluteUrl(input: string | URL, baseUrl: string | undefined): string | URL {
  if (input instanceof URL) return input;
  const text = String(input);
  const isBelowBase = baseUrl !== undefined && (text === "" || text.startsWith("/") || text.startsWith("?"));
  // Put behind, never resolved against: `//evil.example` must stay a path.
  return isBelowBase ? `${baseUrl}${text}` : text;
}

/** As `fetch` says it, but without quoting the URL, which may hold a secret. */
function unparsable(url: string | URL, baseUrl: string | undefined): TypeError {
  if (baseUrl !== undefined)
    return new TypeError("Failed to parse URL: below a proxy a path begins with `/`");
  const isPath = typeof url === "string" && url.startsWith("/");
  return new TypeError(
    `Failed to parse URL${isPath ? ": a path needs a proxy, call `guarded.proxy(id)`" : ""}`,
  );
}

function unsendable(canonical: CanonicalRequest): CallerRequest {
  return {
    canonical,
    headers: new HeaderList(),
    redirect: "error",
    signal: undefined,
    hasBody: false,
    takeBody: async () => undefined,
    cancelBody: () => {},
    extras: {},
  };
}

/** A body of a `Request` up to this size is read whole, so that it has a length and can be sent again. */
const MAX_REPLAYABLE_BYTES = 1024 * 1024;

async function takeBody(
  request: Request,
  init: GuardedRequestInit | undefined,
  signal: AbortSignal | undefined,
): Promise<SentBody> {
  if (signal?.aborted === true) throw signal.reason;
  const stream = request.body;
  if (stream === null) return undefined;
  const given: unknown = init?.body;
  if (given === undefined || given === null)
    return joined(await readSentPrefix(stream, MAX_REPLAYABLE_BYTES, signal));
  const isStreamed =
    given instanceof ReadableStream || (typeof given === "object" && Symbol.asyncIterator in given);
  return isStreamed ? stream : new Uint8Array(await request.arrayBuffer());
}
