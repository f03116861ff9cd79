/** Policies in JSON, read so that nobody can read them otherwise. */
import { PolicyError, type PolicyIssue } from "../errors.js";
import { PointerSearch } from "./pointer-search.js";
import type { PolicyText } from "./policy-text.js";
import { RepeatedNames, textIssue } from "./text-issues.js";
import { TextLines, type TextPlace } from "./text-lines.js";
import { JsonFault, type OpenJson, pathOf, walkJson } from "./walk-json.js";

/**
 * Reads a JSON text (RFC 8259) in which no object has a name twice. `JSON.parse` keeps the last of two, others the first.
 * Names that differ in escapes only are the same. Nor may it be nested deeper than {@link MAX_TEXT_DEPTH}.
 *
 * @throws PolicyError with line and column, without any value of the text
 */
export function readJsonText(text: string): PolicyText {
  const lines = new TextLines(text);
  const [first, ...rest] = repeatedNameIssues(text, lines);
  if (first !== undefined) throw new PolicyError([first, ...rest]);
  return { document: JSON.parse(text), placesOf: (pointers) => placesIn(text, pointers, lines) };
}

function repeatedNameIssues(text: string, lines: TextLines): PolicyIssue[] {
  const issues: PolicyIssue[] = [];
  const repeats = new RepeatedNames();
  const names = new WeakMap<OpenJson, Map<string, number>>();
  try {
    walkJson(text, (open, offset) => {
      const container = open.at(-1);
      if (container === undefined || typeof container.key === "number") return;
      const seen = names.get(container) ?? new Map<string, number>();
      const before = seen.get(container.key);
      if (before !== undefined)
        issues.push(...repeats.issuesOf(pathOf(open), lines.placeAt(offset), lines.placeAt(before)));
      else names.set(container, seen.set(container.key, offset));
    });
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error;
    const { message, offset, path, help } = error;
    throw new PolicyError([textIssue(path, message, lines.placeAt(offset), help)]);
  }
  return issues;
}

function placesIn(text: string, pointers: ReadonlySet<string>, lines: TextLines): Map<string, TextPlace> {
  const places = new Map<string, TextPlace>();
  const search = new PointerSearch(pointers);
  walkJson(text, (open, offset) => {
    const pointer = search.visit(open.at(-1)?.key ?? "", open.length);
    if (pointer !== undefined) places.set(pointer, lines.placeAt(offset));
  });
  return places;
}
