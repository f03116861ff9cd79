import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compilePattern } from "../pattern/pattern.js";
import { often, runs } from "../runs.reference.js";
import { bodyMatches } from "./body-checks.js";
import { bodyNodesNaively } from "./context.reference.js";

const space = fc.constantFrom("", "", " ", "\n\t");
const text = fc.oneof(
  fc.string({ maxLength: 4 }).map((value) => JSON.stringify(value)),
  fc.constantFrom(
    '"a"',
    '"\\u0061"',
    '"\\\\"',
    '"\\""',
    '"]"',
    '"a:{,}"',
    '"\\ud83d\\ude00"',
    '"__proto__"',
    '""',
  ),
);
const scalar = fc.oneof(
  text,
  fc.constantFrom(
    "0",
    "-0",
    "1",
    "1.0",
    "1e0",
    "10E-1",
    "123456789012345678901",
    "1e999",
    "true",
    "false",
    "null",
  ),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
);
const json = fc.letrec<{ value: string }>((tie) => ({
  value: fc
    .tuple(
      space,
      fc.oneof(
        { depthSize: "small", withCrossShrink: true },
        scalar,
        fc.array(tie("value"), { maxLength: 4 }).map((list) => `[${list.join(",")}]`),
        fc
          .array(fc.tuple(space, text, space, tie("value")), { maxLength: 4 })
          .map(
            (members) =>
              `{${members.map((member) => `${member.slice(0, 3).join("")}:${member[3]}`).join(",")}}`,
          ),
        fc.constantFrom("[ ]", "{\n}"),
      ),
      space,
    )
    .map((parts) => parts.join("")),
})).value;

/** Documents, and what is nearly one: a character more or less somewhere. */
const nearlyJson = fc
  .tuple(json, fc.nat(), fc.constantFrom("", ",", '"', "}", "0", "\\", "\u0000"))
  .map(([document, position, inserted]) => {
    const at = position % (document.length + 1);
    return document.slice(0, at) + inserted + document.slice(inserted === "" ? at + 1 : at);
  });

const CHECKS = [
  { path: "" },
  { path: "a$" },
  { path: "^\\$$" },
  { path: "\\[1\\]" },
  { path: "__proto__" },
  { path: "", value: "^1$" },
  { path: "", value: "^-?0$" },
  { path: "\\.a", value: "^a$" },
  { path: "", value: "^(true|null)$" },
  { path: "", value: "E|e\\+" },
  { path: "", value: "" },
];

const check = ({ path, value }: (typeof CHECKS)[number]) => ({
  path: compilePattern(path),
  value: value === undefined ? undefined : compilePattern(value),
});

describe("what checks find in random documents", () => {
  it.each([
    ["documents", json],
    ["what is nearly a document", nearlyJson],
  ])("is what the naive twin finds: %s", (_, documents) => {
    const limits = { maxRequestInspectBytes: 1_000_000, maxJsonDepth: 100 };
    let found = 0;
    fc.assert(
      fc.property(documents, (document) => {
        // No bytes are no body, which is not asked here.
        fc.pre(document !== "");
        const checks = CHECKS.map(check);
        const matches = bodyMatches(new TextEncoder().encode(document), checks, limits);
        const nodes = bodyNodesNaively(document);
        expect(matches.ok).toBe(nodes !== undefined);
        if (!matches.ok || nodes === undefined) return;
        const expected = CHECKS.map(({ path, value }) =>
          nodes
            .filter(([at]) => new RegExp(path).test(at))
            .map(([, ...texts]) => value === undefined || texts.some((one) => new RegExp(value).test(one))),
        );
        expect(checks.map((one) => matches.reached.has(one))).toEqual(expected.map((one) => one.length > 0));
        expect(checks.map((one) => matches.found.has(one))).toEqual(
          expected.map((one) => one.includes(true)),
        );
        found += matches.found.size;
      }),
      { numRuns: runs(1000) },
    );
    expect(found).toBeGreaterThan(often(100));
  });
});
