/** Parts that records of several types have, as canonical JSON (docs/spec/record.md). */
import { MAX_PATH_TEXT } from "../filter/path-shapes.js";
import type { RecordedReceipt } from "../filter/recorded-receipt.js";
import { Recent } from "../recent.js";
import type { SanitizationMark } from "../redaction/mark.js";
import type { Outcome } from "./call-facts.js";
import { after, before, listText, numberOrNone, numberText, quoted, quotedOrNone } from "./json-text.js";
import { cleanText, recordedText, recordedTexts } from "./recorded-text.js";

export const SANITIZER = '{"profile":"default","version":"1"}';

/** The member `sanitization`. */
export function marksText(marks: readonly SanitizationMark[]): string {
  return listText(marks, markText);
}

function markText({ action, class: what, count, pointer }: SanitizationMark): string {
  const counted = before("count", numberOrNone(count));
  return `{"action":"${action}","class":"${what}",${counted}"pointer":${quoted(pointer)}}`;
}

/** The member `filters`. @param marks - takes what was done to the paths */
export function filtersText(receipts: readonly RecordedReceipt[], marks: SanitizationMark[]): string {
  return listText(receipts, (receipt, index) => receiptText(receipt, index, marks));
}

function receiptText(receipt: RecordedReceipt, index: number, marks: SanitizationMark[]): string {
  const { effect, entityId, filterId, hop, mode, nodes, on, operationId, paths, scope } = receipt;
  const how = `"effect":"${effect}","entityId":${quoted(entityId)},"filterId":${quoted(filterId)}`;
  const where = `${after("hop", numberOrNone(hop))}${after("mode", quotedOrNone(mode))}`;
  const what = `,"nodes":${numberText(nodes)}${after("on", quotedOrNone(on))},"operationId":${quoted(operationId)}`;
  return `{${how}${where}${what},"paths":${pathsText(paths, index, marks)},"scope":"${scope}"}`;
}

/** Keys are data: a document may have an address for a name, and names as long as it likes. */
function pathsText(paths: readonly string[], index: number, marks: SanitizationMark[]): string {
  return knownPathsText(paths) ?? listText(recordedPaths(paths, index, marks), quoted);
}

function recordedPaths(
  paths: readonly string[],
  index: number,
  marks: SanitizationMark[],
): readonly string[] {
  const count = paths.filter((path) => path.length >= MAX_PATH_TEXT).length;
  if (count > 0) marks.push({ action: "truncate", class: "size", count, pointer: "/filters" });
  return recordedTexts(paths.map(unlessCut), `/filters/${index}/paths`, marks);
}

/** Of a path that was cut only the root is told: no detector knows half of what it looks for. */
function unlessCut(path: string): string {
  return path.length < MAX_PATH_TEXT ? path : "$";
}

/**
 * Documents of one endpoint lose the same members nearly always: then their list is the same frozen one, and if not, each
 * path is looked at once. Paths of a receipt are distinct, and those that are recorded as they are stay so.
 */
function knownPathsText(paths: readonly string[]): string | undefined {
  if (!Object.isFrozen(paths)) return unchangedText(paths);
  const known = frozenTexts.get(paths);
  if (known !== undefined) return known;
  const text = unchangedText(paths);
  if (text !== undefined) frozenTexts.set(paths, text);
  return text;
}

const frozenTexts = new WeakMap<readonly string[], string>();

/** `undefined` when one of them is not recorded as it is. */
function unchangedText(paths: readonly string[]): string | undefined {
  let text = "[";
  for (let index = 0; index < paths.length; index++) {
    const path = paths[index] as string;
    const known = unchangedPath(path);
    if (known === undefined) return undefined;
    text += index === 0 ? known : `,${known}`;
  }
  return `${text}]`;
}

const MAX_KNOWN_CHARACTERS = 64;

/** None that is redacted: that would keep what is to be forgotten. */
const unchanged = new Recent<string>(256);

function unchangedPath(path: string): string | undefined {
  if (path.length > MAX_KNOWN_CHARACTERS) return undefined;
  const known = unchanged.get(path);
  if (known !== undefined) return known;
  return recordedText(path, "", []) === path ? unchanged.keep(path, quoted(path)) : undefined;
}

/** The member `outcome`. @param marks - takes what was done to the message */
export function outcomeText(outcome: Outcome, marks: SanitizationMark[]): string {
  const { category, errorType, message, observed, result } = outcome;
  const said = message === undefined ? undefined : quoted(recordedText(message, "/outcome/message", marks));
  const why = `${before("category", quotedOrNone(category))}${before("errorType", cleanQuoted(errorType))}`;
  return `{${why}${before("message", said)}${before("observed", quotedOrNone(observed))}"result":"${result}"}`;
}

/** A text that nobody outside chose, in a form that every store takes. */
export function cleanQuoted(text: string | undefined): string | undefined {
  return text === undefined ? undefined : quoted(cleanText(text));
}
