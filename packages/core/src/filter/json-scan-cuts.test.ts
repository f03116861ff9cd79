/** The scan, cut at every place there is, beside the naive twin: what random cases find one day is found here each time. */
import { describe, expect, it } from "vitest";
import { decodeUtf8, toUtf8 } from "../bytes.js";
import { compilePattern } from "../pattern/pattern.js";
import { createJsonFilter, type FilterOptions, filterJson, type Stage } from "./filter-json.js";
import { filterByReference } from "./filter-json.reference.js";
import type { Mask } from "./operation.js";

interface Given {
  readonly effect: "destroy" | "retain" | "mask" | "hash";
  readonly path: string;
  readonly value?: string;
  readonly mask?: Mask;
}

const hash = (bytes: Uint8Array) => `h1:<${decodeUtf8(bytes)}>`;
const options: FilterOptions = { maxJsonDepth: 512, maxScalarBytes: 1024, hash };

function stageOf(given: readonly Given[]): Stage {
  const place = { filterId: "f", entityId: "p", operationId: "operations/0", values: new Map() };
  const operations = given.map(({ effect, path, value, mask }) => ({
    ...{ effect, mask, ...place },
    pattern: compilePattern({ pattern: path, flags: "u" }),
    matchValue: value === undefined ? undefined : compilePattern({ pattern: value, flags: "u" }),
  }));
  return { scope: "proxy", operations };
}

type Summary = { readonly text: string | undefined; readonly receipts: unknown } | string;

/** As `toEqual`, which is slow, says it. */
function expectSame(actual: Summary, expected: Summary): void {
  if (JSON.stringify(actual) !== JSON.stringify(expected)) expect(actual).toEqual(expected);
}

function inPieces(stage: Stage, pieces: readonly Uint8Array[], given = options): Summary {
  const filter = createJsonFilter([stage], given);
  const out: Uint8Array[] = [];
  for (const piece of pieces) {
    const written = filter.write(piece);
    if (written.ok) out.push(written.bytes.slice());
  }
  const ended = filter.end();
  if (!ended.ok) return ended.reason;
  const receipts = ended.receipts.map(({ nodes, paths }) => ({ nodes, paths }));
  return { text: decodeUtf8(Buffer.concat(out)), receipts };
}

/** In two pieces, at each place; then in pieces of one, two and three bytes. */
function* cutsOf(bytes: Uint8Array): Generator<Uint8Array[]> {
  for (let at = 0; at <= bytes.length; at++) yield [bytes.subarray(0, at), bytes.subarray(at)];
  for (const size of [1, 2, 3]) {
    yield Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
      bytes.subarray(size * at, size * at + size),
    );
  }
}

const documents = [
  [
    "an object",
    '{"id":1,"ssn":"078-05","a":{"x":[{"ssn":2,"b":true},{"ssn":3},{"id":null}],"b":"tail"},"m":{"n":[]},"ssn":4}',
  ],
  [
    "an array",
    '[[1,{"a":"1","b":{"x":{}}},[2,3]],{"x":1,"a":[0,{"id":"é😀\\"\\\\","m":-1.5e+3}]},"x",[{"ssn":[]}],false]',
  ],
  [
    "an object with white space between some members",
    '{"a":2,"x":1 ,"b":3,"ssn":4\n,"c":5,"x":{} ,"d":"x","x":true ,"m":6,"ssn":[],"e":[ ],"x":-7 }',
  ],
  [
    "values that stay and go in turn",
    '[["k","1","k","1",true,"k"],{"a":"k","b":1,"c":"k","d":null},["1","k",[1,"k"],"k"],{"q":"1","id":"k","r":"1","s":{}}]',
  ],
  [
    "a text with white space and escapes",
    ' { "m\\u0061" : [ 1 , "\\ud83d\\ude00" , { "ssn" : "12345678" , "x" : 0 } ] , "s\\u0073n" : { "x" : { } } , "é" : { "id" : 10.0 } } ',
  ],
  [
    "deep and empty containers",
    '{"x":{"x":{"x":[1]}},"b":{"x":0,"m":{"ssn":"abcdef","id":{"x":2}}},"é😀":{"ssn":{"m":"😀😀😀😀"}},"x":[[],{},[{}]]}',
  ],
] as const;

/** Members before and behind what is below, in objects and arrays, 70 levels of each. */
const DEEP = Array.from({ length: 70 }, (_, at) => ["x", "y", "m", "b", "z"][at % 5]).reduceRight<string>(
  (inner, name) => `[{"id":1,"${name}":${inner},"ssn":["abcdef"],"q":"1"},2]`,
  "null",
);
const DEEP_OPTIONS = { ...options, maxScalarBytes: 10_000 };

