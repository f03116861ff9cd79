/** A target's base URL and a credential's origin, read once when the policy loads. */
import { canonicalRequest } from "../http/canonical-request.js";

export interface BaseUrl {
  readonly origin: string;
  /** Without trailing slash; empty for a base URL that has no path. */
  readonly path: string;
  /** `path` with its escapes decoded. */
  readonly decodedPath: string;
  readonly scheme: string;
  readonly host: string;
  /** Whether the host says that it is this machine: `localhost`, a name below it, `127.0.0.0/8` or `[::1]`. */
  readonly isLoopback: boolean;
}

export type BaseUrlResult =
  | { readonly ok: true; readonly baseUrl: BaseUrl }
  | { readonly ok: false; readonly message: string };

/** Reads a base URL: http or https, without credentials, query, fragment and ambiguity. */
export function readBaseUrl(text: string): BaseUrlResult {
  const request = canonicalRequest({ url: text });
  if (request === undefined) return { ok: false, message: "not an absolute URL" };
  const fault = request.refusal ?? request.ambiguities[0] ?? plainFault(text);
  if (fault !== undefined) return { ok: false, message: fault };
  const { origin, scheme, host } = request;
  const path = withoutSlash(request.path);
  const decodedPath = withoutSlash(request.decodedPath);
  return { ok: true, baseUrl: { origin, scheme, host, path, decodedPath, isLoopback: isLoopbackHost(host) } };
}

/** A path without the slash at its end. */
function withoutSlash(path: string): string {
  return path.replace(/\/$/, "");
}

/** Reads an origin: a base URL without a path. Gives it in the form in which requests are compared with it. */
export function readOrigin(
  text: string,
):
  | { readonly ok: true; readonly origin: string; readonly isInsecure: boolean }
  | { readonly ok: false; readonly message: string } {
  const read = readBaseUrl(text);
  if (!read.ok) return read;
  const { baseUrl } = read;
  return baseUrl.path === ""
    ? { ok: true, origin: baseUrl.origin, isInsecure: isInsecure(baseUrl) }
    : { ok: false, message: "an origin has no path" };
}

/** Whether what is sent can be read and changed on the way: `http:`, and not on loopback. */
export function isInsecure({ scheme, isLoopback }: BaseUrl): boolean {
  return scheme === "http" && !isLoopback;
}

function isLoopbackHost(host: string): boolean {
  return (
    host === "localhost" ||
    host.endsWith(".localhost") ||
    host === "[::1]" ||
    /^127\.\d+\.\d+\.\d+$/.test(host)
  );
}

function plainFault(text: string): string | undefined {
  if (text.includes("?")) return "a base URL has no query";
  if (text.includes("#")) return "a base URL has no fragment";
  return undefined;
}
