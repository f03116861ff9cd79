/** The patterns of conditions, checked one by one so that a fault names its place. */
import type { PolicyIssue } from "../errors.js";
import { compilePattern } from "../pattern/pattern.js";
import { PatternSyntaxError } from "../pattern/syntax-error.js";
import type { Filter, PatternSpec, Rule } from "./schema.js";
import { toPointer } from "./schema-issues.js";

type Fields = Pick<Filter, "path" | "headers" | "query" | "token"> &
  Partial<Pick<Rule, "host" | "actor" | "body">>;

interface Placed {
  readonly at: readonly PropertyKey[];
  readonly input: PatternSpec;
}

/** All patterns of a rule's or filter's conditions, with where they stand. */
export function patternsOf({ host, path, ...lists }: Fields): Placed[] {
  return [
    ...placed(["host"], host),
    ...placed(["path"], path),
    ...(["headers", "query", "actor"] as const).flatMap((list) =>
      (lists[list] ?? []).flatMap((check, index) => [
        ...placed([list, index, "name"], check.name),
        ...placed([list, index, "matchValue"], check.matchValue),
      ]),
    ),
    ...(lists.token ?? []).flatMap((check, index) =>
      placed(["token", index, "matchValue"], check.matchValue),
    ),
    ...(lists.body ?? []).flatMap((check, index) => [
      ...placed(["body", index, "jsonPath"], check.jsonPath),
      ...placed(["body", index, "matchValue"], check.matchValue),
    ]),
  ];
}

function placed(at: readonly PropertyKey[], input: PatternSpec | undefined): Placed[] {
  return input === undefined ? [] : [{ at, input }];
}

/** `$.ssn` is a JSONPath query, which `jsonPath` despite its name does not take. */
const JSON_PATH_LIKE = /^\^?\$\\?[.[]/;

/** What is wrong with a pattern of a condition; none for a good one. */
export function patternIssue(path: readonly PropertyKey[], input: PatternSpec): PolicyIssue[] {
  const pointer = toPointer(path);
  try {
    const pattern = compilePattern(input);
    if (path.at(-1) === "path" && input.pattern.endsWith("/*")) {
      const message = "`/*` at the end repeats the slash: a path is a regular expression, not a glob";
      return [{ pointer, message, help: "write `^/v1/` for all that starts with `/v1/`", kind: "invalid" }];
    }
    if (path.at(-1) === "jsonPath" && JSON_PATH_LIKE.test(input.pattern)) {
      const message =
        "`$` at the start of a regular expression means the end of the text, so this matches no path";
      const help = "escape the `$` and the dots: what JSONPath writes as `$.a.b` is `^\\$\\.a\\.b$` here";
      return [{ pointer, message, help, kind: "invalid" }];
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
