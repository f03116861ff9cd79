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
import { often, runs } from "../runs.reference.js";
import { filterJson, type StageOperation } from "./filter-json.js";
import { filterByReference, type PathTest, type ReferenceResult } from "./filter-json.reference.js";
import { parseJson } from "./json-slices.reference.js";
import { documents } from "./random-documents.reference.js";
import { hashOf } from "./random-stages.reference.js";
import { compileSelect } from "./select.js";

// Larger than any document here: the twin knows no limits.
const limits = { maxJsonDepth: 512, maxScalarBytes: 1024 * 1024, hash: hashOf };

type Given = readonly [effect: StageOperation["effect"], query: string];

const effects = fc.constantFrom<StageOperation["effect"]>("destroy", "destroy", "retain", "mask", "hash");

/** Stages of operations with queries. */
function stagesOf(queries: fc.Arbitrary<string>, most: number): fc.Arbitrary<readonly (readonly Given[])[]> {
  const stage = fc.array(fc.tuple(effects, queries), { minLength: 1, maxLength: most });
  return fc.oneof(
    { arbitrary: fc.tuple(stage), weight: 3 },
    { arbitrary: fc.tuple(stage, stage), weight: 1 },
  );
}

function operationOf([effect, query]: Given): StageOperation {
  const place = { filterId: "filters/0", entityId: "p", operationId: "operations/0" };
  return { effect, select: compileSelect(query), values: new Map(), ...place };
}

function filter(text: string, stages: readonly (readonly Given[])[]) {
  const compiled = stages.map((stage) => ({ scope: "proxy" as const, operations: stage.map(operationOf) }));
  const result = filterJson(toUtf8(text), compiled, limits);
  if (!result.ok) return { reason: result.reason };
  const receipts = result.receipts.map(({ nodes, paths }) => ({ nodes, paths }));
  return { text: decodeUtf8(result.bytes) ?? "", receipts };
}

/** What the naive twin leaves of a document when json-p3 says where; each stage asks it about its own input. */
function byJsonP3(text: string, stages: readonly (readonly Given[])[]): ReferenceResult | undefined {
  const receipts: ReferenceResult["receipts"][number][] = [];
  let left = text;
  for (const stage of stages) {
    const document = parseJson(left);
    const operations = stage.map(([effect, query]) => ({ effect, pattern: nodesOf(query, document) }));
    const result = filterByReference(left, [operations], hashOf);
    if (result === undefined) return undefined;
    left = result.text;
    receipts.push(...result.receipts);
  }
  return { text: left, receipts };
}

function nodesOf(query: string, document: unknown): PathTest {
  const found = new Set(locationsByJsonP3(query, document).map((location) => JSON.stringify(location)));
  return { test: (_, location) => found.has(JSON.stringify(location)) };
}

const treeOf = (text: string) => JsonTree.read(toUtf8(text)) as JsonTree;

describe("a select", () => {
  it("changes, byte for byte and in each stage, the nodes that json-p3 finds", () => {
    let changed = 0;
    fc.assert(
      fc.property(documents, stagesOf(pathQueries, 3), (text, stages) => {
        fc.pre(isForJsonP3(treeOf(text)));
        const expected = byJsonP3(text, stages);
        const actual = filter(text, stages);
        expect(actual.text).toBe(expected?.text);
        expect(actual.receipts).toEqual(expected?.receipts);
        if (actual.text !== undefined && actual.text !== text) changed++;
      }),
      { numRuns: runs(1500) },
    );
    expect(changed).toBeGreaterThan(often(200));
  });

  it("that has to see the whole document finds the same nodes, or says why it cannot", () => {
    let changed = 0;
    fc.assert(
      fc.property(documents, stagesOf(anyQueries, 2), (text, stages) => {
        fc.pre(isForJsonP3(treeOf(text)));
        const actual = filter(text, stages);
        if (actual.reason?.includes("more digits than JavaScript holds")) {
          expect(hasInexactNumber(treeOf(text))).toBe(true);
          return;
        }
        const expected = byJsonP3(text, stages);
        expect(actual.text).toBe(expected?.text);
        expect(actual.receipts).toEqual(expected?.receipts);
        if (actual.text !== undefined && actual.text !== text) changed++;
      }),
      { numRuns: runs(1500) },
    );
    expect(changed).toBeGreaterThan(often(200));
  });
});
