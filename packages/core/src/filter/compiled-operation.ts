/** An operation of a filter, checked and compiled. */
import type { PolicyIssue } from "../errors.js";
import { QuerySyntaxError } from "../json-query/query-syntax-error.js";
import { jsonPathFault } from "../pattern/path-text.js";
import { compilePattern, type Pattern } from "../pattern/pattern.js";
import { PatternSyntaxError } from "../pattern/syntax-error.js";
import type { Operation, PatternSpec } from "../policy/schema.js";
import type { Mask } from "./operation.js";
import { compileSelect, type Select } from "./select.js";

export interface CompiledOperation {
  /** `operations/N`. */
  readonly id: string;
  readonly effect: Operation["effect"];
  /** Exactly one of the two. */
  readonly pattern: Pattern | undefined;
  readonly select: Select | undefined;
  readonly matchValue: Pattern | undefined;
  readonly mask: Mask | undefined;
}

export interface CompiledOperationResult {
  readonly operation: CompiledOperation | undefined;
  /** Their pointers start at the filter. */
  readonly issues: readonly PolicyIssue[];
}

/** @param declared - names of the variables that its patterns may use */
export function compileOperation(
  operation: Operation,
  index: number,
  declared: ReadonlySet<string>,
): CompiledOperationResult {
  const place = `/operations/${index}`;
  const issues: PolicyIssue[] = [];
  const read = (field: "jsonPath" | "matchValue", spec: PatternSpec): Pattern | undefined => {
    const result = readPattern(spec, declared);
    if (result.ok) return result.pattern;
    const { message, help } = result;
    issues.push({ pointer: `${place}/${field}`, message, help, kind: "invalid" });
    return undefined;
  };
  const { effect, jsonPath, mask } = operation;
  const pattern = jsonPath && read("jsonPath", jsonPath);
  const select = operation.select === undefined ? undefined : readSelect(operation.select);
  const matchValue = operation.matchValue && read("matchValue", operation.matchValue);
  for (const fault of pattern === undefined ? [] : pathFaults(effect, pattern)) {
    issues.push({ pointer: `${place}/jsonPath`, ...fault, kind: "invalid" });
  }
  if (select?.ok === false) {
    const { message, help } = select;
    issues.push({ pointer: `${place}/select`, message, help, kind: "invalid" });
  }
  if (issues.length > 0) return { operation: undefined, issues };
  const id = `operations/${index}`;
  return {
    operation: { id, effect, pattern, select: select?.ok ? select.select : undefined, matchValue, mask },
    issues,
  };
}

function readSelect(
  source: string,
): { readonly ok: true; readonly select: Select } | ({ readonly ok: false } & Fault) {
  try {
    return { ok: true, select: compileSelect(source) };
  } catch (error) {
    if (!(error instanceof QuerySyntaxError)) throw error;
    return { ok: false, message: error.message, help: error.help };
  }
}

interface Fault {
  readonly message: string;
  readonly help: string;
}

function readPattern(
  spec: PatternSpec,
  declared: ReadonlySet<string>,
): { readonly ok: true; readonly pattern: Pattern } | ({ readonly ok: false } & Fault) {
  let pattern: Pattern;
  try {
    pattern = compilePattern(spec);
  } catch (error) {
    if (!(error instanceof PatternSyntaxError)) throw error;
    return { ok: false, message: error.message, help: error.help };
  }
  const unknown = pattern.variables.find((name) => !declared.has(name));
  if (unknown === undefined) return { ok: true, pattern };
  const message = `\`{{${unknown}}}\`: no filter that applies by then has a variable of this name`;
  const help = "declare it under `variables` of this filter, or of one of an outer scope";
  return { ok: false, message, help };
}

function pathFaults(effect: Operation["effect"], pattern: Pattern): Fault[] {
  const fault = jsonPathFault(pattern.source);
  if (fault !== undefined) {
    return [{ message: fault.message, help: `write the query as \`select\`, or ${fault.help}` }];
  }
  if (effect !== "retain" || pattern.variablesEndAtBoundary) return [];
  return [
    {
      message: "in a `retain` a variable must be followed by `$`, `\\.` or `\\[`",
      help: "without a boundary the value `1` would retain what belongs to `12` too",
    },
  ];
}
