import { describe, expect, it } from "vitest";
import { compilePolicy } from "./compile.js";
import { componentsOf } from "./conditions.js";
import { definePolicy } from "./parse-policy.js";
import type { RuleDocument } from "./schema.js";

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
