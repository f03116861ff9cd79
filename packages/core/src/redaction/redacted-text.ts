/** Texts of a record without what the detectors find in them. Records are full of the same few, which are known again. */
import { Recent } from "../recent.js";
import type { SanitizationMark } from "./mark.js";
import { redact } from "./redact.js";
import { redactText } from "./redact-text.js";
import { redactionRules } from "./redaction-rules.js";

const ALL_DETECTORS = redactionRules();

/** Texts in which nothing was found. */
const clean = new Recent<boolean>(256);

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
  const findsNothing = () => redactText(text, ALL_DETECTORS.detectors) === undefined;
  return text.length > MAX_KNOWN_CHARACTERS ? findsNothing() : clean.of(text, findsNothing);
}
