import { randomFor } from "./random.mjs";

/**
 * What goes through the filter once.
 *
 * @typedef {{ effect: string, path: string, flags?: string, matchValue?: string, mask?: object }} Operation
 * @typedef {{ bytes: Buffer, stages: Operation[][], lengths: number[] }} Case
 */

/** No part of a document that means anything, so what holds one can be looked for. */
export const CANARY = /canary[0-9a-z]{8}/g;

const NAMES = [
  "a",
  "b",
  "ssn",
  "email",
  "id",
  "data",
  "items",
  "card",
  "a.b",
  "x[0]",
  "",
  "é",
  "😀",
  "__proto__",
];
const SPELLED = ["s\\u0073n", "\\ud83d", "\\/", "\\u0061", '\\"', "\\\\"];

/** Those that cannot tell one index from another: an earlier stage may have shifted the indices. */
const BLIND_PATHS = [
  "\\.ssn$",
  "\\.(email|card)$",
  "^\\$\\.data",
  "\\.a\\b",
  "\\.items\\[\\d+\\]\\.(id|b)$",
  "é|😀",
  "\\.[^.]*$",
];
const PATHS = [...BLIND_PATHS, "\\[0\\]", "\\[1\\]\\.", "\\[\\d*[13579]\\]$", "^\\$\\[2\\]", "."];
const VALUES = ["^canary", "\\d", "^[^0-4]*$", "^(true|null)$", "canary.*[a-f]$"];
const EFFECTS = ["destroy", "destroy", "destroy", "mask", "mask", "hash", "retain"];

/** Bytes that turn one token into another. */
const TOKENS = [
  ...[
    '"',
    "\\",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "-",
    ".",
    "0",
    "1",
    "e",
    "\\u",
    "\\ud83d",
    " ",
    "\n",
    "\t",
    "true",
    "nul",
  ],
  ...[
    '"ssn":',
    '{"ssn":"',
    "},{",
    "],[",
    '":"',
    "\0",
    "\x7f",
    "\xff",
    "\xc3",
    "\xef\xbb\xbf",
    "\xed\xa0\x80",
    "[[[[[[",
  ],
];

/** @returns {Case} */
export function caseOf(seed, number) {
  const random = randomFor(seed, number);
  const document = Buffer.from(documentOf(random));
  const bytes = random.chance(3) ? document : mutated(document, random);
  const stages = stagesOf(random);
  const lengths = random.pick([
    [1],
    [bytes.length + 1],
    random.times(6, () => random.below(9)).concat(1),
    [1 + random.below(64), 1 + random.below(300)],
  ]);
  return { bytes, stages, lengths };
}

function documentOf(random) {
  const space = random.chance(2) ? () => "" : () => random.pick(["", "", " ", "\n  ", "\t"]);
  const canary = () =>
    `canary${random
      .below(2 ** 32)
      .toString(36)
      .padStart(8, "0")}`;
  const scalar = () => {
    switch (random.below(6)) {
      case 0:
        return random.pick([
          "true",
          "false",
          "null",
          "0",
          "-1.5e+10",
          "12345678901234567890",
          '""',
          '"\\ud83d"',
        ]);
      case 1:
        return `"${random.pick(["é", "\\n", "😀", '\\"', "\\u00e9"])}${canary()}"`;
      default:
        return `"${canary()}"`;
    }
  };
  const name = () =>
    `"${random.chance(8) ? random.pick(SPELLED) : random.chance(12) ? canary() : random.pick(NAMES)}"`;
  const value = (depth) => {
    if (depth > 5 || random.chance(3)) return scalar();
    const isObject = random.chance(2);
    const children = random.times(5, () => {
      const before = isObject ? `${space()}${name()}${space()}:` : "";
      return `${before}${space()}${value(depth + 1)}${space()}`;
    });
    const inner = children.length === 0 ? space() : children.join(",");
    return isObject ? `{${inner}}` : `[${inner}]`;
  };
  return `${space()}${value(random.chance(20) ? 6 : 0)}${space()}`;
}

/** A few bytes, or whole spans, changed. */
function mutated(document, random) {
  let bytes = document;
  for (let left = 1 + random.below(4); left > 0; left--) {
    const at = random.below(bytes.length + 1);
    const length = random.below(random.pick([2, 4, 40]));
    const [before, span, after] = [
      bytes.subarray(0, at),
      bytes.subarray(at, at + length),
      bytes.subarray(at + length),
    ];
    switch (random.below(8)) {
      case 0:
        bytes = Buffer.concat([
          before,
          Buffer.of((span[0] ?? 0) ^ (1 << random.below(8))),
          bytes.subarray(at + 1),
        ]);
        break;
      case 1:
        bytes = Buffer.concat([before, Buffer.of(random.below(256)), bytes.subarray(at + 1)]);
        break;
      case 2:
        bytes = Buffer.concat([before, after]);
        break;
      case 3:
        bytes = before;
        break;
      case 4:
        bytes = Buffer.concat([before, span, span, after]);
        break;
      case 5: {
        const from = random.below(bytes.length + 1);
        bytes = Buffer.concat([before, bytes.subarray(from, from + 1 + random.below(60)), after]);
        break;
      }
      default:
        bytes = Buffer.concat([
          before,
          Buffer.from(random.pick(TOKENS), "latin1"),
          random.chance(2) ? after : bytes.subarray(at),
        ]);
    }
  }
  return bytes;
}

function stagesOf(random) {
  const count = random.chance(3) ? 2 + random.below(3) : 1;
  const paths = count === 1 ? PATHS : BLIND_PATHS;
  return Array.from({ length: count }, () =>
    Array.from({ length: 1 + random.below(3) }, () => {
      const effect = random.pick(EFFECTS);
      return {
        effect,
        path: random.pick(paths),
        flags: random.pick(["", "", "i", "u"]),
        matchValue: effect !== "retain" && random.chance(4) ? random.pick(VALUES) : undefined,
        mask: effect === "mask" ? random.pick([undefined, { with: "***" }]) : undefined,
      };
    }),
  );
}
