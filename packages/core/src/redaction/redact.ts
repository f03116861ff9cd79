/** Redaction of JSON values (docs/spec/record.md, "Redaction"). A loop, not a recursion: depth costs no call stack. */
import type { JsonValue } from "../record/canonical-json.js";
import type { Detector } from "./detector.js";
import { JsonContainer, type JsonMembers, type JsonPlace } from "./json-container.js";
import type { SanitizationMark } from "./mark.js";
import { type MarkTally, tallyRedactions } from "./mark-tally.js";
import { isPaymentCardNumber, paymentCard } from "./payment-card.js";
import { redactNames } from "./redact-names.js";
import { redactText, replacementOf } from "./redact-text.js";
import type { RedactedPlace, RedactionClass, RedactionRules } from "./redaction-rules.js";

/** A value that may be recorded, and what was done to it. */
export interface RedactedValue {
  /** The very object that came in when there was nothing to do; else a copy, which shares with it what is untouched. */
  readonly value: JsonValue;
  /** One for each place and class, in the order of the document. */
  readonly marks: readonly SanitizationMark[];
}

/**
 * Replaces what may not be recorded of a JSON value. Pure: never changes its input, and finds nothing more in what it
 * returned. Does not see through encodings: percent-encoding, base64 or JSON inside of a text.
 *
 * @param value - a tree of any depth; takes time linear in its size
 * @param rules - made once by `redactionRules()`
 * @param pointer - where the value stands in the record: the marks' pointers begin with it
 * @see docs/spec/record.md, "Redaction"
 */
export function redact(value: JsonValue, rules: RedactionRules, pointer = ""): RedactedValue {
  const walk: Walk = { rules, marks: new Map() };
  const holder = holderOf(value, rules, pointer);
  const outer: Level[] = [];
  for (let level = holder; ; ) {
    if (level.container.advance()) {
      const inner = redactMember(level, walk);
      if (inner === undefined) continue;
      outer.push(level);
      level = inner;
    } else {
      const above = outer.pop();
      if (above === undefined) break;
      above.container.replace(level.container.result());
      level = above;
    }
  }
  const [redacted = null] = holder.container.result() as readonly [JsonValue];
  return { value: redacted, marks: [...walk.marks.values()] };
}

interface Walk {
  readonly rules: RedactionRules;
  readonly marks: MarkTally;
}

/** A container on the way from the root to the value that is looked at. */
interface Level {
  readonly container: JsonContainer;
  /** What the pointers say of its members. */
  readonly rule: RedactedPlace | undefined;
  /** It only holds the root: the root's pointer is the container's own. */
  readonly isHolder: boolean;
}

function holderOf(value: JsonValue, rules: RedactionRules, pointer: string): Level {
  return {
    container: new JsonContainer([value], { pointer, isCut: false }),
    rule: { class: undefined, members: new Map([["0", rules.places]]) },
    isHolder: true,
  };
}

/** Redacts the current member, or opens it when it has members of its own. */
function redactMember(level: Level, walk: Walk): Level | undefined {
  const { container } = level;
  const { value, key } = container;
  const rule = level.rule?.members.get(String(key));
  const as = rule?.class ?? classOfName(key, walk.rules);
  if (typeof value === "object" && value !== null && as === undefined)
    return opened(value, placeOf(level), rule, walk);
  const redacted = as === undefined ? redactScalar(value, walk.rules) : wholly(value, as);
  if (redacted === undefined) return undefined;
  container.replace(redacted.text);
  tallyRedactions(walk.marks, placeOf(level).pointer, redacted.found);
  return undefined;
}

function placeOf({ container, isHolder }: Level): JsonPlace {
  return isHolder ? container.place : container.placeOf();
}

function classOfName(key: string | number, { keys }: RedactionRules): RedactionClass | undefined {
  return typeof key === "number" || keys.size === 0 ? undefined : keys.get(key.toLowerCase());
}

/** An object's names are redacted first: the pointers of the marks beneath are made of them. */
function opened(value: JsonMembers, place: JsonPlace, rule: RedactedPlace | undefined, walk: Walk): Level {
  const container = new JsonContainer(value, place);
  const redacted = container.names && redactNames(container.names, walk.rules.detectors);
  if (redacted !== undefined) {
    container.rename(redacted.names);
    for (const [index, found] of redacted.found)
      tallyRedactions(walk.marks, container.placeOf(index).pointer, found);
  }
  return { container, rule, isHolder: false };
}

/** Nothing of the value stays, whatever it holds; one that was replaced before is not replaced again. */
function wholly(value: JsonValue | undefined, as: RedactionClass): Redacted | undefined {
  const text = replacementOf(as);
  return value === undefined || value === text ? undefined : { text, found: [{ class: as }] };
}

function redactScalar(value: JsonValue | undefined, { detectors }: RedactionRules): Redacted | undefined {
  if (typeof value === "string") return redactText(value, detectors);
  if (typeof value !== "number" || !isPaymentCardNumber(value) || !detectors.includes(paymentCard))
    return undefined;
  return { text: replacementOf(paymentCard.name), found: [paymentCard] };
}

/** What a value becomes, and what was found in it: by a detector, or by a rule. */
interface Redacted {
  readonly text: string;
  readonly found: readonly Pick<Detector, "class">[];
}
