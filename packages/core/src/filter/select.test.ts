import { JSONPath } from "jsonpath-plus";
import { describe, expect, it } from "vitest";
import { decodeUtf8, toUtf8 } from "../bytes.js";
import { QuerySyntaxError } from "../json-query/query-syntax-error.js";
import { compilePattern, MAX_PROGRAM_SIZE } from "../pattern/pattern.js";
import { atMost } from "../runs.reference.js";
import { createJsonFilter, filterJson, type StageOperation } from "./filter-json.js";
import { filterByReference, type PathTest } from "./filter-json.reference.js";
import { JsonScan } from "./json-scan.js";
import { PathMachine } from "./path-machine.js";
import { PathShape } from "./path-shapes.js";
import { compileSelect } from "./select.js";
import { Tally } from "./tally.js";

const limits = { maxJsonDepth: 512, maxScalarBytes: 1024 * 1024 };

function destroy(query: string): StageOperation {
  const place = { filterId: "filters/0", entityId: "p", operationId: "operations/0" };
  return { effect: "destroy", select: compileSelect(query), values: new Map(), ...place };
}

function without(query: string, text: string): string {
  const result = filterJson(toUtf8(text), [{ scope: "proxy", operations: [destroy(query)] }], limits);
  return result.ok ? (decodeUtf8(result.bytes) ?? "") : `withheld: ${result.reason}`;
}

describe("a query", () => {
  it.each([
    "$.a",
    "$['a.b'][0]",
    "$..a..b[*]",
    "$[1:5]",
    "$[:3, 'a', *]",
    "$[5::7]",
    "$[0:10000:50]",
    "$[9007199254740991]",
    "$..*",
  ])("%s runs in one pass", (query) => {
    const select = compileSelect(query);
    expect(select.kind).toBe("one-pass");
    expect(select.programSize).toBeLessThanOrEqual(MAX_PROGRAM_SIZE);
    expect(select.programSize).toBeGreaterThan(0);
  });

  it.each(["$[-1]", "$[-3:]", "$[::-1]", "$[:-1]", "$[?@.a]", "$.a[0, ?@ == 1]", "$[0::100000]"])(
    "%s has to see the whole document",
    (query) => {
      expect(compileSelect(query).kind).toBe("whole");
    },
  );

  it.each([
    ["$", "`$` alone is the document itself, which no operation applies to"],
    ["$[::0]", "the slice `::0` selects nothing in any array"],
    ["$[5:2]", "the slice `5:2:1` selects nothing in any array"],
    ["$.a[0, 2:2]", "the slice `2:2:1` selects nothing in any array"],
    ["$[:0]", "the slice `:0:1` selects nothing in any array"],
    ["$.a[", "at character 5: the end is no selector"],
  ])("%s does not compile", (query, message) => {
    expect(() => compileSelect(query)).toThrow(QuerySyntaxError);
    expect(() => compileSelect(query)).toThrow(message);
  });
});

describe("names that look like something else", () => {
  const text = '{"a.b":1,"a":{"b":2,"b]":3},"a[0]":4,"":{"":5,".":6},"[0]":7,"$":8,"*":9,"..":10}';

  it.each([
    ["$['a.b']", text.replace('"a.b":1,', "")],
    ["$.a.b", text.replace('"b":2,', "")],
    ["$['a']['b]']", text.replace(',"b]":3', "")],
    ["$['a[0]']", text.replace(',"a[0]":4', "")],
    ["$.a[0]", text],
    ["$['']['']", text.replace('"":5,', "")],
    ["$['']['.']", text.replace(',".":6', "")],
    ["$['.']", text],
    ["$['[0]']", text.replace(',"[0]":7', "")],
    ["$[0]", text],
    ["$['$']", text.replace(',"$":8', "")],
    ["$['*']", text.replace(',"*":9', "")],
    ["$['..']", text.replace(',"..":10', "")],
    ["$..b", text.replace('"b":2,', "")],
    ["$..['']", text.replace('"":{"":5,".":6},', "")],
  ])("are only names to %s", (query, left) => {
    expect(without(query, text)).toBe(left);
  });

  it("are found in the whole document too", () => {
    expect(without("$['a.b', ?false == true]", text)).toBe(text.replace('"a.b":1,', ""));
    expect(without("$.a['b]', ?false == true]", text)).toBe(text.replace(',"b]":3', ""));
    expect(without("$['']['.', ?false == true]", text)).toBe(text.replace(',".":6', ""));
  });
});

