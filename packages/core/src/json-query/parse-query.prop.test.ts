import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toUtf8 } from "../bytes.js";
import { runs } from "../runs.reference.js";
import { findNodes } from "./evaluate.js";
import { JsonTree } from "./json-tree.js";
import { parseQuery } from "./parse-query.js";
import type { Query } from "./query.js";
import { QuerySyntaxError } from "./query-syntax-error.js";
import { anyQueries, isQueryToJsonP3, locationsByJsonP3 } from "./random-queries.reference.js";

/** Pieces that turn one token into another. */
const piece = fc.constantFrom(
  ..."$@.[]()?!&|=<>:,*'\"\\-+0123456789eEabux_ \n\t",
  ...[
    "..",
    "&&",
    "||",
    "==",
    "true",
    "null",
    "length(",
    "count(",
    "value(",
    "match(",
    "é",
    "\ud83d",
    "0.5",
    "-0",
  ],
);
const edits = fc.array(
  fc.record({ at: fc.nat(400), remove: fc.nat(2), insert: fc.oneof(fc.constant(""), piece) }),
  { minLength: 1, maxLength: 2 },
);

const edited = fc.tuple(anyQueries, edits).map(([query, list]) =>
  list.reduce((left, { at, remove, insert }) => {
    const from = at % (left.length + 1);
    return left.slice(0, from) + insert + left.slice(from + remove);
  }, query),
);

function tryParse(source: string): Query | undefined {
  try {
    return parseQuery(source);
  } catch (error) {
    if (error instanceof QuerySyntaxError) return undefined;
    throw error;
  }
}

/** RFC 9535 has them, and json-p3 does not: numbers that begin with `0`, and controls as escapes. */
const ONLY_OURS = /0[.eE]|\\u00[01]/;

const SAMPLE = {
  a: [1, "x", { b: null, password: "A" }],
  x: { a: 1000, b: [true, 0.5] },
  token: "x",
  é: [[]],
};

describe("what is a query", () => {
  it("is not more than json-p3 takes, and means the same", () => {
    let accepted = 0;
    let refused = 0;
    const text = JSON.stringify(SAMPLE);
    const tree = JsonTree.read(toUtf8(text)) as JsonTree;
    fc.assert(
      fc.property(edited, (source) => {
        const query = tryParse(source);
        if (query === undefined) {
          refused++;
          return;
        }
        accepted++;
        if (!isQueryToJsonP3(source)) {
          expect(source).toMatch(ONLY_OURS);
          return;
        }
        // As an anchor, and in a filter inside a filter, json-p3 means something else by `$`.
        if (source.lastIndexOf("$") > 0) return;
        const found = findNodes(query, tree);
        const locations = locationsByJsonP3(source, SAMPLE).map((location) => JSON.stringify(location));
        expect(found.ok && found.found.length).toBe(new Set(locations).size);
      }),
      { numRuns: runs(4000) },
    );
    expect(accepted).toBeGreaterThan(500);
    expect(refused).toBeGreaterThan(1500);
  });

  it("is decided without an exception of another kind, whatever the text", () => {
    const soup = fc.array(piece, { maxLength: 30 }).map((list) => `$${list.join("")}`);
    fc.assert(
      fc.property(fc.oneof(soup, fc.string({ unit: "binary" })), (source) => {
        tryParse(source);
      }),
      { numRuns: runs(2000) },
    );
  });
});
