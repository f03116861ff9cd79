import { describe, expect, it } from "vitest";
import { toUtf8 } from "../bytes.js";
import { compilePattern } from "../pattern/pattern.js";
import { createJsonFilter, filterJson, type Stage } from "./filter-json.js";

const LIMITS = { maxJsonDepth: 512, maxScalarBytes: 1 << 20 };

function destroying(pattern: string): Stage {
  const where = { filterId: "f", entityId: "p", operationId: "operations/0" };
  const operation = {
    effect: "destroy" as const,
    pattern: compilePattern(pattern),
    values: new Map(),
    ...where,
  };
  return { scope: "proxy", operations: [operation] };
}

function filtered(text: string, stage: Stage, limits = LIMITS) {
  const result = filterJson(toUtf8(text), [stage], limits);
  if (!result.ok) return result.reason;
  return { text: new TextDecoder().decode(result.bytes), receipt: result.receipts[0] };
}

/** Nested arrays and objects in turn, with a scalar inside. */
function nested(depth: number): string {
  let text = "1";
  for (let level = 0; level < depth; level++) text = level % 3 === 0 ? `[${text}]` : `{"x":${text}}`;
  return text;
}

describe("a document that only loses members", () => {
  it("keeps apart results that share memory", () => {
    const stage = destroying("\\.secret$");
    const results = Array.from({ length: 200 }, (_, index) =>
      filterJson(toUtf8(`{"n":${index},"secret":"hidden","m":"${"x".repeat(index)}"}`), [stage], LIMITS),
    );
    for (const [index, result] of results.entries()) {
      const text = result.ok ? new TextDecoder().decode(result.bytes) : result.reason;
      expect(text).toBe(`{"n":${index},"m":"${"x".repeat(index)}"}`);
    }
  });

  it("leaves nothing of what was removed in the memory of the result", () => {
    for (const length of [10, 1500, 5000]) {
      const text = `{"n":"${"x".repeat(length)}","secret":"canary","last":1,"secret":"canary"}`;
      const result = filterJson(toUtf8(text), [destroying("\\.secret$")], LIMITS);
      if (!result.ok) throw new Error(result.reason);
      expect(new TextDecoder().decode(result.bytes)).not.toContain("canary");
      expect(new TextDecoder("latin1").decode(new Uint8Array(result.bytes.buffer))).not.toContain("canary");
    }
  });

  it("may be as deep as the limit, below a member that no operation looks at, too", () => {
    for (const pattern of ["\\.secret$", "^\\$\\.secret$"]) {
      for (const depth of [1, 31, 32, 33, 64, 65, 300]) {
        const limits = { ...LIMITS, maxJsonDepth: depth + 1 };
        const text = `{"a":${nested(depth)},"secret":1}`;
        expect(filtered(text, destroying(pattern), limits)).toMatchObject({ text: `{"a":${nested(depth)}}` });
        expect(filtered(`{"a":${nested(depth + 1)}}`, destroying(pattern), limits)).toMatch(/nested deeper/);
      }
    }
  });

  it("is strict about what it destroys, and about what no operation looks at", () => {
    for (const broken of [
      "[1,]",
      "[01]",
      '{"a" 1}',
      '{"a":1,}',
      '["\u0001"]',
      '["\\x"]',
      "[tru]",
      "[1.]",
      "[1}",
    ]) {
      for (const pattern of ["^\\$\\.s$", "\\.s$"]) {
        for (const name of ["s", "t"]) {
          expect(filtered(`{"${name}":${broken}}`, destroying(pattern))).toMatch(/^the body is not JSON/);
        }
      }
    }
  });

  it("names in receipts what it removes below more members than are remembered", () => {
    const stage = destroying("\\.secret$");
    for (let round = 0; round < 3; round++) {
      const ids = Array.from({ length: 50 }, (_, index) => `id${round}-${index}`);
      const text = JSON.stringify(
        Object.fromEntries(ids.map((id) => [id, { secret: 1, list: [{ secret: 2 }] }])),
      );
      const expected = ids.flatMap((id) => [`$.${id}.secret`, `$.${id}.list[*].secret`]).slice(0, 32);
      expect(filtered(text, stage)).toMatchObject({ receipt: { nodes: 100, paths: expected } });
    }
  });

  it("names the paths that a scan in pieces names, however maps lie in each other", () => {
    const many = (round: number, member: (index: number) => string, count = 40) =>
      `{${Array.from({ length: count }, (_, index) => `"k${round}_${index}":${member(index)}`).join()}}`;
    const leaf = '{"secret":1,"list":[{"secret":2},{"secret":3}],"a":{"secret":4}}';
    const documents = (round: number) => [
      many(round, (index) => (index < 37 ? "1" : many(index, () => leaf))),
      many(round, (index) => (index < 37 ? "1" : `{"in":[${many(index, () => leaf, 35)}]}`)),
      many(round, (index) =>
        index < 37 ? "1" : many(index, (at) => (at < 33 ? "[]" : many(at, () => leaf))),
      ),
      many(round, () => leaf)
        .replaceAll("k", "\\u0041\\n")
        .replaceAll("_", "Zoë. "),
      many(round, (index) => (index < 37 ? "1" : leaf)).replaceAll("k", "k".repeat(250)),
      many(round, (index) => (index < 37 ? "1" : many(index, () => leaf))).replaceAll("k", "k".repeat(130)),
      many(round, () => "1").replaceAll(/_(3\d)/gu, "_$1.secret"),
      many(round, (index) => `{"x":{"secret":${index}},"x":{"secret":0},"x.secret":1}`),
      `[${many(round, (index) => (index % 2 === 0 ? leaf : `[${leaf}]`))}]`,
    ];
    for (let kind = 0; kind < 9; kind++) {
      const stage = destroying("secret$");
      for (let round = 0; round < 4; round++) {
        const bytes = toUtf8(documents(round)[kind] as string);
        const inPieces = createJsonFilter([stage], LIMITS);
        inPieces.write(bytes);
        const expected = inPieces.end();
        const result = filterJson(bytes, [stage], LIMITS);
        if (!result.ok || !expected.ok) throw new Error("withheld");
        expect(result.receipts).toEqual(expected.receipts);
        expect(result.receipts[0]?.paths.length).toBeGreaterThan(2);
      }
    }
  });

  it("names the paths of each document, whatever the one before it lost", () => {
    const stage = destroying("secret$");
    for (const [text, paths] of [
      ['{"a":{"secret":1},"secret":2}', ["$.a.secret", "$.secret"]],
      ['{"a":{"secret":1},"secret":2}', ["$.a.secret", "$.secret"]],
      ['{"secret":2,"a":{"secret":1}}', ["$.secret", "$.a.secret"]],
      ['{"secret":2}', ["$.secret"]],
      ['{"secret":', undefined],
      ['{"secret":2}', ["$.secret"]],
      ['{"a":1}', []],
      ['{"secret":2}', ["$.secret"]],
    ] as const) {
      const result = filtered(text, stage);
      if (typeof result === "string") expect(paths).toBeUndefined();
      else expect(result.receipt?.paths).toEqual(paths);
    }
  });

  it("hands out paths to which nobody can add one that later documents would have", () => {
    const stage = destroying("secret$");
    const add = (paths: readonly string[]) => {
      if (Object.isFrozen(paths)) expect(() => (paths as string[]).push("$.more")).toThrow(TypeError);
      else (paths as string[]).push("$.more");
    };
    for (let round = 0; round < 4; round++) {
      const result = filterJson(toUtf8('{"secret":1}'), [stage], LIMITS);
      if (!result.ok) throw new Error(result.reason);
      expect(result.receipts.map(({ paths }) => paths)).toEqual([["$.secret"]]);
      for (const { paths } of result.receipts) add(paths);
    }
  });

  it("goes on when more was remembered than there is room for", () => {
    const stage = destroying("\\.secret$");
    for (let round = 0; round < 300; round++) {
      const names = Array.from({ length: 30 }, (_, index) => `r${round}n${index}`);
      const inner = Object.fromEntries([...names, "secret"].map((name) => [name, 1]));
      const { secret: _, ...left } = inner;
      const text = JSON.stringify({ [`r${round}`]: inner });
      expect(filtered(text, stage)).toMatchObject({
        text: JSON.stringify({ [`r${round}`]: left }),
        receipt: { nodes: 1, paths: [`$.r${round}.secret`] },
      });
    }
  });

  it("reads arrays by index where a pattern tells one index from another", () => {
    const stage = destroying("^\\$\\.list\\[1\\]");
    for (let round = 0; round < 3; round++) {
      expect(filtered('{"list":[1,2,3]}', stage)).toMatchObject({ text: '{"list":[1,3]}' });
    }
  });

  it("learns again after names that do not come again", () => {
    const stage = destroying("\\.secret$");
    for (let round = 0; round < 1200; round++) {
      const text = round < 40 ? `{"strange${round}":{"secret":1}}` : `{"a":{"secret":1,"b":2},"c":${round}}`;
      const left = round < 40 ? `{"strange${round}":{}}` : `{"a":{"b":2},"c":${round}}`;
      const paths = [round < 40 ? `$.strange${round}.secret` : "$.a.secret"];
      expect(filtered(text, stage)).toMatchObject({ text: left, receipt: { nodes: 1, paths } });
    }
  });
});
