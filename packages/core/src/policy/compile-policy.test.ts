import { describe, expect, it } from "vitest";
import { PolicyError } from "../errors.js";
import { canonicalRequest } from "../http/canonical-request.js";
import { compilePattern } from "../pattern/pattern.js";
import { compilePolicy } from "./compile.js";
import { decide } from "./decide.js";
import { definePolicy, isPolicy, parsePolicy } from "./parse-policy.js";
import type { Policy, PolicyDocument, RuleDocument } from "./schema.js";

const base = { clientId: "acme", region: "eu-1" } as const;
const define = (document: Omit<PolicyDocument, "clientId" | "region">) =>
  definePolicy({ ...base, ...document });
const credential = { type: "target", authType: "bearer", secret: { env: "TOKEN" } } as const;

function issuesOf(document: Omit<PolicyDocument, "clientId" | "region">) {
  try {
    define(document);
  } catch (error) {
    if (error instanceof PolicyError) return error.issues;
    throw error;
  }
  return [];
}

describe("a compiled policy", () => {
  it("comes from a parsed one only", () => {
    expect(() => compilePolicy({ ...base } as unknown as Policy)).toThrow(
      "a policy was compiled that had not been parsed",
    );
    const policy = define({});
    expect(compilePolicy(policy)).toBe(compilePolicy(policy));
    expect([policy, { ...policy }, null, undefined, "policy"].map(isPolicy)).toEqual([
      true,
      false,
      false,
      false,
      false,
    ]);
  });

  it("says where a credential may be sent: to the targets of the proxies that name it", () => {
    const { credentials } = compilePolicy(
      define({
        targets: {
          z: { baseUrl: "https://z.example/v1" },
          a: { baseUrl: "https://a.example" },
          b: { baseUrl: "https://a.example/b" },
          other: { baseUrl: "https://other.example" },
        },
        credentials: { c: credential, d: credential },
        proxies: {
          pz: { target: "z", targetCredential: "c" },
          pa: { target: "a", targetCredential: "c" },
          pb: { target: "b", targetCredential: "c" },
          po: { target: "other", targetCredential: "d" },
          bare: { target: "other" },
        },
      }),
    );
    expect(credentials.get("c")?.origins).toEqual(["https://a.example", "https://z.example"]);
    expect(credentials.get("d")?.origins).toEqual(["https://other.example"]);
  });

  it("says where a credential may be sent: where its own origins lead, if it has any", () => {
    const origins = ["https://Z.example:443", "https://a.example", "https://a.example/"];
    const { credentials } = compilePolicy(define({ credentials: { c: { ...credential, origins } } }));
    expect(credentials.get("c")?.origins).toEqual(["https://a.example", "https://z.example"]);
  });

  it("has a region, an alias and scopes for each proxy", () => {
    const compiled = compilePolicy(
      define({
        targets: { t: { baseUrl: "https://t.example" }, u: { baseUrl: "https://u.example", region: "us-1" } },
        credentials: { c: credential },
        proxies: {
          p: { target: "t", alias: "payroll", targetCredential: "c" },
          q: { target: "u", region: "us-1" },
        },
      }),
    );
    expect([...compiled.aliases]).toEqual([["payroll", "p"]]);
    expect(["p", "q"].map((id) => compiled.proxies.get(id)?.region)).toEqual(["eu-1", "us-1"]);
    const scopes = (id: string) => compiled.proxies.get(id)?.scopes.map(({ scope }) => scope);
    expect(scopes("p")).toEqual(["targetCredential", "target", "proxy"]);
    expect(scopes("q")).toEqual(["target", "proxy"]);
    expect(compiled.proxies.get("q")?.targetCredential).toBeUndefined();
    expect(compiled.proxies.get("q")?.proxyCredentials.size).toBe(0);
  });

  it("lists base URLs by origin, the longest path first, each once with all proxies that lead there", () => {
    const { baseUrlsByOrigin } = compilePolicy(
      define({
        targets: {
          short: { baseUrl: "https://a.example/v1" },
          long: { baseUrl: "https://a.example/v1/users" },
          same: { baseUrl: "https://a.example/v1/" },
          elsewhere: { baseUrl: "https://b.example/v1" },
        },
        proxies: {
          p: { target: "short" },
          q: { target: "same" },
          r: { target: "long" },
          s: { target: "elsewhere" },
        },
      }),
    );
    const listed = [...baseUrlsByOrigin].map(([origin, urls]) => [
      origin,
      urls.map(({ path, proxies }) => [path, proxies.map(({ id }) => id)]),
    ]);
    expect(listed).toEqual([
      [
        "https://a.example",
        [
          ["/v1/users", ["r"]],
          ["/v1", ["p", "q"]],
        ],
      ],
      ["https://b.example", [["/v1", ["s"]]]],
    ]);
  });

  it("does not remember a document that was refused", () => {
    const target = { baseUrl: "https://t.example" };
    const twice = [
      { id: "x", operations: [] },
      { id: "x", operations: [] },
    ];
    expect(issuesOf({ targets: { t: { ...target, filters: twice } } })).toEqual([
      { pointer: "/targets/t/filters/1/id", message: "`x` is used twice in this list", kind: "invalid" },
    ]);
    const rules = [{ id: "x", effect: "deny" }, { effect: "deny" }, { id: "x", effect: "deny" }] as const;
    expect(issuesOf({ credentials: { c: { ...credential, rules } } })).toEqual([
      { pointer: "/credentials/c/rules/2/id", message: "`x` is used twice in this list", kind: "invalid" },
    ]);
  });

  it("takes only so many instructions for the filters of a stage, equal patterns counted once", () => {
    const patternOf = (index: number) => `(ab|cd){900}${index}`;
    const filters = (count: number, of: (index: number) => string) => [
      {
        operations: Array.from({ length: count }, (_, index) => ({
          effect: "destroy" as const,
          jsonPath: of(index),
        })),
      },
    ];
    const sizes = Array.from({ length: 60 }, (_, index) => compilePattern(patternOf(index)).programSize);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    expect(total).toBeGreaterThan(100_000);
    const proxies = (count: number, of: (index: number) => string) => ({
      targets: { t: { baseUrl: "https://t.example" } },
      proxies: { p: { target: "t", filters: filters(count, of) } },
    });
    expect(issuesOf(proxies(60, patternOf))).toEqual([
      {
        pointer: "/proxies/p/filters",
        message: `the patterns compile to ${total} instructions, at most 100000 are allowed here`,
        help: "use fewer or smaller patterns",
        kind: "invalid",
      },
    ]);
    expect(issuesOf(proxies(60, () => patternOf(0)))).toEqual([]);
  });

  it("may be made again from what another copy of this package made, sealed secrets included", () => {
    const sealed = { envelope: "sp1:x", kind: "sealed" } as const;
    const foreign = {
      ...base,
      credentials: { c: { ...credential, secret: { locate: () => sealed } } },
    } as unknown as PolicyDocument;
    expect(() => definePolicy(foreign)).toThrow("this envelope is not whole");
    const named = { kind: "env", name: "TOKEN" } as const;
    const other = {
      ...base,
      credentials: { c: { ...credential, secret: { locate: () => named } } },
    } as unknown as PolicyDocument;
    expect(definePolicy(other).credentials.c?.secret?.locate()).toEqual(named);
  });

  it.each([null, undefined, 1])("is not made of credentials that are %s", (credentials) => {
    const document = { ...base, credentials } as unknown as PolicyDocument;
    if (credentials === undefined) expect(isPolicy(definePolicy(document))).toBe(true);
    else expect(() => definePolicy(document)).toThrow("expected an object");
    const inside = { ...base, credentials: { c: credentials } } as unknown as PolicyDocument;
    expect(() => definePolicy(inside)).toThrow(PolicyError);
    expect(() => parsePolicy(inside)).toThrow(PolicyError);
  });
});

