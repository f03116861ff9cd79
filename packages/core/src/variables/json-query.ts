/** The queries of `responseBody` variables (RFC 9535), compiled once. */
import { findFirst } from "../json-query/evaluate.js";
import { INEXACT, type JsonTree } from "../json-query/json-tree.js";
import { parseQuery } from "../json-query/parse-query.js";

export interface JsonQuery {
  /**
   * What the first node holds: a string, number, boolean or `null`; `undefined` for all else.
   *
   * There is none where the document does not say which node is meant or what it holds: a name on the way stands twice
   * in its object, or a number has more digits than JavaScript keeps.
   */
  first(document: JsonTree): string | number | boolean | null | undefined;
}

/**
 * Compiles a query. A key in path-text form (`.data.id`) is read as `$` + key.
 *
 * @throws QuerySyntaxError that says where the key is no query and what to write
 */
export function compileJsonQuery(key: string): JsonQuery {
  const query = parseQuery(key.startsWith(".") || key.startsWith("[") ? `$${key}` : key);
  return {
    first(document) {
      const first = findFirst(query, document);
      const node = first.ok ? first.found : undefined;
      if (node === undefined) return undefined;
      const kind = document.kindOf(node);
      if (kind === "object" || kind === "array") return undefined;
      const scalar = document.scalarOf(node);
      return scalar === INEXACT ? undefined : scalar;
    },
  };
}
