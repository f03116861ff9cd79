/** Test-only: random operations, each in the forms of the engine and of its twin. */
import fc from "fast-check";
import { compilePattern, type Pattern } from "../pattern/pattern.js";
import type { Stage, StageOperation } from "./filter-json.js";
import type { ReferenceOperation } from "./filter-json.reference.js";
import type { Mask } from "./operation.js";

export interface OperationPair {
  readonly ours: StageOperation;
  readonly reference: ReferenceOperation;
  /** For the report of a failure. */
  readonly [fc.toStringMethod]: () => string;
}

/** A pattern in both forms. */
interface PatternPair {
  readonly ours: Pattern;
  readonly values: ReadonlyMap<string, string>;
  readonly reference: RegExp;
}

/** Patterns that cannot tell one array index from another. */
const blindPatterns = [
  ...[
    "\\.(password|token)$",
    "\\.(a|b|password)$",
    "\\.a$",
    "\\.b",
    "\\.password",
    "^\\$\\.a",
    "^\\$\\.(x|b)$",
  ],
  ...[
    "a.*b",
    "\\.__proto__$",
    "\\.$",
    "\\.constructor",
    "k$",
    "s$",
    "😀",
    "\\ud83d$",
    "\\.\\w+\\.b$",
    "\\\\",
  ],
  ...[
    "\\.[^.]*$",
    "\\.x\\b",
    "\\ba\\b",
    '"',
    "\\.[^\\x00-\\x7f]+$",
    "\\n",
    "^\\$\\.data\\[\\d+\\]\\.(a|x)$",
    "^.{9,}$",
  ],
];

const indexPatterns = [
  ...[
    "\\[\\d+\\]$",
    "\\[1\\]",
    "\\[0\\]$",
    "^\\$\\[[02]\\]",
    "\\[1\\]\\.a$",
    "\\[\\d+\\]\\.(a|b)$",
    "\\]$",
    ".",
  ],
  ...["\\[\\d*[13579]\\]", "^\\$\\.data\\[[^0]\\]", "(\\[0\\]){2}", "0", "\\D1\\D", "\\.a\\[[1-9]\\d*\\]\\b"],
];

const variablePatterns = [
  "\\.{{v}}$",
  "{{v}}",
  "^\\$\\.{{v}}(\\.|$)",
  "\\.(x|{{v}})\\[",
  "{{v}}.*{{v}}",
  "\\[{{v}}\\]",
];

/** Parts that make a pattern when put in a row. */
const parts = fc.constantFrom(
  ...[
    "\\.",
    "\\.",
    "a",
    "b",
    "x",
    "password",
    "[ab]",
    "[^.]",
    "[^.]*",
    "\\w",
    "\\w+",
    ".",
    ".*",
    ".?",
    "\\d+",
    "s?",
  ],
  ...["\\[", "\\]", "\\[\\d+\\]", "\\[0\\]", "\\b", "(a|b)", "(?:\\.a|\\[1\\])", "é", "😀", "\\S+", "{{v}}"],
);

const randomSource = fc
  .tuple(
    fc.constantFrom("", "", "^", "^\\$"),
    fc.array(parts, { minLength: 1, maxLength: 4 }),
    fc.constantFrom("", "$", "\\b", "(\\.|\\[|$)"),
  )
  .map(([start, list, end]) => start + list.join("") + end);

const flags = fc.constantFrom("", "", "", "i", "u", "iu", "s", "m", "is", "imsu");
const variableValue = fc.constantFrom(
  "a",
  "password",
  "0",
  "x[0]",
  "a.b",
  "😀",
  "\ud83d",
  "K",
  "$",
  "(",
  "1",
);

function pairOf(source: string, flag: string, value: string | undefined): PatternPair {
  const values = new Map(value === undefined ? [] : [["v", value]]);
  const literal = value === undefined ? "[^\\s\\S]" : escaped(value, flag);
  // A pattern of which a variable is missing matches nothing at all, whatever else it says.
  const isLost = value === undefined && source.includes("{{v}}");
  return {
    ours: compilePattern({ pattern: source, flags: flag }),
    values,
    reference: isLost ? /[^\s\S]/ : new RegExp(source.replaceAll("{{v}}", literal), flag),
  };
}

/** Every unit as an escape, in a group: what follows is no part of it. */
function escaped(value: string, flag: string): string {
  const characters = flag.includes("u") ? Array.from(value) : value.split("");
  const hexadecimal = (text: string) => (text.codePointAt(0) as number).toString(16);
  const escapes = characters.map((one) =>
    flag.includes("u") ? `\\u{${hexadecimal(one)}}` : `\\u${hexadecimal(one).padStart(4, "0")}`,
  );
  return `(?:${escapes.join("")})`;
}

