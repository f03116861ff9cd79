/** Parts that records of several types have, as canonical JSON (docs/spec/record.md). */
import { ownText } from "../bytes.js";
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
  if (areAlike(marks, lastMarks.marks)) return lastMarks.text;
  const text = ownText(listText(marks, markText));
  // A name in it may be a part of a text with values.
  const own = marks.map((mark) => ({ ...mark, pointer: ownText(mark.pointer) }));
  if (areAlike(marks, own)) lastMarks = { marks: own, text };
  return text;
}

/** Of the record before: the next one often leaves out the same. */
let lastMarks: { readonly marks: readonly SanitizationMark[]; readonly text: string } = {
  marks: [],
  text: "[]",
};

function areAlike(some: readonly SanitizationMark[], others: readonly SanitizationMark[]): boolean {
  if (some.length !== others.length) return false;
  for (let index = 0; index < some.length; index++) {
    const one = some[index] as SanitizationMark;
    const other = others[index] as SanitizationMark;
    if (one.pointer !== other.pointer || one.count !== other.count) return false;
    if (one.action !== other.action || one.class !== other.class) return false;
  }
  return true;
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
  const known = receiptTexts.get(receipt.paths);
  if (known !== undefined && isSameButNodes(receipt, known.receipt)) return aroundNodes(known, receipt);
  const paths = pathsText(receipt.paths, index, marks);
  const parts = partsOf(receipt, paths);
  if (frozenTexts.get(receipt.paths) === paths)
    receiptTexts.set(receipt.paths, {
      receipt,
      before: ownText(parts.before),
      after: ownText(parts.after),
    });
  return aroundNodes(parts, receipt);
}

interface ReceiptParts {
  readonly before: string;
  readonly after: string;
}

/** Of paths that are the same from document to document: how many values there were is all that differs. */
const receiptTexts = new WeakMap<readonly string[], ReceiptParts & { readonly receipt: RecordedReceipt }>();

function isSameButNodes(one: RecordedReceipt, other: RecordedReceipt): boolean {
  return (
    one.operationId === other.operationId &&
    one.filterId === other.filterId &&
    one.entityId === other.entityId &&
    one.effect === other.effect &&
    one.scope === other.scope &&
    one.on === other.on &&
    one.hop === other.hop &&
    one.mode === other.mode
  );
}

function aroundNodes({ before, after }: ReceiptParts, { nodes }: RecordedReceipt): string {
  return `${before}${numberText(nodes)}${after}`;
}

function partsOf(receipt: RecordedReceipt, paths: string): ReceiptParts {
  const { effect, entityId, filterId, hop, mode, on, operationId, scope } = receipt;
  const how = `"effect":"${effect}","entityId":${quoted(entityId)},"filterId":${quoted(filterId)}`;
  const where = `${after("hop", numberOrNone(hop))}${after("mode", quotedOrNone(mode))}`;
  const what = `${after("on", quotedOrNone(on))},"operationId":${quoted(operationId)}`;
  return { before: `{${how}${where},"nodes":`, after: `${what},"paths":${paths},"scope":"${scope}"}` };
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
  return text === undefined ? undefined : keepFrozen(paths, ownText(text));
}

const frozenTexts = new WeakMap<readonly string[], string>();

function keepFrozen(paths: readonly string[], text: string): string {
  frozenTexts.set(paths, text);
  return text;
}

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
