import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toUtf8 } from "../bytes.js";
import { parseJson } from "../filter/json-slices.reference.js";
import { documents } from "../filter/random-documents.reference.js";
import { runs } from "../runs.reference.js";
import { findFirst, findNodes } from "./evaluate.js";
import { JsonTree } from "./json-tree.js";
import { parseQuery } from "./parse-query.js";
import { anyQueries, hasInexactNumber, isForJsonP3, locationsByJsonP3 } from "./random-queries.reference.js";

const treeOf = (text: string) => JsonTree.read(toUtf8(text)) as JsonTree;

/** Names and indices from the root to a node. */
function locationOf(tree: JsonTree, node: number): (string | number)[] {
  const location: (string | number)[] = [];
  let parent = 0;
  while (parent !== node) {
    let child = parent + 1;
    let index = 0;
    for (; tree.endOf(child) <= node; index++) child = tree.endOf(child);
    location.push(tree.kindOf(parent) === "object" ? tree.nameOf(child) : index);
    parent = child;
  }
  return location;
}

describe("the nodes of a query", () => {
  it("are those that json-p3 finds, and the first of them is its first", () => {
    let found = 0;
    fc.assert(
      fc.property(documents, anyQueries, (text, source) => {
        const tree = treeOf(text);
        // What the document does not decide is the subject of other tests; JavaScript sorts names that are numbers.
        fc.pre(isForJsonP3(tree) && !hasInexactNumber(tree) && !/"[0-9]+"/.test(text));
        const query = parseQuery(source);
        const expected = locationsByJsonP3(source, parseJson(text));
        const all = findNodes(query, tree);
        const first = findFirst(query, tree);
        if (!all.ok || !first.ok) throw new Error("the document decides the query");
        const names = (list: (string | number)[][]) =>
          [...new Set(list.map((one) => JSON.stringify(one)))].sort();
        expect(names(all.found.map((node) => locationOf(tree, node)))).toEqual(names(expected));
        expect(first.found === undefined ? undefined : locationOf(tree, first.found)).toEqual(expected[0]);
        if (expected.length > 0) found++;
      }),
      { numRuns: runs(2000) },
    );
    expect(found).toBeGreaterThan(60);
  });

  it("are in doubt where a name on the way to them stands twice, and only there", () => {
    let repeated = 0;
    fc.assert(
      fc.property(documents, fc.nat(), (text, choice) => {
        const tree = treeOf(text);
        const node = choice % tree.size;
        // Half a surrogate pair can stand in a document, but in no query.
        fc.pre(!locationOf(tree, node).some((step) => /\p{Surrogate}/u.test(String(step))));
        const steps = locationOf(tree, node).map((step) => `[${JSON.stringify(step)}]`);
        const first = findFirst(parseQuery(`$${steps.join("")}`), tree);
        const isOnlyOne = stepsTo(tree, node).every(({ parent, child }) => {
          if (tree.kindOf(parent) === "array") return true;
          const name = tree.nameOf(child);
          return childrenOf(tree, parent).filter((one) => tree.nameOf(one) === name).length === 1;
        });
        expect(first.ok).toBe(isOnlyOne);
        if (first.ok) expect(first.found).toBe(node);
        else repeated++;
      }),
      { numRuns: runs(1500) },
    );
    expect(repeated).toBeGreaterThan(20);
  });
});

function childrenOf(tree: JsonTree, parent: number): number[] {
  const children: number[] = [];
  for (let child = parent + 1; child < tree.endOf(parent); child = tree.endOf(child)) children.push(child);
  return children;
}

function stepsTo(tree: JsonTree, node: number): { parent: number; child: number }[] {
  const pairs: { parent: number; child: number }[] = [];
  for (let parent = 0; parent !== node; ) {
    const child = childrenOf(tree, parent).find((one) => node < tree.endOf(one)) ?? node;
    pairs.push({ parent, child });
    parent = child;
  }
  return pairs;
}
