import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { decodeUtf8, toUtf8 } from "../bytes.js";
import { compilePattern } from "../pattern/pattern.js";
import { atMost } from "../runs.reference.js";
import {
  createJsonFilter,
  type FilterOptions,
  filterJson,
  MAX_RECEIPT_PATHS,
  needsWhole,
  type Stage,
  type StageOperation,
} from "./filter-json.js";
import { compileSelect } from "./select.js";

const limits = { maxJsonDepth: 512, maxScalarBytes: 1024 };

function operation(
  effect: "destroy" | "retain",
  pattern: string,
  values = new Map<string, string>(),
): StageOperation {
  const place = { filterId: "pii", entityId: "payroll", operationId: "operations/0" };
  return { effect, pattern: compilePattern(pattern), values, ...place };
}

function filter(text: string, ...operations: StageOperation[]) {
  return filterJson(toUtf8(text), [{ scope: "proxy", operations }], limits);
}

describe("without stages", () => {
  it("a document goes on as it came, with no receipts, if it is JSON", () => {
    const bytes = toUtf8('{"a": [1, 2]}');
    expect(filterJson(bytes, [], limits)).toEqual({ ok: true, bytes, receipts: [] });
    const pieces = createJsonFilter([], limits);
    expect(pieces.write(bytes)).toEqual({ ok: true, bytes });
    expect(pieces.receipts()).toEqual([]);
    expect(pieces.end()).toEqual({ ok: true, bytes: new Uint8Array(0), receipts: [] });
  });

  it("a document that is no JSON, or nested too deep, is withheld", () => {
    const reason = "the body is not JSON: a member's name is missing, near byte 8";
    expect(filterJson(toUtf8('{"a":1,}'), [], limits)).toEqual({ ok: false, reason });
    expect(filterJson(toUtf8("[[]]"), [], { ...limits, maxJsonDepth: 1 })).toMatchObject({ ok: false });
    const pieces = createJsonFilter([], limits);
    expect(pieces.write(toUtf8('{"a":1,}'))).toEqual({ ok: false, reason });
    expect(pieces.end()).toEqual({ ok: false, reason });
  });
});

describe("options", () => {
  const place = { filterId: "f", entityId: "p", operationId: "operations/0", values: new Map() };
  const hashing: Stage = {
    scope: "proxy",
    operations: [{ effect: "hash", pattern: compilePattern("\\.id$"), ...place }],
  };
  const textOf = (text: string, options: FilterOptions, stage = hashing) => {
    const result = filterJson(toUtf8(text), [stage], options);
    return result.ok ? decodeUtf8(result.bytes) : result.reason;
  };

  it("are those of each call, whatever a stage was given before", () => {
    const text = '{"id":"Ann"}';
    const one = { ...limits, hash: () => "one" };
    const other = { ...limits, hash: () => "other" };
    expect([one, other, one].map((options) => textOf(text, options))).toEqual([
      '{"id":"one"}',
      '{"id":"other"}',
      '{"id":"one"}',
    ]);
    expect(textOf(text, { ...limits, ...one, maxScalarBytes: 2 })).toContain("than `maxScalarBytes` allows");
    expect(textOf(text, { ...limits, maxJsonDepth: 0, hash: () => "" })).toContain("nested deeper than 0");
  });

  it("may be changed by the caller before the next call", () => {
    const options = { ...limits, hash: () => "x" };
    expect(textOf('{"id":"Ann"}', options)).toBe('{"id":"x"}');
    options.hash = () => "y";
    expect(textOf('{"id":"Ann"}', options)).toBe('{"id":"y"}');
    options.maxJsonDepth = 0;
    expect(textOf('{"id":"Ann"}', options)).toContain("nested deeper than 0");
  });
});

describe("stages", () => {
  it("need a document as a whole when one of them does", () => {
    const place = { filterId: "f", entityId: "p", operationId: "operations/0", values: new Map() };
    const [byPath, whole] = ["$.a", "$[-1]"].map((query): Stage => {
      return { scope: "proxy", operations: [{ effect: "destroy", select: compileSelect(query), ...place }] };
    }) as [Stage, Stage];
    expect([[], [byPath], [whole], [byPath, whole], [whole, byPath]].map(needsWhole)).toEqual([
      false,
      false,
      true,
      true,
      true,
    ]);
  });
});

