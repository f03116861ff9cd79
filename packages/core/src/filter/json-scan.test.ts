import { describe, expect, it } from "vitest";
import { decodeUtf8, toUtf8 } from "../bytes.js";
import { compilePattern, type PatternInput } from "../pattern/pattern.js";
import { atMost } from "../runs.reference.js";
import { createJsonFilter, type FilterOptions, filterJson, type Stage } from "./filter-json.js";
import type { Mask } from "./operation.js";

interface Given {
  readonly effect: "destroy" | "retain" | "mask" | "hash";
  readonly path: PatternInput;
  readonly matchValue?: PatternInput;
  readonly mask?: Mask;
}

function stageOf(given: readonly Given[]): Stage {
  const place = { filterId: "pii", entityId: "payroll", operationId: "operations/0", values: new Map() };
  const operations = given.map(({ effect, path, matchValue, mask }) => ({
    effect,
    pattern: compilePattern(path),
    matchValue: matchValue === undefined ? undefined : compilePattern(matchValue),
    mask,
    ...place,
  }));
  return { scope: "proxy", operations };
}

const options: FilterOptions = {
  maxJsonDepth: 512,
  maxScalarBytes: 1024,
  hash: (bytes) => `h1:<${decodeUtf8(bytes)}>`,
};

/** The text that is left, or why the document is withheld. */
function filter(text: string, given: readonly Given[], limits: Partial<FilterOptions> = {}): string {
  const result = filterJson(toUtf8(text), [stageOf(given)], { ...options, ...limits });
  return result.ok ? (decodeUtf8(result.bytes) ?? "") : result.reason;
}

/** As {@link filter}, of a document in pieces, and with what each of them gave out. */
function filterPieces(
  pieces: readonly string[],
  given: readonly Given[],
  limits: Partial<FilterOptions> = {},
) {
  const running = createJsonFilter([stageOf(given)], { ...options, ...limits });
  const out = pieces.map((piece) => {
    const written = running.write(toUtf8(piece));
    return written.ok ? decodeUtf8(written.bytes) : written.reason;
  });
  const ended = running.end();
  return { pieces: out, text: ended.ok ? out.join("") : ended.reason };
}

function nodesOf(text: string, given: readonly Given[]): readonly number[] {
  const result = filterJson(toUtf8(text), [stageOf(given)], options);
  return result.ok ? result.receipts.map(({ nodes }) => nodes) : [];
}

describe("a mask", () => {
  it("stands in place of a scalar and of a container", () => {
    const text = '{"a":{"x":1},"b":[2, 3],"c":"four","d":5,"e":[ ]}';
    expect(filter(text, [{ effect: "mask", path: "\\.[abce]$" }])).toBe(
      '{"a":"[REDACTED]","b":"[REDACTED]","c":"[REDACTED]","d":5,"e":"[REDACTED]"}',
    );
  });

  it("keeps the last characters of a scalar that is at least twice as long, and none of a container", () => {
    const mask = { with: "…", keepLast: 4 };
    const given: Given[] = [{ effect: "mask", path: "\\[\\d\\]$", mask }];
    expect(
      filter('["4111111111111111",12345678,1234567,"12345😀78","\\u0031234567\\"",[12345678]]', given),
    ).toBe('["…1111","…5678","…","…5😀78","…567\\"","…"]');
  });

  it("looks at a scalar's text, a string's without quotes and escapes, and never at a container", () => {
    const given: Given[] = [{ effect: "mask", path: ".", matchValue: "^(4|null$|é$|\\d+\\.0$)" }];
    expect(filter('["41",42,"x4",null,"null",{},"\\u00e9",1.0,1,[4]]', given)).toBe(
      '["[REDACTED]","[REDACTED]","x4","[REDACTED]","[REDACTED]",{},"[REDACTED]","[REDACTED]",1,["[REDACTED]"]]',
    );
  });

  it("counts no node inside a masked one, but what is destroyed there", () => {
    const given: Given[] = [
      { effect: "mask", path: "\\.(a|b)$" },
      { effect: "hash", path: "\\.h$" },
      { effect: "destroy", path: "\\.d$" },
      { effect: "destroy", path: "\\.v$", matchValue: "^1$" },
    ];
    const text = '{"a":{"b":1,"h":2,"d":{"d":3},"v":1,"w":{"v":1,"v":2,"d":4}},"h":{"h":5,"b":6}}';
    expect(filter(text, given)).toBe('{"a":"[REDACTED]","h":"h1:<{\\"h\\":5,\\"b\\":6}>"}');
    expect(nodesOf(text, given)).toEqual([1, 1, 2, 2]);
  });

  it("hides more, whichever operation comes first: a mask before a hash, then fewer characters kept", () => {
    const hash: Given = { effect: "hash", path: "a" };
    const some: Given = { effect: "mask", path: "a", mask: { keepLast: 1, with: "A" } };
    const none: Given = { effect: "mask", path: "a", mask: { with: "B" } };
    for (const [given, expected] of [
      [[hash, some, none], "B"],
      [[none, some, hash], "B"],
      [[some, hash], "A4"],
      [[hash, some], "A4"],
      [[{ ...none, mask: { with: "C" } }, none], "B"],
    ] as const) {
      expect(filter('{"a":"1234"}', given)).toBe(`{"a":"${expected}"}`);
    }
  });

  it("gives way to a destroy, the one that depends on the value too", () => {
    const given: Given[] = [
      { effect: "mask", path: "a" },
      { effect: "destroy", path: "a", matchValue: "1" },
    ];
    expect(filter('{"a":1,"a":2}', given)).toBe('{"a":"[REDACTED]"}');
    expect(nodesOf('{"a":1,"a":2}', given)).toEqual([1, 1]);
  });
});

