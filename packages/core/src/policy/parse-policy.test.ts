import { describe, expect, it } from "vitest";
import { PolicyError, type PolicyIssue } from "../errors.js";
import { compilePolicy } from "./compile.js";
import { definePolicy, isPolicy, parsePolicy } from "./parse-policy.js";
import type { PolicyDocument } from "./schema.js";

const base = {
  clientId: "acme",
  region: "eu-1",
  targets: { payroll: { baseUrl: "https://payroll.example/v1" } },
  proxies: { payroll: { target: "payroll" } },
} satisfies PolicyDocument;

function errorOf(document: unknown): PolicyError {
  try {
    parsePolicy(document);
  } catch (error) {
    if (error instanceof PolicyError) return error;
    throw error;
  }
  throw new Error("the document loads");
}

function issuesOf(document: unknown): readonly PolicyIssue[] {
  return errorOf(document).issues;
}

describe("parsePolicy", () => {
  it("returns the document in normal form", () => {
    const policy = parsePolicy(base);
    expect(policy.version).toBe(1);
    expect(policy.proxies.payroll).toMatchObject({ target: "payroll", active: true, rules: [] });
  });

  it("freezes the policy to the bottom and leaves the document alone", () => {
    const document = {
      ...base,
      proxies: { payroll: { target: "payroll", rules: [{ effect: "deny", path: "^/a" }] } },
    };
    const before = structuredClone(document);
    const policy = parsePolicy(document);
    expect(document).toEqual(before);
    expect(Object.isFrozen(document.proxies.payroll.rules[0])).toBe(false);
    expect(isDeeplyFrozen(policy)).toBe(true);
  });

  it("is told apart from a document that only looks like a policy", () => {
    const policy = parsePolicy(base);
    expect(isPolicy(policy)).toBe(true);
    for (const other of [{ ...policy }, base, undefined, null, "policy"]) expect(isPolicy(other)).toBe(false);
  });

  it("reads a document with null prototypes, as some YAML readers make them", () => {
    const target = Object.assign(Object.create(null), { baseUrl: "https://payroll.example" });
    expect(
      parsePolicy({ ...base, targets: Object.assign(Object.create(null), { payroll: target }) }),
    ).toBeDefined();
  });

  it("takes inline secrets from TypeScript only", () => {
    const credentials = {
      c: { type: "target", authType: "bearer", secret: { inline: { token: "t0ken" } } },
    } as const;
    expect(definePolicy({ ...base, credentials })).toBeDefined();
    expect(issuesOf({ ...base, credentials })[0]?.pointer).toBe("/credentials/c/secret/inline");
  });
});

