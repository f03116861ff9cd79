/** Text of a call on its way into a record: the detectors look at it, and it is cut only after that. */
import { toUtf8 } from "../bytes.js";
import type { SanitizationMark } from "../redaction/mark.js";
import { type MarkTally, tallyRedactions } from "../redaction/mark-tally.js";
import { redactedText } from "../redaction/redacted-text.js";

/**
 * What may be recorded of a text that the calling code, the upstream or a document chose.
 *
 * @param pointer - where it stands in the record
 * @param marks - takes what was done to it
 */
export function recordedText(text: string, pointer: string, marks: SanitizationMark[]): string {
  return cleanText(redactedText(text, pointer, marks));
}

/** Distinct texts of one list; what was done to them has one mark a class, with its number. */
export function recordedTexts(
  texts: readonly string[],
  pointer: string,
  marks: SanitizationMark[],
): readonly string[] {
  const own: SanitizationMark[] = [];
  const recorded = new Set(texts.map((text) => recordedText(text, pointer, own)));
  for (const one of together(own)) marks.push(one);
  return [...recorded];
}

function together(marks: readonly SanitizationMark[]): readonly SanitizationMark[] {
  const tally: MarkTally = new Map();
  for (const { pointer, class: as, count = 1 } of marks)
    tallyRedactions(tally, pointer, new Array(count).fill({ class: as }));
  return [...tally.values()];
}

/**
 * As {@link recordedText}, for a path: detectors do not see through percent-encoding, so each segment is also looked at
 * decoded. One in which something is found stands decoded in the record.
 */
export function recordedPath(path: string, pointer: string, marks: SanitizationMark[]): string {
  const own: SanitizationMark[] = [];
  const segments = path.split("/").map((segment) => {
    const decoded = segment.includes("%") ? percentDecoded(segment) : undefined;
    if (decoded === undefined) return segment;
    const redacted = redactedText(decoded, pointer, own);
    return redacted === decoded ? segment : redacted;
  });
  const recorded = recordedText(segments.join("/"), pointer, own);
  for (const one of together(own)) marks.push(one);
  return recorded;
}

function percentDecoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

/** Nearly all text is so, and there is nothing to do. */
const PLAIN = /^[\x20-\x7e]*$/;

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Text that every store and every JSON reader takes: lone surrogates replaced, NUL removed. */
export function cleanText(text: string): string {
  return PLAIN.test(text) ? text : decoder.decode(toUtf8(text)).replaceAll("\0", "");
}