describe("a hash", () => {
  const given: Given[] = [{ effect: "hash", path: "\\.a$" }];

  it("is taken over a scalar's text, or over what is left of a container, byte for byte", () => {
    expect(filter('{"a":"\\u0041"}', given)).toBe('{"a":"h1:<A>"}');
    expect(filter('{"a":1.0}', given)).toBe('{"a":"h1:<1.0>"}');
    expect(filter('{"a": {"x": 1, "y": 2 } }', [...given, { effect: "destroy", path: "y" }])).toBe(
      '{"a": "h1:<{\\"x\\": 1}>" }',
    );
  });

  it("of a container is that of what was in it, not of hashes and masks", () => {
    const more: Given[] = [...given, { effect: "mask", path: "\\.m$" }, { effect: "hash", path: "\\.h$" }];
    const inner = '{"m":1,"a":[2],"x":{"m":3,"h":{"m":4}},"y":{"h":5}}';
    expect(filter(`{"a":${inner},"m":6}`, more)).toBe(
      `{"a":${JSON.stringify(`h1:<${inner}>`)},"m":"[REDACTED]"}`,
    );
    expect(nodesOf(`{"a":${inner},"m":6}`, more)).toEqual([1, 1, 0]);
  });

  it("without a key withholds a document in which it matches, and no other", () => {
    const reason = "there is no key for the operation `hash`";
    expect(filter('{"a":1}', given, { hash: undefined })).toBe(reason);
    expect(filter('{"a":{}}', given, { hash: undefined })).toBe(reason);
    expect(filter('{"b":1}', given, { hash: undefined })).toBe('{"b":1}');
    expect(filter('{"a":1}', [...given, { effect: "mask", path: "a" }], { hash: undefined })).toBe(
      '{"a":"[REDACTED]"}',
    );
  });

  it("of more than `maxScalarBytes` is not taken, in one piece or in many", () => {
    const text = `{"a":["${"x".repeat(12)}"]}`;
    const reason = "a value that an operation has to see is longer than `maxScalarBytes`";
    expect(filter(text, given, { maxScalarBytes: 16 })).toBe(
      `{"a":${JSON.stringify(`h1:<["${"x".repeat(12)}"]>`)}}`,
    );
    expect(filter(text, given, { maxScalarBytes: 15 })).toBe(reason);
    expect(filterPieces([...text], given, { maxScalarBytes: 15 }).text).toBe(reason);
    expect(filterPieces([...text], given, { maxScalarBytes: 16 }).text).toBe(
      filter(text, given, { maxScalarBytes: 16 }),
    );
  });
});

