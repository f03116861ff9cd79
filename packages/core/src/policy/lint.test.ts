import { describe, expect, it } from "vitest";
import { lintPolicy } from "./lint.js";
import type { LintCode } from "./lint-warning.js";
import { definePolicy } from "./parse-policy.js";
import type { FilterDocument, RuleDocument } from "./schema.js";

function lint(rules: readonly RuleDocument[], filters: readonly FilterDocument[] = []) {
  const policy = definePolicy({
    clientId: "acme",
    region: "eu-west-1",
    targets: { t: { baseUrl: "https://api.example" } },
    proxies: { p: { target: "t", rules, filters } },
  });
  return lintPolicy(policy).map(({ code, pointer }) => [code, pointer.replace("/proxies/p/", "")]);
}

const warned = (code: LintCode, pointer: string) => [[code, pointer]];

describe("lint of rules", () => {
  it("finds nothing in a sound policy", () => {
    expect(
      lint([
        { effect: "allow", methods: ["GET"], path: "^/v1/users(/|$)" },
        { effect: "allow", path: "(^/a|^/b)", host: "^api\\.example$" },
        { effect: "deny", path: "admin" },
        { effect: "deny", path: "^/v1/users/secret$" },
      ]),
    ).toEqual([]);
  });

  it.each(["/v1/users", "users$", "(^/a|b)", ".*/users"])(
    "warns of an allow for %s, which is not anchored",
    (path) => {
      expect(lint([{ effect: "allow", path }])).toEqual(warned("unanchored_allow", "rules/0/path"));
    },
  );

  it("warns of an allowed host that is not anchored at both ends", () => {
    expect(lint([{ effect: "allow", path: "^/a", host: "^api\\.example" }])).toEqual(
      warned("unanchored_allow", "rules/0/host"),
    );
  });

  it.each([
    ["^api.example$", "^api\\.example$"],
    ["^[.a]pi.*\\.e.ample$", "^[.a]pi.*\\.e\\.ample$"],
    ["^(api|a).example$", "^(api|a)\\.example$"],
  ])(
    "warns of an allowed host with a dot that stands for any character, and escapes it: %s",
    (host, escaped) => {
      const policy = (effect: "allow" | "deny", rule: object = {}) =>
        definePolicy({
          clientId: "acme",
          region: "eu-west-1",
          targets: { t: { baseUrl: "https://api.example" } },
          proxies: { p: { target: "t", rules: [{ effect, host, ...rule }] } },
        });
      expect(lintPolicy(policy("allow")).at(-1)).toMatchObject({
        code: "unescaped_dot",
        pointer: "/proxies/p/rules/0/host",
        help: `write \`${escaped}\``,
      });
      expect(lintPolicy(policy("deny"))).toEqual([]);
      expect(lintPolicy(policy("allow", { mode: "off" }))).toEqual([]);
    },
  );

  it.each([
    "^api\\.example$",
    "^[.]?api\\.example$",
    "^.*\\.?example$",
    "^.{3}\\.example$",
    "^.?api\\.ex.+$",
    "^.+$",
  ])("finds no such dot in %s", (host) => {
    expect(lint([{ effect: "allow", host, path: "^/a" }])).toEqual([]);
  });

  it.each([{}, { path: ".*" }, { path: "^/" }, { path: "^" }, { notes: "all" }])(
    "warns of an allow that matches everything: %j",
    (conditions) => {
      expect(lint([{ effect: "allow", ...conditions }])).toEqual(warned("allows_everything", "rules/0"));
    },
  );

  it("does not take a rule with another condition for one that allows everything", () => {
    expect(
      lint([
        { effect: "allow", headers: [{ name: "^x$" }] },
        { effect: "allow", methods: ["GET"] },
      ]),
    ).toEqual([]);
    expect(lint([{ effect: "deny" }])).toEqual([]);
  });

  it("warns of an allow that is denied as a whole", () => {
    const rules = [
      { effect: "allow", path: "^/admin/users$" },
      { effect: "deny", path: "(?i)^/ADMIN" },
    ] as const;
    expect(lint(rules)).toEqual(warned("unreachable_rule", "rules/0"));
    expect(lint([...rules].reverse())).toEqual(warned("unreachable_rule", "rules/1"));
  });

  it("does not, when the deny has a condition that the allow does not share", () => {
    const allow = { effect: "allow", path: "^/admin/users$" } as const;
    expect(lint([allow, { effect: "deny", path: "^/admin", methods: ["DELETE"] }])).toEqual([]);
    expect(lint([allow, { effect: "deny", path: "^/admin", query: [{ name: "^debug$" }] }])).toEqual([]);
    expect(lint([allow, { effect: "deny", path: "^/admin", mode: "observe" }])).toEqual([]);
    expect(
      lint([allow, { effect: "deny", path: { pattern: "^/admin", presence: "must_not_exist" } }]),
    ).toEqual([]);
  });

  it("warns of a rule that adds nothing to another, of two alike the later one", () => {
    expect(
      lint([
        { effect: "allow", path: "^/v1/", methods: ["GET", "POST"] },
        { effect: "allow", path: "^/v1/users", methods: ["get"] },
      ]),
    ).toEqual(warned("unreachable_rule", "rules/1"));
    const deny = { effect: "deny", path: "^/a$" } as const;
    expect(lint([deny, deny])).toEqual(warned("unreachable_rule", "rules/1"));
  });

  it("does not call a deny unreachable for an allow", () => {
    expect(
      lint([
        { effect: "allow", path: "^/v1/" },
        { effect: "deny", path: "^/v1/users" },
      ]),
    ).toEqual([]);
  });
});

