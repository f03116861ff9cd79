/** Policies that come as text: their faults have a line and a column. */
import { PolicyError, type PolicyIssue } from "../errors.js";
import { readJsonText } from "./json-text.js";
import { parsePolicy } from "./parse-policy.js";
import type { PolicyText, PolicyTextReader } from "./policy-text.js";
import type { Policy } from "./schema.js";
import type { TextPlace } from "./text-lines.js";

/**
 * Checks a policy that was written as text. Refuses inline secrets, as `parsePolicy` does.
 *
 * @param read - of the text's format; what it throws is passed on as it is
 * @default readJsonText
 * @param check - what else must hold of a policy that loads: the faults it finds are told with their places too
 * @throws PolicyError naming every fault with its JSON pointer, its line and its column; for a reader that returns no
 *   {@link PolicyText} too
 */
export function parsePolicyText(
  text: string,
  read: PolicyTextReader = readJsonText,
  check: (policy: Policy) => readonly PolicyIssue[] = () => [],
): Policy {
  const source = checked(read(text));
  try {
    const policy = parsePolicy(source.document);
    const [first, ...rest] = check(policy);
    if (first !== undefined) throw new PolicyError([first, ...rest]);
    return policy;
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    const [first, ...rest] = located(error.issues, source);
    throw first === undefined ? error : new PolicyError([first, ...rest]);
  }
}

/** A reader may be anybody's, and in JavaScript. */
function checked(source: PolicyText | undefined): PolicyText {
  if (isPromise(source) || isPromise(source?.document))
    throw readerError(
      "the reader returned a promise",
      "read without waiting: a reader is no `async` function",
    );
  if (typeof source !== "object" || source === null || !("document" in source))
    throw readerError("the reader returned no `document`", "return `{ document }`, with what the text holds");
  if (source.placesOf !== undefined && typeof source.placesOf !== "function")
    throw readerError("the reader's `placesOf` is no function", MEND_PLACES);
  return source;
}

const MEND_PLACES = "mend it, or leave it out";

function readerError(message: string, help: string): PolicyError {
  return new PolicyError([readerIssue(message, help)]);
}

function readerIssue(message: string, help: string): PolicyIssue {
  return { pointer: "", message, help, kind: "invalid" };
}

function isPromise(value: unknown): boolean {
  // Nobody waits for it: that it fails must not end the process.
  if (value instanceof Promise) value.catch(() => {});
  return typeof (value as Partial<PromiseLike<unknown>> | null | undefined)?.then === "function";
}

/** What is missing is where that is which lacks it; the document as a whole is nowhere. */
function located(issues: readonly PolicyIssue[], source: PolicyText): readonly PolicyIssue[] {
  if (source.placesOf === undefined) return issues;
  try {
    const places = source.placesOf(new Set(issues.flatMap(({ pointer }) => withOuter(pointer))));
    if (isPromise(places)) throw new TypeError("a promise has no places");
    return issues.map((issue) => {
      const found = withOuter(issue.pointer).find((pointer) => places.has(pointer));
      return found === undefined ? issue : { ...issue, ...placeOf(places.get(found)) };
    });
  } catch {
    // The policy's faults matter more; what was thrown may quote the text.
    return [...issues, readerIssue("the reader's `placesOf` failed, or gave no places", MEND_PLACES)];
  }
}

/** Without anything else that a reader has put there. */
function placeOf(place: TextPlace | undefined): TextPlace {
  const { line, column } = place ?? {};
  if (!isFromOne(line) || !isFromOne(column)) throw new TypeError("no line or no column");
  return { line, column };
}

function isFromOne(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 1;
}

/** A pointer and those to what holds it, innermost first, without the document as a whole. */
function withOuter(pointer: string): string[] {
  const outer: string[] = [];
  for (let inner = pointer; inner !== ""; inner = inner.slice(0, inner.lastIndexOf("/"))) outer.push(inner);
  return outer;
}