describe("members", () => {
  const given: Given[] = [{ effect: "destroy", path: "\\.(x|y)$" }];

  it("have a comma between them, and nothing else", () => {
    for (let byte = 0; byte < 128; byte++) {
      const between = String.fromCharCode(byte);
      for (const [before, after] of [
        ['{"a":1', '"b":2}'],
        ['{"x":1', '"b":2}'],
        ['{"a":1', '"x":2}'],
        ['{"a":1,"x":1', '"b":2}'],
        ['{"a":"1"', '"b":2,"c":3}'],
      ] as const) {
        const text = before + between + after;
        expect({ text, isJson: !filter(text, given).startsWith("the body is not JSON") }).toEqual({
          text,
          isJson: between === ",",
        });
      }
    }
  });

  it("have names of at most `maxScalarBytes`, wherever they stand", () => {
    const limits = { maxScalarBytes: 20 };
    const reason = "a member's name is longer than `maxScalarBytes`";
    const name = "k".repeat(20);
    for (const text of [
      `{"${name}":1}`,
      `{"a":1,"${name}":2}`,
      `{"a":1, "${name}" :2}`,
      `{"a":{},"${name}":[]}`,
    ]) {
      expect(filter(text, given, limits)).toBe(text);
      expect(filterPieces([...text], given, limits).text).toBe(text);
      const longer = text.replace(name, `${name}k`);
      expect(filter(longer, given, limits)).toBe(reason);
      expect(filterPieces([...longer], given, limits).text).toBe(reason);
    }
  });

  it("go with the comma before them, or with the one behind where they come first", () => {
    for (const [text, left] of [
      ['{"x":1,"a":2,"y":3,"b":4,"x":5}', '{"a":2,"b":4}'],
      ['{"a":2,"x":1,"y":3}', '{"a":2}'],
      ['{"x":1,"y":3}', "{}"],
      ['{ "a" : 2 , "x" : 1 , "b" : 3 }', '{ "a" : 2 , "b" : 3 }'],
      ['{"a":2,"x":1 ,"b":3,"y":{} }', '{"a":2,"b":3}'],
      ['{"a":2,"x":"1","b":3,"y":true}', '{"a":2,"b":3}'],
      ['{"a":2,"x":nul,"b":3}', "the body is not JSON: a value is missing, near byte 12"],
      ['{"a":2,"x":1.}', "the body is not JSON: a number is malformed, near byte 14"],
    ] as const) {
      expect(filter(text, given)).toBe(left);
      expect(filterPieces([...text], given).text).toBe(left);
    }
  });

  it("are counted for every operation that destroys them, on their value too", () => {
    const more: Given[] = [
      ...given,
      { effect: "destroy", path: "x", matchValue: "1" },
      { effect: "mask", path: "x" },
    ];
    expect(nodesOf('{"a":0,"x":1,"x":2,"y":1}', more)).toEqual([3, 1, 0]);
  });
});

describe("the reason why a text is no JSON", () => {
  it.each([
    ['{"a" 1}', "a colon is missing, near byte 6"],
    ['{"a":1 "b":2}', "a comma or a closing bracket is missing, near byte 8"],
    ['["é" 1]', "a comma or a closing bracket is missing, near byte 7"],
    ["[1}", "a comma or a closing bracket is missing, near byte 3"],
    ["{1:2}", "a member's name is missing, near byte 2"],
    ['{"a":1,}', "a member's name is missing, near byte 8"],
    ["[1,]", "a value is missing, near byte 4"],
    ["[01]", "a number is malformed, near byte 3"],
    ["[1.]", "a number is malformed, near byte 4"],
    ['["\\x"]', "a string has a bad character or escape, near byte 3"],
    ['{"\n":1}', "a string has a bad character or escape, near byte 3"],
    ["{} {}", "text after the document, near byte 4"],
    ["[1", "the text ends too early, near byte 3"],
    ["", "the text ends too early, near byte 1"],
  ])("of %j says where and what", (text, what) => {
    const given: Given[] = [{ effect: "mask", path: "x" }];
    expect(filter(text, given)).toBe(`the body is not JSON: ${what}`);
    expect(filterPieces([...text], given).text).toBe(`the body is not JSON: ${what}`);
  });

  it("is the encoding where that is broken, in a name and in a string", () => {
    for (const bytes of [
      [0x7b, 0x22, 0x80, 0x22],
      [0x5b, 0x22, 0x80, 0x22],
      [0x5b, 0x22, 0xff, 0x22],
    ]) {
      const result = filterJson(Uint8Array.from(bytes), [stageOf([{ effect: "mask", path: "x" }])], options);
      expect(result).toEqual({ ok: false, reason: "the body is not UTF-8, near byte 3" });
    }
  });
});

