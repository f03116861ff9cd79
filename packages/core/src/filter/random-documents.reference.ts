/** Test-only: random JSON texts with everything in them that a rewriter could lose or misread. */
import fc from "fast-check";

const space = fc.constantFrom("", "", "", " ", "\n", "\t", "\r\n  ");

/** Names that repeat, look like paths, or mean something to JavaScript. Spelled as in JSON, without the quotes. */
export const memberNames: readonly string[] = [
  ...["a", "a", "b", "x", "password", "Password", "pass\\u0077ord", "token", "tokens", "0", "", "s", "a b"],
  ...[
    "a.b",
    "a.password",
    "x[0]",
    "[0]",
    "]",
    "{",
    "$",
    "$.a",
    '\\"',
    '\\"a\\"',
    "\\\\",
    "\\/",
    "\\n",
    "a\\u000ab",
  ],
  ...["__proto__", "constructor", "toString"],
  ...[
    "é",
    "😀",
    "😀b",
    "\\ud83d",
    "\\ude00",
    "\\ud83d\\ude00",
    "\\u017f",
    "\\u212a",
    "K",
    "ſ",
    "\u2028",
    "\ufeff",
  ],
];

const shortName = fc.constantFrom(...memberNames);
const anyName = fc
  .string({ unit: "grapheme", maxLength: 6 })
  .map((text) => JSON.stringify(text).slice(1, -1));
const longName = fc
  .tuple(fc.constantFrom("k", "é", "😀", "\\u0061", "a."), fc.integer({ min: 20, max: 90 }))
  .map(([unit, times]) => unit.repeat(times));

const name = fc
  .oneof(
    { weight: 20, arbitrary: shortName },
    { weight: 2, arbitrary: anyName },
    { weight: 1, arbitrary: longName },
  )
  .map((text) => `"${text}"`);

const number = fc.oneof(
  fc.constantFrom(
    "12345678901234567890",
    "1.0",
    "1e400",
    "-0",
    "0.10E+05",
    "1",
    "0",
    "4111111111111111",
    "1E-7",
  ),
  fc.tuple(fc.constantFrom("", "-"), fc.bigInt({ min: 0n, max: 10n ** 40n })).map((parts) => parts.join("")),
);

const string = fc.oneof(
  fc.constantFrom(
    ...[
      '""',
      '"x"',
      '"\\u0041\\n"',
      '"]},{["',
      '"\\\\"',
      '"\\""',
      '"😀"',
      '"a,b"',
      '"secret-1"',
      '"4111 1111"',
    ],
    ...[
      '"\\ud83d"',
      '"\\ude00x"',
      '"\\ud83d\\ude00\\ud83d\\ude00 abcd"',
      '"é\\u00e9éé"',
      '"\ufeff"',
      '"null"',
    ],
  ),
  fc.string({ unit: "grapheme", maxLength: 12 }).map((text) => JSON.stringify(text)),
  fc.string({ unit: "binary", maxLength: 8 }).map((text) => JSON.stringify(text)),
);

const scalar = fc.oneof(number, string, fc.constantFrom("true", "false", "null"));

/** @param gap - white space, or none: a document is often either minified or not */
function documentsWith(gap: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const { value, container } = fc.letrec<Record<"value" | "container" | "member" | "element", string>>(
    (tie) => ({
      value: fc.oneof({ depthSize: "medium", withCrossShrink: true }, scalar, tie("container")),
      container: fc.oneof(
        {
          weight: 1,
          arbitrary: fc
            .tuple(fc.constantFrom("{}", "[]"), gap)
            .map(([[open, close], inner]) => `${open}${inner}${close}`),
        },
        {
          weight: 6,
          arbitrary: fc
            .array(tie("member"), { minLength: 1, maxLength: 5 })
            .map((list) => `{${list.join(",")}}`),
        },
        {
          weight: 4,
          arbitrary: fc
            .array(tie("element"), { minLength: 1, maxLength: 5 })
            .map((list) => `[${list.join(",")}]`),
        },
      ),
      member: fc
        .tuple(gap, name, gap, gap, tie("value"), gap)
        .map(([a, key, b, c, inner, d]) => `${a}${key}${b}:${c}${inner}${d}`),
      element: fc.tuple(gap, tie("value"), gap).map((parts) => parts.join("")),
    }),
  );
  const root = fc.oneof({ weight: 1, arbitrary: value }, { weight: 9, arbitrary: container });
  return fc.tuple(gap, root, gap).map((parts) => parts.join(""));
}

const minified = documentsWith(fc.constant(""));
const spaced = documentsWith(space);

/** Text with the indentation that people and servers give it. */
const pretty = minified.map((text) => {
  // A number that JavaScript cannot hold comes out as another, which is as good.
  return JSON.stringify(JSON.parse(text), undefined, 2);
});

/** Many containers around a document. */
const deep = fc
  .tuple(fc.array(fc.constantFrom("[", "[1,", '{"a":', '{"x":1, "b":'), { maxLength: 40 }), minified)
  .map(([opened, inner]) => {
    const closed = opened.toReversed().map((text) => (text.startsWith("[") ? "]" : "}"));
    return opened.join("") + inner + closed.join("");
  });

/** A JSON text. */
export const documents: fc.Arbitrary<string> = fc.oneof(
  { weight: 8, arbitrary: spaced },
  { weight: 4, arbitrary: minified },
  { weight: 1, arbitrary: pretty },
  { weight: 1, arbitrary: deep },
);

/** A document as many servers send it: a list of records with the same few members. */
export const recordLists: fc.Arbitrary<string> = fc
  .tuple(
    fc.uniqueArray(shortName, { minLength: 1, maxLength: 6 }),
    fc.array(fc.array(minified, { maxLength: 6 })),
  )
  .map(([names, rows]) => {
    const records = rows.map((values) => {
      const members = values.map((value, index) => `"${names[index % names.length]}":${value}`);
      return `{${members.join(",")}}`;
    });
    return `{"data":[${records.join(",")}]}`;
  });

/** Pieces that turn one token into another. */
export const tokenPieces = fc.constantFrom(
  ...['"', "\\", "{", "}", "[", "]", ",", ":", "-", "+", ".", "0", "1", "e", "E", "u", "x", "t", "/"],
  ...[
    "\u0000",
    "\u001f",
    "\u007f",
    "\u00a0",
    "\u2028",
    "\n",
    "\\u12",
    "\\u{41}",
    "\\x41",
    "01",
    "1.",
    ".5",
    "nul",
    "NaN",
    "//",
    "'",
  ],
);

export type Edit = { readonly at: number; readonly remove: number; readonly insert: string };

/** Changes that often make a text no JSON. */
export const edits: fc.Arbitrary<Edit[]> = fc.array(
  fc.record({ at: fc.nat(400), remove: fc.nat(2), insert: fc.oneof(fc.constant(""), tokenPieces) }),
  { minLength: 1, maxLength: 3 },
);

export function editedText(text: string, list: readonly Edit[]): string {
  return list.reduce((left, { at, remove, insert }) => {
    const from = at % (left.length + 1);
    return left.slice(0, from) + insert + left.slice(from + remove);
  }, text);
}