describe("lint of what can match nothing", () => {
  it.each(["^v1/users", "^/s\\?q=1", "^/caf\u00e9", "/a b", "a^", "^/\\{id\\}$", "^https://", "\\\\"])(
    "warns of a rule for the path %s, whatever its effect",
    (path) => {
      for (const effect of ["allow", "deny"] as const)
        expect(lint([{ effect, path }])).toEqual(warned("unreachable_rule", "rules/0/path"));
    },
  );

  it.each(["^/caf%C3%A9$", "^/a;b=c,d@e!$", "/\\[0\\]", "^/a\\^b", "^/~me|x", "^/$", "'"])(
    "finds nothing in a deny for the path %s",
    (path) => {
      expect(lint([{ effect: "deny", path }])).toEqual([]);
    },
  );

  it("warns of a filter whose path matches nothing", () => {
    expect(lint([], [{ path: "^v1", operations: [] }])).toEqual(
      warned("unreachable_filter", "filters/0/path"),
    );
    expect(lint([], [{ path: "^v1", mode: "off", operations: [] }])).toEqual([]);
  });

  it("warns of a host that is not the target's, or has a port", () => {
    for (const host of ["^other\\.example$", "^api\\.example:443$"])
      expect(lint([{ effect: "deny", host }])).toEqual(warned("unreachable_rule", "rules/0/host"));
    expect(lint([{ effect: "deny", host: "^API\\.example$" }])).toEqual([]);
  });

  it("does not where an ambiguous path is looked at decoded", () => {
    const policy = definePolicy({
      clientId: "acme",
      region: "eu-west-1",
      targets: { t: { baseUrl: "https://api.example", rules: [{ effect: "deny", path: "^/a b" }] } },
      proxies: { p: { target: "t", paths: { ambiguous: "allow" } } },
    });
    expect(lintPolicy(policy)).toEqual([]);
  });

  it("knows the hosts that a credential is used for, and says nothing of the rules of one that is not used", () => {
    const policy = (targetCredential: string) =>
      definePolicy({
        clientId: "acme",
        region: "eu-west-1",
        targets: { t: { baseUrl: "https://api.example" }, u: { baseUrl: "https://other.example" } },
        credentials: {
          c: { type: "target", authType: "none", rules: [{ effect: "deny", host: "^api\\.example$" }] },
          d: { type: "target", authType: "none" },
        },
        proxies: { p: { target: "u", targetCredential } },
      });
    const rules = (one: string) => lintPolicy(policy(one)).filter(({ code }) => code !== "unused_credential");
    expect(rules("c").map(({ pointer }) => pointer)).toEqual(["/credentials/c/rules/0/host"]);
    expect(rules("d")).toEqual([]);
  });

  it("takes an allow for all but what no path is for one that allows everything", () => {
    const path = { pattern: "^v1", presence: "must_not_exist" } as const;
    expect(lint([{ effect: "allow", path }])).toEqual(warned("allows_everything", "rules/0"));
    expect(lint([{ effect: "allow", path: { ...path, pattern: "^/v1" } }])).toEqual([]);
  });

  it("does not call a rule that matches nothing covered by another", () => {
    const rules = [
      { effect: "deny", path: "^/x" },
      { effect: "deny", path: "^x" },
    ] as const;
    expect(lint(rules)).toEqual(warned("unreachable_rule", "rules/1/path"));
  });
});

