import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { often, runs } from "../runs.reference.js";
import { definePolicy } from "./parse-policy.js";
import { plainRule } from "./plain-rule.js";
import { withoutPlainRules } from "./plain-rules.js";
import { policyHash } from "./policy-hash.js";
import { rule, writtenRule } from "./rule-schema.js";
import { type PolicyDocument, policySchema } from "./schema.js";

const wrong = fc.constantFrom<unknown>(
  undefined,
  null,
  0,
  -1,
  1.5,
  1001,
  "",
  "x",
  "§",
  [],
  {},
  [""],
  ["a b"],
);

/** What may stand there, or seldom something else. */
function mostly<T>(right: fc.Arbitrary<T>, weight = 100): fc.Arbitrary<unknown> {
  return fc.oneof({ arbitrary: right, weight }, { arbitrary: wrong, weight: 1 });
}

function fieldsOf(fields: Record<string, fc.Arbitrary<unknown>>, requiredKeys: string[]) {
  return mostly(fc.record(fields, { requiredKeys }));
}

const text = fc.constantFrom("^/v1/", "a", "(", "\ud800", "é", "x".repeat(2001));
const flags = mostly(fc.constantFrom("", "i", "im", "imsugyxx", "imsugyxxx"), 8);
const presence = mostly(fc.constantFrom("must_exist", "must_not_exist", "present", "absent", "missing"));
const pattern = fc.oneof(text, fieldsOf({ pattern: mostly(text), flags }, ["pattern"]));
const path = fc.oneof(pattern, fieldsOf({ pattern: mostly(text), flags, presence }, ["pattern"]));
const check = fieldsOf({ name: pattern, matchValue: pattern, presence }, ["name"]);
const checks = mostly(fc.array(check, { maxLength: 3 }));

const written = fieldsOf(
  {
    id: mostly(fc.constantFrom("rule-1", "a".repeat(64), "a".repeat(65), "-a", "users", "a\n")),
    effect: mostly(fc.constantFrom("allow", "deny")),
    mode: mostly(fc.constantFrom("enforce", "observe", "off")),
    priority: mostly(fc.constantFrom(0, 1, 1000, -0)),
    host: pattern,
    methods: mostly(fc.array(mostly(fc.constantFrom("GET", "post", "x-y")), { maxLength: 3 })),
    path,
    headers: checks,
    query: checks,
    actor: checks,
    notes: mostly(fc.constantFrom("", "why", "x".repeat(2000), "😀".repeat(1001), "x".repeat(2001))),
    // What comes next is read by the schema alone.
    token: mostly(fc.constant([{ claim: "sub" }])),
    body: mostly(fc.constant([{ jsonPath: "a" }])),
    pathPattern: pattern,
    regexFlags: mostly(fc.constant("i")),
    efect: fc.constant("allow"),
  },
  ["effect"],
);
/** Most documents have few fields. */
const few = written.chain((one) => {
  if (typeof one !== "object" || one === null || Array.isArray(one)) return fc.constant(one);
  const fields = one as Record<string, unknown>;
  return fc
    .shuffledSubarray(Object.keys(one))
    .map((names) => Object.fromEntries(["effect", ...names.slice(0, 4)].map((name) => [name, fields[name]])));
});

