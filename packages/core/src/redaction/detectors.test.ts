import { describe, expect, it } from "vitest";
import { DETECTOR_NAMES, DETECTORS } from "./detectors.js";
import { redactText, replacementOf } from "./redact-text.js";

const encoded = (text: string) => Buffer.from(text).toString("base64url");

/** What makes an expression or a scanner that is not linear go over the same characters again and again. */
const hostile: readonly { what: string; unit: string; before?: string; behind?: string }[] = [
  { what: "local parts without end", unit: "a." },
  { what: "local part and its `@`", unit: "a", behind: "@" },
  { what: "addresses that share their parts", unit: "a@" },
  { what: "a domain without end", unit: "a.", before: "a@" },
  { what: "a domain that never is one", unit: "a-.", before: "a@" },
  { what: "letters outside ASCII", unit: "é", behind: "@" },
  { what: "a run of digits", unit: "4" },
  { what: "groups of a card", unit: "4111 " },
  { what: "cards that share their groups", unit: "411111111111-" },
  { what: "groups of a number", unit: "123-45-" },
  { what: "accounts that begin and never end", unit: "DE89 " },
  { what: "accounts in one piece", unit: "DE893704004405320130" },
  { what: "parts of a token", unit: "ey." },
  { what: "headers of tokens inside of one another", unit: `${encoded('{"alg":"none"}')}.` },
  { what: "headers that are almost JSON", unit: `${encoded('{"alg":"none"]}')}.` },
  { what: "a header without end", unit: "ey", behind: ".." },
  { what: "dots", unit: "." },
  { what: "prefixes inside of a key", unit: "sk-" },
  { what: "prefixes inside of a key that is one", unit: "sk-a1b2c3d4e5f6g7h8i9j0-" },
  { what: "prefixes in turn", unit: "sk-xoxb-xapp-glpat-GOCSPX-AIza" },
  { what: "a key without end", unit: "a1", before: "sk-" },
  { what: "exact prefixes", unit: "AKIA" },
  { what: "dashes", unit: "-" },
  { what: "private keys that begin and never end", unit: "-----BEGIN PRIVATE KEY-----" },
  {
    what: "private keys that begin and end in the same dashes",
    unit: "-----BEGIN PRIVATE KEY----------END ",
  },
  { what: "labels that never end", unit: "-----BEGIN A A A " },
  { what: "cards set free by addresses", unit: "a@b.cc4111111111111111 " },
  { what: "replacements", unit: "[REDACTED:email]@b.cc " },
];

describe("all detectors", () => {
  it.each(hostile)("read twice as much of twice as much: $what", ({ unit, before = "", behind = "" }) => {
    const readsOf = (length: number) => readsIn(before + unit.repeat(length / unit.length) + behind);
    expect(readsOf(20_000)).toBeLessThan(2.2 * readsOf(10_000) + 2000);
  });

  it.each(hostile)("get through 400,000 characters of $what", ({ unit, before = "", behind = "" }) => {
    const text = before + unit.repeat(400_000 / unit.length) + behind;
    const redacted = redactText(text, DETECTORS)?.text ?? text;
    // Nothing is timed: what is not linear does not get here before the runner gives up.
    expect(redactText(redacted, DETECTORS)).toBeUndefined();
  });

  it.each([
    ["addresses", "a@b.cc "],
    ["tokens", `${encoded('{"alg":"none"}')}.e30. `],
  ])("find 200,000 %s in one text", (_, unit) => {
    expect(redactText(unit.repeat(200_000), DETECTORS)?.found).toHaveLength(200_000);
  });

  it("have a name each, and take the replacement of none for anything", () => {
    expect(new Set(DETECTOR_NAMES).size).toBe(DETECTORS.length);
    for (const name of DETECTOR_NAMES) expect(redactText(replacementOf(name), DETECTORS)).toBeUndefined();
  });
});

/** How many code units are looked at outside of expressions. */
function readsIn(text: string): number {
  let reads = 0;
  const read = String.prototype.charCodeAt;
  String.prototype.charCodeAt = function (index) {
    reads++;
    return read.call(this, index);
  };
  try {
    redactText(text, DETECTORS);
  } finally {
    String.prototype.charCodeAt = read;
  }
  return reads;
}
