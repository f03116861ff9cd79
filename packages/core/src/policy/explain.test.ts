import { describe, expect, it } from "vitest";
import { type CanonicalRequest, canonicalRequest } from "../http/canonical-request.js";
import { compilePolicy } from "./compile.js";
import type { DecisionContext } from "./decision-context.js";
import { explain } from "./explain.js";
import { definePolicy } from "./parse-policy.js";
import type { RuleDocument } from "./schema.js";

const CANARY = "canary-4e1c";

const parsed = canonicalRequest({
  url: `https://api.example/${CANARY}?key=${CANARY}`,
  headers: [["x-key", CANARY]],
});
if (parsed === undefined) throw new Error("the URL is absolute");
const request = parsed;
const call: DecisionContext = {
  now: 0,
  token: { role: CANARY, [CANARY]: 1 },
  actor: { type: "user", id: CANARY, tenant: CANARY, claims: { [CANARY]: CANARY } },
  body: { kind: "bytes", bytes: new TextEncoder().encode(JSON.stringify({ role: CANARY, [CANARY]: 1 })) },
};

function explained(rules: readonly RuleDocument[], context = call, one: CanonicalRequest = request) {
  const policy = definePolicy({
    clientId: "acme",
    region: "eu-1",
    targets: { t: { baseUrl: "https://api.example" } },
    proxies: { p: { target: "t", rules } },
  });
  return explain(compilePolicy(policy), "p", one, context);
}

/** One rule for each way in which a component can fail. */
const FAILING: readonly RuleDocument[] = [
  { methods: ["PUT"] },
  { host: "^never" },
  { path: "^/never" },
  { path: { pattern: ".", presence: "absent" } },
  { headers: [{ name: "key", matchValue: "never" }] },
  { headers: [{ name: "never" }] },
  { headers: [{ name: "key", presence: "absent" }] },
  { query: [{ name: "key", matchValue: "never" }] },
  { query: [{ name: "key", presence: "absent" }] },
  { when: { from: "2026-01-01T00:00:00Z" } },
  { token: [{ claim: "role", matchValue: "never" }] },
  { token: [{ claim: "role", presence: "absent" }] },
  { actor: [{ name: "id", matchValue: "never" }] },
  { actor: [{ name: "id", presence: "absent" }] },
  { body: [{ jsonPath: "role", matchValue: "never" }] },
  { body: [{ jsonPath: "role", presence: "absent" }] },
].flatMap((components): RuleDocument[] => [
  { effect: "allow", ...components } as RuleDocument,
  { effect: "deny", ...components } as RuleDocument,
]);