describe("lint of methods", () => {
  it.each(["GETT", "posts", "DELTE", "OPTION"])("warns of %s in rules and filters in force", (method) => {
    const condition = { path: "^/a", methods: ["GET", method] };
    expect(lint([{ effect: "deny", ...condition }], [{ ...condition, operations: [] }])).toEqual([
      ["unknown_method", "rules/0/methods/1"],
      ["unknown_method", "filters/0/methods/1"],
    ]);
    expect(
      lint([{ effect: "deny", mode: "off", ...condition }], [{ mode: "off", ...condition, operations: [] }]),
    ).toEqual([]);
  });

  it.each(["get", "PROPFIND", "SEARCH", "PURGE", "LIST", "LOCK", "MOVE", "COPY", "QUERY", "REPORT"])(
    "finds nothing in %s",
    (method) => {
      expect(lint([{ effect: "allow", path: "^/a", methods: [method] }])).toEqual([]);
    },
  );
});

describe("lint of filters", () => {
  const filter = (pattern: string) => ({ operations: [{ effect: "destroy", jsonPath: pattern }] }) as const;

  it.each([
    "ssn",
    "\\.ssn$",
    "^\\$\\.data\\[\\d+\\]",
    "\\[0\\]$",
    "$",
    "a.b",
    "\\]\\[",
    "^\\$\\.\\.x",
    "\\[x\\]",
  ])("finds nothing in %s", (pattern) => {
    expect(lint([], [filter(pattern)])).toEqual([]);
  });

  it.each(["^ssn$", "^\\.ssn$", "^\\$ssn", "^\\$$", "^data", "^\\$\\[x", "^\\$\\[\\]", "a^"])(
    "warns of %s, which matches no path",
    (pattern) => {
      expect(lint([], [filter(pattern)])).toEqual(
        warned("matches_no_path", "filters/0/operations/0/jsonPath"),
      );
    },
  );
});

describe("lint of credentials", () => {
  it("warns of one that no proxy names as what it is", () => {
    const policy = (proxy: { targetCredential?: string; proxyCredential?: string | string[] }) =>
      definePolicy({
        clientId: "acme",
        region: "eu-west-1",
        targets: { t: { baseUrl: "https://api.example" } },
        credentials: {
          key: { type: "target", authType: "bearer", secret: { env: "KEY" } },
          caller: { type: "proxy", authType: "none" },
        },
        proxies: { p: { target: "t", ...proxy } },
      });
    const unused = (proxy: object) => lintPolicy(policy(proxy)).map(({ code, pointer }) => [code, pointer]);
    expect(unused({})).toEqual([
      ["unused_credential", "/credentials/key"],
      ["unused_credential", "/credentials/caller"],
    ]);
    expect(unused({ targetCredential: "key" })).toEqual(warned("unused_credential", "/credentials/caller"));
    for (const proxyCredential of ["caller", ["caller"]])
      expect(unused({ proxyCredential })).toEqual(warned("unused_credential", "/credentials/key"));
    expect(unused({ targetCredential: "key", proxyCredential: ["caller"] })).toEqual([]);
  });

  it("warns of one that is too short to be told from other text", () => {
    const policy = (token: string) =>
      definePolicy({
        clientId: "acme",
        region: "eu-west-1",
        targets: { t: { baseUrl: "https://api.example" } },
        credentials: { k: { type: "target", authType: "bearer", secret: { inline: { token } } } },
        proxies: { p: { target: "t", targetCredential: "k" } },
      });
    expect(lintPolicy(policy("1234567"))).toMatchObject([
      { code: "short_secret", pointer: "/credentials/k/secret/inline/token" },
    ]);
    expect(JSON.stringify(lintPolicy(policy("1234567")))).not.toContain("1234567");
    expect(lintPolicy(policy("12345678"))).toEqual([]);
  });
});