describe("what begins like a byte-order mark", () => {
  it("is none unless it is whole", () => {
    for (const bytes of [
      [0xef, 0xbc, 0xbf],
      [0xef, 0xbb, 0xbe],
      [0xef, 0xbb],
      [0xef],
      [0xef, 0xbb, 0xbf, 0xef, 0xbb, 0xbf],
    ]) {
      const result = filterJson(Uint8Array.from([...bytes, 0x7b, 0x7d]), [stageOf([])], options);
      expect({ bytes, isJson: result.ok }).toEqual({ bytes, isJson: false });
    }
    const marked = Uint8Array.of(0xef, 0xbb, 0xbf, 0x20, 0x7b, 0x7d);
    expect(filterJson(marked, [stageOf([])], options)).toMatchObject({ ok: true, bytes: toUtf8(" {}") });
  });
});

describe("a retain", () => {
  it("below a masked or destroyed container keeps that, and what masks and destroys make of it", () => {
    const given: Given[] = [
      { effect: "retain", path: "\\.r$" },
      { effect: "mask", path: "\\.m$" },
      { effect: "destroy", path: "\\.d$" },
    ];
    const text =
      '{"m":{"r":1,"n":{"x":2}},"m":{"x":3},"d":{"r":4,"n":{}},"p":{"d":{"r":5}},"q":{"x":6},"r":7}';
    expect(filter(text, given)).toBe('{"m":"[REDACTED]","p":{},"r":7}');
    expect(nodesOf(text, given)).toEqual([2, 1, 2]);
  });

  it("below what is masked or destroyed holds back nothing that stood before", () => {
    const before = '{"q":{"aaaa":{"bbbb":{"a-name-that-nobody-may-see":{';
    for (const effect of ["mask", "destroy"] as const) {
      const given: Given[] = [
        { effect: "retain", path: "\\.r$" },
        { effect, path: "\\.m$" },
      ];
      const pieces = [before, '}}}},"m":{"r":1', `,"${"n".repeat(100)}":{`, '"x":2}},"r":3}'];
      expect(filterPieces(pieces, given)).toEqual({
        pieces: [
          "{",
          effect === "mask" ? '"m":' : "",
          "",
          effect === "mask" ? '"[REDACTED]","r":3}' : '"r":3}',
        ],
        text: filter(pieces.join(""), given),
      });
    }
  });

  it("holds back the openings of what may go, up to `maxScalarBytes`", () => {
    const given: Given[] = [{ effect: "retain", path: "\\.r$" }];
    const nested = (depth: number, inner: string) => `${'{"a":'.repeat(depth)}${inner}${"}".repeat(depth)}`;
    // Five bytes an opening; the outermost is not held, the innermost is held without its bracket.
    const reason = "more is undecided at a time than `maxScalarBytes` allows";
    for (const [depth, held] of [
      [4, 19],
      [5, 24],
    ] as const) {
      const limits = { maxScalarBytes: held };
      for (const inner of ['{"r":1}', '{"x":1}']) {
        const text = nested(depth, inner);
        const left = inner.includes("r") ? text : "{}";
        expect(filter(text, given, { maxScalarBytes: held })).toBe(left);
        expect(filterPieces([...text], given, limits).text).toBe(left);
        expect(filter(text, given, { maxScalarBytes: held - 1 })).toBe(reason);
        expect(filterPieces([...text], given, { maxScalarBytes: held - 1 }).text).toBe(reason);
      }
    }
  });
});

