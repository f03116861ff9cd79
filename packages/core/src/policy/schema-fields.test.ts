import { describe, expect, it } from "vitest";
import { z } from "zod";
import { policyJsonSchema } from "./json-schema.js";
import { parsePolicy } from "./parse-policy.js";
import { writtenPolicy } from "./schema.js";

const parses = (document: object) => {
  try {
    parsePolicy({ clientId: "acme", region: "eu-1", ...document });
    return true;
  } catch {
    return false;
  }
};
const proxy = (fields: object) =>
  parses({ targets: { t: { baseUrl: "https://t.example" } }, proxies: { p: { target: "t", ...fields } } });
const rule = (fields: object) => proxy({ rules: [{ effect: "deny", ...fields }] });

/** Fields of a level and below it that have no description, each behind the level or field that it is in. */
function undescribed(level: string, schema: z.ZodType): string[] {
  const found = new Set<string>();
  const visit = (value: unknown, within: string) => {
    if (typeof value !== "object" || value === null) return;
    for (const [key, part] of Object.entries(value)) {
      if (key !== "properties") visit(part, within);
      else
        for (const [field, inside] of Object.entries(part as Record<string, { description?: string }>)) {
          if (inside.description === undefined || inside.description === "") found.add(`${within} ${field}`);
          visit(inside, field);
        }
    }
  };
  visit(z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }), level);
  return [...found].sort();
}

describe("the published schema", () => {
  it("has a title", () => {
    expect(policyJsonSchema().title).toBe("Sallyport policy");
  });

  const { targets, credentials, proxies, settings } = writtenPolicy.shape;
  const target = targets.unwrap().valueType;
  const scoped = { rules: true, filters: true } as const;
  const checks = (...lists: string[]) =>
    lists.flatMap((list) => ["name", "matchValue", "presence"].map((field) => `${list} ${field}`));

  it.each<[level: string, schema: z.ZodType, named: readonly string[]]>([
    ["settings", settings, []],
    [
      "target",
      target.omit(scoped),
      [...["region", "defaultRuleEffect", "network", "tls", "limits"].map((field) => `target ${field}`)],
    ],
    [
      "credential",
      credentials.unwrap().valueType.omit(scoped),
      [
        ...["region", "defaultRuleEffect", "type", "authType", "secret"].map(
          (field) => `credential ${field}`,
        ),
        "secret env",
      ],
    ],
    [
      "proxy",
      proxies.unwrap().valueType.omit(scoped),
      [
        ...["region", "defaultRuleEffect", "target", "proxyCredential", "targetCredential", "alias"],
        ...["paths", "redirects"],
      ]
        .map((field) => `proxy ${field}`)
        .concat("paths ambiguous"),
    ],
    [
      "rule",
      target.shape.rules,
      [
        ...["id", "effect", "headers", "query", "token", "body", "actor", "when"].map(
          (field) => `rule ${field}`,
        ),
        ...checks("headers", "query", "headerChecks", "queryChecks", "actor"),
        ...["path presence", "token matchValue", "token presence", "body matchValue", "body presence"],
      ],
    ],
    [
      "filter",
      target.shape.filters,
      [
        ...["id", "headers", "query", "token", "variables"].map((field) => `filter ${field}`),
        ...checks("headers", "query"),
        ...["path presence", "token matchValue", "token presence"],
        ...["variables name", "variables source", "operations effect"],
      ],
    ],
  ])(
    "describes fields to editors at the level of `%s`, but for those whose names say it",
    (level, schema, named) => {
      expect(undescribed(level, schema)).toEqual([...named].sort());
    },
  );
});

describe("a name", () => {
  it.each(["eu-1", "a", "1", "a".repeat(63)])("of a region may be %s", (region) =>
    expect(parses({ region })).toBe(true),
  );
  it.each(["", "-eu", "EU", "eu_1", "!eu", "eu!", "a".repeat(64)])("of a region may not be %j", (region) =>
    expect(parses({ region })).toBe(false),
  );

  const variable = (name: string) =>
    proxy({ filters: [{ variables: [{ name, source: "query", key: "k" }], operations: [] }] });
  it.each(["v", "_v", "V1", "a".repeat(64)])("of a variable may be %s", (name) =>
    expect(variable(name)).toBe(true),
  );
  it.each(["", "1v", "!v", "v!", "v-w", "a".repeat(65)])("of a variable may not be %j", (name) =>
    expect(variable(name)).toBe(false),
  );

  const environment = (env: string) =>
    parses({ credentials: { c: { type: "target", authType: "bearer", secret: { env } } } });
  it.each(["TOKEN", "_t", "t1"])("of an environment variable may be %s", (name) =>
    expect(environment(name)).toBe(true),
  );
  it.each(["", "1T", "!T", "T!", "T-U"])("of an environment variable may not be %j", (name) =>
    expect(environment(name)).toBe(false),
  );

  it.each(["GET", "x-custom", "M!"])("of a method may be %s", (method) =>
    expect(rule({ methods: [method] })).toBe(true),
  );
  it.each(["", " GET", "GET ", "G/T"])("of a method may not be %j", (method) =>
    expect(rule({ methods: [method] })).toBe(false),
  );
});

