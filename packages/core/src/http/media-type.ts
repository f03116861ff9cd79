/** What a `content-type` says about a body. */

import { Recent } from "../recent.js";

/** `json`: one document. `json-lines`: one a line. `event-stream`: one in the data of each event. */
export type BodyKind = "json" | "json-lines" | "event-stream" | "other";

/** Beside `application/json` and `*+json`. */
const STREAM_KINDS: ReadonlyMap<string, BodyKind> = new Map([
  ["application/jsonl", "json-lines"],
  ["application/x-ndjson", "json-lines"],
  ["text/event-stream", "event-stream"],
]);

/**
 * The kind of a body in UTF-8; everything else, a missing type included, is `other`.
 *
 * @param contentType - the raw header value
 */
export function bodyKindOf(contentType: string | undefined): BodyKind {
  if (contentType === undefined) return "other";
  if (contentType.length > MAX_KNOWN_CHARACTERS) return readKind(contentType);
  return kinds.of(contentType, () => readKind(contentType));
}

/** Of late: most bodies have one of a few types. */
const kinds = new Recent<BodyKind>(64);

const MAX_KNOWN_CHARACTERS = 128;

function readKind(contentType: string): BodyKind {
  const kind = kindOf(contentType.split(";")[0]?.trim().toLowerCase() ?? "");
  return kind === "other" || namesOtherCharset(contentType) ? "other" : kind;
}

/**
 * Whether a reader may take the body for text in another charset than UTF-8, and so read another text than we did.
 * Looks at each `charset`, in whatever part of the value and however it is spelled: what one reader overlooks, another
 * obeys.
 *
 * @param contentType - the raw header value
 */
export function namesOtherCharset(contentType: string | undefined): boolean {
  const parts = (contentType ?? "").split(/[;,]/).map((part) => part.trim().toLowerCase());
  // `charset*=` and `charset*0=` are the forms of RFC 2231.
  const charsets = parts.flatMap((part) => /^charset[*0-9]*\s*=\s*(.*)$/.exec(part)?.[1] ?? []);
  return !charsets.every((charset) => /^"?utf-?8"?$/.test(charset));
}

function kindOf(essence: string): BodyKind {
  if (/^(?:application\/json|[a-z0-9!#$&^_.+-]+\/[a-z0-9!#$&^_.+-]+\+json)$/.test(essence)) return "json";
  return STREAM_KINDS.get(essence) ?? "other";
}

/**
 * Why a body of the kind `other` is not read. Names the media type alone, and only if it is one: the rest of the header
 * is the sender's to choose.
 */
export function notJson(contentType: string | undefined): string {
  const essence = contentType?.split(";")[0]?.trim().toLowerCase() ?? "";
  if (bodyKindOf(essence) !== "other") return "the body is JSON in another charset than UTF-8";
  const isMediaType = /^[a-z0-9.+-]{1,40}\/[a-z0-9.+-]{1,80}$/.test(essence);
  return `the body is ${isMediaType ? `\`${essence}\`` : "of no known type"}, not JSON`;
}
