/** What a `content-type` says about a body. */

export type BodyKind = "json" | "other";

/**
 * `json` for `application/json` and `*+json` in UTF-8; everything else, a missing type included, is `other`.
 *
 * @param contentType - the raw header value
 */
export function bodyKindOf(contentType: string | undefined): BodyKind {
  if (contentType === undefined) return "other";
  const [essence = "", ...parameters] = contentType.split(";").map((part) => part.trim().toLowerCase());
  if (!/^(?:application\/json|[a-z0-9!#$&^_.+-]+\/[a-z0-9!#$&^_.+-]+\+json)$/.test(essence)) return "other";
  // Each one, and with white space around the `=`: what one reader overlooks, another may obey.
  const charsets = parameters.flatMap((parameter) => /^charset\s*=\s*(.*)$/.exec(parameter)?.[1] ?? []);
  return charsets.every((charset) => /^"?utf-?8"?$/.test(charset)) ? "json" : "other";
}
