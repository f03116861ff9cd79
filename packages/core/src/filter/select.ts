/** The `select` of an operation: a JSONPath query (RFC 9535) for the nodes of a document. */
import { parseQuery } from "../json-query/parse-query.js";
import type { Query } from "../json-query/query.js";
import { QuerySyntaxError } from "../json-query/query-syntax-error.js";
import { type Expression, sequenceOf } from "../pattern/expression.js";
import { MAX_PROGRAM_SIZE } from "../pattern/pattern.js";
import { type ProgramPattern, programSizeOf } from "../pattern/program.js";
import { NO_FLAGS } from "../pattern/syntax.js";
import { pathExpression } from "./path-expression.js";

export type Select = OnePassSelect | WholeSelect;

/** What each node's path says: names, indices, slices and wildcards. Works on streams too. */
export interface OnePassSelect {
  readonly kind: "one-pass";
  /** As the policy spells it. */
  readonly source: string;
  /** Matches whole paths. */
  readonly expression: Expression;
  /** Instructions, as of a pattern. */
  readonly programSize: number;
}

/** What has to see the document as a whole before any of it may go on. */
export interface WholeSelect {
  readonly kind: "whole";
  readonly source: string;
  readonly query: Query;
  readonly programSize: number;
}

/**
 * Compiles a query.
 *
 * @throws QuerySyntaxError when it is no query, or can select nothing
 */
export function compileSelect(source: string): Select {
  const query = parseQuery(source);
  refuseEmpty(query);
  const expression = pathExpression(query);
  const programSize = expression === undefined ? 0 : programSizeOf(expression, NO_FLAGS);
  if (expression === undefined || programSize > MAX_PROGRAM_SIZE) {
    return { kind: "whole", source, query, programSize: 0 };
  }
  return { kind: "one-pass", source, expression, programSize };
}

function refuseEmpty({ segments }: Query): void {
  if (segments.length === 0) {
    throw new QuerySyntaxError(
      "`$` alone is the document itself, which no operation applies to",
      "write `$.*` and `$[*]` for all that is in it",
    );
  }
  for (const { selectors } of segments) {
    for (const selector of selectors) {
      if (selector.kind !== "slice") continue;
      const { start, end, step } = selector;
      if (step === 0 || (step > 0 && end !== undefined && end >= 0 && end <= (start ?? 0))) {
        throw new QuerySyntaxError(
          `the slice \`${start ?? ""}:${end ?? ""}:${step}\` selects nothing in any array`,
          "a slice begins at its first number and ends before its second",
        );
      }
    }
  }
}

/** A select as a pattern of a program. One that needs the whole document matches no path. */
export function programPatternOf(select: Select): ProgramPattern {
  const expression = select.kind === "one-pass" ? select.expression : NO_PATH;
  return { expression, flags: NO_FLAGS, variables: [] };
}

/** Begins at the start, so that an automaton need not go on looking for it. */
const NO_PATH = sequenceOf([
  { kind: "assertion", assertion: "textStart" },
  { kind: "set", set: [] },
]);