describe("an explanation", () => {
  it("names a failed component of every rule, and holds no value of the request", () => {
    const explanation = explained(FAILING);
    const unmatched = explanation.scopes.flatMap((scope) => scope.unmatched);
    expect(unmatched).toHaveLength(FAILING.length);
    expect(JSON.stringify(explanation)).not.toContain(CANARY);
    for (const { failed } of unmatched) expect(failed.saw).toMatch(/^\S.{5,}[^.]$/);
  });

  it("says of an allow rule what it could not evaluate, and of a deny rule that it matches for that reason", () => {
    const { token, actor, body, ...bare } = call;
    const rules = (["token", "actor", "body"] as const).flatMap((name): RuleDocument[] => {
      const check = { token: { claim: "x" }, actor: { name: "x" }, body: { jsonPath: "x" } }[name];
      return [{ effect: "allow", id: `allow-${name}`, [name]: [check] } as RuleDocument];
    });
    const { scopes } = explained([...rules, { effect: "deny", token: [{ claim: "x" }] }], bare);
    const proxy = scopes.at(-1)?.unmatched ?? [];
    expect(proxy.map(({ ruleId, failed }) => [ruleId, failed.isUnevaluable, failed.saw])).toEqual([
      ["allow-actor", true, "the call has no actor"],
      ["allow-body", true, "the body was not handed over"],
      ["allow-token", true, "the call has no verified token"],
    ]);
    expect(
      explained([{ effect: "deny", token: [{ claim: "x" }] }], bare).decision.scopes.at(-1)?.matched,
    ).toEqual([{ ruleId: "rules/0", effect: "deny", priority: 0, unevaluable: true }]);
  });

  it("bounds what it lists of a request", () => {
    const many = canonicalRequest({
      url: "https://api.example/",
      headers: Array.from({ length: 50 }, (_, index) => [`x-${"n".repeat(500)}${index}`, "1"] as const),
    });
    if (many === undefined) throw new Error("the URL is absolute");
    const rules: RuleDocument[] = [{ effect: "deny", headers: [{ name: "^x-", matchValue: "2" }] }];
    const [failed] = explained(rules, { now: 0 }, many).scopes.flatMap(({ unmatched }) => unmatched);
    expect(failed?.failed.saw.length).toBeLessThan(500);
  });

  it("says whether a rule that does not match is enforced, and which check of a list failed", () => {
    const { scopes } = explained([
      { effect: "deny", id: "by-method", methods: ["PUT"] },
      { effect: "deny", id: "by-header", headers: [{ name: "key" }, { name: "never" }] },
      { effect: "allow", id: "tried", mode: "observe", path: "^/never" },
      { effect: "deny", id: "off", mode: "off", path: "^/never" },
    ]);
    const unmatched = scopes.at(-1)?.unmatched ?? [];
    expect(unmatched.map(({ ruleId, effect, mode, failed }) => [ruleId, effect, mode, failed.index])).toEqual(
      [
        ["by-header", "deny", "enforce", 1],
        ["by-method", "deny", "enforce", undefined],
        ["tried", "allow", "observe", undefined],
      ],
    );
    expect(unmatched[1]?.failed).not.toHaveProperty("index");
  });

  it("lists no rule as unmatched that matches, be it by another reading of the path or only observed", () => {
    const policy = definePolicy({
      clientId: "acme",
      region: "eu-1",
      targets: { t: { baseUrl: "https://api.example" } },
      proxies: {
        p: {
          target: "t",
          paths: { ambiguous: "allow" },
          rules: [
            { effect: "deny", id: "decoded", path: "^/admin/keys$" },
            { effect: "deny", id: "tried", mode: "observe", path: "^/admin/keys$" },
            { effect: "allow", id: "all" },
            { effect: "deny", id: "other", path: "^/other$" },
          ],
        },
      },
    });
    const ambiguous = canonicalRequest({ url: "https://api.example/admin%2Fkeys" });
    if (ambiguous === undefined) throw new Error("the URL is absolute");
    const { decision, scopes } = explain(compilePolicy(policy), "p", ambiguous, { now: 0 });
    expect(decision.scopes.at(-1)).toMatchObject({
      ruleId: "decoded",
      matched: [{ ruleId: "all" }, { ruleId: "decoded" }],
      observed: { matched: [{ ruleId: "tried" }] },
    });
    expect(scopes.flatMap(({ unmatched }) => unmatched.map(({ ruleId }) => ruleId))).toEqual(["other"]);
  });

  it("has no scopes where the rules were not looked at", () => {
    const unknown = explain(
      compilePolicy(definePolicy({ clientId: "acme", region: "eu-1" })),
      "p",
      request,
      call,
    );
    expect(unknown).toMatchObject({ decision: { code: "unrouted" }, proceeds: false, scopes: [] });
    expect(unknown).not.toHaveProperty("mode");
    const body = { kind: "refused", reason: "the body is not JSON" } as const;
    expect(explained(FAILING, { ...call, body })).toMatchObject({
      decision: { code: "unevaluable", reason: body.reason },
      proceeds: false,
      scopes: [],
    });
    const refused = explained(FAILING, call, { ...request, refusal: "never" });
    expect(refused).toMatchObject({ decision: { code: "unevaluable" }, mode: "enforce", scopes: [] });
  });
});
