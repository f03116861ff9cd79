/** Whether a document is JSON at all: only then can it be stored, hashed and sent. */
import type { PolicyIssue } from "../errors.js";
import { toPointer } from "./schema-issues.js";

const MAX_DEPTH = 32;

/** Far above any policy, and it ends what refers to itself in more than one place. */
const MAX_VALUES = 1_000_000;

/**
 * What JSON cannot hold, and the one name that JSON can hold and objects cannot.
 *
 * @param counted - values that were looked at before
 */
export function notJsonIssues(document: unknown, counted = 0): PolicyIssue[] {
  let values = counted;
  let isFull = false;
  const issues: PolicyIssue[] = [];
  // One path for all: documents have values by the hundred thousand, and seldom a fault.
  const path: PropertyKey[] = [];
  const visit = (value: unknown): void => {
    if (isFull) return;
    isFull = ++values > MAX_VALUES;
    const fault = isFull ? `the document has more than ${MAX_VALUES} values` : faultOf(value, path);
    if (fault !== undefined) {
      issues.push(invalid(path, fault, remedyFor(value)));
      return;
    }
    if (typeof value !== "object" || value === null) return;
    for (const key of Reflect.ownKeys(value)) {
      if (key === "length" && Array.isArray(value)) continue;
      path.push(key);
      if (key === "__proto__") issues.push(invalid(path, "`__proto__` is not allowed as a name"));
      else visit((value as Record<PropertyKey, unknown>)[key]);
      path.pop();
    }
  };
  visit(document);
  return issues;
}

function invalid(path: readonly PropertyKey[], message: string, help?: string): PolicyIssue {
  return { pointer: toPointer(path), message, ...(help === undefined ? {} : { help }), kind: "invalid" };
}

function remedyFor(value: unknown): string | undefined {
  if (value instanceof RegExp) return "write its `source` as the pattern and its `flags` beside it";
  if (value instanceof Promise) return "`await` it first";
  if (value instanceof Date) return "write `date.toISOString()`";
  if (value instanceof URL) return "pass `url.href`";
  return undefined;
}

const NOT_JSON: ReadonlySet<string> = new Set(["function", "symbol", "bigint"]);

function faultOf(value: unknown, path: readonly PropertyKey[]): string | undefined {
  if (path.length > MAX_DEPTH) return `the document is nested deeper than ${MAX_DEPTH}, or refers to itself`;
  if (typeof value === "number" && !Number.isFinite(value)) return "expected a finite number";
  if (NOT_JSON.has(typeof value)) return `a ${typeof value} cannot stand in a policy`;
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return undefined;
  if (value instanceof URL || value instanceof Date) return "expected a string";
  // What the schema has at this place is not known here.
  return "expected a string, a list or a plain object";
}
