/** The values of variables for one exchange (docs/spec/policy.md, "Variables"). */
import { CREDENTIAL_ID_HEADER, PROXY_ID_HEADER, REQUEST_ID_HEADER } from "../http/guard-headers.js";
import type { JsonTree } from "../json-query/json-tree.js";
import type { MatchInput } from "../policy/conditions.js";
import type { CompiledVariable } from "./compiled-variable.js";
import { singleHeaderValue } from "./single-header.js";

/** Where values come from. */
export interface VariableSources {
  readonly input: MatchInput;
  /** What the guard itself knows: read by the keys `X-RR-Credential-ID`, `X-RR-Proxy-ID` and `X-RR-Request-ID`. */
  readonly own: {
    readonly credentialId: string | undefined;
    readonly proxyId: string;
    readonly requestId: string;
  };
  readonly responseHeaders: ReadonlyMap<string, string>;
  readonly responseStatus: number;
  /** The body; `undefined` when there is none that parses. Called at most once. */
  readonly responseBody: () => JsonTree | undefined;
  /** Trusted input of the calling code. */
  readonly vars: Readonly<Record<string, unknown>>;
}

/** Longer values are missing: they are no identifiers, and they would make matching slow. */
export const MAX_VALUE_CHARACTERS = 256;

/** Values by name. A value that is empty, longer than 256 characters, no scalar or ambiguous is missing. */
export function resolveVariables(
  variables: readonly CompiledVariable[],
  sources: VariableSources,
): Map<string, string> {
  const values = new Map<string, string>();
  let body: { readonly document: JsonTree | undefined } | undefined;
  for (const variable of variables) {
    if (variable.source === "responseBody") body ??= { document: sources.responseBody() };
    const text = scalarText(readValue(variable, sources, body?.document));
    if (text !== undefined) values.set(variable.name, text);
  }
  return values;
}

function readValue(
  variable: CompiledVariable,
  sources: VariableSources,
  body: JsonTree | undefined,
): unknown {
  const { request, context, path } = sources.input;
  switch (variable.source) {
    case "headers":
      return readRequestHeader(variable.key, sources);
    case "responseHeaders":
      return singleHeaderValue(variable.key, sources.responseHeaders.get(variable.key));
    case "responseBody":
      return body && variable.query?.first(body);
    case "responseStatus":
      return sources.responseStatus;
    case "query": {
      const pairs = request.queryPairs.filter(({ name }) => name === variable.key);
      return pairs.length === 1 ? pairs[0]?.value : undefined;
    }
    case "token":
      return context.token && variable.claim?.(context.token);
    case "method":
      return request.method;
    case "path":
      return path;
    case "vars":
      return Object.hasOwn(sources.vars, variable.key) ? sources.vars[variable.key] : undefined;
  }
}

function readRequestHeader(key: string, { input, own }: VariableSources): string | undefined {
  if (key === CREDENTIAL_ID_HEADER) return own.credentialId;
  if (key === PROXY_ID_HEADER) return own.proxyId;
  if (key === REQUEST_ID_HEADER) return own.requestId;
  return singleHeaderValue(key, input.request.headers.get(key));
}

function scalarText(value: unknown): string | undefined {
  const text = plainText(value);
  return text === undefined || text === "" || text.length > MAX_VALUE_CHARACTERS ? undefined : text;
}

function plainText(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  if (typeof value === "boolean") return String(value);
  if (typeof value !== "number" || !Number.isFinite(value)) return undefined;
  // A larger integer may have lost digits when it was parsed: its text would name something else.
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? undefined : String(value);
}
