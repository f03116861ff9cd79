/** A mistake that is common in patterns over path text, wherever they stand. */

/** `$.ssn` is a JSONPath query, which `jsonPath` despite its name does not take. */
const JSON_PATH_LIKE = /^\^?\$\\?[.[]/;

/** What is wrong with a pattern that reads like a JSONPath query; `undefined` for any other. */
export function jsonPathFault(
  pattern: string,
): { readonly message: string; readonly help: string } | undefined {
  if (!JSON_PATH_LIKE.test(pattern)) return undefined;
  return {
    message: "`$` at the start of a regular expression means the end of the text, so this matches no path",
    help: "escape the `$` and the dots: what JSONPath writes as `$.a.b` is `^\\$\\.a\\.b$` here",
  };
}
