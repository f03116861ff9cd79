/** Redaction of one text (docs/spec/record.md, "Redaction"). */
import type { Detector } from "./detector.js";
import type { Span } from "./span.js";
import { isMet, isPlain, traitsOf } from "./text-traits.js";

/** A text without what was found in it. */
export interface RedactedText {
  readonly text: string;
  /** For each stretch that was replaced, the detector that names it. Never empty. */
  readonly found: readonly Detector[];
}

/** What is found, and who found it. */
interface Finding extends Span {
  readonly detector: Detector;
}

/** What stands in place of a value. No detector takes it, or a part of it, for anything. */
export function replacementOf(name: string): string {
  return `${REPLACEMENT_BEGINNING}${name}]`;
}

/** With this every replacement begins. */
export const REPLACEMENT_BEGINNING = "[REDACTED:";

/** Replacing one thing may set free what stands directly beside it: two rounds. No text is known that takes three. */
const MAX_ROUNDS = 4;

/**
 * Replaces all that the detectors find. Stretches that overlap are replaced as one, under the name of the one that
 * begins first and is longest. What is left is looked at again until nothing is found, and after four rounds replaced as
 * a whole: so the result never holds anything that these detectors find, and takes time linear in the text.
 *
 * @returns `undefined` when nothing was found
 */
export function redactText(text: string, detectors: readonly Detector[]): RedactedText | undefined {
  let findings = findingsIn(text, detectors);
  if (findings.length === 0) return undefined;
  const found: Detector[] = [];
  let left = text;
  for (let round = 1; ; round++) {
    for (const { detector } of findings) found.push(detector);
    left = withReplacements(left, findings);
    findings = findingsIn(left, detectors);
    const [first] = findings;
    if (first === undefined) return { text: left, found };
    if (round === MAX_ROUNDS)
      return { text: replacementOf(first.detector.name), found: [...found, first.detector] };
  }
}

/** By rising start, none touching another's characters. */
function findingsIn(text: string, detectors: readonly Detector[]): readonly Finding[] {
  const traits = traitsOf(text);
  if (isPlain(traits)) return NONE;
  const all: Finding[] = [];
  for (const detector of detectors) {
    if (!isMet(detector.needs, traits)) continue;
    for (const { start, end } of detector.find(text)) all.push({ start, end, detector });
  }
  return all.length < 2 ? all : merged(all.sort((a, b) => a.start - b.start || b.end - a.end));
}

const NONE: readonly Finding[] = [];

function merged(sorted: readonly Finding[]): readonly Finding[] {
  const apart: Finding[] = [];
  for (const finding of sorted) {
    const last = apart.at(-1);
    if (last === undefined || finding.start >= last.end) apart.push(finding);
    else if (finding.end > last.end) apart[apart.length - 1] = { ...last, end: finding.end };
  }
  return apart;
}

function withReplacements(text: string, findings: readonly Finding[]): string {
  let result = "";
  let from = 0;
  for (const { start, end, detector } of findings) {
    result += text.slice(from, start) + replacementOf(detector.name);
    from = end;
  }
  return result + text.slice(from);
}
