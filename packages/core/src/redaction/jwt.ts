/** Signed and encrypted tokens in compact form (RFC 7515 section 3.1, RFC 7516 section 3.1), told by their header. */
import { BASE64URL, isOneAt } from "./ascii.js";
import type { Detector } from "./detector.js";
import type { Span } from "./span.js";
import { textNeeds } from "./text-traits.js";

/** `{"alg":""}` in base64url. */
const MIN_HEADER_CHARACTERS = 14;

/** A header, and two more parts, or four; parts but the header may be empty, of the last two none. */
export const jwt: Detector<"jwt"> = {
  name: "jwt",
  class: "secret",
  needs: textNeeds(MIN_HEADER_CHARACTERS + "..".length, 0, "."),
  find: findTokens,
};

function findTokens(text: string): readonly Span[] {
  const runs: Span[][] = [];
  let from = 0;
  for (let dot = text.indexOf("."); dot >= 0; dot = text.indexOf(".", from)) {
    const parts = partsAround(text, dot, from);
    from = parts.at(-1)?.end ?? text.length;
    if (parts.length > 2) runs.push(tokensAmong(text, parts));
  }
  return runs.flat();
}

/** The base64url parts of the dotted run with this dot in it; they may be empty. Nothing before `from` is looked at. */
function partsAround(text: string, dot: number, from: number): Span[] {
  let start = dot;
  while (start > from && isOneAt(BASE64URL, text, start - 1)) start--;
  const parts: Span[] = [];
  for (let end = dot; ; start = ++end) {
    while (isOneAt(BASE64URL, text, end)) end++;
    parts.push({ start, end });
    if (text[end] !== ".") return parts;
  }
}

/** Every header begins one, inside of another token too. */
function tokensAmong(text: string, parts: readonly Span[]): Span[] {
  return parts.flatMap(({ start, end }, at) => {
    const last = parts[isFilled(parts[at + 3]) && isFilled(parts[at + 4]) ? at + 4 : at + 2];
    return last !== undefined && isHeader(text.slice(start, end)) ? [{ start, end: last.end }] : [];
  });
}

function isFilled(part: Span | undefined): boolean {
  return part !== undefined && part.end > part.start;
}

/** A JSON object that begins without white space and has a text `alg`. */
function isHeader(part: string): boolean {
  if (part.length < MIN_HEADER_CHARACTERS || !part.startsWith("ey") || part.length % 4 === 1) return false;
  const json = atob(part.replaceAll("-", "+").replaceAll("_", "/"));
  // Looked at first, because what is thrown costs more than what is read.
  if (!json.trimEnd().endsWith("}")) return false;
  try {
    return typeof JSON.parse(json).alg === "string";
  } catch {
    return false;
  }
}