describe("what parsePolicy says about a fault", () => {
  it("names the place, what is wrong and what to do, in the first sentence and its help", () => {
    const error = errorOf({
      ...base,
      proxies: { payroll: { target: "payroll", paths: { ambigous: "deny" } } },
    });
    expect(error.message).toBe(
      "policy does not load: `/proxies/payroll/paths/ambigous`: unknown field `ambigous`, did you mean `ambiguous`?",
    );
    expect(error.help).toBe("`paths` has `ambiguous`, `record`");
    expect(error.code).toBe("ERR_POLICY_INVALID");
  });

  it("counts the other faults and lists them all", () => {
    const error = errorOf({ ...base, region: "EU", settings: { maxJsonDepth: 0 }, clientId: "" });
    expect(error.message).toMatch(/ \(and 2 more, see `issues`\)$/);
    expect(error.issues.map(({ pointer }) => pointer)).toEqual([
      "/clientId",
      "/region",
      "/settings/maxJsonDepth",
    ]);
  });

  it("points at the root of a document that is none", () => {
    for (const document of [undefined, null, "yaml", 1, []]) {
      expect(errorOf(document).message).toMatch(/^policy does not load: the document: /);
    }
  });

  it("says nothing of types in the words of a programming language", () => {
    const rules = [{ effect: "deny", methods: "GET", path: 1, headers: {}, priority: "high" }];
    const messages = issuesOf({
      ...base,
      proxies: { payroll: { target: 1, proxyCredential: 2, rules, active: 0 } },
    });
    for (const { message } of messages)
      expect(message).toMatch(/^expected (a|an) (list|string|whole number|number|boolean|object)/);
    expect(messages).toHaveLength(7);
  });

  it.each<[string, unknown, string]>([
    ["a function", { ...base, settings: { maxJsonDepth: () => 1 } }, "/settings/maxJsonDepth"],
    ["a symbol", { ...base, clientId: Symbol("acme") }, "/clientId"],
    ["a big integer", { ...base, settings: { maxJsonDepth: 1n } }, "/settings/maxJsonDepth"],
    [
      "an infinite number",
      { ...base, settings: { maxJsonDepth: Number.POSITIVE_INFINITY } },
      "/settings/maxJsonDepth",
    ],
    ["a date", { ...base, credentials: { c: { expiresAt: new Date(0) } } }, "/credentials/c/expiresAt"],
    ["a map", { ...base, targets: new Map() }, "/targets"],
    ["an own `__proto__`", JSON.parse('{"targets":{"__proto__":{}}}'), "/targets/__proto__"],
  ])("refuses %s, which JSON cannot hold", (_, document, pointer) => {
    expect(issuesOf(document)[0]).toMatchObject({ pointer, kind: "invalid" });
  });

  it("refuses a document that refers to itself", () => {
    const loop: Record<string, unknown> = { ...base };
    loop.settings = loop;
    expect(errorOf(loop).message).toContain("nested deeper than 32, or refers to itself");
  });

  it("quotes no value, so that a secret in the wrong field stays where it is", () => {
    const canary = "canary-5f1d";
    const faulty = faultyWith(canary);
    const texts = [
      errorOf(faulty).message,
      ...issuesOf(faulty).map(({ message, help }) => `${message} ${help ?? ""}`),
    ];
    expect(texts.length).toBeGreaterThan(35);
    expect(texts.filter((text) => text.includes(canary))).toEqual([]);
  });

  it("quotes no secret of a document whose faults show only after its form is checked", () => {
    const canary = "canary-5f1d";
    const document = {
      ...base,
      targets: { payroll: { baseUrl: `https://user:${canary}@payroll.example/?key=${canary}` } },
      credentials: {
        a: { type: "target", authType: "none", notes: canary, secret: { sealed: canary } },
        b: {
          type: "target",
          authType: "bearer",
          secret: { inline: { token: canary } },
          allowUnversioned: true,
        },
        c: {
          type: "target",
          authType: "bearer",
          secret: { env: "NAME" },
          origins: [`https://${canary}@api.example`],
        },
        d: { type: "proxy", authType: "none", secret: { inline: { [canary]: canary } } },
      },
      proxies: { payroll: { target: "nowhere", notes: canary } },
    };
    const issues = issuesOf(document);
    expect(issues.length).toBeGreaterThan(6);
    expect(JSON.stringify([errorOf(document).message, issues])).not.toContain(canary);
  });

  it("quotes no pattern, time or claim whole, only the construct at fault", () => {
    const patterns = ["(?=canary)", "canary\\1", "canary(", "canary[", "(?<canary>x)\\k<canary>"];
    const rules = patterns.flatMap((path) => [
      { effect: "deny", path },
      { effect: "deny", token: [{ claim: "canary", matchValue: path }], body: [{ jsonPath: path }] },
    ]);
    const issues = [
      ...issuesOf({ ...base, proxies: { payroll: { target: "payroll", rules } } }),
      ...[
        { when: { days: ["mon"], timeZone: "Canary/canary" } },
        { path: "canary", pathPattern: "canary" },
        { when: { from: "2026-01-01T00:00:00Z", to: "2025-01-01T00:00:00Z", timeZone: "canary" } },
      ].flatMap((rule) =>
        issuesOf({
          ...base,
          proxies: { payroll: { target: "payroll", rules: [{ effect: "deny", ...rule }] } },
        }),
      ),
    ];
    expect(issues).toHaveLength(20);
    expect(JSON.stringify(issues)).not.toContain("canary");
  });

  it("takes a policy that another copy of the package made, and gives it the same identity", () => {
    const document = {
      clientId: "acme",
      region: "eu-1",
      targets: { t: { baseUrl: "https://api.example" } },
      credentials: {
        a: { type: "target", authType: "bearer", secret: { env: "TOKEN" } },
        b: { type: "target", authType: "bearer", secret: { inline: { token: "x" } } },
      },
      proxies: { p: { target: "t", targetCredential: "a", proxyCredential: undefined } },
    } as const;
    const first = definePolicy(document);
    const again = definePolicy({ ...first } as PolicyDocument);
    expect(compilePolicy(again).hash).toBe(compilePolicy(first).hash);
    expect(again.credentials.a?.secret?.locate()).toEqual({ kind: "env", name: "TOKEN" });
  });

  it("keeps an inline secret that nobody can change any more", () => {
    const inline = { token: "first" };
    const credentials = { a: { type: "target", authType: "bearer", secret: { inline } } } as const;
    const policy = definePolicy({ clientId: "acme", region: "eu-1", credentials });
    inline.token = "second";
    const location = policy.credentials.a?.secret?.locate();
    expect(location).toEqual({ kind: "inline", value: { token: "first" } });
    expect(location?.kind === "inline" && Object.isFrozen(location.value)).toBe(true);
  });
});

