/** The patterns of conditions, checked one by one so that a fault names its place. */
import type { PolicyIssue } from "../errors.js";
import { compilePattern } from "../pattern/pattern.js";
import { PatternSyntaxError } from "../pattern/syntax-error.js";
import type { Filter, PatternSpec, Rule } from "./schema.js";
import { toPointer } from "./schema-issues.js";

/** All patterns of a rule's or filter's conditions, with where they stand. */
export function patternsOf(
  fields: Pick<Filter, "path" | "headers" | "query"> & { readonly host?: Rule["host"] },
): { readonly at: readonly PropertyKey[]; readonly input: PatternSpec }[] {
  const checks = (["headers", "query"] as const).flatMap((list) =>
    (fields[list] ?? []).flatMap((check, index) => [
      { at: [list, index, "name"], input: check.name },
      ...(check.matchValue === undefined
        ? []
        : [{ at: [list, index, "matchValue"], input: check.matchValue }]),
    ]),
  );
  return [
    ...(fields.host === undefined ? [] : [{ at: ["host"], input: fields.host }]),
    ...(fields.path === undefined ? [] : [{ at: ["path"], input: fields.path }]),
    ...checks,
  ];
}

/** What is wrong with a pattern of a condition; none for a good one. */
export function patternIssue(path: readonly PropertyKey[], input: PatternSpec): PolicyIssue[] {
  const pointer = toPointer(path);
  try {
    const pattern = compilePattern(input);
    if (path.at(-1) === "path" && input.pattern.endsWith("/*")) {
      const message = "`/*` at the end repeats the slash: a path is a regular expression, not a glob";
      return [{ pointer, message, help: "write `^/v1/` for all that starts with `/v1/`", kind: "invalid" }];
    }
    if (pattern.variables.length === 0) return [];
    const message = `\`{{${pattern.variables[0]}}}\`: variables are allowed in the patterns of operations only`;
    return [
      {
        pointer,
        message,
        help: "escape the braces as `\\{\\{` if they are meant literally",
        kind: "invalid",
      },
    ];
  } catch (error) {
    if (!(error instanceof PatternSyntaxError)) throw error;
    return [{ pointer, message: error.message, help: error.help, kind: "invalid" }];
  }
}
