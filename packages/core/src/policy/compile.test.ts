import { describe, expect, it } from "vitest";
import { PolicyError } from "../errors.js";
import { compilePolicy } from "./compile.js";
import { componentsOf } from "./conditions.js";
import { definePolicy } from "./parse-policy.js";
import type { FilterDocument, RuleDocument } from "./schema.js";

function scopeOf(rules: readonly RuleDocument[]) {
  const policy = definePolicy({
    clientId: "acme",
    region: "eu-1",
    targets: { t: { baseUrl: "https://api.example", rules } },
  });
  const scope = compilePolicy(
    definePolicy({ ...policy, proxies: { p: { target: "t" } } } as never),
  ).proxies.get("p")?.target.scope;
  if (scope === undefined) throw new Error("the target is there");
  return scope;
}

describe("the compiled rules of a scope", () => {
  it("are told apart by mode: those that decide, those that observe, and none that is off", () => {
    const scope = scopeOf([
      { id: "off", effect: "deny", mode: "off" },
      { id: "low", effect: "deny", priority: 1 },
      { id: "seen", effect: "deny", mode: "observe" },
      { id: "high", effect: "deny", priority: 2 },
    ]);
    expect(scope.rules.map(({ id }) => id)).toEqual(["high", "low"]);
    expect(scope.observedRules.map(({ id }) => id)).toEqual(["seen"]);
  });

  it("keep their place in the document as their id, whatever their mode", () => {
    const scope = scopeOf([
      { effect: "deny", mode: "off" },
      { effect: "deny" },
      { effect: "deny", mode: "observe" },
    ]);
    expect([scope.rules[0]?.id, scope.observedRules[0]?.id]).toEqual(["rules/1", "rules/2"]);
  });

  it("say which methods and paths they can match, so that most of them need not be asked", () => {
    const [rule] = scopeOf([
      { effect: "deny", methods: ["get", "PUT"], path: { pattern: "^/a", presence: "absent" } },
    ]).rules;
    expect(rule?.methods).toEqual(new Set(["GET", "PUT"]));
    expect(rule?.path).toMatchObject({ pattern: { source: "^/a" }, wanted: false });
    expect(scopeOf([{ effect: "deny" }]).rules[0]).toMatchObject({ methods: undefined, path: undefined });
  });

  it("are reported with what the policy says of them", () => {
    const [noted, bare] = scopeOf([
      { id: "a", effect: "deny", priority: 7, notes: "asked for by legal" },
      { id: "b", effect: "allow" },
    ]).rules;
    expect(noted?.reported).toEqual({
      ...{ ruleId: "a", effect: "deny", priority: 7 },
      notes: "asked for by legal",
    });
    expect(bare?.reported).toEqual({ ruleId: "b", effect: "allow", priority: 0 });
  });

  it("are asked for their cheap components first", () => {
    const [rule] = scopeOf([
      {
        effect: "deny",
        body: [{ jsonPath: "x" }],
        actor: [{ name: "x" }],
        token: [{ claim: "x" }],
        when: { days: ["mon"] },
        query: [{ name: "x" }],
        headers: [{ name: "x" }, { name: "y" }],
        path: "^/",
        host: "x",
        methods: ["GET"],
      },
    ]).rules;
    expect(rule && componentsOf(rule).map(({ name }) => name)).toEqual([
      "methods",
      "host",
      "path",
      "headers",
      "headers",
      "query",
      "when",
      "token",
      "actor",
      "body",
    ]);
  });

  it("list the body checks of all that are asked", () => {
    const body = [{ jsonPath: "x" }];
    const scope = scopeOf([
      { effect: "deny", body },
      { effect: "deny", mode: "observe", body },
      { effect: "deny", mode: "off", body },
    ]);
    expect(scope.bodyChecks).toHaveLength(2);
  });
});

describe("the instructions of all patterns together", () => {
  /** Some 9,000 each, all different. */
  const large = (index: number) => `^/${index}${"[a-z]{1000}".repeat(9)}`;
  const many = (count: number, pattern = large) => Array.from({ length: count }, (_, at) => pattern(at));

  function faults(document: { rules?: readonly RuleDocument[]; filters?: readonly FilterDocument[] }) {
    try {
      definePolicy({
        clientId: "acme",
        region: "eu-1",
        targets: { t: { baseUrl: "https://api.example", ...document } },
      });
    } catch (error) {
      if (error instanceof PolicyError) return error.issues.map(({ pointer, message }) => [pointer, message]);
      throw error;
    }
    return [];
  }

  it("are at most 2,000,000 over the rules of a scope", () => {
    const rules = (patterns: readonly string[]): RuleDocument[] =>
      patterns.map((path) => ({ effect: "deny", path }));
    expect(faults({ rules: rules(many(220)) })).toEqual([]);
    expect(faults({ rules: rules(many(230)) })).toEqual([
      ["/targets/t/rules", expect.stringMatching(/^the patterns compile to 20\d{5} .* at most 2000000 /)],
    ]);
    expect(faults({ rules: rules(many(230, () => large(0))) })).toEqual([]);
  });

  it("may be as many as the limit, equal patterns counted once", () => {
    const whole = Array.from("abcdefghij", (letter) => `${`${letter}{1000}`.repeat(9)}${letter}{999}`);
    const operations = (...patterns: string[]) => [
      { operations: patterns.map((jsonPath) => ({ effect: "destroy" as const, jsonPath })) },
    ];
    expect(faults({ filters: operations(...whole, ...whole) })).toEqual([]);
    expect(faults({ filters: operations(...whole, "z") })).toEqual([
      ["/targets/t/filters", "the patterns compile to 100002 instructions, at most 100000 are allowed here"],
    ]);
  });

  it("are at most 100,000 over the filters of a stage, their conditions included", () => {
    const destroying = many(6).map((jsonPath) => ({
      operations: [{ effect: "destroy" as const, jsonPath, matchValue: "x" }],
    }));
    const conditions = many(6, (at) => large(at + 6)).map((path) => ({ path, operations: [] }));
    expect(faults({ filters: [...destroying, ...conditions.slice(1)] })).toEqual([]);
    expect(faults({ filters: [...destroying, ...conditions] })).toEqual([
      ["/targets/t/filters", expect.stringMatching(/^the patterns compile to 10\d{4} .* at most 100000 /)],
    ]);
    expect(
      faults({ filters: [...destroying, ...many(6).map((path) => ({ path, operations: [] }))] }),
    ).toEqual([]);
  });
});
