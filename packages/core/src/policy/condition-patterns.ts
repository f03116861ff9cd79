/** The patterns of conditions, checked one by one so that a fault names its place. */
import type { PolicyIssue } from "../errors.js";
import { jsonPathFault } from "../pattern/path-text.js";
import { compilePattern, type Pattern } from "../pattern/pattern.js";
import { PatternSyntaxError } from "../pattern/syntax-error.js";
import type { Filter, PatternSpec, Rule } from "./schema.js";
import { toPointer } from "./schema-issues.js";

type Fields = Pick<Filter, "path" | "headers" | "query" | "token"> &
  Partial<Pick<Rule, "host" | "actor" | "body">>;

export interface CheckedPatterns {
  /** Those without a fault, repeats included. */
  readonly patterns: readonly Pattern[];
  /** Their pointers start at the rule or filter. */
  readonly issues: readonly PolicyIssue[];
}

/** Checks all patterns of a rule's or filter's conditions. */
export function checkPatterns(fields: Fields): CheckedPatterns {
  const patterns: Pattern[] = [];
  const issues: PolicyIssue[] = [];
  eachPattern(fields, (input, ...at) => {
    const result = checkPattern(at, input);
    if ("message" in result) issues.push({ ...result, pointer: toPointer(at), kind: "invalid" });
    else patterns.push(result);
  });
  return { patterns, issues };
}

/** Visits every pattern with where it stands. Rules come by the thousand, so no list is made. */
function eachPattern(fields: Fields, visit: (input: PatternSpec, ...at: PropertyKey[]) => void): void {
  if (fields.host !== undefined) visit(fields.host, "host");
  if (fields.path !== undefined) visit(fields.path, "path");
  for (const list of ["headers", "query", "actor"] as const) {
    for (const [index, check] of fields[list]?.entries() ?? []) {
      visit(check.name, list, index, "name");
      if (check.matchValue !== undefined) visit(check.matchValue, list, index, "matchValue");
    }
  }
  for (const [index, { matchValue }] of fields.token?.entries() ?? []) {
    if (matchValue !== undefined) visit(matchValue, "token", index, "matchValue");
  }
  for (const [index, { jsonPath, matchValue }] of fields.body?.entries() ?? []) {
    visit(jsonPath, "body", index, "jsonPath");
    if (matchValue !== undefined) visit(matchValue, "body", index, "matchValue");
  }
}

interface Fault {
  readonly message: string;
  readonly help: string;
}

function checkPattern(at: readonly PropertyKey[], input: PatternSpec): Pattern | Fault {
  let pattern: Pattern;
  try {
    pattern = compilePattern(input);
  } catch (error) {
    if (!(error instanceof PatternSyntaxError)) throw error;
    return { message: error.message, help: error.help };
  }
  const field = at.at(-1);
  if (field === "path" && input.pattern.endsWith("/*")) {
    const message = "`/*` at the end repeats the slash: a path is a regular expression, not a glob";
    return { message, help: "write `^/v1/` for all that starts with `/v1/`" };
  }
  const fault = field === "jsonPath" ? jsonPathFault(input.pattern) : undefined;
  if (fault !== undefined) return fault;
  if (pattern.variables.length === 0) return pattern;
  return {
    message: `\`{{${pattern.variables[0]}}}\`: variables are allowed in the patterns of operations only`,
    help: "escape the braces as `\\{\\{` if they are meant literally",
  };
}
