/** An operation of a filter, checked and compiled. */
import type { PolicyIssue } from "../errors.js";
import { jsonPathFault } from "../pattern/path-text.js";
import { compilePattern, type Pattern } from "../pattern/pattern.js";
import { PatternSyntaxError } from "../pattern/syntax-error.js";
import type { Operation, PatternSpec } from "../policy/schema.js";
import type { Mask } from "./operation.js";

export interface CompiledOperation {
  /** `operations/N`. */
  readonly id: string;
  readonly effect: Operation["effect"];
  readonly pattern: Pattern;
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
  const pattern = read("jsonPath", jsonPath);
  const matchValue = operation.matchValue && read("matchValue", operation.matchValue);
  for (const fault of pattern === undefined ? [] : pathFaults(effect, jsonPath, pattern)) {
    issues.push({ pointer: `${place}/jsonPath`, ...fault, kind: "invalid" });
  }
  if (pattern === undefined || issues.length > 0) return { operation: undefined, issues };
  return { operation: { id: `operations/${index}`, effect, pattern, matchValue, mask }, issues };
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
  const message = `\`{{${unknown}}}\`: the filter has no variable of this name`;
  return { ok: false, message, help: "declare it under `variables` of this filter" };
}

function pathFaults(effect: Operation["effect"], spec: PatternSpec, pattern: Pattern): Fault[] {
  const fault = jsonPathFault(spec.pattern);
  if (fault !== undefined) return [fault];
  if (effect !== "retain" || pattern.variablesEndAtBoundary) return [];
  return [
    {
      message: "in a `retain` a variable must be followed by `$`, `\\.` or `\\[`",
      help: "without a boundary the value `1` would retain what belongs to `12` too",
    },
  ];
}