describe("what is nested deeper than there is room for at first", () => {
  const DEPTH = 70;
  const levels = Array.from({ length: DEPTH }, (_, at) => at);
  /** A member at each level, before and behind what is below; arrays here and there. */
  const nested = (member: (at: number) => string) => {
    const open = levels.map((at) => `{"s":${member(at)},"${at % 10}":${at % 7 === 0 ? "[0," : ""}`);
    const close = levels.map((at) => `${at % 7 === 0 ? ",0]" : ""},"s":${member(at)},"t":1}`).reverse();
    return `${open.join("")}null${close.join("")}`;
  };
  const pathOf = (depth: number) =>
    `$${levels
      .slice(0, depth)
      .map((at) => `.${at % 10}${at % 7 === 0 ? "[*]" : ""}`)
      .join("")}.s`;
  const text = nested((at) => (at % 2 === 0 ? "1" : '{"x":"é"}'));

  it("is masked where it should be, and its paths are told, whole and in pieces", () => {
    const given: Given[] = [{ effect: "mask", path: "\\.s$" }];
    const left = nested(() => '"[REDACTED]"');
    expect(filter(text, given)).toBe(left);
    expect(filterPieces([...text], given).text).toBe(left);
    for (const size of [1, 1000]) {
      const running = createJsonFilter([stageOf(given)], options);
      for (let at = 0; at < text.length; at += size) running.write(toUtf8(text.slice(at, at + size)));
      const [receipt] = running.receipts();
      expect(receipt?.nodes).toBe(2 * DEPTH);
      expect(receipt?.paths).toEqual(levels.slice(0, 32).map(pathOf));
    }
  });

  it("has the paths of what is deepest too", () => {
    const given: Given[] = [{ effect: "mask", path: "\\.s$", matchValue: "^deep$" }];
    const deep = nested((at) => (at >= DEPTH - 10 ? '"deep"' : '"s"'));
    for (const size of [1, 5000]) {
      const running = createJsonFilter([stageOf(given)], options);
      for (let at = 0; at < deep.length; at += size) running.write(toUtf8(deep.slice(at, at + size)));
      expect(running.receipts()[0]?.paths).toEqual(levels.slice(-10).map((at) => pathOf(at).slice(0, 256)));
    }
  });
});

describe("white space", () => {
  const given: Given[] = [{ effect: "destroy", path: "\\.x$" }];
  const limits = { maxScalarBytes: 8 };
  const reason = "more is undecided at a time than `maxScalarBytes` allows";

  it("before a value and in an empty container is held, up to twice `maxScalarBytes`", () => {
    for (const [before, after] of [
      ["[", "]"],
      ["[{", "}]"],
      ["[", "1]"],
      ["[1", "]"],
    ] as const) {
      const isFree = before === "[1";
      for (const length of [16, 17, 100]) {
        const text = before + " ".repeat(length) + after;
        const expected = length === 16 || isFree ? text : reason;
        expect(filter(text, given, limits)).toBe(expected);
        expect(filterPieces([...text], given, limits).text).toBe(expected);
      }
    }
  });

  it("is counted together with a name, its colon and its comma", () => {
    const member = (space: string) => `{"a":0 ,"b"${space}:1}`;
    expect(filter(member(" ".repeat(11)), given, limits)).toBe(member(" ".repeat(11)));
    expect(filter(member(" ".repeat(12)), given, limits)).toBe(reason);
  });
});

describe("what is held all at once", () => {
  it("may be a hash's text so far, white space, and a value that has to be seen", () => {
    const given: Given[] = [
      { effect: "hash", path: "\\.a$" },
      { effect: "destroy", path: "\\[1\\]$", matchValue: "y$" },
    ];
    const limits = { maxScalarBytes: 40 };
    const kept = `["${"x".repeat(36)}"`;
    const text = `{"a":${kept},${" ".repeat(79)}"${"y".repeat(38)}"]}`;
    const left = `{"a":${JSON.stringify(`h1:<${kept}]>`)}}`;
    expect(filter(text, given, limits)).toBe(left);
    expect(filterPieces([...text], given, limits).text).toBe(left);
  });
});