describe("a deny among many rules", () => {
  const others = Array.from(
    { length: 40 },
    (_, index): RuleDocument => ({ effect: "deny", path: `^/other-${index}(/|$)` }),
  );
  const compiled = () =>
    compilePolicy(
      define({
        targets: { t: { baseUrl: "https://api.example" } },
        proxies: {
          p: {
            target: "t",
            paths: { ambiguous: "allow" },
            rules: [
              ...others,
              { effect: "deny", id: "admin", path: "^/v1/admin(/|$)" },
              { effect: "allow", id: "all", path: "^/" },
              { effect: "deny", id: "late", path: "^/v1/admin/users(/|$)" },
            ],
          },
        },
      }),
    );
  const decided = (path: string) => {
    const request = canonicalRequest({ url: `https://api.example${path}` });
    if (request === undefined) throw new Error("the URL is absolute");
    const { effect, scopes } = decide(compiled(), "p", request, { now: 0 });
    return [effect, scopes.at(-1)?.matched.map(({ ruleId }) => ruleId)];
  };

  it("is found under the path as a careless server would read it", () => {
    expect(decided("/v1/users")).toEqual(["allow", ["all"]]);
    expect(decided("/v1/admin")).toEqual(["deny", ["admin", "all"]]);
    expect(decided("/v1%2fadmin")).toEqual(["deny", ["admin", "all"]]);
    expect(decided("/v1//admin")).toEqual(["deny", ["admin", "all"]]);
    expect(decided("//v1/admin%2Fusers")).toEqual(["deny", ["admin", "all", "late"]]);
  });
});
