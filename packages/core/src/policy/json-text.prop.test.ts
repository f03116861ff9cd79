/** A JSON text is read as `JSON.parse` reads it, or refused where it first goes wrong. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PolicyError, type PolicyIssue } from "../errors.js";
import { documents, editedText, edits } from "../filter/random-documents.reference.js";
import { isJson } from "../is-json.reference.js";
import { runs } from "../runs.reference.js";
import { readJsonText } from "./json-text.js";
import { toPointer } from "./schema-issues.js";

function issuesOf(text: string): readonly PolicyIssue[] {
  try {
    readJsonText(text);
    return [];
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    return error.issues;
  }
}

/** The place of an issue in the text, by counting. */
function offsetOf(text: string, { line = 0, column = 0 }: PolicyIssue): number {
  const before = text.split("\n").slice(0, line - 1);
  return before.reduce((sum, { length }) => sum + length + 1, 0) + column - 1;
}

const isRepeat = ({ message }: PolicyIssue) => message.includes("twice");
const endsEarly = ({ message }: PolicyIssue) => message.endsWith("the text ends too early");

describe("a text", () => {
  it("is JSON when `JSON.parse` says so, and goes wrong where the reader says", () => {
    const reached = { broken: 0, inside: 0, whole: 0 };
    fc.assert(
      fc.property(documents, edits, (document, list) => {
        const text = editedText(document, list);
        const [issue] = issuesOf(text);
        const isBroken = issue !== undefined && !isRepeat(issue);
        expect({ text, isBroken }).toEqual({ text, isBroken: !isJson(text) });
        if (!isBroken) {
          if (issue === undefined) expect(readJsonText(text).document).toEqual(JSON.parse(text));
          reached.whole++;
          return;
        }
        reached.broken++;
        const offset = offsetOf(text, issue);
        expect(endsEarly(issue)).toBe(offset === text.length);
        // What stands before may go on to be JSON, and with what stands there it may not. A word, a number or an escape
        // is told with its beginning.
        const [before] = issuesOf(text.slice(0, offset));
        expect(before === undefined || endsEarly(before) || isRepeat(before)).toBe(true);
        if (!endsEarly(issue)) reached.inside++;
      }),
      { numRuns: runs(3000) },
    );
    for (const count of Object.values(reached)) expect(count).toBeGreaterThan(runs(300));
  });
});

type Member = readonly [name: string, value: Value];
type Value = { readonly members: readonly Member[] } | { readonly elements: readonly Value[] } | number;

const names = fc.constantFrom("a", "b", "~/", "é", "__proto__", '"', "constructor");
const { members } = fc.letrec<{ value: Value; members: Value; elements: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constant(1),
    tie("members"),
    tie("members"),
    tie("elements"),
  ),
  members: fc.record({ members: fc.array(fc.tuple(names, tie("value")), { maxLength: 4 }) }),
  elements: fc.record({ elements: fc.array(tie("value"), { maxLength: 3 }) }),
}));

/** The text of a value, with every other name in escapes, and the pointers of the members whose name is taken. */
function written(root: Value): { readonly text: string; readonly repeats: readonly string[] } {
  const repeats: string[] = [];
  let count = 0;
  const nameText = (name: string) =>
    count++ % 2 === 0
      ? JSON.stringify(name)
      : `"${[...name].map((one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`).join("")}"`;
  const write = (one: Value, path: readonly (string | number)[]): string => {
    if (typeof one === "number") return "1";
    if ("elements" in one)
      return `[${one.elements.map((inner, index) => write(inner, [...path, index])).join()}]`;
    const members = one.members.map(([name, inner], index) => {
      if (one.members.findIndex((other) => other[0] === name) < index)
        repeats.push(toPointer([...path, name]));
      return `${nameText(name)}:\n${write(inner, [...path, name])}`;
    });
    return `{${members.join()}}`;
  };
  return { text: write(root, []), repeats };
}

describe("names that repeat", () => {
  it("are found, all of them and no others, where they stand", () => {
    let repeated = 0;
    fc.assert(
      fc.property(members, (root) => {
        const { text, repeats } = written(root);
        const issues = issuesOf(text);
        expect(issues.map(({ pointer }) => pointer).toSorted()).toEqual(repeats.toSorted());
        for (const issue of issues) {
          const [name = ""] = /^"(?:[^"\\]|\\.)*"/.exec(text.slice(offsetOf(text, issue))) ?? [];
          expect(toPointer([JSON.parse(name)])).toBe(issue.pointer.slice(issue.pointer.lastIndexOf("/")));
        }
        if (repeats.length === 0) expect(readJsonText(text).document).toEqual(JSON.parse(text));
        else repeated++;
      }),
      { numRuns: runs(1000) },
    );
    expect(repeated).toBeGreaterThan(runs(300));
  });
});