describe("a rule that is read without the schema", () => {
  it("is what the schema makes of it, frozen", () => {
    let [read, left] = [0, 0];
    fc.assert(
      fc.property(fc.oneof(few, written), (document) => {
        const before = structuredClone(document);
        const made = plainRule(document);
        expect(document).toEqual(before);
        if (made === undefined) {
          left++;
          return;
        }
        read++;
        expect(made).toStrictEqual(rule.parse(document));
        expect(isDeeplyFrozen(made)).toBe(true);
      }),
      { numRuns: runs(4000) },
    );
    expect(read).toBeGreaterThan(often(300));
    expect(left).toBeGreaterThan(often(300));
  });

  it("is every one without older spellings, tokens, bodies and times", () => {
    const usual = {
      id: "a",
      effect: "deny",
      mode: "observe",
      priority: 7,
      host: "^api",
      methods: ["GET"],
      path: { pattern: "^/a", flags: "i", presence: "absent" },
      headers: [{ name: "x", matchValue: { pattern: "y", flags: "i" }, presence: "present" }],
      query: [{ name: { pattern: "q" } }],
      actor: [{ name: "type" }],
      notes: "why",
    };
    expect(plainRule(usual)).toStrictEqual(rule.parse(usual));
    for (const [name, value] of Object.entries(usual))
      expect([name, plainRule({ effect: "allow", [name]: value })]).not.toEqual([name, undefined]);
  });

  const ALLOW = { effect: "allow" };
  const hidden = (name: string, value: unknown, shown: object) =>
    Object.defineProperty({ ...shown }, name, { value });

  it.each<[what: string, value: unknown]>([
    ["a field that is not listed", hidden("methods", ["GET"], ALLOW)],
    ["a field that is not listed, beside one that is none", hidden("methods", ["GET"], { ...ALLOW, x: 1 })],
    ["a condition on the token that is not listed", hidden("token", [{ claim: "sub" }], ALLOW)],
    ["an older spelling that is not listed", hidden("pathPattern", "^/a", ALLOW)],
    ["a field without value", { effect: "allow", methods: undefined }],
    ["a field of an ancestor", Object.create({ effect: "allow" })],
    [
      "a value that is none and not listed",
      { effect: "allow", headers: [hidden("matchValue", 7, { name: "x" })] },
    ],
    ["a class of its own", Object.assign(new (class {})(), { effect: "allow" })],
    ["a gap in a list", { effect: "allow", methods: new Array(1) }],
    ["a list that is none", { effect: "allow", methods: { 0: "GET", length: 1 } }],
    [
      "a check of a class of its own",
      {
        effect: "allow",
        headers: [
          new (class {
            name = "x";
          })(),
        ],
      },
    ],
    ["a field that is none in a pattern", { effect: "allow", path: { pattern: "a", x: 1 } }],
  ])("is not one with %s", (_what, value) => {
    expect(plainRule(value)).toBeUndefined();
  });

  it.each(Object.keys(writtenRule.shape).filter((name) => name !== "effect"))(
    "is not one with `%s` that is not listed, which the schema would read",
    (name) => {
      expect(plainRule(hidden(name, [{ claim: "sub" }], ALLOW))).toBeUndefined();
    },
  );

  it("takes what a field says when it is asked once", () => {
    const answers = [["GET"], ["GET", "DELETE"]];
    const asked = {
      effect: "allow",
      get methods() {
        return answers.shift();
      },
    };
    expect(plainRule(asked)).toMatchObject({ methods: ["GET"] });
  });
});

describe("a document whose rules are read apart", () => {
  const odd = fc.constantFrom<unknown>(
    { effect: "allow", token: [{ claim: "sub" }] },
    { effect: "deny", pathPattern: "^/old/" },
  );
  const plain = fc
    .tuple(fc.constantFrom("allow", "deny"), fc.option(fc.constantFrom("^/a/", "^/b$"), { nil: undefined }))
    .map(([effect, path]) => (path === undefined ? { effect } : { effect, path }));
  const rules = fc.array(fc.oneof(plain, odd), { maxLength: 6 });

  it("is what the schema makes of it whole, each rule where it stood", () => {
    fc.assert(
      fc.property(rules, rules, (ofTarget, ofProxy) => {
        const document = {
          clientId: "c",
          region: "eu",
          targets: { t: { baseUrl: "https://a.example", rules: ofTarget } },
          proxies: { p: { target: "t", rules: ofProxy }, q: { target: "t" } },
          settings: { defaultProxy: { t: "p" } },
        } as PolicyDocument;
        const before = structuredClone(document);
        const [policy, whole] = [definePolicy(document), policySchema.parse(document)];
        expect(policy).toStrictEqual(whole);
        expect(policyHash(policy)).toBe(policyHash(whole));
        expect(isDeeplyFrozen(policy)).toBe(true);
        expect(document).toEqual(before);
      }),
      { numRuns: runs(200) },
    );
  });

  const ofProxy = (proxy: object) => ({ clientId: "c", proxies: { p: proxy } });

  it.each<[what: string, document: unknown]>([
    ["has no rules", ofProxy({ target: "t" })],
    ["is of a class of its own", Object.assign(new (class {})(), ofProxy({ rules: [] }))],
    ["has an entity of a class of its own", ofProxy(Object.assign(new (class {})(), { rules: [] }))],
    [
      "has an entity with a field that is not listed",
      ofProxy(Object.defineProperty({ rules: [] }, "active", { value: false })),
    ],
    ["has an entity with a symbol", ofProxy({ rules: [], [Symbol("x")]: () => 1 })],
    ["has more rules than a scope may", ofProxy({ rules: new Array(20_001).fill({ effect: "allow" }) })],
    ["is a list", [ofProxy({ rules: [] })]],
    ["is nothing", null],
  ])("is left whole when it %s", (_what, document) => {
    expect(withoutPlainRules(document)).toBeUndefined();
  });

  it("leaves a gap in the list of rules for the schema to find", () => {
    const { rest } = withoutPlainRules(ofProxy({ rules: new Array(2) })) ?? {};
    expect(rest).toEqual(ofProxy({ rules: [undefined, undefined] }));
  });

  it("counts what was taken out among the document's values", () => {
    const rules = new Array(500).fill({ effect: "allow", methods: new Array(2000).fill("GET") });
    const document = { clientId: "c", region: "eu", targets: { t: { baseUrl: "https://a.example", rules } } };
    expect(() => definePolicy(document)).toThrow("more than 1000000 values");
  });
});

function isDeeplyFrozen(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return true;
  return Object.isFrozen(value) && Object.values(value).every(isDeeplyFrozen);
}
