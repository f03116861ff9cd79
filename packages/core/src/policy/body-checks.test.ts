import { describe, expect, it } from "vitest";
import { canonicalRequest } from "../http/canonical-request.js";
import { compilePattern } from "../pattern/pattern.js";
import { bodyMatches, type CompiledBodyCheck } from "./body-checks.js";
import { compilePolicy } from "./compile.js";
import { decide } from "./decide.js";
import { definePolicy } from "./parse-policy.js";
import type { RuleDocument } from "./schema.js";

const check = (path: string, value?: string): CompiledBodyCheck => ({
  path: compilePattern(path),
  value: value === undefined ? undefined : compilePattern(value),
});

const LIMITS = { maxRequestInspectBytes: 16 * 1024 * 1024, maxJsonDepth: 512 };

const matchesIn = (text: string, ...checks: CompiledBodyCheck[]) =>
  bodyMatches(new TextEncoder().encode(text), checks, LIMITS);

describe("what checks find in a body", () => {
  it("tells checks whose path was there from those whose value was there too", () => {
    const [absent, reached, found] = [check("^\\$\\.x$"), check("\\.a$", "^2$"), check("\\.a$", "^1$")];
    expect(matchesIn('{"a":1}', absent, reached, found)).toEqual({
      ok: true,
      reached: new Set([reached, found]),
      found: new Set([found]),
    });
  });

  it("is found on a level of thousands, and depth costs no stack", () => {
    const deep = `${"[".repeat(100_000)}1${"]".repeat(100_000)}`;
    expect(matchesIn(deep, check("."))).toEqual({ ok: false, reason: "the body is nested deeper than 512" });
    const wide = `[${Array(20_000).fill("1").join(",")},{"a":2}]`;
    const last = check("^\\$\\[20000\\]\\.a$", "^2$");
    expect(matchesIn(wide, last)).toMatchObject({ ok: true, found: new Set([last]) });
  });

  it("is not looked for in paths that are too long to be matched in reasonable time", () => {
    const named = (length: number) => `{"${"k".repeat(length)}":1}`;
    expect(matchesIn(named(4094), check("k$"))).toMatchObject({ ok: true });
    const reason = "the body's paths are too long to be matched";
    expect(matchesIn(named(4095), check("k$"))).toEqual({ ok: false, reason });
    // Each of the paths is allowed, all of them together would take minutes.
    const many = `{"${"k".repeat(4000)}":[${Array(100_000).fill("1").join(",")}]}`;
    expect(matchesIn(many, check("never"))).toEqual({ ok: false, reason });
  });

  it.each<[raw: string, texts: readonly string[]]>([
    ["1", ["1"]],
    ["10.0", ["10.0", "10"]],
    ["-12.50", ["-12.50", "-12.5"]],
    ["1e3", ["1e3", "1000"]],
    ["12E-1", ["12E-1", "1.2"]],
    ["-0", ["-0", "0"]],
    // Without fraction and exponent a number is what it is written as.
    ["12345678901234567890", ["12345678901234567890"]],
    ["true", ["true"]],
    ["null", ["null"]],
    // No number that ECMAScript can write.
    ["1e999", ["1e999"]],
    ['"1e3"', ["1e3"]],
    ['"a\\u0062\\""', ['ab"']],
  ])("is the text of %s, and the shortest spelling of a number", (raw, texts) => {
    const all = ["1", "10", "1000", "0", "1.2", "12345678901234567000", "NaN", "Infinity", "-12.5", ...texts];
    const checks = [...new Set(all)].map((text) => check("^\\$$", `^${text.replace(/[.+]/g, "\\$&")}$`));
    const matches = matchesIn(raw, ...checks);
    const found = checks.filter((one) => matches.ok && matches.found.has(one));
    expect(found.map((one) => one.value?.source.slice(1, -1).replaceAll("\\", "")).sort()).toEqual(
      [...texts].sort(),
    );
  });

  it("is found behind a byte-order mark, of which one is dropped", () => {
    const root = check("^\\$$", "^text\ufeff$");
    expect(matchesIn('\ufeff"text\ufeff"', root)).toMatchObject({ ok: true, found: new Set([root]) });
    for (const text of ['\ufeff\ufeff"text"', '"text"\ufeff'])
      expect(matchesIn(text, root)).toEqual({ ok: false, reason: "the body is not JSON" });
  });

  it("is looked for to the end: a document that breaks off behind a match is none", () => {
    expect(matchesIn('{"a":1,"b":}', check("\\.a$"))).toEqual({ ok: false, reason: "the body is not JSON" });
  });
});

describe("a body in a decision", () => {
  /** How often a decision by these rules takes the bytes of the body. */
  function takes(rules: readonly RuleDocument[]): number {
    const compiled = compilePolicy(
      definePolicy({
        clientId: "acme",
        region: "eu-1",
        targets: { t: { baseUrl: "https://api.example", rules } },
        proxies: { p: { target: "t", defaultRuleEffect: "allow", rules } },
      }),
    );
    const request = canonicalRequest({ url: "https://api.example/x", method: "POST" });
    if (request === undefined) throw new Error("the URL is absolute");
    let count = 0;
    const body = {
      kind: "bytes" as const,
      get bytes() {
        count++;
        return new TextEncoder().encode('{"a":1}');
      },
    };
    decide(compiled, "p", request, { now: 0, body });
    return count;
  }

  const rule = (index: number): RuleDocument => ({
    effect: "deny",
    id: `r${index}`,
    body: [{ jsonPath: `never${index}` }, { jsonPath: "." }],
  });

  it("is read once for all rules of all scopes", () => {
    const once = takes([rule(0)]);
    expect(once).toBeGreaterThan(0);
    expect(takes(Array.from({ length: 50 }, (_, index) => rule(index)))).toBe(once);
  });

  it("is not read for a rule that does not match in all else", () => {
    expect(takes([{ ...rule(0), path: "^/elsewhere" }])).toBe(0);
    expect(takes([{ ...rule(0), mode: "off" }])).toBe(0);
  });
});
