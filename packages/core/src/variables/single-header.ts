/** Which headers hold one value, although there is a comma in it. */

/**
 * A header that stands several times is joined by commas, and a list in one header means the same (RFC 9110 section
 * 5.3): text with a comma is several values, unless the grammar of the header has room for the comma inside one. Then
 * the whole text has to be that one value, which several of them joined never are.
 *
 * @param name - in lower case
 * @returns the value; `undefined` when there may be several
 */
export function singleHeaderValue(name: string, text: string | undefined): string | undefined {
  if (text === undefined || !text.includes(",")) return text;
  if (DATE_HEADERS.has(name)) return HTTP_DATE.test(text) ? text : undefined;
  return PRODUCT_HEADERS.has(name) && withoutComments(text)?.includes(",") === false ? text : undefined;
}

const DATE_HEADERS = new Set([
  "date",
  "expires",
  "if-modified-since",
  "if-unmodified-since",
  "last-modified",
  "retry-after",
]);

/** RFC 9110 section 5.6.7, the two of its three forms that have a comma. */
const HTTP_DATE =
  /^(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-9]{2} [A-Z][a-z]{2} [0-9]{4}|[A-Z][a-z]{5,8}, [0-9]{2}-[A-Z][a-z]{2}-[0-9]{2}) [0-9]{2}:[0-9]{2}:[0-9]{2} GMT$/;

/** `product (comment) product …`, RFC 9110 sections 10.1.5 and 10.2.4. */
const PRODUCT_HEADERS = new Set(["server", "user-agent"]);

/** @returns `undefined` where a parenthesis has no counterpart */
function withoutComments(text: string): string | undefined {
  let outside = "";
  let depth = 0;
  for (let index = 0; index < text.length; index++) {
    const character = text[index] as string;
    if (character === "\\" && depth > 0) index++;
    else if (character === "(") depth++;
    else if (character === ")") {
      if (depth === 0) return undefined;
      depth--;
    } else if (depth === 0) outside += character;
  }
  return depth === 0 ? outside : undefined;
}
