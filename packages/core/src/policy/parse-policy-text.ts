/** Policies that come as text: their faults have a line and a column. */
import { PolicyError, type PolicyIssue } from "../errors.js";
import { readJsonText } from "./json-text.js";
import { parsePolicy } from "./parse-policy.js";
import type { PolicyText, PolicyTextReader } from "./policy-text.js";
import type { Policy } from "./schema.js";

/**
 * Checks a policy that was written as text. Refuses inline secrets, as `parsePolicy` does.
 *
 * @param read - of the text's format
 * @default readJsonText
 * @throws PolicyError naming every fault with its JSON pointer, its line and its column
 */
export function parsePolicyText(text: string, read: PolicyTextReader = readJsonText): Policy {
  const source = read(text);
  try {
    return parsePolicy(source.document);
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    const [first, ...rest] = located(error.issues, source);
    throw first === undefined ? error : new PolicyError([first, ...rest]);
  }
}

/** What is missing is where that is which lacks it; the document as a whole is nowhere. */
function located(issues: readonly PolicyIssue[], { placesOf }: PolicyText): readonly PolicyIssue[] {
  if (placesOf === undefined) return issues;
  const places = placesOf(new Set(issues.flatMap(({ pointer }) => withOuter(pointer))));
  return issues.map((issue) => {
    const found = withOuter(issue.pointer).find((pointer) => places.has(pointer));
    return { ...issue, ...(found === undefined ? undefined : places.get(found)) };
  });
}

/** A pointer and those to what holds it, innermost first, without the document as a whole. */
function withOuter(pointer: string): string[] {
  const outer: string[] = [];
  for (let inner = pointer; inner !== ""; inner = inner.slice(0, inner.lastIndexOf("/"))) outer.push(inner);
  return outer;
}
