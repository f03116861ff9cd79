import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeUtf8, toUtf8 } from "../bytes.js";
import { isJson } from "../is-json.reference.js";
import { compilePattern } from "../pattern/pattern.js";
import { runs } from "../runs.reference.js";
import { filterJson, type Stage } from "./filter-json.js";
import { documents, editedText, edits, tokenPieces } from "./random-documents.reference.js";

/** No random document has a member of this name. */
const OPERATED = "this-is-cut-out";

const operation = {
  effect: "destroy" as const,
  pattern: compilePattern(`\\.${OPERATED}$`),
  values: new Map<string, string>(),
  filterId: "filters/0",
  entityId: "p",
  operationId: "operations/0",
};
const stages: readonly Stage[] = [{ scope: "proxy", operations: [operation] }];
const limits = { maxJsonDepth: 512, maxScalarBytes: 1024 };

const isFiltered = (bytes: Uint8Array) => filterJson(bytes, stages, limits).ok;

describe("what is JSON", () => {
  it("is decided as `JSON.parse` decides it", () => {
    let broken = 0;
    fc.assert(
      fc.property(documents, edits, (document, list) => {
        // Half a surrogate pair cannot be sent as UTF-8.
        const text = decodeUtf8(toUtf8(editedText(document, list))) ?? "";
        const expected = isJson(text);
        if (!expected) broken++;
        expect({ text, isFiltered: isFiltered(toUtf8(text)) }).toEqual({ text, isFiltered: expected });
      }),
      { numRuns: runs(3000) },
    );
    expect(broken).toBeGreaterThan(runs(600));
  });

  it("does not depend on where a document is cut off", () => {
    fc.assert(
      fc.property(documents, fc.nat(), (text, at) => {
        const bytes = toUtf8(text);
        const cut = bytes.subarray(0, at % (bytes.length + 1));
        const left = decodeUtf8(cut);
        expect(isFiltered(cut)).toBe(left !== undefined && isJson(left));
      }),
      { numRuns: runs(200) },
    );
  });

  it("is never answered with an exception, whatever the bytes", () => {
    const soup = fc.array(tokenPieces, { maxLength: 20 }).map((list) => toUtf8(list.join("")));
    fc.assert(
      fc.property(
        fc.oneof(fc.uint8Array({ maxLength: 60 }), soup, fc.string({ unit: "binary" }).map(toUtf8)),
        (bytes) => {
          const text = decodeUtf8(bytes)?.replace(/^\ufeff/, "");
          expect(isFiltered(bytes)).toBe(text !== undefined && isJson(text));
        },
      ),
      { numRuns: runs(2000) },
    );
  });

  it("is not forgotten after bytes that were no UTF-8", () => {
    expect(isFiltered(Uint8Array.of(0x22, 0xf0, 0x9f))).toBe(false);
    expect(isFiltered(toUtf8('"\u{1f600}"'))).toBe(true);
  });
});

describe("a text that is nearly JSON", () => {
  const values = [
    ...[
      "",
      "{,}",
      '{"a":1,}',
      '{"a":1,,"b":2}',
      '{"a":1 "b":2}',
      '{"a" 1}',
      '{"a"}',
      '{"a":}',
      '{"a":,"b":1}',
      "{1:2}",
    ],
    ...[
      "{a:1}",
      "{'a':1}",
      '{"a":1;"b":2}',
      '{"a"::1}',
      "{:1}",
      '{"a":1]',
      '{"a":[}',
      "{",
      "}",
      '{"a"',
      '{"a":',
      '{"a":1',
    ],
    ...[
      "[,]",
      "[1,]",
      "[,1]",
      "[1,,2]",
      "[1 2]",
      "[1;2]",
      "[1}",
      "[",
      "]",
      "[1",
      "[1,",
      "[[]",
      "[]]",
      '["a":1]',
    ],
    ...[
      "01",
      "-01",
      "00",
      "-",
      "+1",
      "1.",
      ".1",
      "1.e1",
      "1e",
      "1e+",
      "1e1.5",
      "1-",
      "1+1",
      "0x1",
      "1_0",
      "1n",
      "Infinity",
    ],
    ...[
      "-Infinity",
      "NaN",
      "tru",
      "truex",
      "True",
      "nul",
      "nulll",
      "fals",
      "undefined",
      "/**/1",
      "// 1",
      "#1",
    ],
    ...[
      '"',
      '"a',
      'a"',
      "'a'",
      '"\\n',
      '"\\x41"',
      '"\\u12"',
      '"\\u123g"',
      '"\\',
      '"a\\"',
      '"a""b"',
      '"\\U0041"',
      '"\\a"',
    ],
    ...[
      '"\n"',
      '"\t"',
      '"\u0000"',
      '"\u001f"',
      "\u00a01",
      "1\u00a0",
      "\u20281",
      "1\f",
      "\v1",
      "1\u0000",
      "\u00001",
    ],
  ];
  const contexts: ((text: string) => string)[] = [
    (text) => text,
    (text) => `[${text}]`,
    (text) => `[0,${text},1]`,
    (text) => `{"a":${text}}`,
    (text) => `{"a":0,"b":${text},"c":1}`,
    (text) => `{"a":0 , "${OPERATED}" : ${text} , "c":1}`,
    (text) => `{"a":0,"${OPERATED}":${text},"c":1}`,
    (text) => `{"${OPERATED}":[{"a":0,"b":${text},"c":1}]}`,
  ];

  it("is withheld wherever it stands, in what is cut out too", () => {
    for (const value of values) {
      for (const context of contexts) {
        const text = context(value);
        expect({ text, isFiltered: isFiltered(toUtf8(text)) }).toEqual({ text, isFiltered: isJson(text) });
      }
    }
  });

  it("is withheld when anything but white space follows a document", () => {
    for (const document of ["{}", "[]", "[1]", '{"a":1}', "1", '"a"', "null"]) {
      for (const more of [
        ",",
        ",1",
        ",{}",
        ',"a":1',
        "{}",
        "[]",
        "]",
        "}",
        "1",
        '"a"',
        ":1",
        "x",
        "\u0000",
        "\ufeff",
        "\u00a0",
      ]) {
        for (const space of ["", " "]) {
          const text = document + space + more;
          expect({ text, isFiltered: isFiltered(toUtf8(text)) }).toEqual({ text, isFiltered: isJson(text) });
        }
      }
    }
  });
});

describe("depth", () => {
  const nested = (depth: number) => toUtf8(`${'[{"a":'.repeat(depth / 2)}1${"}]".repeat(depth / 2)}`);

  it("is withheld above the limit and passes at it", () => {
    expect(isFiltered(nested(512))).toBe(true);
    expect(isFiltered(nested(514))).toBe(false);
    expect(isFiltered(toUtf8(`${"[".repeat(512)}${"]".repeat(512)}`))).toBe(true);
    expect(isFiltered(toUtf8(`${"[".repeat(513)}${"]".repeat(513)}`))).toBe(false);
    expect(isFiltered(toUtf8("[".repeat(513)))).toBe(false);
  });

  it("of 100,000 is withheld, not overflowed", () => {
    expect(filterJson(nested(100_000), stages, limits)).toEqual({
      ok: false,
      reason: "the document is nested deeper than 512",
    });
  });

  it("costs no call stack at the highest limit that a policy may set", () => {
    const deep = { ...limits, maxJsonDepth: 10_000 };
    expect(filterJson(nested(10_000), stages, deep).ok).toBe(true);
  });
});
