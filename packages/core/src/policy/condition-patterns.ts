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

/** Checks the conditions of rules or filters, which may be thousands, one after the other. */
export class ConditionPatterns {
  /** Those without a fault of all that were checked, repeats included. */
  readonly patterns: Pattern[] = [];
  #issues: PolicyIssue[] = [];

  /** @returns the faults; their pointers start at the rule or filter */
  check({ host, path, headers, query, actor, token, body }: Fields): readonly PolicyIssue[] {
    if (this.#issues.length > 0) this.#issues = [];
    if (host !== undefined) this.#check(host, "host");
    if (path !== undefined) this.#check(path, "path");
    if (headers !== undefined) this.#checkAll(headers, "headers");
    if (query !== undefined) this.#checkAll(query, "query");
    if (actor !== undefined) this.#checkAll(actor, "actor");
    token?.forEach(({ matchValue }, index) => {
      if (matchValue !== undefined) this.#check(matchValue, "matchValue", "token", index);
    });
    body?.forEach(({ jsonPath, matchValue }, index) => {
      this.#check(jsonPath, "jsonPath", "body", index);
      if (matchValue !== undefined) this.#check(matchValue, "matchValue", "body", index);
    });
    return this.#issues;
  }

  #checkAll(checks: readonly Check[], list: string): void {
    checks.forEach(({ name, matchValue }, index) => {
      this.#check(name, "name", list, index);
      if (matchValue !== undefined) this.#check(matchValue, "matchValue", list, index);
    });
  }

  /** The pattern in a field, of the rule itself or of a member of one of its lists. */
  #check(input: PatternSpec, field: string, list?: string, index = 0): void {
    const result = checkPattern(field, input);
    if (!("message" in result)) {
      this.patterns.push(result);
      return;
    }
    const at = list === undefined ? [field] : [list, index, field];
    this.#issues.push({ ...result, pointer: toPointer(at), kind: "invalid" });
  }
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
