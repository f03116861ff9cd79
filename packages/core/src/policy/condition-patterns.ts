/** The patterns of conditions, checked one by one so that a fault names its place. */
import type { PolicyIssue } from "../errors.js";
import { jsonPathFault } from "../pattern/path-text.js";
import { compilePattern, type Pattern } from "../pattern/pattern.js";
import { PatternSyntaxError } from "../pattern/syntax-error.js";
import type { Check, PatternSpec } from "./condition-schema.js";
import type { Filter, Rule } from "./schema.js";
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
  eachPattern(fields, (input, field, list, index) => {
    const result = checkPattern(field, input);
    if (!("message" in result)) {
      patterns.push(result);
      return;
    }
    const at = list === undefined || index === undefined ? [field] : [list, index, field];
    issues.push({ ...result, pointer: toPointer(at), kind: "invalid" });
  });
  return { patterns, issues };
}

/** What is done with a pattern: it stands in `field`, of the rule itself or of a member of one of its lists. */
type Visit = (input: PatternSpec, field: string, list?: string, index?: number) => void;

/** Visits every pattern with where it stands. Rules come by the thousand, so no list is made. */
function eachPattern(fields: Fields, visit: Visit): void {
  const { host, path, token, body } = fields;
  if (host !== undefined) visit(host, "host");
  if (path !== undefined) visit(path, "path");
  eachOfChecks(fields.headers, "headers", visit);
  eachOfChecks(fields.query, "query", visit);
  eachOfChecks(fields.actor, "actor", visit);
  token?.forEach(({ matchValue }, index) => {
    if (matchValue !== undefined) visit(matchValue, "matchValue", "token", index);
  });
  body?.forEach(({ jsonPath, matchValue }, index) => {
    visit(jsonPath, "jsonPath", "body", index);
    if (matchValue !== undefined) visit(matchValue, "matchValue", "body", index);
  });
}

function eachOfChecks(checks: readonly Check[] | undefined, list: string, visit: Visit): void {
  checks?.forEach(({ name, matchValue }, index) => {
    visit(name, "name", list, index);
    if (matchValue !== undefined) visit(matchValue, "matchValue", list, index);
  });
}

interface Fault {
  readonly message: string;
  readonly help: string;
}

function checkPattern(field: string, input: PatternSpec): Pattern | Fault {
  let pattern: Pattern;
  try {
    pattern = compilePattern(input);
  } catch (error) {
    if (!(error instanceof PatternSyntaxError)) throw error;
    return { message: error.message, help: error.help };
  }
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