describe("jsonpath-plus", () => {
  /**
   * Where it and the RFC agree: names that are words, in dots or in quotes, indices from 0, slices with bounds from 0,
   * wildcards on both sides and `..name`. They differ in unions, in `..*` and `..[0]` (which it takes for the root too),
   * in filters, in names with special characters, and in what is no query at all.
   */
  const agreed = [
    ...[
      "$.store",
      "$.store.book",
      "$['store']['book']",
      "$.store.book[0]",
      "$.store.book[1].title",
      "$.store.*",
    ],
    ...[
      "$.store.book[*].author",
      "$.store.book.*",
      "$.*",
      "$[*]",
      "$.store.book[*][*]",
      "$.none.author",
      "$.store[0]",
    ],
    ...["$..author", "$..price", "$..book[1]", "$..book[*].isbn", "$.store..price", "$..tags[0]", "$..none"],
    ...[
      "$.store.book[0:2]",
      "$.store.book[1:]",
      "$.store.book[:1]",
      "$.store.book[0:3:2]",
      "$..book[1:3].title",
    ],
  ];
  const text = `{
    "store": {
      "book": [
        { "author": "a", "title": "t1", "price": 8.95, "tags": ["x", "y"] },
        { "author": "b", "title": "t2", "price": 12.99 },
        { "author": "c", "title": "t3", "isbn": "0", "price": 1, "tags": [] }
      ],
      "bicycle": { "price": 19.95 , "author": { "price": null } }
    },
    "author": [ "d" ]
  }`;

  it.each(agreed)("finds the same nodes for %s", (query) => {
    const pointers = JSONPath({
      path: query,
      json: JSON.parse(text),
      resultType: "pointer",
      eval: false,
    }) as string[];
    const found = new Set(pointers);
    const pattern: PathTest = {
      test: (_, location = []) => found.has(location.map((step) => `/${step}`).join("")),
    };
    expect(without(query, text)).toBe(filterByReference(text, [[{ effect: "destroy", pattern }]])?.text);
  });

  it("finds something for most of them", () => {
    const changed = agreed.filter((query) => without(query, text) !== text);
    expect(changed.length).toBeGreaterThan(agreed.length - 4);
  });
});

describe("nodes that a query and a path find", () => {
  it("do not hide those behind them from the query", () => {
    const place = { filterId: "f", entityId: "p", operationId: "operations/0", values: new Map() };
    const operations: StageOperation[] = [
      { effect: "destroy", pattern: compilePattern("\\.x$"), ...place },
      { effect: "mask", select: compileSelect("$..[?@ == 1]"), ...place },
    ];
    const text = '{"a":0,"x":1,"b":1,"c":{"x":1,"d":1},"e":[1,2,{"f":0,"x":1,"g":1}],"h":1}';
    const result = filterJson(toUtf8(text), [{ scope: "proxy", operations }], limits);
    const gone = '"[REDACTED]"';
    expect(result.ok && decodeUtf8(result.bytes)).toBe(
      `{"a":0,"b":${gone},"c":{"d":${gone}},"e":[${gone},2,{"f":0,"g":${gone}}],"h":${gone}}`,
    );
    expect(result.ok && result.receipts.map(({ nodes }) => nodes)).toEqual([3, 5]);
  });
});

describe("names", () => {
  it("are told apart by case, and one with a line break is one name", () => {
    expect(without("$.a", '{"A":1,"a":2}')).toBe('{"A":1}');
    expect(without("$..*.id", '{"x":{"ID":1,"id":2}}')).toBe('{"x":{"ID":1}}');
    for (const text of ['{"x\\n$":{"a":1}}', '{"x\\n$.a":1}', '{"a\\n":1}', '{"\\na":1}'])
      expect(without("$.a", text)).toBe(text);
  });
});

describe("a slice", () => {
  it.each([
    ["$[::2]", "[1,3]", "[0,2,4]"],
    ["$[:]", "[]", "[0,1,2,3,4]"],
    ["$[0:]", "[]", "[0,1,2,3,4]"],
    ["$[1:]", "[0]", "[1,2,3,4]"],
    ["$[:2]", "[2,3,4]", "[0,1]"],
    ["$[1:4:2]", "[0,2,4]", "[1,3]"],
  ])("%s leaves %s of five elements, and retains %s", (query, left, retained) => {
    const text = "[0,1,2,3,4]";
    expect(without(query, text)).toBe(left);
    const retain = { ...destroy(query), effect: "retain" as const };
    const result = filterJson(toUtf8(text), [{ scope: "proxy", operations: [retain] }], limits);
    expect(result.ok && decodeUtf8(result.bytes)).toBe(retained);
  });
});

describe("a slice that selects nothing", () => {
  it.each(["$[-3:0]", "$[-1:1]", "$[2:1:-1]", "$[3:-3]"])(
    "is not %s, which depends on the array",
    (query) => {
      expect(compileSelect(query).kind).toBe("whole");
    },
  );
});

