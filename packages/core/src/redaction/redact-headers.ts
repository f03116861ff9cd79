/** Which headers a record may hold: a short list, everything else leaves a mark (docs/spec/record.md, "Headers"). */
import { pointerToken } from "./json-pointer.js";
import type { SanitizationMark } from "./mark.js";
import { redactedText } from "./redacted-text.js";

const RECORDED = new Set([
  "accept",
  "accept-language",
  "cache-control",
  "content-encoding",
  "content-language",
  "content-length",
  "content-type",
  "date",
  "retry-after",
  "user-agent",
  "x-github-api-version",
  "x-ratelimit-limit",
  "x-ratelimit-remaining",
  "x-ratelimit-reset",
]);

/** Never recorded, and said so by name. */
export const SECRET_HEADERS: ReadonlySet<string> = new Set([
  "authorization",
  "cookie",
  "proxy-authorization",
  "set-cookie",
]);

/** Longer values are cut. */
const MAX_VALUE_CHARACTERS = 256;

export interface RedactedHeaders {
  readonly headers: Readonly<Record<string, string>>;
  readonly marks: readonly SanitizationMark[];
}

/**
 * What of the headers may be recorded. Never changes its input.
 *
 * @param pointer - where the headers stand in the record
 * @param injected - lower-case names of headers that the guard set: secrets, whatever they are called
 */
export function redactHeaders(
  headers: ReadonlyMap<string, string>,
  pointer: string,
  injected: ReadonlySet<string> = new Set(),
): RedactedHeaders {
  const kept: [string, string][] = [];
  const marks: SanitizationMark[] = [];
  let unlisted = 0;
  for (const name of [...headers.keys()].sort()) {
    const value = headers.get(name) ?? "";
    if (SECRET_HEADERS.has(name) || injected.has(name)) {
      marks.push({ action: "drop", class: "secret", pointer: `${pointer}/${pointerToken(name)}` });
    } else if (!RECORDED.has(name)) {
      unlisted++;
    } else {
      // First: what is cut in half is found by no detector.
      const text = redactedText(value, `${pointer}/${name}`, marks);
      kept.push([name, text.slice(0, MAX_VALUE_CHARACTERS)]);
      if (text.length > MAX_VALUE_CHARACTERS)
        marks.push({ action: "truncate", class: "size", pointer: `${pointer}/${name}` });
    }
  }
  if (unlisted > 0) marks.push({ action: "drop", class: "pii", count: unlisted, pointer });
  return { headers: Object.fromEntries(kept), marks };
}
