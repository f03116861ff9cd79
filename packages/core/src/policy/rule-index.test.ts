import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compilePattern } from "../pattern/pattern.js";
import { PatternSyntaxError } from "../pattern/syntax-error.js";
import { often, runs } from "../runs.reference.js";
import { isIndexedMethod, RuleIndex } from "./rule-index.js";

const rule = (pattern: string, wanted = true) => ({ path: { pattern: compilePattern(pattern), wanted } });

describe("an index of rules", () => {
  const many = (rules: readonly ReturnType<typeof rule>[]) => [
    ...rules,
    ...Array.from({ length: 20 }, (_, index) => rule(`^/other${index}/`)),
  ];

  it("gives only rules that a path can match", () => {
    const index = new RuleIndex(
      many([rule("^/v1/a(/|$)"), rule("^/v1/b(/|$)"), rule("\\.bak$"), rule("^/x", false)]),
    );
    expect(index.candidates("/v1/a/7", "GET")).toEqual([0, 3]);
    expect(index.candidates("/v1/c.bak", "GET")).toEqual([2, 3]);
    expect(index.candidates("/v1/c", "GET")).toEqual([3]);
    expect(index.candidates("/v1/a/v1/a", "GET")).toEqual([0, 3]);
  });

  it("gives only rules for the method", () => {
    const forMethods = (pattern: string, ...methods: string[]) => ({
      ...rule(pattern),
      methods: new Set(methods),
    });
    const rules = [
      forMethods("^/a/", "GET"),
      forMethods("^/a/", "POST", "LINK"),
      rule("^/a/"),
      forMethods("^.*$", "UNLINK"),
      forMethods("^.*$", "DELETE"),
    ];
    const index = new RuleIndex(many(rules));
    expect(index.candidates("/a/1", "GET")).toEqual([0, 2]);
    expect(index.candidates("/a/1", "post")).toEqual([1, 2]);
    // Methods that are not common are told apart by the rule itself.
    expect(index.candidates("/a/1", "LINK")).toEqual([1, 2, 3]);
    expect(index.candidates("/b", "delete")).toEqual([4]);
    expect(index.candidates("/b", "GET")).toEqual([]);
  });

  it("looks for whole segments where a path must have one, by the rarest", () => {
    const numbers = Array.from({ length: 20 }, (_, index) => index);
    const behind = new RuleIndex(numbers.map((number) => rule(`^/v1/res${number}(/|$)`)));
    const before = new RuleIndex(numbers.map((number) => rule(`^/res${number}/v1(/|$)`)));
    expect(behind.candidates("/v1/res7/1", "GET")).toEqual([7]);
    expect(behind.candidates("/v1/res70", "GET")).toEqual([]);
    expect(before.candidates("/res7/v1", "GET")).toEqual([7]);
    expect(before.candidates("/v1/res", "GET")).toEqual([]);
  });

  it("looks for literals of two characters, not for one that stands in many paths", () => {
    const index = new RuleIndex(many([rule("x\\d"), rule("(q|long)\\d"), rule("yz\\d")]));
    expect(index.candidates("/none", "GET")).toEqual([0, 1]);
    expect(index.candidates("/yz", "GET")).toEqual([0, 1, 2]);
  });

  it("tells common methods apart, of rules found in any way", () => {
    const methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];
    const patterns = ["^/a/", "\\.bak", "."];
    const rules = methods.flatMap((method) =>
      patterns.map((pattern) => ({ ...rule(pattern), methods: new Set([method]) })),
    );
    const index = new RuleIndex(rules);
    for (const [at, method] of methods.entries()) {
      const own = [3 * at, 3 * at + 1, 3 * at + 2];
      expect([method, index.candidates("/a/x.bak", method)]).toEqual([method, own]);
      expect([method, index.candidates("/", method)]).toEqual([method, own.slice(2)]);
      expect(isIndexedMethod(method)).toBe(true);
    }
    expect(index.candidates("/a/x.bak", "LINK")).toEqual([]);
  });

  it("gives as many as there are, ascending, in whatever way they are found", () => {
    const patterns = ["\\.bak", "^/a/", ".", "^/(.*/)?b/", "\\d", "long|longer"];
    for (const count of [2, 9, 24, 25, 26, 60, 200]) {
      const rules = Array.from({ length: count }, (_, index) => rule(patterns[index % 6] as string));
      const index = new RuleIndex([...rules, ...many([])]);
      expect(index.candidates("/a/b/longer7.bak", "GET")).toEqual(rules.map((_, at) => at));
      const without = rules.flatMap((_, at) => ([2, 4].includes(at % 6) ? [at] : []));
      expect(index.candidates("/", "GET")).toEqual(without);
    }
  });

  it("leaves nothing to ask of the methods that it knows", () => {
    const methods = fc.uniqueArray(fc.constantFrom("GET", "POST", "HEAD", "LINK"), { minLength: 1 });
    const rules = fc.array(
      fc.record({
        path: fc.constantFrom("^/a/", "^/b$", "\\.bak$", ".").map((pattern) => rule(pattern).path),
        methods: fc.option(
          methods.map((list) => new Set<string>(list)),
          { nil: undefined },
        ),
      }),
      { maxLength: 30 },
    );
    const asked = fc.constantFrom("GET", "POST", "HEAD", "LINK", "link", "get");
    fc.assert(
      fc.property(rules, asked, fc.constantFrom("/a/1", "/b", "/b/x.bak"), (list, method, path) => {
        const candidates = [...new RuleIndex(list).candidates(path, method)];
        const upper = method.toUpperCase();
        const canHave = ({ methods: own }: (typeof list)[number]) => own?.has(upper) !== false;
        const matching = list.flatMap((one, at) =>
          canHave(one) && one.path.pattern.matches(path) ? [at] : [],
        );
        expect(matching.filter((at) => !candidates.includes(at))).toEqual([]);
        if (isIndexedMethod(method))
          expect(candidates.filter((at) => !canHave(list[at] as (typeof list)[number]))).toEqual([]);
      }),
      { numRuns: runs(200) },
    );
    expect([isIndexedMethod("GET"), isIndexedMethod("LINK"), isIndexedMethod("get")]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it("finds a whole segment of characters beyond the basic plane, in a path that is read decoded", () => {
    const index = new RuleIndex(many([rule("(?u)^/\\u{1F600}/"), rule("(?u)^/\\u{1F601}/a/")]));
    expect(index.candidates("/😀/a", "GET")).toEqual([0]);
    expect(index.candidates("/😁/a/", "GET")).toEqual([1]);
    expect(index.candidates("/😀😁/a", "GET")).toEqual([]);
  });

  it("finds literals one within the other", () => {
    const index = new RuleIndex(many([rule("ab"), rule("bc"), rule("abcd"), rule("(?i)B?CD")]));
    expect(index.candidates("/xABCd", "GET")).toEqual([0, 1, 2, 3]);
    expect(index.candidates("/abd", "GET")).toEqual([0]);
    expect(index.candidates("/bcd", "GET")).toEqual([1, 3]);
  });

  it("never leaves out a rule that matches", () => {
    const piece = fc.constantFrom(
      "/",
      "v1",
      "a",
      "B",
      ".",
      "\\.",
      "\\d+",
      "[^/]+",
      "(/|$)",
      "(a|bc)",
      "(/.*)?",
      "$",
      "é",
      "😀",
      "x?",
      "(?:ab)+",
    );
    const patterns = fc.array(
      fc
        .tuple(
          fc.constantFrom("", "^", "^/"),
          fc.array(piece, { maxLength: 6 }),
          fc.constantFrom("", "i", "u"),
        )
        .map(([start, pieces, flags]) => ({ pattern: start + pieces.join(""), flags })),
      { minLength: 9, maxLength: 20 },
    );
    const path = fc
      .array(fc.constantFrom("v1", "a", "B", "b", "bc", "7", ".", "é", "😀", "x", "ab", "A", "/"), {
        maxLength: 8,
      })
      .map((parts) => `/${parts.join("")}`);
    let matched = 0;
    fc.assert(
      fc.property(patterns, fc.array(path, { minLength: 4, maxLength: 12 }), (inputs, paths) => {
        const compiled = inputs.flatMap((input) => {
          try {
            return [compilePattern(input)];
          } catch (error) {
            if (error instanceof PatternSyntaxError) return [];
            throw error;
          }
        });
        const index = new RuleIndex(compiled.map((pattern) => ({ path: { pattern, wanted: true } })));
        for (const one of paths) {
          const candidates = index.candidates(one, "GET");
          expect([...new Set(candidates)].sort((a, b) => a - b)).toEqual(candidates);
          for (const [position, pattern] of compiled.entries()) {
            if (!pattern.matches(one)) continue;
            matched++;
            expect({ pattern: pattern.source, one, found: candidates.includes(position) }).toMatchObject({
              found: true,
            });
          }
        }
      }),
      { numRuns: runs(1000) },
    );
    expect(matched).toBeGreaterThan(often(1000));
  });
});
