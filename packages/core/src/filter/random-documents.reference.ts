/** Test-only: random JSON texts with everything in them that a rewriter could lose, and operations to run on them. */
import fc from "fast-check";
import { compilePattern } from "../pattern/pattern.js";
import type { Stage, StageOperation } from "./filter-json.js";
import type { ReferenceOperation } from "./filter-json.reference.js";

const space = fc.constantFrom("", "", "", " ", "\n", "\t", "\r\n  ");

/** Names that repeat, look like paths, or mean something to JavaScript. Spelled as in JSON, without the quotes. */
export const memberNames = [
  ..."abx".split(""),
  ...[
    "password",
    "Password",
    "pass\\u0077ord",
    "token",
    "tokens",
    "a.b",
    "a.password",
    "x[0]",
    "[0]",
    "0",
    "$",
    "",
  ],
  ...[
    "__proto__",
    "constructor",
    "😀",
    "\\ud83d",
    "\\u017f",
    "\\u212a",
    "\\n",
    '\\"',
    "\\\\",
    "\\/",
    "é",
    "{",
    "]",
  ],
];
const name = fc.constantFrom(...memberNames).map((text) => `"${text}"`);

const scalar = fc.constantFrom(
  ...["12345678901234567890", "1.0", "1e400", "-0", "0.10E+05", "true", "false", "null", "1"],
  ...['""', '"x"', '"\\u0041\\n"', '"]},{["', '"\\\\"', '"\\""', '"😀"', '"a,b"'],
);

/** A JSON text. */
export const documents: fc.Arbitrary<string> = fc
  .tuple(
    space,
    fc.letrec<{ value: string; member: string; element: string }>((tie) => ({
      value: fc.oneof(
        { depthSize: "medium", withCrossShrink: true },
        scalar,
        space.map((inner) => `{${inner}}`),
        space.map((inner) => `[${inner}]`),
        fc.array(tie("member"), { minLength: 1, maxLength: 5 }).map((list) => `{${list.join(",")}}`),
        fc.array(tie("element"), { minLength: 1, maxLength: 5 }).map((list) => `[${list.join(",")}]`),
      ),
      member: fc
        .tuple(space, name, space, space, tie("value"), space)
        .map(([a, key, b, c, value, d]) => `${a}${key}${b}:${c}${value}${d}`),
      element: fc.tuple(space, tie("value"), space).map((parts) => parts.join("")),
    })).value,
    space,
  )
  .map((parts) => parts.join(""));

/** Patterns that cannot tell one array index from another. */
export const indexBlindPatterns = [
  ...[
    "\\.(password|token)$",
    "\\.(a|b|password)$",
    "\\.a$",
    "\\.b",
    "\\.password",
    "^\\$\\.a",
    "^\\$\\.(x|b)$",
    "a.*b",
  ],
  ...[
    "\\.__proto__$",
    "\\.$",
    "\\.constructor",
    "k$",
    "s$",
    "😀",
    "\\.\\w+\\.b$",
    "\\\\",
    "\\.[^.]*$",
    "\\.x\\b",
  ],
];

const indexPatterns = [
  "\\[\\d+\\]$",
  "\\[1\\]",
  "\\[0\\]$",
  "^\\$\\[[02]\\]",
  "\\[1\\]\\.a$",
  "\\[\\d+\\]\\.(a|b)$",
  "]$",
  ".",
];

/** An operation in the forms of the engine and of its twin. */
export interface OperationPair {
  readonly ours: StageOperation;
  readonly reference: ReferenceOperation;
}

function operations(
  patterns: readonly string[],
  effects: readonly ("destroy" | "retain")[],
): fc.Arbitrary<OperationPair> {
  // Compiled here, once, and not anew for every document.
  const pairs = patterns.flatMap((pattern) =>
    ["", "i"].flatMap((flags) => effects.map((effect) => pairOf(effect, pattern, flags))),
  );
  return fc.constantFrom(...pairs);
}

function pairOf(effect: "destroy" | "retain", pattern: string, flags: string): OperationPair {
  const place = { filterId: "filters/0", entityId: "p", operationId: "operations/0" };
  return {
    ours: { effect, pattern: compilePattern({ pattern, flags }), values: new Map(), ...place },
    reference: { effect, pattern: new RegExp(pattern, flags) },
  };
}

/** Operations of any kind. */
export const anyOperations = operations(
  [...indexBlindPatterns, ...indexPatterns],
  ["destroy", "destroy", "retain"],
);

/** Destroys only, and only such as do not depend on an index. */
export const blindDestroys = operations(indexBlindPatterns, ["destroy"]);

/** A stage as the engine takes it. */
export function stageOf(pairs: readonly OperationPair[]): Stage {
  return { scope: "proxy", operations: pairs.map(({ ours }) => ours) };
}