/** Those of a fixed list, compiled once and not anew for every document. */
function fixed(sources: readonly string[]): fc.Arbitrary<PatternPair> {
  return fc.constantFrom(
    ...sources.flatMap((source) => ["", "i", "u"].map((flag) => pairOf(source, flag, undefined))),
  );
}

const blindPattern = fixed(blindPatterns);

const anyPattern: fc.Arbitrary<PatternPair> = fc.oneof(
  { weight: 4, arbitrary: blindPattern },
  { weight: 4, arbitrary: fixed(indexPatterns) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(
        fc.constantFrom(...variablePatterns),
        flags,
        fc.option(variableValue, { nil: undefined, freq: 6 }),
      )
      .map(([source, flag, value]) => pairOf(source, flag, value)),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(randomSource, flags, variableValue)
      .map(([source, flag, value]) => pairOf(source, flag, value)),
  },
);

const valuePattern = fc
  .tuple(
    fc.constantFrom(
      "",
      "^\\d+$",
      "^4\\d{3}",
      "secret",
      "^$",
      "null",
      "[^\\x00-\\x7f]",
      "\\ud83d",
      "x",
      "^-?0",
      "^.$",
      "\\n",
    ),
    fc.constantFrom("", "i", "u", "s"),
  )
  .map(([source, flag]) => pairOf(source, flag, undefined));

const masks = fc.option(
  fc.record(
    {
      with: fc.constantFrom("", "***", "gone", 'é"\\\n', "\ud83d", "😀"),
      keepLast: fc.constantFrom(0, 1, 2, 4),
    },
    { requiredKeys: [] },
  ),
  { nil: undefined },
);

/** Operations with these effects. */
function operations(
  effects: readonly StageOperation["effect"][],
  pattern: fc.Arbitrary<PatternPair>,
): fc.Arbitrary<OperationPair> {
  const condition = fc.option(valuePattern, { nil: undefined, freq: 3 });
  return fc
    .tuple(fc.constantFrom(...effects), pattern, condition, masks)
    .map(([effect, path, value, mask]): OperationPair => {
      const matchValue = effect === "retain" ? undefined : value;
      const shared = { effect, mask: effect === "mask" ? mask : undefined };
      const place = { filterId: "filters/0", entityId: "p", operationId: "operations/0" };
      return {
        ours: { ...shared, pattern: path.ours, values: path.values, matchValue: matchValue?.ours, ...place },
        reference: { ...shared, pattern: path.reference, matchValue: matchValue?.reference },
        [fc.toStringMethod]: () => describe(effect, path, matchValue, shared.mask),
      };
    });
}

function describe(
  effect: string,
  path: PatternPair,
  value: PatternPair | undefined,
  mask: Mask | undefined,
): string {
  const where = `${effect} /${path.ours.source}/${path.ours.flags}`;
  const values = JSON.stringify(Object.fromEntries(path.values));
  return [where, values, value && `if /${value.ours.source}/${value.ours.flags}`, JSON.stringify(mask)]
    .filter((part) => part !== undefined && part !== "{}")
    .join(" ");
}

/** Operations of any kind. */
export const anyOperations = operations(["destroy", "destroy", "retain", "mask", "mask", "hash"], anyPattern);

/** Destroys of whatever their paths match. */
export const anyDestroys = operations(["destroy"], anyPattern);

/** Destroys that do not depend on an index: what is left has the paths that it had. */
export const blindDestroys = operations(["destroy"], blindPattern);

/** Destroys and retains, with which what comes out is a part of what came in. */
export const anyCuts = operations(["destroy", "destroy", "retain"], anyPattern);

export type StagePairs = readonly OperationPair[];

/** A stage without retains keeps the whole document but for what is destroyed, so most have none. */
export const anyStages: fc.Arbitrary<readonly StagePairs[]> = fc.array(
  fc.array(anyOperations, { minLength: 1, maxLength: 4 }),
  { minLength: 1, maxLength: 4 },
);

/** A stage as the engine takes it. */
export function stageOf(pairs: StagePairs): Stage {
  return { scope: "proxy", operations: pairs.map(({ ours }) => ours) };
}

/** Stands for the keyed hash. */
export function hashOf(bytes: Uint8Array): string {
  let sum = 2166136261;
  for (const byte of bytes) sum = Math.imul(sum ^ byte, 16777619);
  return `h1:${(sum >>> 0).toString(36)}-${bytes.length}`;
}