describe("nodes that queries find in another order than they stand, or more than once", () => {
  it("are all dealt with", () => {
    expect(without("$[-1, 0]", "[1,2,3]")).toBe("[2]");
    expect(without("$['b', 'a', ?@ == 4]", '{"a":1,"b":2,"c":3,"d":4}')).toBe('{"c":3}');
    const place = { filterId: "f", entityId: "p", operationId: "operations/0", values: new Map() };
    for (const effects of [
      ["destroy", "mask"],
      ["mask", "destroy"],
    ] as const) {
      const operations = effects.map((effect) => ({ effect, select: compileSelect("$[-1]"), ...place }));
      const result = filterJson(toUtf8("[1,2]"), [{ scope: "proxy", operations }], limits);
      expect(result.ok && decodeUtf8(result.bytes)).toBe("[1]");
    }
  });
});

describe("a stream", () => {
  it("goes through queries that a path answers", () => {
    const filter = createJsonFilter([{ scope: "proxy", operations: [destroy("$..a[1]")] }], limits);
    const pieces = Array.from('{"x":{"a":[1,2,3]}}', (character) => filter.write(toUtf8(character)));
    const out = pieces.map((piece) => (piece.ok ? decodeUtf8(piece.bytes) : "withheld"));
    expect(filter.end().ok).toBe(true);
    expect(out.join("")).toBe('{"x":{"a":[1,3]}}');
  });

  it("is withheld from its first byte by one that has to see the whole", () => {
    const filter = createJsonFilter([{ scope: "proxy", operations: [destroy("$[-1]")] }], limits);
    const reason = "a `select` has to see the whole document, which comes in pieces";
    expect(filter.write(toUtf8("["))).toEqual({ ok: false, reason });
    expect(filter.end()).toEqual({ ok: false, reason });
  });
});

describe("what has to be seen as a whole is withheld", () => {
  it.each([
    ["when it is no JSON", '{"a":1,}', "the body is not JSON: a member's name is missing, near byte 8"],
    [
      "when it is nested too deep",
      "[".repeat(600) + "]".repeat(600),
      "the document is nested deeper than 512",
    ],
    ["when a name stands twice in an object", '[{"a":1,"a":2}]', "an object has a name twice"],
    ["when two spellings of a name do", '[{"a":1,"\\u0061":2}]', "an object has a name twice"],
    ["when a number that is compared is not exact", "[1e400]", "more digits than JavaScript holds"],
  ])("%s", (_, text, reason) => {
    expect(without("$[?@ > 1]", text)).toContain(reason);
  });

  it("by each stage for itself: the first may remove what the second cannot decide", () => {
    const stages = [destroy("$[0]"), destroy("$[?@ > 1]")].map((operation) => ({
      scope: "proxy" as const,
      operations: [operation],
    }));
    const result = filterJson(toUtf8("[1e400,1,2]"), stages, limits);
    expect(result.ok && decodeUtf8(result.bytes)).toBe("[1]");
  });
});

describe("work", () => {
  const many = atMost(20_000);
  const items = (count: number) =>
    `[${Array.from({ length: count }, (_, index) => `{"a":[{"b":${index}},{"c":{"a":{"x":{"b":1}}}}]}`).join(",")}]`;

  it("of two descendant segments makes no new states however long the document is", () => {
    const statesAfter = (count: number) => {
      const machine = new PathMachine([destroy("$..a..b")]);
      const scan = new JsonScan(machine, limits, new Tally(1), PathShape.root(), undefined);
      scan.write(toUtf8(items(count)));
      scan.end();
      expect(scan.machine).toBe(machine);
      return machine.automaton.table;
    };
    expect(statesAfter(many)).toEqual(statesAfter(5));
    expect(without("$..a..b", items(2))).toBe(
      '[{"a":[{},{"c":{"a":{"x":{}}}}]},{"a":[{},{"c":{"a":{"x":{}}}}]}]',
    );
  });

  it("of ten descendant segments is done for a document as deep as allowed", () => {
    const deep = `${'{"a":'.repeat(500)}1${"}".repeat(500)}`;
    expect(without(`$${"..a".repeat(10)}`, deep)).toBe(`${'{"a":'.repeat(9)}{}${"}".repeat(9)}`);
    expect(without(`$${"..*".repeat(10)}`, deep)).toBe(`${'{"a":'.repeat(9)}{}${"}".repeat(9)}`);
  });

  it("finds as many nodes as there are", () => {
    const text = items(many);
    expect(without("$[?@.a][?@[0].b >= 0]", text)).toBe(`[${Array(many).fill("{}").join(",")}]`);
  });
});