describe("a value that an operation has to see", () => {
  const given: Given[] = [{ effect: "destroy", path: "\\.a$", matchValue: "x$" }];
  const reason = "a value that an operation has to see is longer than `maxScalarBytes`";

  it("has at most `maxScalarBytes`, quotes included", () => {
    for (const value of ['"123456"', "12345678", '"\\u0041"']) {
      const limits = { maxScalarBytes: value.length };
      expect(filter(`{"a":${value}}`, given, limits)).toBe(`{"a":${value}}`);
      expect(filterPieces([...`{"a":${value}}`], given, limits).text).toBe(`{"a":${value}}`);
      const less = { maxScalarBytes: value.length - 1 };
      expect(filter(`{"a":${value}}`, given, less)).toBe(reason);
      expect(filterPieces([...`{"a":${value}}`], given, less).text).toBe(reason);
    }
  });

  it("goes out when it is decided, and not before", () => {
    expect(filterPieces(['{"b":1,"a"', ':"12', '3","b"', ":2}"], given)).toEqual({
      pieces: ['{"b":1', "", ',"a":"123"', ',"b":2}'],
      text: '{"b":1,"a":"123","b":2}',
    });
    expect(filterPieces(['{"b":1,"a":"12', 'x","b"', ":2}"], given)).toEqual({
      pieces: ['{"b":1', "", ',"b":2}'],
      text: '{"b":1,"b":2}',
    });
  });
});

describe("the text of a number at the end of a piece", () => {
  it("waits for what comes next, and ends with the document only where it may", () => {
    for (const [pieces, isJson] of [
      [["1", "2"], true],
      [["-", "0", ".", "5", "e", "+", "7", " "], true],
      [["1."], false],
      [["1", "e"], false],
      [["-"], false],
      [["0", "1"], false],
      [["1", " ", "2"], false],
      [["[1", "]"], true],
      [["[1"], false],
      [["tr", "ue"], true],
      [["tru"], false],
      [["nul", "k"], false],
      [[""], false],
      [["\ufeff"], false],
      [["\ufeff1"], true],
      [["\ufeff\ufeff1"], false],
      [["1\ufeff"], false],
    ] as const) {
      const { text } = filterPieces(pieces, []);
      expect({ pieces, isJson: !text.startsWith("the body is not JSON") }).toEqual({ pieces, isJson });
    }
  });
});

describe("an automaton that outgrew its bounds in the middle of a document", () => {
  // Each place in the long key is a state of its own: which of the last thousand characters were an `a`.
  let random = 1;
  const longKey = Array.from({ length: 3300 }, () => {
    random = Math.imul(random, 48271) & 0x7fffffff;
    return random % 7 < 3 ? "a" : "b";
  }).join("");
  const given: Given[] = [
    { effect: "destroy", path: "a[ab]{1000}z" },
    { effect: "destroy", path: "^\\$(\\.b\\[0\\]\\[0\\](\\.y)?|\\.m)?\\.ssn$" },
    { effect: "mask", path: "\\[1\\]$" },
    { effect: "mask", path: "\\.m$", mask: { with: "gone" } },
  ];
  const limits = { maxScalarBytes: 100_000 };
  // So that states of the same number are different ones in the next automaton.
  const before = '"x":[{"yy":[0,1,2],"z":{}}],"é":{"ss":[[]]}';

  it("goes on with a new one where the old one stood, in whatever is open", () => {
    const text = `{${before},"b":[[{"${longKey}\\u0061":2,"ssn":3,"y":{"ssn":5}},{"x":7},8]],"ssn":9,"last":10}`;
    const left = `{${before},"b":[[{"${longKey}\\u0061":2,"y":{}},"[REDACTED]",8]],"last":10}`.replace(
      "[0,1,2]",
      '[0,"[REDACTED]",2]',
    );
    expect(filter(text, given, limits)).toBe(left);
  });

  it("still knows what was to become of a container that was open, when pieces come", () => {
    const text = `{${before},"m":{"${longKey}":1,"ssn":2},"m":3,"ssn":4,"last":[5,6]}`;
    const left = `{${before},"m":"gone","m":"gone","last":[5,"[REDACTED]"]}`.replace(
      "[0,1,2]",
      '[0,"[REDACTED]",2]',
    );
    const pieces = Array.from({ length: 7 }, (_, at) => text.slice(500 * at, 500 * at + 500));
    expect(filterPieces(pieces, given, limits).text).toBe(left);
  });
});

