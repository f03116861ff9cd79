import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runs } from "../runs.reference.js";
import { compilePattern } from "./pattern.js";
import { re2Test } from "./re2.reference.js";
import { PatternSyntaxError } from "./syntax-error.js";

/** Characters on which RE2 and ECMAScript are known to disagree when a pattern is handed over unread. */
const characters = fc.constantFrom(
  ..."abkKsSzZ019_-.$/[]{}".split(""),
  "\n",
  "\r",
  "\t",
  "\u00a0",
  "\u2028",
  "\ufeff",
  "\u017f",
  "\u212a",
  "\u00e9",
  "\u00c9",
  "\u0130",
  "\u0131",
  "\u00b5",
  "\u03bc",
  "\ud83d",
  "\ude00",
  "😀",
  "α",
  "Ω",
  "ǅ",
  "𐐀",
  "𐐨",
  "٣",
);
const text = fc.array(characters, { maxLength: 12 }).map((list) => list.join(""));

const atom: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    "a",
    "k",
    "K",
    "s",
    "z",
    "é",
    "É",
    "0",
    "\\.",
    "\\$",
    "\\/",
    ".",
    "\\d",
    "\\D",
    "\\w",
    "\\W",
    "\\s",
    "\\S",
    "\\u017f",
    "\\u212A",
    "\\x41",
    "\\t",
    "\\n",
    "[a-k]",
    "[^a-k]",
    "[^\\d]",
    "[\\s\\d]",
    "[k-s]",
    "[^ks]",
    "[-a]",
    "[^\\u00e9]",
    "😀",
    "\\ud83d",
    "-",
    "_",
    "µ",
    "ı",
    "[.$]",
    "[\\]]",
  ),
);
/** With the `u` flag alone. */
const property = fc.constantFrom(
  "\\p{L}",
  "\\P{L}",
  "\\p{Lu}",
  "\\P{Ll}",
  "[^\\p{Lu}]",
  "[\\P{Lu}k]",
  "[\\p{Script=Greek}\\d]",
  "\\p{Nd}",
  "\\p{Cs}",
  "\\P{ASCII}",
);
const patternOf = (atom: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.letrec<{ node: string }>((tie) => ({
    node: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      atom,
      fc.tuple(tie("node"), tie("node")).map(([a, b]) => a + b),
      fc.tuple(tie("node"), tie("node")).map(([a, b]) => `(${a}|${b})`),
      fc
        .tuple(atom, fc.constantFrom("*", "+", "?", "{2}", "{0,2}", "{1,}", "*?", "+?"))
        .map(([a, q]) => `(?:${a})${q}`),
      tie("node").map((a) => `^${a}`),
      tie("node").map((a) => `${a}$`),
      tie("node").map((a) => `\\b${a}`),
      tie("node").map((a) => `${a}\\B`),
      fc.tuple(tie("node"), tie("node")).map(([a, b]) => `${a}(?:^|$|\\b)${b}`),
      tie("node").map((a) => `(?<n>${a})`.replace(/\(\?<n>(.*)\(\?<n>/, "(?:$1(?:")),
    ),
  })).node;
const flags = fc.constantFrom("", "i", "s", "is", "u", "su", "iu", "m", "im", "mu", "imu");
const flagged = fc.oneof(
  { weight: 2, arbitrary: fc.tuple(patternOf(atom), flags) },
  {
    weight: 1,
    arbitrary: fc.tuple(patternOf(fc.oneof(atom, property)), fc.constantFrom("u", "iu", "mu", "isu")),
  },
);

/**
 * V8 14.6, which is Node 26's, takes a class under `u` for one unit of text where it looks back from a `$`, and so misses
 * the pairs of surrogates that the class holds.
 */
const HAS_NARROW_CLASSES = !/[^b]$/u.test("😀");

function isMissedByV8(source: string, flag: string, text: string): boolean {
  if (!HAS_NARROW_CLASSES || !flag.includes("u")) return false;
  return /\[.*\$/s.test(source) && /[\ud800-\udbff][\udc00-\udfff]/.test(text);
}

describe("patterns", () => {
  it("mean what ECMAScript's own engine and RE2 say they mean", () => {
    let compared = 0;
    let byRe2 = 0;
    fc.assert(
      fc.property(flagged, fc.array(text, { minLength: 1, maxLength: 8 }), ([source, flag], texts) => {
        let native: RegExp;
        try {
          native = new RegExp(source, flag);
        } catch {
          return;
        }
        const ours = (() => {
          try {
            return compilePattern({ pattern: source, flags: flag });
          } catch (error) {
            if (error instanceof PatternSyntaxError) return undefined;
            throw error;
          }
        })();
        if (ours === undefined) return;
        const re2 = re2Test(ours);
        for (const one of texts) {
          compared++;
          if (re2 !== undefined && ++byRe2 > 0 && re2(one) !== ours.matches(one)) {
            throw new Error(`/${source}/${flag} on ${JSON.stringify(one)}: RE2 says ${re2(one)}`);
          }
          // V8 finds a place inside a surrogate pair, where ECMA-262 has none under `u`.
          if (flag.includes("u") && /\\B/.test(source) && /[\ud800-\udbff][\udc00-\udfff]/.test(one))
            continue;
          if (isMissedByV8(source, flag, one)) continue;
          if (ours.matches(one) !== native.test(one)) {
            throw new Error(`/${source}/${flag} on ${JSON.stringify(one)}: native ${native.test(one)}`);
          }
        }
      }),
      { numRuns: runs(3000) },
    );
    expect(byRe2).toBeGreaterThan(3000);
    expect(compared).toBeGreaterThan(5000);
  });

  it("take a variable's value as the literal that ECMAScript's engine takes it for when it is escaped", () => {
    const parts = fc.tuple(
      fc.constantFrom("", "^"),
      fc.array(atom, { maxLength: 2 }).map((list) => list.join("")),
      fc.constantFrom("{{v}}", "{{v}}{{w}}", "{{v}}.{{w}}", "{{v}}(?:a|\\.)*{{v}}", "{{w}}^{{v}}"),
      fc.constantFrom("", "$", "(\\.|$)", "\\[", "a?", "$a"),
    );
    let matched = 0;
    fc.assert(
      fc.property(
        parts,
        fc.constantFrom("", "i", "s", "u", "iu", "m"),
        text,
        text,
        fc.array(text),
        (list, flag, v, w, others) => {
          fc.pre(v !== "" && w !== "");
          const source = list.join("");
          const native = new RegExp(
            source.replaceAll("{{v}}", escaped(v)).replaceAll("{{w}}", escaped(w)),
            flag,
          );
          const ours = compilePattern({ pattern: source, flags: flag });
          const values = new Map(Object.entries({ v, w }));
          for (const one of [
            v,
            v + w,
            `${v}.`,
            `a${v}[`,
            `${v}${v}`,
            `${w}${v}${w}`,
            ...others.map((other) => other + v),
          ]) {
            if (native.test(one)) matched++;
            if (isMissedByV8(source, flag, one)) continue;
            const seen = { source, flag, v, w, one };
            expect({ ...seen, matches: ours.matches(one, values) }).toEqual({
              ...seen,
              matches: native.test(one),
            });
          }
        },
      ),
      { numRuns: runs(1500) },
    );
    expect(matched).toBeGreaterThan(500);
  });
});

/** Every unit as an escape, in a group: halves of a pair in two values are two characters, not one. */
function escaped(value: string): string {
  const units = Array.from({ length: value.length }, (_, at) =>
    value.charCodeAt(at).toString(16).padStart(4, "0"),
  );
  return `(?:${units.map((unit) => `\\u${unit}`).join("")})`;
}
