/** RFC 9535 queries for `responseBody` variables, compiled once. */
import { JSONPathEnvironment } from "json-p3";

export interface JsonQuery {
  /** The value of the first node; `undefined` when there is none or the evaluation fails. */
  first(document: unknown): unknown;
}

const environment = new JSONPathEnvironment({ strict: true, maxRecursionDepth: 10_000 });
// Both run patterns on a backtracking engine, so a query that uses them does not compile.
environment.functionRegister.delete("match");
environment.functionRegister.delete("search");

/** Two descendant segments, or a filter expression, can visit a document as often as it has nodes. */
function refuseCostly(key: string): void {
  const plain = key.replace(/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/g, "''");
  if (plain.includes("?")) throw new Error("filter expressions are not supported");
  if (plain.split("..").length > 2) throw new Error("more than one descendant segment is not supported");
}

/**
 * Compiles a query. A key in path-text form (`.data.id`) is read as `$` + key.
 *
 * @throws Error of the library, whose message names the position in the query
 */
export function compileJsonQuery(key: string): JsonQuery {
  refuseCostly(key);
  const query = environment.compile(key.startsWith(".") || key.startsWith("[") ? `$${key}` : key);
  return {
    first(document) {
      try {
        return query.match(document as never)?.value;
      } catch {
        return undefined;
      }
    },
  };
}
