/** Redaction of the names of one object's members: a name may itself be an address or a number. */
import type { Detector } from "./detector.js";
import { type RedactedText, redactText } from "./redact-text.js";

/** The names of an object after redaction. */
export interface RedactedNames {
  /** As many as came in, in their order, no two alike. */
  readonly names: readonly string[];
  /** What was done to the names at these indices. */
  readonly found: ReadonlyMap<number, RedactedText["found"]>;
}

/**
 * Replaces what the detectors find in names. Names that become alike are told apart by `#2`, `#3` and so on, so that no
 * member is lost.
 *
 * @param names - no two alike
 * @returns `undefined` when nothing was found
 */
export function redactNames(
  names: readonly string[],
  detectors: readonly Detector[],
): RedactedNames | undefined {
  if (names.every((name) => redactText(name, detectors) === undefined)) return undefined;
  const redacted = new Map<number, RedactedText>();
  names.forEach((name, index) => {
    const one = redactText(name, detectors);
    if (one !== undefined) redacted.set(index, one);
  });
  const numbered = numbering(names.filter((_, index) => !redacted.has(index)));
  return {
    names: names.map((name, index) => {
      const one = redacted.get(index);
      return one === undefined ? name : numbered(one.text);
    }),
    found: new Map([...redacted].map(([index, { found }]) => [index, found])),
  };
}

/** Numbers only go up, so that a thousand names alike take a thousand looks and not a million. */
function numbering(untouched: readonly string[]): (name: string) => string {
  const taken = new Set(untouched);
  const last = new Map<string, number>();
  return (name) => {
    let number = last.get(name) ?? 1;
    let unlike = number === 1 ? name : `${name}#${number}`;
    while (taken.has(unlike)) unlike = `${name}#${++number}`;
    last.set(name, number);
    taken.add(unlike);
    return unlike;
  };
}
