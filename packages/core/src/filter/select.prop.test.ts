import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeUtf8, toUtf8 } from "../bytes.js";
import { JsonTree } from "../json-query/json-tree.js";
import {
  anyQueries,
  hasInexactNumber,
  isForJsonP3,
  locationsByJsonP3,
  pathQueries,
} from "../json-query/random-queries.reference.js";
import { runs } from "../runs.reference.js";
import { filterJson, type StageOperation } from "./filter-json.js";
import { filterByReference, type PathTest } from "./filter-json.reference.js";
import { documents } from "./random-documents.reference.js";
import { compileSelect } from "./select.js";

const limits = { maxJsonDepth: 512, maxScalarBytes: 1024 };
const effects = fc.constantFrom("destroy", "destroy", "retain") as fc.Arbitrary<"destroy" | "retain">;

function operation(effect: "destroy" | "retain", query: string): StageOperation {
  const place = { filterId: "filters/0", entityId: "p", operationId: "operations/0" };
  return { effect, select: compileSelect(query), values: new Map(), ...place };
}

function filter(text: string, operations: readonly StageOperation[]) {
  const result = filterJson(toUtf8(text), [{ scope: "proxy", operations }], limits);
  if (!result.ok) return { reason: result.reason };
  const receipts = result.receipts.map(({ nodes, paths }) => ({ nodes, paths }));
  return { text: decodeUtf8(result.bytes) ?? "", receipts };
}

/** The nodes that json-p3 finds. */
function byJsonP3(query: string, document: unknown): PathTest {
  const found = new Set(locationsByJsonP3(query, document).map((location) => JSON.stringify(location)));
  return { test: (_, location) => found.has(JSON.stringify(location)) };
}

const treeOf = (text: string) => JsonTree.read(toUtf8(text)) as JsonTree;

describe("a select", () => {
  it("removes or keeps, byte for byte, the nodes that json-p3 finds", () => {
    let changed = 0;
    fc.assert(
      fc.property(
        documents,
        fc.array(fc.tuple(effects, pathQueries), { minLength: 1, maxLength: 3 }),
        (text, list) => {
          fc.pre(isForJsonP3(treeOf(text)));
          const document: unknown = JSON.parse(text);
          const expected = filterByReference(text, [
            list.map(([effect, query]) => ({ effect, pattern: byJsonP3(query, document) })),
          ]);
          const actual = filter(
            text,
            list.map(([effect, query]) => operation(effect, query)),
          );
          expect(actual.text).toBe(expected?.text);
          expect(actual.receipts).toEqual(expected?.receipts);
          if (actual.text !== undefined && actual.text !== text) changed++;
        },
      ),
      { numRuns: runs(1500) },
    );
    expect(changed).toBeGreaterThan(200);
  });

  it("that has to see the whole document finds the same nodes, or says why it cannot", () => {
    let changed = 0;
    fc.assert(
      fc.property(
        documents,
        fc.array(fc.tuple(effects, anyQueries), { minLength: 1, maxLength: 2 }),
        (text, list) => {
          fc.pre(isForJsonP3(treeOf(text)));
          const document: unknown = JSON.parse(text);
          const expected = filterByReference(text, [
            list.map(([effect, query]) => ({ effect, pattern: byJsonP3(query, document) })),
          ]);
          const actual = filter(
            text,
            list.map(([effect, query]) => operation(effect, query)),
          );
          if (actual.reason?.includes("more digits than JavaScript holds")) {
            expect(hasInexactNumber(treeOf(text))).toBe(true);
            return;
          }
          expect(actual.text).toBe(expected?.text);
          expect(actual.receipts).toEqual(expected?.receipts);
          if (actual.text !== undefined && actual.text !== text) changed++;
        },
      ),
      { numRuns: runs(1500) },
    );
    expect(changed).toBeGreaterThan(200);
  });
});
