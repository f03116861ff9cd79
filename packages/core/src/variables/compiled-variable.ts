/** A variable of a filter, checked and compiled. */
import type { PolicyIssue } from "../errors.js";
import type { Variable } from "../policy/schema.js";
import { SECRET_HEADERS } from "../redaction/redact-headers.js";
import { compileJsonQuery, type JsonQuery } from "./json-query.js";

export interface CompiledVariable {
  readonly name: string;
  readonly source: Variable["source"];
  /** Header names in lower case; empty for sources that need none. */
  readonly key: string;
  /** For `responseBody`. */
  readonly query: JsonQuery | undefined;
  /** Whether the value may stand in the core of a record. */
  readonly isRecorded: boolean;
}

const NEEDS_KEY = new Set<Variable["source"]>([
  "headers",
  "responseHeaders",
  "responseBody",
  "query",
  "vars",
]);

function isSecret(source: Variable["source"], key: string): boolean {
  const name = key.toLowerCase();
  if (source === "query") return name === "authorization";
  return (source === "headers" || source === "responseHeaders") && SECRET_HEADERS.has(name);
}

/** The pointers of the issues start at the filter. */
export function compileVariable(
  variable: Variable,
  index: number,
): { readonly variable: CompiledVariable | undefined; readonly issues: readonly PolicyIssue[] } {
  const { name, source, record } = variable;
  const key = variable.key ?? "";
  const pointer = `/variables/${index}/key`;
  if (NEEDS_KEY.has(source) && key === "") {
    const message = `a variable from \`${source}\` needs a \`key\``;
    return { variable: undefined, issues: [{ pointer, message, kind: "invalid" }] };
  }
  const isRecorded = record === "core";
  if (isRecorded && isSecret(source, key)) {
    const message = `\`${key}\` is a secret and is never recorded`;
    return {
      variable: undefined,
      issues: [
        { pointer: `/variables/${index}/record`, message, help: "leave `record` out", kind: "invalid" },
      ],
    };
  }
  if (source !== "responseBody") {
    const isHeader = source === "headers" || source === "responseHeaders";
    return {
      variable: { name, source, key: isHeader ? key.toLowerCase() : key, query: undefined, isRecorded },
      issues: [],
    };
  }
  try {
    return { variable: { name, source, key, query: compileJsonQuery(key), isRecorded }, issues: [] };
  } catch {
    const message = "the key is not a supported RFC 9535 query";
    const help =
      "write a query such as `$.data.id`; filter expressions and a second `..` are not supported yet";
    return { variable: undefined, issues: [{ pointer, message, help, kind: "invalid" }] };
  }
}
