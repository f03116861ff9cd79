/** Which requests a rule can see, and which of two rules has nothing left to decide. */
import { describe, expect, it } from "vitest";
import { lintPolicy } from "./lint.js";
import { definePolicy } from "./parse-policy.js";
import type { PolicyDocument, RuleDocument } from "./schema.js";

const pointersOf = (document: Omit<PolicyDocument, "clientId" | "region">) =>
  lintPolicy(definePolicy({ clientId: "acme", region: "eu-1", ...document })).map(({ pointer }) => pointer);

const ofRules = (...rules: RuleDocument[]) =>
  pointersOf({
    targets: { t: { baseUrl: "https://api.example" } },
    proxies: { p: { target: "t", rules } },
  }).map((pointer) => pointer.replace("/proxies/p/", ""));

describe("the hosts that rules can see", () => {
  it("are those of the proxy itself, of those that lead to the target, and of those that name the credential", () => {
    const rules = (["x", "u", "v", "w"] as const).map((host) => ({
      effect: "deny" as const,
      host: `^${host}\\.example$`,
    }));
    const scoped = { rules, region: "eu-1" };
    expect(
      pointersOf({
        targets: {
          x: { baseUrl: "https://x.example", ...scoped },
          u: { baseUrl: "https://u.example" },
          v: { baseUrl: "https://v.example" },
          w: { baseUrl: "https://w.example" },
        },
        credentials: {
          x: { type: "target", authType: "none", ...scoped },
          caller: { type: "proxy", authType: "none", ...scoped },
        },
        proxies: {
          // One name for three things, each of which leads elsewhere.
          x: { target: "u", ...scoped },
          p: { target: "x" },
          q: { target: "v", targetCredential: "x" },
          r: { target: "w", proxyCredential: ["caller"] },
        },
      }),
    ).toEqual([
      ...[1, 2, 3].map((index) => `/targets/x/rules/${index}/host`),
      ...[0, 1, 3].map((index) => `/credentials/x/rules/${index}/host`),
      ...[0, 1, 2].map((index) => `/credentials/caller/rules/${index}/host`),
      ...[0, 2, 3].map((index) => `/proxies/x/rules/${index}/host`),
    ]);
  });

  it("are those of all targets that lead to a rule, of which one is enough", () => {
    const rules = [{ effect: "deny", host: "^b\\.example$" }] as const;
    expect(
      pointersOf({
        targets: { a: { baseUrl: "https://a.example" }, b: { baseUrl: "https://b.example" } },
        credentials: { c: { type: "target", authType: "none", rules } },
        proxies: {
          a: { target: "a", targetCredential: "c" },
          b: { target: "b", targetCredential: "c" },
        },
      }),
    ).toEqual([]);
  });
});

describe("the paths that rules can see", () => {
  it("are decoded ones too, where one of several proxies lets ambiguous ones pass", () => {
    const target = { baseUrl: "https://api.example", rules: [{ effect: "deny", path: "^/a b" }] } as const;
    const plain = { target: "t" };
    const lenient = { target: "t", paths: { ambiguous: "allow" } } as const;
    expect(pointersOf({ targets: { t: target }, proxies: { p: plain, q: lenient } })).toEqual([]);
    expect(pointersOf({ targets: { t: target }, proxies: { p: plain, q: plain } })).toEqual([
      "/targets/t/rules/0/path",
    ]);
  });
});

describe("an allow is anchored", () => {
  it.each(["^/a|^/b", "(^/a|^/b)/c", "((^/a|^/b)/c|^/d)/e", "(?:^)/a"])("at its start by %s", (path) => {
    expect(ofRules({ effect: "allow", path })).toEqual([]);
  });

  it.each(["^/a|/b", "(^/a|/b)/c", "((^/a|b)/c|^/d)/e", "\\b/a", "(^/a)?/b", "[^]/a"])(
    "at its start not by %s",
    (path) => {
      expect(ofRules({ effect: "allow", path })).toEqual(["rules/0/path"]);
    },
  );

  it("at its start not by nothing", () => {
    expect(ofRules({ effect: "allow", methods: ["GET"], path: "" })).toEqual(["rules/0/path"]);
  });

  it.each(["^api\\.(example$|com$)", "^api$|^b$", "^a(b(c$|d$)|e$)"])("at both ends by %s", (host) => {
    expect(ofRules({ effect: "allow", path: "^/a", host: `${host}|^api\\.example$` })).toEqual([]);
  });

  it.each(["^api\\.(example$|exam)", "^api\\.example$|api", "^api\\.example\\b", "api\\.example$"])(
    "at both ends not by %s",
    (host) => {
      expect(ofRules({ effect: "allow", path: "^/a", host })).toEqual(["rules/0/host"]);
    },
  );
});

describe("a rule has nothing left to decide", () => {
  const allow = { effect: "allow", path: "^/a" } as const;
  const deny = { effect: "deny" } as const;

  it("where a deny says the same, wherever it stands", () => {
    expect(ofRules(allow, { ...deny, path: "^/a" })).toEqual(["rules/0"]);
    expect(ofRules({ ...deny, path: "^/a" }, allow)).toEqual(["rules/1"]);
  });

  it("where a deny asks for less of what it asks for", () => {
    const wide: RuleDocument = { ...deny, path: "^/" };
    expect(ofRules({ ...allow, headers: [{ name: "x" }] }, wide)).toEqual(["rules/0"]);
    expect(ofRules({ ...allow, host: "^api\\.example$" }, wide)).toEqual(["rules/0"]);
    expect(ofRules({ ...allow, methods: ["GET"] }, { ...deny, methods: ["GET", "PUT"] })).toEqual([
      "rules/0",
    ]);
    expect(ofRules({ effect: "allow", methods: ["GET"] }, wide)).toEqual(["rules/0"]);
  });

  it("and has where the deny asks for more", () => {
    expect(ofRules({ ...allow, methods: ["GET", "PUT"] }, { ...deny, methods: ["GET"] })).toEqual([]);
    expect(ofRules(allow, { ...deny, methods: ["GET"] })).toEqual([]);
    expect(ofRules({ effect: "allow", methods: ["GET"] }, { ...deny, path: "^/a" })).toEqual([]);
    expect(ofRules(allow, { ...deny, path: "^/a", host: "^api\\.example$" })).toEqual([]);
  });

  it("which is not looked for among more rules than can be compared in reasonable time", () => {
    const distinct = (count: number) =>
      Array.from({ length: count }, (_, index): RuleDocument => ({ ...deny, methods: [`M${index}`] }));
    const last: RuleDocument = { ...deny, methods: ["M1"] };
    expect(ofRules(...distinct(100), last)).toEqual(["rules/100"]);
    expect(ofRules(...distinct(200), last)).toEqual([]);
  });
});