/** The text in every field that takes text, each in a form that the field refuses. */
function faultyWith(canary: string): unknown {
  const text = `${canary} ${canary}`;
  const check = { name: [text], matchValue: { pattern: [text], flags: text.repeat(2) }, presence: text };
  const token = { claim: [text], matchValue: { pattern: [text], flags: text.repeat(2) }, presence: text };
  const conditions = {
    methods: [text],
    path: { pattern: [text], presence: text },
    headers: [check],
    query: [check],
    token: [token],
  };
  const rule = {
    ...{ id: text, effect: text, mode: text, priority: text, host: [text], ...conditions, notes: [text] },
    ...{ actor: [check], body: [{ jsonPath: [text], matchValue: [text], presence: text }] },
    when: { from: text, to: text, days: [text], timeZone: text.repeat(9) },
    ...{
      pathPattern: [text],
      pathPresence: text,
      headerChecks: [check],
      queryChecks: [check],
      regexFlags: text,
    },
  };
  const entity = {
    name: text.repeat(20),
    notes: [text],
    active: text,
    region: text,
    defaultRuleEffect: text,
    rules: [rule, { effect: "deny", path: { path: [text], presence: text } }],
    filters: [
      {
        id: text,
        mode: text,
        ...conditions,
        variables: [{ name: text, source: text, key: [text], record: text }],
        operations: [{ effect: text, jsonPath: [text], notes: [text] }],
      },
    ],
  };
  return {
    version: text,
    clientId: text,
    region: text,
    targets: { t: { ...entity, baseUrl: [text] } },
    credentials: {
      c: {
        ...entity,
        type: text,
        authType: text,
        secret: { sealed: [text], env: text, inline: text },
        version: text,
        origins: text,
        expiresAt: text,
        allowUnversioned: text,
        keepCallerAuth: text,
      },
      d: { type: "target", authType: "bearer", secret: text },
    },
    proxies: {
      p: {
        ...entity,
        target: text,
        proxyCredential: [text],
        targetCredential: text,
        alias: text,
        mode: text,
        inProcess: text,
        allowOverrideHeaders: text,
        paths: { ambiguous: text, record: text },
        redirects: { mayEnter: [text] },
      },
    },
    settings: {
      defaultProxy: { t: text },
      filterStatuses: text,
      maxFilterBufferBytes: text,
      maxScalarBytes: text,
      maxRequestInspectBytes: text,
    },
  };
}

function isDeeplyFrozen(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return true;
  return Object.isFrozen(value) && Object.values(value).every(isDeeplyFrozen);
}