describe("a long document", () => {
  const MEBIBYTE = 1024 * 1024;
  const PIECE = 64 * 1024;

  /** Writes pieces, and says how far the output was behind what may go out, at worst. */
  function mostHeld(
    pieces: Iterable<Uint8Array>,
    given: readonly Given[],
    mayGoOut: (read: number) => number,
  ): number {
    const running = createJsonFilter([stageOf(given)], options);
    let read = 0;
    let delivered = 0;
    let most = 0;
    for (const piece of pieces) {
      const written = running.write(piece);
      if (!written.ok) throw new Error(written.reason);
      read += piece.length;
      delivered += written.bytes.length;
      most = Math.max(most, mayGoOut(read) - delivered);
    }
    expect(running.end().ok).toBe(true);
    return most;
  }

  /** A text over and over, in pieces that end anywhere in it. */
  function* repeated(start: string, text: string, end: string, bytes: number): Generator<Uint8Array> {
    const enough = toUtf8(text.repeat(Math.ceil((2 * PIECE) / text.length)));
    yield toUtf8(start);
    let at = 0;
    for (let sent = 0; sent < bytes; sent += PIECE) {
      yield enough.subarray(at, at + PIECE);
      at = (at + PIECE) % text.length;
    }
    yield toUtf8((at === 0 ? "" : text.slice(at)) + end);
  }

  it("of 50 MB goes out as it comes in: no more is held than the record that is being read", () => {
    const text = "Nothing in here is anybody's business. ".repeat(100);
    const kept = `{"id":123456789012345678,"name":"Ann","tags":["x",{"y":null}],"text":"${text}"}`;
    const row = `${kept.slice(0, -1)},"ssn":"078-05-1120"},`;
    const given: Given[] = [
      { effect: "destroy", path: "\\.ssn$" },
      { effect: "mask", path: "\\.name$", matchValue: "^B" },
    ];
    const rowsIn = (read: number) => Math.max(0, Math.floor((read - 1) / row.length) - 1);
    const held = mostHeld(
      repeated("[", row, '{"id":0}]', atMost(50) * MEBIBYTE),
      given,
      (read) => rowsIn(read) * (kept.length + 1),
    );
    expect(held).toBeLessThanOrEqual(0);
  });

  it("of one long string goes out as it comes in, if nobody has to see it", () => {
    const string = (given: readonly Given[], mayGoOut: (read: number) => number) =>
      mostHeld(repeated('{"a":["', "12345678", '"]}', atMost(8) * MEBIBYTE), given, mayGoOut);
    expect(string([{ effect: "mask", path: "b" }], (read) => read)).toBe(0);
    expect(string([{ effect: "retain", path: "a" }], (read) => read)).toBe(0);
    expect(string([{ effect: "mask", path: "a" }], () => 0)).toBeLessThanOrEqual(0);
    expect(string([{ effect: "destroy", path: "\\[" }], () => 0)).toBeLessThanOrEqual(0);
    expect(string([{ effect: "retain", path: "b" }], () => 0)).toBeLessThanOrEqual(0);
  });

  it("is withheld as soon as more has to be held than may be", () => {
    for (const [start, text, given] of [
      ['{"a":"', "12345678", { effect: "hash", path: "a" }],
      ['{"', "12345678", { effect: "destroy", path: "b" }],
      ['{"a":[', "12345678,", { effect: "hash", path: "a" }],
      ["[", " ", { effect: "destroy", path: "b" }],
      ['{"a":', "         ", { effect: "destroy", path: "b" }],
      ["", '{"a":', { effect: "retain", path: "b" }],
    ] as const) {
      const running = createJsonFilter([stageOf([given])], options);
      let read = 0;
      let isWithheld = false;
      for (const piece of repeated(start, text, "", PIECE)) {
        // Pieces of a size that the platform might choose, and the first ones shorter.
        for (let at = 0; at < piece.length && !isWithheld; at += 512) {
          read += 512;
          isWithheld = !running.write(piece.subarray(at, at + 512)).ok;
        }
      }
      expect(isWithheld).toBe(true);
      expect(read).toBeLessThanOrEqual(5 * options.maxScalarBytes + 2 * 512);
    }
  });
});
