/** Test-only: random queries over the names of the random documents, and json-p3 to compare answers with. */
import fc from "fast-check";
import { JSONPathEnvironment } from "json-p3";
import { INEXACT, type JsonTree } from "./json-tree.js";

/** Names as they may stand in a document, and every way to write them in a query. */
const names = [
  ...["a", "b", "x", "password", "Password", "token", "tokens", "__proto__", "constructor", "é", "ſ"],
  ...["a.b", "a.password", "x[0]", "[0]", "0", "$", "", "😀", "\n", '"', "\\", "/", "{", "]"],
];

const name = fc.constantFrom(...names);

const single = (text: string) =>
  `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
/** But for controls, which json-p3 does not take so. */
const escaped = (text: string) =>
  `"${text.replace(/[^\n"\\]|["\\]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`).replace("\n", "\\n")}"`;

const quotedName = fc
  .tuple(
    name,
    fc.constantFrom(single, (text: string) => JSON.stringify(text), escaped),
  )
  .map(([text, quote]) => quote(text));
const shorthand = name.filter(
  (text) => /^[A-Za-z_\u0080-\ud7ff\u{10000}-\u{10ffff}]/u.test(text) && !/[.[]/.test(text),
);

const blank = fc.constantFrom("", "", "", " ", "\n");
const index = fc.nat(3).map(String);
const anyIndex = fc.integer({ min: -3, max: 3 }).map(String);

const bound = (value: fc.Arbitrary<string>) => fc.oneof(fc.constant(""), value);
/** Such as select something in some array. */
const fixedSlice = fc
  .tuple(
    fc.nat(3),
    fc.option(fc.integer({ min: 1, max: 12 })),
    fc.option(fc.integer({ min: 1, max: 4 })),
    fc.boolean(),
  )
  .map(([start, length, step, isStartGiven]) => {
    const end = length === null ? "" : String((isStartGiven ? start : 0) + length);
    return `${isStartGiven ? start : ""}:${end}${step === null ? "" : `:${step}`}`;
  });
const anySlice = fc
  .tuple(bound(anyIndex), bound(anyIndex), fc.constantFrom("", ":", ":1", ":2", ":-1", ":-2"))
  .map(([start, end, step]) => `${start}:${end}${step}`)
  .filter((slice) => {
    const [start = "", end = "", step = ""] = slice.split(":");
    const isForward = !step.startsWith("-");
    return !(
      isForward &&
      end !== "" &&
      Number(end) >= 0 &&
      Number(start) >= 0 &&
      Number(end) <= Number(start)
    );
  });

function segments(selector: fc.Arbitrary<string>, most: number): fc.Arbitrary<string> {
  const bracketed = fc
    .array(
      fc.tuple(blank, selector, blank).map((parts) => parts.join("")),
      { minLength: 1, maxLength: 3 },
    )
    .map((list) => `[${list.join(",")}]`);
  const dotted = fc.oneof(shorthand, fc.constant("*"));
  const segment = fc.oneof(
    { arbitrary: dotted.map((one) => `.${one}`), weight: 3 },
    { arbitrary: bracketed, weight: 3 },
    { arbitrary: dotted.map((one) => `..${one}`), weight: 2 },
    { arbitrary: bracketed.map((one) => `..${one}`), weight: 2 },
  );
  return fc.array(segment, { minLength: 1, maxLength: most }).map((list) => list.join(""));
}

const fixedSelector = fc.oneof(quotedName, quotedName, fc.constant("*"), index, fixedSlice);

/** Queries that a node's path answers. */
export const pathQueries = segments(fixedSelector, 4).map((text) => `$${text}`);

const singular = fc.oneof(
  fc.constant("@"),
  fc
    .array(
      fc.oneof(
        shorthand.map((one) => `.${one}`),
        quotedName.map((one) => `[${one}]`),
        anyIndex.map((one) => `[${one}]`),
      ),
      {
        minLength: 1,
        maxLength: 2,
      },
    )
    .map((list) => `@${list.join("")}`),
  shorthand.map((one) => `$.${one}`),
);
const literal = fc.constantFrom(
  "1",
  "-0",
  "10E+03",
  "1.0",
  "'x'",
  '"A\\n"',
  "'😀'",
  "''",
  "true",
  "false",
  "null",
);
const innerQuery = segments(fc.oneof(fixedSelector, anyIndex), 2).chain((text) =>
  fc.constantFrom("@", "@", "$").map((root) => root + text),
);
const value = fc.oneof(
  { arbitrary: singular, weight: 4 },
  { arbitrary: literal, weight: 4 },
  { arbitrary: singular.map((one) => `length(${one})`), weight: 1 },
  { arbitrary: innerQuery.map((one) => `count(${one})`), weight: 1 },
  { arbitrary: innerQuery.map((one) => `value(${one})`), weight: 1 },
);
const pattern = fc.constantFrom(
  "'x'",
  "'.*'",
  "'[a-c;]+'",
  "'\\\\P{Zs}.?'",
  "'(A|x)\\n?'",
  "'[^A]'",
  "'\\\\['",
);
const operator = fc.constantFrom("==", "!=", "<", "<=", ">", ">=");

const condition: fc.Arbitrary<string> = fc.letrec<{ any: string; basic: string }>((tie) => ({
  any: fc.oneof(
    { depthSize: "small" },
    tie("basic"),
    fc.tuple(tie("basic"), fc.constantFrom("&&", " || ", "||"), tie("basic")).map((parts) => parts.join("")),
  ),
  basic: fc.oneof(
    { depthSize: "small" },
    fc.tuple(value, blank, operator, blank, value).map((parts) => parts.join("")),
    innerQuery,
    innerQuery.map((one) => `!${one}`),
    fc
      .tuple(fc.constantFrom("match", "search", "!match", "!search"), singular, pattern)
      .map(([call, text, regexp]) => `${call}(${text}, ${regexp})`),
    tie("any").map((inner) => `(${inner})`),
    tie("any").map((inner) => `!(${inner})`),
    // In a filter inside a filter json-p3 takes `$` for the outer one's node, where the RFC means the document.
    tie("any").map((inner) => `@[?${inner.replaceAll("$", "@")}]`),
  ),
})).any;

const filter = condition.map((test) => `?${test}`);

/** Queries that have to see the document. */
export const anyQueries = segments(
  fc.oneof(
    { arbitrary: fixedSelector, weight: 2 },
    { arbitrary: fc.oneof(anyIndex, anySlice), weight: 1 },
    { arbitrary: filter, weight: 3 },
  ),
  3,
).map((text) => `$${text}`);

const environment = new JSONPathEnvironment({ strict: true, maxRecursionDepth: 10_000 });

/** Replaces a function of json-p3 for texts, or for all else. */
function replaceFor(
  name: string,
  isMeant: (value: unknown) => boolean,
  call: (value: unknown) => unknown,
): void {
  const original = environment.functionRegister.get(name);
  if (original === undefined) throw new Error(`json-p3 has no function ${name}`);
  environment.functionRegister.set(name, {
    ...original,
    call: (...values) => (isMeant(values[0]) ? call(values[0]) : original.call(...values)),
  });
}

const isText = (value: unknown) => typeof value === "string";
// json-p3 counts UTF-16 units, where the RFC counts characters (section 2.4.4).
replaceFor("length", isText, (text) => Array.from(text as string).length);
// And it matches what is no text as the text that the platform makes of it.
for (const name of ["match", "search"])
  replaceFor(
    name,
    (value) => !isText(value),
    () => false,
  );

/** The locations of all nodes that json-p3 finds, in its order. */
export function locationsByJsonP3(query: string, document: unknown): (string | number)[][] {
  return environment
    .compile(query)
    .query(document as never)
    .locations();
}

/** Whether json-p3 sees all that is in a document, and compares it as the RFC does. */
export function isForJsonP3(tree: JsonTree): boolean {
  // `JSON.parse` keeps one of several members of the same name.
  if (!tree.hasUniqueNames()) return false;
  const texts = nodesOf(tree).flatMap((node) =>
    tree.kindOf(node) === "string" ? [String(tree.scalarOf(node))] : [],
  );
  // It has texts in the order of their UTF-16 units, and its `.` matches no half of a pair.
  const isMixed =
    texts.some((text) => /[\u{10000}-\u{10ffff}]/u.test(text)) &&
    texts.some((text) => /[\ue000-\uffff]/.test(text));
  return !isMixed && !texts.some((text) => /\p{Surrogate}/u.test(text));
}

/** Whether a number in the document has more digits than JavaScript holds. */
export function hasInexactNumber(tree: JsonTree): boolean {
  return nodesOf(tree).some((node) => tree.kindOf(node) === "number" && tree.scalarOf(node) === INEXACT);
}

function nodesOf(tree: JsonTree): number[] {
  return Array.from({ length: tree.size }, (_, node) => node);
}

/** Whether json-p3 takes it for a query. */
export function isQueryToJsonP3(query: string): boolean {
  try {
    environment.compile(query);
    return true;
  } catch {
    return false;
  }
}