describe("filterJson", () => {
  it("removes what a destroy matches and says what went, without a value", () => {
    const result = filter(
      '{"people":[{"ssn":"1"},{"ssn":"2","name":"Ann"}]}',
      operation("destroy", "\\.ssn$"),
    );
    expect(result.ok && decodeUtf8(result.bytes)).toBe('{"people":[{},{"name":"Ann"}]}');
    expect(result.ok && result.receipts).toEqual([
      {
        scope: "proxy",
        entityId: "payroll",
        filterId: "pii",
        operationId: "operations/0",
        effect: "destroy",
        nodes: 2,
        paths: ["$.people[*].ssn"],
      },
    ]);
  });

  it("leaves the bytes it was given alone", () => {
    const bytes = toUtf8('{"ssn":1}');
    filterJson(bytes, [{ scope: "proxy", operations: [operation("destroy", "\\.ssn$")] }], limits);
    expect(decodeUtf8(bytes)).toBe('{"ssn":1}');
  });

  it("counts every node and lists at most 32 paths", () => {
    const text = JSON.stringify(
      Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`a${index}`, 1])),
    );
    const result = filter(text, operation("destroy", "\\.a"));
    expect(result.ok && result.receipts[0]?.nodes).toBe(40);
    expect(result.ok && result.receipts[0]?.paths).toHaveLength(MAX_RECEIPT_PATHS);
  });

  it("checks that the text is JSON even where there is nothing to do", () => {
    const none = operation("destroy", "\\.nothing$");
    expect(filter('{"a":1', none).ok).toBe(false);
    expect(filter('{"a":1}', none).ok).toBe(true);
  });

  it("says where a document stops being JSON, and quotes nothing of it", () => {
    expect(filter('{"secret": hunter2}', operation("destroy", "\\.x$"))).toEqual({
      ok: false,
      reason: "the body is not JSON: a value is missing, near byte 12",
    });
  });

  it("withholds a document with a name longer than `maxScalarBytes`, counted in UTF-8", () => {
    const named = (name: string) => filter(`{"${name}":1}`, operation("destroy", "\\.x$"));
    expect(named("x".repeat(1024)).ok).toBe(true);
    expect(named("x".repeat(1025))).toEqual({
      ok: false,
      reason: "a member's name is longer than `maxScalarBytes`",
    });
    expect(named("é".repeat(512)).ok).toBe(true);
    expect(named("é".repeat(513)).ok).toBe(false);
  });

  it("takes a scalar of any length, since no operation has to see it", () => {
    expect(filter(`{"a":"${"x".repeat(100_000)}","b":1}`, operation("destroy", "\\.b$")).ok).toBe(true);
  });

  it("does work linear in the document, however long the names above many nodes and whatever the pattern", () => {
    const text = `{"${"k".repeat(100_000)}":[${"1,".repeat(100_000)}1]}`;
    const run = (pattern: string) => {
      const stage = {
        scope: "proxy",
        operations: [operation("destroy", pattern, new Map([["id", "k"]]))],
      } as const;
      const result = filterJson(toUtf8(text), [stage], { ...limits, maxScalarBytes: 1_000_000 });
      return result.ok ? result.receipts[0]?.nodes : result.reason;
    };
    // Tried path by path these are 10 billion characters, and with a variable more.
    expect(run("\\[1\\]$")).toBe(1);
    expect(run("\\[\\d*7\\]$")).toBe(10_000);
    expect(run("{{id}}{{id}}\\[\\d+\\]$")).toBe(100_001);
    expect(run("(k+k+)+\\.{{id}}$")).toBe(0);
  });

  it("filters a large ordinary document within that bound", () => {
    const row = { id: 12_345, contact: { mail: "a@b.example", phones: [{ kind: "home", number: 1 }] } };
    const text = JSON.stringify({ data: { items: Array.from({ length: 5_000 }, () => row) } });
    const result = filter(text, operation("destroy", "\\.phones\\[\\d+\\]\\.number$"));
    expect(result.ok && result.receipts[0]?.nodes).toBe(5_000);
  });

  it("is not brought down by a long key above many removals, and lists paths of bounded length", () => {
    const text = `{"${"k".repeat(250_000)}":[${'{"ssn":1},'.repeat(24_000)}{}]}`;
    const stage = { scope: "proxy", operations: [operation("destroy", "\\.(ssn|taxId)$")] } as const;
    const result = filterJson(toUtf8(text), [stage], { maxJsonDepth: 512, maxScalarBytes: 1024 * 1024 });
    expect(result.ok && result.receipts[0]?.nodes).toBe(24_000);
    expect(result.ok && result.receipts[0]?.paths.map((path) => path.length)).toEqual([256]);
  });

  it("lists two nodes whose path texts are the same under one path", () => {
    const result = filter('{"a":{"ssn":1},"a.ssn":2}', operation("destroy", "\\.ssn$"));
    expect(result.ok && result.receipts[0]).toMatchObject({ nodes: 2, paths: ["$.a.ssn"] });
  });

  it("keeps no document once it is done with it", () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const stage = { scope: "proxy", operations: [operation("destroy", "\\.(ssn|taxId)$")] } as const;
    const heapAfter = (from: number, to: number) => {
      for (let n = from; n < to; n++) {
        // A key long enough to be a slice of the document, new each time.
        const text = `{"customer-${String(n).padStart(12, "0")}":{"ssn":1},"pad":"${"x".repeat(1_000_000)}"}`;
        filterJson(toUtf8(text), [stage], limits);
      }
      collect();
      return process.memoryUsage().heapUsed;
    };
    const before = heapAfter(0, 5);
    expect(heapAfter(5, 5 + atMost(60)) - before).toBeLessThan(20_000_000);
  });
});
