import { describe, expect, it } from "vitest";
import { decodeUtf8, toUtf8 } from "../bytes.js";
import { compilePattern } from "../pattern/pattern.js";
import { bytesWithin } from "./bytes-within.reference.js";
import { scanDocument } from "./document-scan.js";
import { Layouts } from "./layouts.js";
import { PathMachine } from "./path-machine.js";
import { PathShape } from "./path-shapes.js";
import { Tally } from "./tally.js";

function layoutsFor(pattern: string): Layouts {
  const operation = { effect: "destroy", pattern: compilePattern(pattern), values: new Map() } as const;
  return new Layouts(new PathMachine([operation]), PathShape.root());
}

/** What stays of a document by what layouts know; `undefined` where it would have to be read in another way. */
function left(layouts: Layouts, text: string, maxJsonDepth = 512): string | undefined {
  const bytes = scanDocument(toUtf8(text), layouts, new Tally(1), maxJsonDepth);
  return bytes && decodeUtf8(bytes);
}

const members = (count: number, member: (index: number) => string) =>
  `{${Array.from({ length: count }, (_, index) => member(index)).join()}}`;

describe("a document that needs no other way of reading", () => {
  it.each([
    ["of an object", '{"a":1,"secret":2,"b":3}', '{"a":1,"b":3}'],
    ["of an array", '[{"secret":1},[],{"a":[{"secret":2}]}]', '[{},[],{"a":[{}]}]'],
    ["with white space wherever it may be", ' {\n"a" :\t1 ,\r"secret" : 2 } ', ' {\n"a" :\t1 } '],
    [
      "with names that are spelled with escapes",
      '{"\\u0073ecret":1,"é\\n":2,"se\\/":3}',
      '{"é\\n":2,"se\\/":3}',
    ],
    ["with names that begin alike", '{"secre":1,"secret":2,"secrets":3}', '{"secre":1,"secrets":3}'],
    ["with a name twice", '{"a":1,"a":{"secret":1},"a":2}', '{"a":1,"a":{},"a":2}'],
    ["with empty names", '{"":{"":{"secret":1}}}', '{"":{"":{}}}'],
    [
      "with every kind of value",
      '{"a":[true,false,null,-1.5e3,"x\\ty","é"]}',
      '{"a":[true,false,null,-1.5e3,"x\\ty","é"]}',
    ],
    [
      "with a name that is long enough to be remembered",
      `{"${"n".repeat(256)}":{"secret":1}}`,
      `{"${"n".repeat(256)}":{}}`,
    ],
    ["with one that is too long for it", `{"${"n".repeat(257)}":{"secret":1}}`, `{"${"n".repeat(257)}":{}}`],
    [
      "with more names than are remembered, which are long",
      members(60, (index) => `"${"n".repeat(index < 32 ? 9 : 300)}${index}":{"secret":[1]}`),
      members(60, (index) => `"${"n".repeat(index < 32 ? 9 : 300)}${index}":{}`),
    ],
  ])("is one %s", (_what, text, rest) => {
    const layouts = layoutsFor("\\.secret$");
    // As it is learnt, as it comes again, and behind another.
    expect([text, text, '{"other":{"secret":1}}', text].map((one) => left(layouts, one))).toEqual([
      rest,
      rest,
      '{"other":{}}',
      rest,
    ]);
  });

  it("may be as deep as the limit", () => {
    const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;
    for (const pattern of ["\\.secret$", "^\\$\\.secret$"]) {
      const layouts = layoutsFor(pattern);
      for (const depth of [1, 2, 31, 32, 33, 64, 65, 300]) {
        expect(left(layouts, nested(depth), depth)).toBe(nested(depth));
        expect(left(layouts, nested(depth), depth - 1)).toBeUndefined();
        expect(left(layouts, `{"a":${nested(depth)}}`, depth + 1)).toBe(`{"a":${nested(depth)}}`);
        expect(left(layouts, `{"a":${nested(depth)}}`, depth)).toBeUndefined();
      }
    }
  });

  it.each([
    ["a scalar", "1"],
    ["what is no JSON", '{"a":1'],
    ["more behind it", "{} {}"],
    ["something else for a colon", '{"a" 21}'],
    ["a colon behind something else", '{"a"x:1}'],
  ])("is not one with %s", (_what, text) => {
    // Nothing can match the other pattern: a document is read in another way.
    for (const pattern of ["\\.secret$", "^secret$"]) expect(left(layoutsFor(pattern), text)).toBeUndefined();
  });

  it("is one in which nothing can match, with white space around it", () => {
    const layouts = layoutsFor("^secret$");
    for (const text of ['{"secret":1}', ' {"a":{"secret":[1]}}\n', "{}", "[1]"])
      expect(left(layouts, text)).toBe(text);
    expect(left(layouts, '{"a":{"b":1}}', 2)).toBe('{"a":{"b":1}}');
    expect(left(layouts, '{"a":{"b":1}}', 1)).toBeUndefined();
  });

  it("is one with names that differ in two bytes by as much", () => {
    const layouts = layoutsFor("\\.aaaaaaaa$");
    expect(left(layouts, '{"aaaaaaaa":1,"z":2}')).toBe('{"z":2}');
    for (let first = 0; first < 8; first++) {
      for (let second = first + 1; second < 8; second++) {
        const name = Array.from("aaaaaaaa", (letter, at) => (at === first || at === second ? "b" : letter));
        const text = `{"${name.join("")}":1,"z":2}`;
        // Each time the name that is removed is the one that is expected.
        expect(left(layouts, '{"aaaaaaaa":1,"z":2}')).toBe('{"z":2}');
        expect(left(layouts, text)).toBe(text);
      }
    }
  });

  it("has no array in which a pattern tells one element from another, unless nothing is below it", () => {
    const layouts = layoutsFor("^\\$\\.list\\[1\\]");
    expect(left(layouts, '{"list":{},"other":[1,2]}')).toBe('{"list":{},"other":[1,2]}');
    expect(layouts.isUnfit).toBe(false);
    expect(left(layouts, '{"list":[1,2]}')).toBeUndefined();
    expect(layouts.isUnfit).toBe(true);
  });
});

