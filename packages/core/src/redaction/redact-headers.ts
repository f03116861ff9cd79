/** Which headers a record may hold: a short list, everything else leaves a mark (docs/spec/record.md, "Headers"). */
import { cut } from "./cut.js";
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

/** Names in lower case, in their order, each followed by what may be recorded of its value. */
export type RecordedHeaders = readonly string[];

/**
 * What of the headers may be recorded. Never changes its input.
 *
 * @param pointer - where the headers stand in the record
 * @param marks - takes what was done to them, in the order of the names
 * @param injected - lower-case names of headers that the guard set: secrets, whatever they are called
 */
export function redactHeaders(
  headers: ReadonlyMap<string, string>,
  pointer: string,
  marks: SanitizationMark[],
  injected: ReadonlySet<string> = NONE,
): RecordedHeaders {
  const told: string[] = [];
  for (const name of headers.keys()) if (isTold(name, injected)) insert(told, name);
  const kept: string[] = [];
  for (const name of told) {
    if (SECRET_HEADERS.has(name) || injected.has(name))
      marks.push({ action: "drop", class: "secret", pointer: `${pointer}/${pointerToken(name)}` });
    else kept.push(name, recordedValue(headers.get(name) ?? "", `${pointer}/${name}`, marks));
  }
  const unlisted = headers.size - told.length;
  if (unlisted > 0) marks.push({ action: "drop", class: "pii", count: unlisted, pointer });
  return kept;
}

const NONE: ReadonlySet<string> = new Set();

function isTold(name: string, injected: ReadonlySet<string>): boolean {
  return RECORDED.has(name) || SECRET_HEADERS.has(name) || injected.has(name);
}

/** Into a list in order: it has a handful of names at most. */
function insert(ordered: string[], name: string): void {
  let at = ordered.length;
  for (; at > 0 && name < (ordered[at - 1] as string); at--) ordered[at] = ordered[at - 1] as string;
  ordered[at] = name;
}

function recordedValue(value: string, pointer: string, marks: SanitizationMark[]): string {
  // First: what is cut in half is found by no detector.
  const text = redactedText(value, pointer, marks);
  if (text.length <= MAX_VALUE_CHARACTERS) return text;
  marks.push({ action: "truncate", class: "size", pointer });
  return cut(text, MAX_VALUE_CHARACTERS);
}
