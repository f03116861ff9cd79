/** Texts in which no detector finds anything, known again: records are full of the same few. */
import { Recent } from "../recent.js";
import { redactText } from "./redact-text.js";
import { redactionRules } from "./redaction-rules.js";

const { detectors } = redactionRules();

const known = new Recent<boolean>(256);

/** Longer ones are seldom the same. */
const MAX_KNOWN_CHARACTERS = 64;

/** Whether all detectors together find nothing in a text. */
export function isClean(text: string): boolean {
  if (text.length > MAX_KNOWN_CHARACTERS) return redactText(text, detectors) === undefined;
  return known.of(text, () => redactText(text, detectors) === undefined);
}
