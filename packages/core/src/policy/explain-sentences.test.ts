/** What kept a rule from matching, word for word. */
import { describe, expect, it } from "vitest";
import { type CanonicalRequest, canonicalRequest } from "../http/canonical-request.js";
import { compilePolicy } from "./compile.js";
import { decide } from "./decide.js";
import type { DecisionContext } from "./decision-context.js";
import { explain } from "./explain.js";
import { definePolicy } from "./parse-policy.js";
import type { RuleDocument } from "./schema.js";

const request = canonicalRequest({
  url: "https://api.example/users?key=v&other=w",
  headers: [["x-key", "v"]],
});
if (request === undefined) throw new Error("the URL is absolute");
const bare: DecisionContext = { now: Date.parse("2025-06-01T12:00:00Z") };
const call: DecisionContext = {
  ...bare,
  token: { role: "r", list: [1] },
  actor: { type: "user", id: "i", tenant: "t", claims: { c: "d" } },
  body: { kind: "bytes", bytes: new TextEncoder().encode('{"role":"r"}') },
};

const compiled = (rule: object) =>
  compilePolicy(
    definePolicy({
      clientId: "acme",
      region: "eu-1",
      targets: { t: { baseUrl: "https://api.example" } },
      proxies: { p: { target: "t", rules: [{ effect: "allow", ...rule } as RuleDocument] } },
    }),
  );
const failureOf = (rule: object, context = call, one: CanonicalRequest = request) =>
  explain(compiled(rule), "p", one, context).scopes.flatMap(({ unmatched }) =>
    unmatched.map(({ failed }) => failed),
  );

describe("a rule does not match because", () => {
  it.each<[saw: string, rule: object]>([
    ["the method is `GET`", { methods: ["PUT", "POST"] }],
    ["`^never` does not match the host", { host: "^never" }],
    ["`^/never` does not match the path", { path: "^/never" }],
    ["`.` matches the path", { path: { pattern: ".", presence: "absent" } }],
    ["the call was made at sun 12:00 UTC", { when: { from: "2026-01-01T00:00:00Z" } }],
    [
      "the call was made at sun 14:00 Europe/Berlin",
      { when: { from: "15:00", timeZone: "Europe/Berlin", days: ["sun"] } },
    ],
  ])("%s", (saw, rule) => {
    const [name] = Object.keys(rule);
    expect(failureOf(rule)).toEqual([{ name, isUnevaluable: false, saw }]);
  });

  it.each<[saw: string, check: Record<string, object>]>([
    [
      "headers with the name, none with the value: `x-key`",
      { headers: { name: "key", matchValue: "never" } },
    ],
    ["no header has the name", { headers: { name: "never" } }],
    ["headers with the name: `x-key`", { headers: { name: "key", presence: "absent" } }],
    ["parameters with the name, none with the value: `key`", { query: { name: "key", matchValue: "never" } }],
    ["no parameter has the name", { query: { name: "never" } }],
    ["parameters with the name: `key`", { query: { name: "key", presence: "absent" } }],
    ["the claim `role` has another value", { token: { claim: "role", matchValue: "never" } }],
    ["the claim `list` has another value", { token: { claim: "list", matchValue: "2" } }],
    ["the claim `never` is absent", { token: { claim: "never" } }],
    ["the claim `role` is there", { token: { claim: "role", presence: "absent" } }],
    ["a field of the actor has the name, and not the value", { actor: { name: "id", matchValue: "never" } }],
    ["no field of the actor has the name", { actor: { name: "never" } }],
    ["a field of the actor matches", { actor: { name: "id", presence: "absent" } }],
    [
      "a node of the body has the path, and not the value",
      { body: { jsonPath: "role", matchValue: "never" } },
    ],
    ["no node of the body has the path", { body: { jsonPath: "never" } }],
    ["a node of the body matches", { body: { jsonPath: "role", presence: "absent" } }],
  ])("%s", (saw, check) => {
    const [[name, one] = []] = Object.entries(check);
    const failed = { name, index: 0, isUnevaluable: false, saw };
    expect(failureOf({ [name as string]: [one] })).toEqual([failed]);
  });

  it("of names that it would not have five are told", () => {
    const seen = (count: number) => {
      const headers = Array.from({ length: count }, (_, index) => [`x-${index}`, "v"] as const);
      const one = canonicalRequest({ url: "https://api.example/", headers });
      if (one === undefined) throw new Error("the URL is absolute");
      return failureOf({ headers: [{ name: "^x-", presence: "absent" }] }, call, one)[0]?.saw;
    };
    expect(seen(5)).toBe("headers with the name: `x-0`, `x-1`, `x-2`, `x-3`, `x-4`");
    expect(seen(6)).toBe("headers with the name: `x-0`, `x-1`, `x-2`, `x-3`, `x-4`, …");
  });

  it("one of several checks does not hold, by its number", () => {
    expect(failureOf({ headers: [{ name: "key" }, { name: "never" }] })).toEqual([
      { name: "headers", index: 1, isUnevaluable: false, saw: "no header has the name" },
    ]);
  });

  it("it cannot be evaluated", () => {
    const failed = { index: 0, isUnevaluable: true };
    expect([
      ...failureOf({ token: [{ claim: "x" }] }, bare),
      ...failureOf({ actor: [{ name: "x" }] }, bare),
      ...failureOf({ body: [{ jsonPath: "x" }] }, bare),
    ]).toEqual([
      { ...failed, name: "token", saw: "the call has no verified token" },
      { ...failed, name: "actor", saw: "the call has no actor" },
      { ...failed, name: "body", saw: "the body was not handed over" },
    ]);
  });

  it("its actor has more claims than are looked at", () => {
    const claims = { list: Array(10_000).fill("x") };
    const actor = { type: "user", id: "i", claims } as const;
    const saw = "the actor has too many claims";
    expect(failureOf({ actor: [{ name: "x" }] }, { ...bare, actor })).toEqual([
      { name: "actor", index: 0, isUnevaluable: true, saw },
    ]);
    const decision = decide(compiled({ effect: "deny", actor: [{ name: "x" }] }), "p", request, {
      ...bare,
      actor,
    });
    expect(decision).toMatchObject({
      effect: "deny",
      reason: `rule \`rules/0\` of proxy \`p\` denies it, as its \`actor\` cannot be evaluated: ${saw}`,
    });
  });

  it("its body cannot be read as JSON", () => {
    const rule = { effect: "deny", body: [{ jsonPath: "x" }] };
    const reasonOf = (body: DecisionContext["body"]) => {
      const decision = decide(compiled(rule), "p", request, { ...bare, ...(body && { body }) });
      return decision.effect === "deny" ? decision.reason : undefined;
    };
    const start = "rule `rules/0` of proxy `p` denies it, as its `body` cannot be evaluated: ";
    expect(reasonOf(undefined)).toBe(`${start}the body was not handed over`);
    expect(reasonOf({ kind: "bytes", bytes: new TextEncoder().encode('{"x":') })).toMatch(
      /^rule `rules\/0` of proxy `p` denies it, as its `body` cannot be evaluated: .*JSON/,
    );
  });
});
