/** Texts of a record without what the detectors find in them. Records are full of the same few, which are known again. */
import { ownText } from "../bytes.js";
import { Recent } from "../recent.js";
import type { SanitizationMark } from "./mark.js";
import { redact } from "./redact.js";
import { redactText } from "./redact-text.js";
import { redactionRules } from "./redaction-rules.js";

const ALL_DETECTORS = redactionRules();

/** Texts in which nothing was found: none of the others is kept, be it to know that something was. */
const clean = new Recent<true>(256);

/** Longer ones are seldom the same. */
const MAX_KNOWN_CHARACTERS = 128;

/**
 * A text as all detectors together leave it.
 *
 * @param pointer - where it stands in the record
 * @param marks - takes what was done to it
 */
export function redactedText(text: string, pointer: string, marks: SanitizationMark[]): string {
  if (isClean(text)) return text;
  const redacted = redact(text, ALL_DETECTORS, pointer);
  for (const mark of redacted.marks) marks.push(mark);
  return String(redacted.value);
}

function isClean(text: string): boolean {
  const isKnowable = text.length <= MAX_KNOWN_CHARACTERS;
  if (isKnowable && clean.get(text)) return true;
  const isFound = redactText(text, ALL_DETECTORS.detectors) !== undefined;
  if (!isFound && isKnowable) keep(text);
  return !isFound;
}

function keep(text: string): void {
  // It may be a part of a text with more in it, of a URL for example.
  const own = ownText(text);
  if (own === text) clean.keep(own, true);
}