const stages: readonly (readonly [name: string, given: readonly Given[]])[] = [
  ["destroys", [{ effect: "destroy", path: "\\.(ssn|x)$" }]],
  [
    "destroys elements",
    [
      { effect: "destroy", path: "\\[[02]\\]$" },
      { effect: "destroy", path: "\\[1\\]\\.a$" },
    ],
  ],
  ["retains", [{ effect: "retain", path: "\\.(id|b)$" }]],
  [
    "retains elements",
    [
      { effect: "retain", path: "\\[1\\]" },
      { effect: "retain", path: "é" },
    ],
  ],
  [
    "retains, less what is destroyed",
    [
      { effect: "retain", path: "\\.(a|m|x)$" },
      { effect: "destroy", path: "\\.(ssn|id)$" },
      { effect: "destroy", path: "^\\$\\.x\\.x" },
    ],
  ],
  [
    "masks",
    [
      { effect: "mask", path: "\\.(m|ssn|ma)$" },
      { effect: "mask", path: "\\[1\\]$", mask: { with: "é" } },
    ],
  ],
  ["masks all but the end", [{ effect: "mask", path: "\\.(ssn|m|b|id)$", mask: { with: "…", keepLast: 2 } }]],
  ["hashes", [{ effect: "hash", path: "\\.(ssn|m|x)$" }]],
  [
    "hashes what is left",
    [
      { effect: "hash", path: "^\\$\\.[abmé]|\\[0\\]$" },
      { effect: "destroy", path: "\\.(x|id)$" },
      { effect: "mask", path: "\\.ssn$" },
    ],
  ],
  [
    "destroys by value",
    [
      { effect: "destroy", path: ".", value: "^(1|true|null|.*\\\\.*|é.*)$" },
      { effect: "destroy", path: "\\.m$", value: "😀{4}|5e" },
    ],
  ],
  [
    "masks by value what is retained",
    [
      { effect: "retain", path: "\\.(ssn|id|a|ma)$" },
      { effect: "mask", path: ".", value: "\\d", mask: { with: "#", keepLast: 1 } },
      { effect: "hash", path: "\\.id$" },
      { effect: "destroy", path: "\\[0\\]$", value: "0" },
    ],
  ],
  [
    "does all of it to the same nodes",
    [
      { effect: "retain", path: "\\.(x|m|ssn)$" },
      { effect: "hash", path: "\\.(x|m|ssn)$" },
      { effect: "mask", path: "\\.(m|ssn)$", mask: { keepLast: 3 } },
      { effect: "destroy", path: "\\.ssn$" },
    ],
  ],
];

describe.each(stages)("a stage that %s", (_, given) => {
  const stage = stageOf(given);
  const twin = given.map(({ effect, path, value, mask }) => ({
    ...{ effect, mask, pattern: new RegExp(path, "u") },
    matchValue: value === undefined ? undefined : new RegExp(value, "u"),
  }));

  it.each(documents)("leaves of %s what its twin leaves, wherever it is cut", (_name, text) => {
    const expected = filterByReference(text, [twin], hash);
    if (expected === undefined) throw new Error("the document is withheld");
    for (const pieces of cutsOf(toUtf8(text))) expectSame(inPieces(stage, pieces), expected);
    const whole = filterJson(toUtf8(text), [stage], options);
    expect(whole.ok && decodeUtf8(whole.bytes)).toBe(expected.text);
  });

  it("leaves of what is nested deeper than there is room for at first what its twin leaves", () => {
    const expected = filterByReference(DEEP, [twin], hash);
    if (expected === undefined) throw new Error("the document is withheld");
    const bytes = toUtf8(DEEP);
    const each = Array.from(bytes, (byte) => Uint8Array.of(byte));
    for (const pieces of [[bytes], each]) expectSame(inPieces(stage, pieces, DEEP_OPTIONS), expected);
  });
});

describe.each([
  [
    "retains",
    [
      { effect: "mask", path: "\\.ssn$" },
      { effect: "destroy", path: "\\.[cd]$" },
      { effect: "retain", path: "\\.(a|ssn|d)$" },
    ],
  ],
  ["only destroys", [{ effect: "destroy", path: "\\.(ssn|y)$" }]],
  ["does nothing to it", [{ effect: "mask", path: "\\.none$" }]],
] as const)("a document that is broken at one place, and a stage that %s", (_, given) => {
  const text =
    '{"a":[1,-0.5e+7,{"b":"\\u00e9é\\n"}],"ssn":true,"c":{"x":null, "y":false,"z":1,"y":"2"},"d":[ ]}';
  const stage = stageOf(given);
  const isJson = (bytes: Uint8Array) => {
    try {
      JSON.parse(decodeUtf8(bytes) ?? "");
      return true;
    } catch {
      return false;
    }
  };

  function check(bytes: Uint8Array): void {
    const whole = inPieces(stage, [bytes]);
    if ((typeof whole !== "string") !== isJson(bytes)) {
      expect({ bytes: Buffer.from(bytes).toString("latin1"), whole }).toBe(isJson(bytes));
    }
    const pieces = Array.from(bytes, (byte) => Uint8Array.of(byte));
    expectSame(inPieces(stage, pieces), whole);
  }

  it("is withheld for the same reason, whole and in pieces, when a byte is missing", () => {
    const bytes = toUtf8(text);
    for (let at = 0; at < bytes.length; at++) {
      check(Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(at + 1)]));
      check(bytes.slice(0, at));
    }
  });

  it.each(Array.from('"\\{}[]:,0e-t \u0001\u0080\u00ff'))(
    "is so when %j stands in place of a byte",
    (byte) => {
      const bytes = toUtf8(text);
      for (let at = 0; at < bytes.length; at++) {
        const changed = bytes.slice();
        changed[at] = byte.charCodeAt(0);
        check(changed);
      }
    },
  );
});
