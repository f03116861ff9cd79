/** A variable of a filter, checked and compiled. */
import type { PolicyIssue } from "../errors.js";
import { QuerySyntaxError } from "../json-query/query-syntax-error.js";
import { type Claims, compileClaimPath, MAX_CLAIM_PARTS } from "../policy/claims.js";
import type { Filter, Variable } from "../policy/schema.js";
import { SECRET_HEADERS } from "../redaction/redact-headers.js";
import { compileJsonQuery, type JsonQuery } from "./json-query.js";

export interface CompiledVariable {
  readonly name: string;
  readonly source: Variable["source"];
  /** Header names in lower case; empty for sources that need none. */
  readonly key: string;
  /** For `responseBody`. */
  readonly query: JsonQuery | undefined;
  /** For `token`: finds the claim. */
  readonly claim: ((claims: Claims) => unknown) | undefined;
  /** Whether the value may stand in the core of a record. */
  readonly isRecorded: boolean;
}

/** What the key has to be, for the sources that need one. */
const KEYS: Readonly<Partial<Record<Variable["source"], string>>> = {
  headers: "the header's name",
  responseHeaders: "the header's name",
  responseBody: "a JSONPath query such as `$.data.id`",
  query: "the parameter's name",
  token: "the claim's path, with dots",
  vars: "the name that the calling code gives it",
};

function isSecret(source: Variable["source"], key: string): boolean {
  const name = key.toLowerCase();
  if (source === "query") return name === "authorization";
  return (source === "headers" || source === "responseHeaders") && SECRET_HEADERS.has(name);
}

export interface CompiledVariableResult {
  readonly variable: CompiledVariable | undefined;
  /** Their pointers start at the filter. */
  readonly issues: readonly PolicyIssue[];
}

/** @param on - what its filter filters */
export function compileVariable(given: Variable, index: number, on: Filter["on"]): CompiledVariableResult {
  const { name, source, record } = given;
  const key = given.key ?? "";
  const fault =
    on === "request" && OF_RESPONSE.has(source) ? tooEarly(source) : faultOf(source, key, record === "core");
  if (fault !== undefined) return refused(index, fault);
  const isHeader = source === "headers" || source === "responseHeaders";
  const variable = {
    name,
    source,
    key: isHeader ? key.toLowerCase() : key,
    isRecorded: record === "core",
    claim: source === "token" ? compileClaimPath(key) : undefined,
  };
  if (source !== "responseBody") return { variable: { ...variable, query: undefined }, issues: [] };
  try {
    return { variable: { ...variable, query: compileJsonQuery(key) }, issues: [] };
  } catch (error) {
    if (!(error instanceof QuerySyntaxError)) throw error;
    const message = `the key is no JSONPath query: ${error.message}`;
    return refused(index, { field: "key", message, help: error.help });
  }
}

const OF_RESPONSE: ReadonlySet<Variable["source"]> = new Set([
  "responseHeaders",
  "responseBody",
  "responseStatus",
]);

function tooEarly(source: Variable["source"]): Fault {
  const message = `a request filter runs before there is a response, so it has no \`${source}\``;
  const help = "use `headers`, `query`, `token`, `method`, `path` or `vars`";
  return { field: "source", message, help };
}

interface Fault {
  readonly field: "key" | "record" | "source";
  readonly message: string;
  readonly help: string;
}

function refused(index: number, { field, message, help }: Fault): CompiledVariableResult {
  const pointer = `/variables/${index}/${field}`;
  return { variable: undefined, issues: [{ pointer, message, help, kind: "invalid" }] };
}

function faultOf(source: Variable["source"], key: string, isRecorded: boolean): Fault | undefined {
  const wanted = KEYS[source];
  if (wanted !== undefined && key === "") {
    const message = `a variable from \`${source}\` needs a \`key\``;
    return { field: "key", message, help: `write ${wanted}` };
  }
  if (source === "responseHeaders" && key.toLowerCase() === "set-cookie") {
    const message = "`set-cookie` stands once for each cookie, so it has no one value";
    return { field: "key", message, help: "read another header, or the body" };
  }
  if (source === "token" && key.split(".").length > MAX_CLAIM_PARTS) {
    const message = `a claim's path has at most ${MAX_CLAIM_PARTS} parts`;
    return { field: "key", message, help: "name a claim that is less deep" };
  }
  if (!isRecorded || !isSecret(source, key)) return undefined;
  return {
    field: "record",
    message: `\`${key}\` is a secret and is never recorded`,
    help: "leave `record` out",
  };
}