describe("a document that is cut off", () => {
  it("is left to another way of reading, and no byte behind its end is looked at", () => {
    const text =
      ' {"a" : [ -1.5 , { } ,"b\\n",{"secret":[1]}] , "c":{"d":null,"e":[true]},"secret" : 1,"é":""} ';
    const whole = toUtf8(text);
    for (const pattern of ["\\.secret$", "^\\$\\.secret$"]) {
      const layouts = layoutsFor(pattern);
      for (const round of [0, 1]) {
        const read = Array.from({ length: whole.length - 1 }, (_, to) => whole.slice(0, to)).filter(
          (start) => scanDocument(bytesWithin(start), layouts, new Tally(1), 512) !== undefined,
        );
        expect([pattern, round, read]).toEqual([pattern, round, []]);
        expect(scanDocument(whole, layouts, new Tally(1), 512)).toBeDefined();
      }
    }
  });
});

describe("what is remembered of documents", () => {
  const rows = (layouts: Layouts) => layouts.rows.next;

  it("does not grow with documents that are laid out alike", () => {
    const layouts = layoutsFor("\\.secret$");
    const text = '{"a":{"secret":1,"list":[{"b":1},{"secret":2}]},"c":[],"a":1}';
    left(layouts, text);
    const known = rows(layouts);
    for (const again of [text, '{"c":[],"a":{"list":[{"secret":2,"b":1}]}}', '{"a":{"secret":3}}']) {
      expect(left(layouts, again)).toBeDefined();
    }
    expect(rows(layouts)).toBe(known);
  });

  it("does not grow with the names of a map, nor with what is below its members", () => {
    const layouts = layoutsFor("\\.secret$");
    const map = (round: number) => members(50, (index) => `"r${round}_${index}":{"secret":1,"list":[[2]]}`);
    left(layouts, map(0));
    left(layouts, map(1));
    const known = rows(layouts);
    for (let round = 2; round < 20; round++) expect(left(layouts, map(round))).toBeDefined();
    expect(rows(layouts)).toBe(known);
    expect(layouts.isFull).toBe(false);
  });

  it("is begun anew after so many documents with maps, twice as many each time up to a bound", () => {
    const known = members(32, (index) => `"n${index}":1`);
    const documentsUntilFull = (layouts: Layouts) => {
      for (let index = 0; index < 100; index++) left(layouts, known);
      let maps = 0;
      for (; !layouts.isFull && maps < 10_000; maps++) left(layouts, '{"other":1}');
      return maps;
    };
    const first = layoutsFor("\\.secret$");
    expect([first, first.fresh()].map(documentsUntilFull)).toEqual([512, 1024]);
    let last = first;
    for (let round = 0; round < 6; round++) last = last.fresh();
    expect(documentsUntilFull(last)).toBe(8192);
  });

  it("is full when there is no more room, and what is known by then can still be read", () => {
    const layouts = layoutsFor("\\.secret$");
    const known = '{"a":{"secret":1}}';
    left(layouts, known);
    let documents = 0;
    for (; !layouts.isFull && documents < 10_000; documents++) {
      // Each container has rows of its own, for at most eight members.
      const branch = (depth: number): string =>
        depth === 0 ? "1" : members(8, (index) => `"${index}_${depth}":${branch(depth - 1)}`);
      left(layouts, `{"n${documents % 8}":${branch(4)}}`);
    }
    expect(layouts.isFull).toBe(true);
    expect(documents).toBeLessThan(8);
    expect(rows(layouts) / 8).toBeLessThanOrEqual(4096);
    expect(left(layouts, known)).toBe('{"a":{}}');
    expect(left(layouts, '{"new":1}')).toBeUndefined();
    expect(left(layouts.fresh(), '{"new":1}')).toBe('{"new":1}');
  });
});