describe("a list of conditions", () => {
  it.each([
    { headers: [{ name: "a" }, { name: "b" }] },
    { query: [{ name: "a" }, { name: "b" }] },
    { headerChecks: [{ name: "a" }, { name: "b" }] },
    { queryChecks: [{ name: "a" }, { name: "b" }] },
    { token: [{ claim: "a" }, { claim: "b" }] },
    { actor: [{ name: "a" }, { name: "b" }] },
    { body: [{ jsonPath: "a" }, { jsonPath: "b" }] },
    { methods: ["GET", "PUT"] },
  ])("may have more than one: %j", (fields) => {
    expect(rule(fields)).toBe(true);
    const [name = ""] = Object.keys(fields);
    expect(rule({ [name]: [] })).toBe(false);
  });

  it("of a claim has at most 32 parts", () => {
    const claim = (parts: number) => rule({ token: [{ claim: Array(parts).fill("a").join(".") }] });
    expect([claim(32), claim(33)]).toEqual([true, false]);
  });
});

describe("a field", () => {
  it("that is left out has the default of the specification", () => {
    const policy = parsePolicy({
      clientId: "acme",
      region: "eu-1",
      targets: { t: { baseUrl: "https://t.example", filters: [{ operations: [MASK] }] } },
      credentials: { c: { type: "target", authType: "none" } },
      proxies: { p: { target: "t", rules: [{ effect: "allow", headers: [{ name: "x" }] }] } },
    });
    const scoped = { active: true, rules: [], filters: [] };
    const operation = { ...MASK, jsonPath: { pattern: "a" }, mask: { with: "[REDACTED]", keepLast: 0 } };
    const filter = { mode: "enforce", on: "response", variables: [], operations: [operation] };
    const headers = [{ name: { pattern: "x" }, presence: "must_exist" }];
    const redirects = { mayEnter: [] };
    const connections = {
      network: { allowPrivate: [], allowInsecure: false },
      tls: { minVersion: "TLSv1.2" },
      limits: {
        ...{ connectTimeoutMs: 10_000, headersTimeoutMs: 60_000, bodyIdleTimeoutMs: 120_000 },
        ...{ maxHeaderBytes: 16_384, maxHeaders: 200, maxDecompressionRatio: 200 },
      },
    };
    const rules = [{ effect: "allow", mode: "enforce", priority: 0, headers }];
    expect(policy).toEqual({
      ...{ version: 1, clientId: "acme", region: "eu-1" },
      targets: { t: { ...scoped, baseUrl: "https://t.example", filters: [filter], ...connections } },
      credentials: {
        c: { ...scoped, ...KIND, version: 1, allowUnversioned: false, keepCallerAuth: false },
      },
      proxies: {
        p: {
          ...scoped,
          ...{ target: "t", mode: "enforce", allowOverrideHeaders: [], rules },
          redirects,
          paths: { ambiguous: "deny" },
        },
      },
      settings: {
        ...{ defaultProxy: {}, filterStatuses: "all", maxFilterBufferBytes: 1_048_576, maxJsonDepth: 512 },
        ...{ maxScalarBytes: 1_048_576, maxRequestInspectBytes: 1_048_576 },
      },
    });
  });
  const MASK = { effect: "mask", jsonPath: "a", mask: {} };
  const KIND = { type: "target", authType: "none" };

  it.each(["destroy", "retain", "mask", "hash"])("`effect` of an operation may be %s", (effect) =>
    expect(proxy({ filters: [{ operations: [{ effect, jsonPath: "a" }] }] })).toBe(true),
  );
  it("`record` of paths and variables is `core` or left out", () => {
    const variable = { name: "v", source: "path" };
    expect(["core", "", "all"].map((record) => proxy({ paths: { record } }))).toEqual([true, false, false]);
    expect(
      ["core", "", "all"].map((record) =>
        proxy({ filters: [{ operations: [], variables: [{ ...variable, record }] }] }),
      ),
    ).toEqual([true, false, false]);
  });
  it("that is undefined is one that is left out", () => {
    const secret = { env: "T", sealed: undefined, inline: undefined };
    expect(parses({ credentials: { c: { type: "target", authType: "bearer", secret } } })).toBe(true);
    expect(proxy({ name: undefined, rules: undefined, paths: undefined })).toBe(true);
  });
  it.each(["enforce", "off"])("`mode` of a filter may be %s", (mode) =>
    expect(proxy({ filters: [{ mode, operations: [] }] })).toBe(true),
  );
  it.each(["method", "path", "headers", "responseHeaders", "query", "token", "vars"])(
    "`source` of a variable may be %s",
    (source) =>
      expect(proxy({ filters: [{ variables: [{ name: "v", source, key: "k" }], operations: [] }] })).toBe(
        true,
      ),
  );
  it.each(["apiKey", "bearer", "basicAuth"])("`authType` of a credential may be %s", (authType) =>
    expect(parses({ credentials: { c: { type: "target", authType, secret: { env: "T" } } } })).toBe(true),
  );
  it("`version` of a credential may be any from 1 on", () => {
    const version = (number: number) =>
      parses({
        credentials: { c: { type: "target", authType: "bearer", secret: { env: "T" }, version: number } },
      });
    expect([0, 1, 2].map(version)).toEqual([false, true, true]);
  });
});
