/** The conditions of rules and filters, compiled into one question about a request. */
import type { CanonicalRequest } from "../http/canonical-request.js";
import type { QueryPair } from "../http/form-query.js";
import { compilePattern, type Pattern } from "../pattern/pattern.js";
import type { Check, Filter, PatternSpec, Rule } from "./schema.js";

/** A request as the rules of one target see it. */
export interface MatchInput {
  readonly request: CanonicalRequest;
  /** What follows the target's base path, starting with `/`. */
  readonly path: string;
  /** The same of `request.decodedPath` where the proxy allows ambiguous paths, else equal to `path`. */
  readonly decodedPath: string;
}

/** Whether the conditions hold. `path` is the spelling to look at. Cannot throw. */
export type Conditions = (input: MatchInput, path: string) => boolean;

interface ConditionFields extends Pick<Filter, "methods" | "path" | "headers" | "query"> {
  readonly host?: Rule["host"];
}

/** @throws PatternSyntaxError; `compilePolicy` adds where */
export function compileConditions(fields: ConditionFields): Conditions {
  const parts: Conditions[] = [];
  if (fields.methods !== undefined) {
    const methods = new Set(fields.methods.map((method) => method.toUpperCase()));
    parts.push(({ request }) => methods.has(request.method.toUpperCase()));
  }
  if (fields.host !== undefined) {
    const host = compilePattern(withoutCase(fields.host));
    parts.push(({ request }) => host.matches(request.host));
  }
  if (fields.path !== undefined) {
    const pattern = compilePattern(fields.path);
    const wanted = fields.path.presence === "must_exist";
    parts.push((_, path) => pattern.matches(path) === wanted);
  }
  for (const check of fields.headers ?? []) parts.push(compileHeaderCheck(check));
  for (const check of fields.query ?? []) parts.push(compileQueryCheck(check));
  return (input, path) => parts.every((part) => part(input, path));
}

/** Names of hosts and headers have no case: a deny that is written `^X-Debug$` must not miss `x-debug`. */
function withoutCase({ pattern, flags = "" }: PatternSpec): PatternSpec {
  // With `u` the `i` flag folds in another way, which some patterns do not go with.
  if (flags.includes("u")) return { pattern, flags };
  return { pattern, flags: flags.includes("i") || pattern.startsWith("(?i") ? flags : `${flags}i` };
}

function compileHeaderCheck(check: Check): Conditions {
  const test = compileCheck({ ...check, name: withoutCase(check.name) });
  return ({ request }) => test(request.headers);
}

function compileQueryCheck(check: Check): Conditions {
  const test = compileCheck(check);
  return ({ request }) =>
    test(request.queryPairs.map(({ name, value }: QueryPair) => [name, value] as const));
}

/** `must_exist`: some entry satisfies name and value. `must_not_exist` is its negation. */
function compileCheck(check: Check): (entries: Iterable<readonly [string, string]>) => boolean {
  const name = compilePattern(check.name);
  const value: Pattern | undefined =
    check.matchValue === undefined ? undefined : compilePattern(check.matchValue);
  const wanted = check.presence === "must_exist";
  return (entries) => {
    for (const [entryName, entryValue] of entries) {
      if (name.matches(entryName) && (value === undefined || value.matches(entryValue))) return wanted;
    }
    return !wanted;
  };
}
