/** E-mail addresses as people write them: no quoted local parts, no address literals, no single-label domains. */
import { ALPHANUMERIC, asciiSet, isOneAt } from "./ascii.js";
import type { Detector } from "./detector.js";
import type { Span } from "./span.js";
import { textNeeds } from "./text-traits.js";

/** A local part, an `@`, and a domain of at least two labels, whose last begins with two letters. */
export const email: Detector<"email"> = {
  name: "email",
  class: "pii",
  needs: textNeeds("a@b.cc".length, 0, "@"),
  find: findEmails,
};

/** Besides letters, digits and `_`. Others that RFC 5322 allows separate more often than they belong. */
const INSIDE_LOCAL = asciiSet(/[.%+'-]/);

const LETTER = asciiSet(/[A-Za-z]/);

function findEmails(text: string): readonly Span[] {
  const spans: Span[] = [];
  for (let at = text.indexOf("@"); at >= 0; at = text.indexOf("@", at + 1)) {
    const start = localStart(text, at);
    const end = start < at ? domainEnd(text, at + 1) : undefined;
    if (end !== undefined) spans.push({ start, end });
  }
  return spans;
}

/** The farthest letter, digit or `_` from which only characters of a local part lead to the `@`. */
function localStart(text: string, at: number): number {
  let start = at;
  for (let index = at - 1; index >= 0; index--) {
    if (isOfWord(text, index) || text[index] === "_") start = index;
    else if (!isOneAt(INSIDE_LOCAL, text, index)) break;
  }
  return start;
}

/** The end of the last label that may end a domain; `undefined` when there is none. */
function domainEnd(text: string, domain: number): number | undefined {
  let end: number | undefined;
  for (let label = domain; ; ) {
    const next = labelEnd(text, label);
    if (next === label) return end;
    if (label > domain) end = topLevelEnd(text, label, next) ?? end;
    if (text[next] !== ".") return end;
    label = next + 1;
  }
}

function labelEnd(text: string, label: number): number {
  let end = label;
  while (isOfWord(text, end) || text[end] === "-") end++;
  return end;
}

/** Two letters or more, whatever follows them; an encoded label (RFC 5890) is taken whole. */
function topLevelEnd(text: string, label: number, end: number): number | undefined {
  if (/^xn--./i.test(text.slice(label, label + 5)) && label + 4 < end) return end;
  let index = label;
  while (index < end && isLetter(text, index)) index++;
  return index - label >= 2 ? index : undefined;
}

/** Letters, marks and digits of the Basic Multilingual Plane: one UTF-16 code unit each. */
function isOfWord(text: string, index: number): boolean {
  const unit = text.charCodeAt(index);
  return unit < 128 ? isOneAt(ALPHANUMERIC, text, index) : /[\p{L}\p{M}\p{N}]/u.test(text.charAt(index));
}

function isLetter(text: string, index: number): boolean {
  const unit = text.charCodeAt(index);
  return unit < 128 ? isOneAt(LETTER, text, index) : /[\p{L}\p{M}]/u.test(text.charAt(index));
}
