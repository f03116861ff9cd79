/** What is to be redacted: options as a program writes them, and the rules that are made of them once. */
import { ConfigError } from "../errors.js";
import type { Detector } from "./detector.js";
import { DETECTOR_NAMES, DETECTORS, type DetectorName } from "./detectors.js";
import { pointerNames } from "./json-pointer.js";
import type { MarkClass } from "./mark.js";
import { REPLACEMENT_BEGINNING } from "./redact-text.js";

/** What a whole value may be replaced as. */
export type RedactionClass = Exclude<MarkClass, "size">;

/** What {@link redactionRules} takes. */
export interface RedactionOptions {
  /**
   * The detectors that look at texts, names and numbers. An empty list: none.
   *
   * @default all of them
   */
  readonly detectors?: readonly DetectorName[];
  /**
   * Members whose value is replaced whatever it is, at any depth: name to class. Names are compared without regard to
   * case.
   *
   * @default none
   */
  readonly keys?: Readonly<Record<string, RedactionClass>>;
  /**
   * Values that are replaced whatever they are: JSON pointer (RFC 6901) from the redacted value on to class. A pointer
   * goes before a key.
   *
   * @default none
   */
  readonly pointers?: Readonly<Record<string, RedactionClass>>;
}

/** Checked and compiled; made by {@link redactionRules}, and good for any number of values. */
export interface RedactionRules {
  readonly detectors: readonly Detector[];
  /** By name in lower case. */
  readonly keys: ReadonlyMap<string, RedactionClass>;
  readonly places: RedactedPlace;
}

/** Where the pointers lead, from the root on. */
export interface RedactedPlace {
  /** The value that stands here is replaced as a whole. */
  readonly class: RedactionClass | undefined;
  readonly members: ReadonlyMap<string, RedactedPlace>;
}

const CLASSES: readonly string[] = ["secret", "pii", "phi", "pan"] satisfies RedactionClass[];

/**
 * Makes rules for `redact` and `redactQuery`.
 *
 * @throws ConfigError `ERR_CONFIG_INVALID` for a detector or class that does not exist, a pointer that is none, or a
 *   name that redaction itself writes, which would redact more the second time
 * @see docs/spec/record.md, "Redaction"
 */
export function redactionRules(options: RedactionOptions = {}): RedactionRules {
  const { detectors = DETECTOR_NAMES, keys = {}, pointers = {} } = options;
  for (const name of detectors) {
    if (!DETECTOR_NAMES.includes(name))
      throw new ConfigError("detectors", `no detector \`${name}\`; there are ${DETECTOR_NAMES.join(", ")}`);
  }
  return {
    detectors: DETECTORS.filter(({ name }) => detectors.includes(name)),
    keys: new Map(entriesOf("keys", keys).map(([key, as]) => [key.toLowerCase(), as])),
    places: placesOf(entriesOf("pointers", pointers)),
  };
}

function entriesOf(option: string, classes: Readonly<Record<string, RedactionClass>>) {
  const entries = Object.entries(classes);
  for (const [name, as] of entries) {
    if (!CLASSES.includes(as))
      throw new ConfigError(option, `\`${name}\`: the class is one of ${CLASSES.join(", ")}`);
    if (name.toLowerCase().includes(REPLACEMENT_BEGINNING.toLowerCase()))
      throw new ConfigError(
        option,
        `\`${name}\`: a name with \`${REPLACEMENT_BEGINNING}\` is redaction's own`,
      );
  }
  return entries;
}

interface GrowingPlace {
  class: RedactionClass | undefined;
  readonly members: Map<string, GrowingPlace>;
}

function placesOf(pointers: readonly (readonly [pointer: string, as: RedactionClass])[]): RedactedPlace {
  const root: GrowingPlace = { class: undefined, members: new Map() };
  for (const [pointer, as] of pointers) {
    const names = pointerNames(pointer);
    if (names === undefined)
      throw new ConfigError("pointers", `\`${pointer}\`: a pointer is empty or begins with \`/\` (RFC 6901)`);
    let place = root;
    for (const name of names) place = memberOf(place, name);
    place.class = as;
  }
  return root;
}

function memberOf({ members }: GrowingPlace, name: string): GrowingPlace {
  const member = members.get(name) ?? { class: undefined, members: new Map() };
  members.set(name, member);
  return member;
}
