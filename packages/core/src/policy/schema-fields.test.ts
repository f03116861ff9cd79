import { describe, expect, it } from "vitest";
import { policyJsonSchema } from "./json-schema.js";
import { parsePolicy } from "./parse-policy.js";

/** Every value under a name, wherever it stands. */
function* named(value: unknown, name: string): Generator<unknown> {
  if (typeof value !== "object" || value === null) return;
  for (const [key, member] of Object.entries(value)) {
    if (key === name) yield member;
    yield* named(member, name);
  }
}

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

describe("the published schema", () => {
  it("has a title, and a description wherever it begins to give one", () => {
    expect(policyJsonSchema().title).toBe("Sallyport policy");
    const descriptions = [...named(policyJsonSchema(), "description")].filter(
      (one) => typeof one === "string",
    );
    expect(descriptions.length).toBeGreaterThan(30);
    expect(descriptions.filter((one) => one.trim() === "")).toEqual([]);
  });
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
