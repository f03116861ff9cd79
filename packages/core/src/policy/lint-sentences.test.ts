/** What an author reads of each warning, word for word. */
import { describe, expect, it } from "vitest";
import { lintPolicy } from "./lint.js";
import { definePolicy } from "./parse-policy.js";
import type { FilterDocument, RuleDocument } from "./schema.js";

function sentencesOf(rules: readonly RuleDocument[], filters: readonly FilterDocument[] = []): string[] {
  const policy = definePolicy({
    clientId: "acme",
    region: "eu-1",
    targets: { t: { baseUrl: "https://api.example" } },
    proxies: { p: { target: "t", rules, filters } },
  });
  return lintPolicy(policy).map(({ pointer, message, help }) => `${pointer}: ${message}; ${help}`);
}

const DENIED = { effect: "deny", path: "^/a" } as const;
const at = (rule: number) => `/proxies/p/rules/${rule}`;
const remedy = "remove one of the two, or narrow the other";

describe("a warning", () => {
  it("says what an allow rule allows beyond what was meant", () => {
    expect(sentencesOf([{ effect: "allow" }])).toEqual([
      `${at(0)}: this rule allows every request; add a condition, or let the scope's default allow`,
    ]);
    expect(sentencesOf([{ effect: "allow", host: "api", path: "users" }])).toEqual([
      `${at(0)}/host: the pattern allows every host that it is a part of; anchor it at both ends: \`^api\\.example\\.com$\``,
      `${at(0)}/path: the pattern allows every path that it is found in, wherever it stands; begin it with \`^/\``,
    ]);
  });

  it("says what a dot means in a host, and how the pattern should look", () => {
    expect(sentencesOf([{ effect: "allow", host: "^api.example$", path: "^/a" }])).toEqual([
      `${at(0)}/host: a dot in the pattern stands for any character, so it allows other hosts too; write \`^api\\.example$\``,
    ]);
  });

  it("says which method was probably meant", () => {
    expect(sentencesOf([{ effect: "allow", path: "^/a", methods: ["GETT"] }])).toEqual([
      `${at(0)}/methods/0: unknown method \`GETT\`, did you mean \`GET\`?; write \`GET\`; leave it if the server has a method of that name`,
    ]);
  });

  it("names the rule that makes another one superfluous", () => {
    expect(sentencesOf([DENIED, { effect: "deny", path: "^/a/b" }])).toEqual([
      `${at(1)}: rule \`rules/0\` denies all that this one does; ${remedy}`,
    ]);
    expect(
      sentencesOf([
        { ...DENIED, id: "no-a" },
        { effect: "allow", path: "^/a/c$" },
      ]),
    ).toEqual([`${at(1)}: rule \`no-a\` denies all that this one allows; ${remedy}`]);
    expect(
      sentencesOf([
        { effect: "allow", path: "^/x", methods: ["GET"] },
        { effect: "allow", path: "^/x/y", methods: ["GET"] },
      ]),
    ).toEqual([`${at(1)}: rule \`rules/0\` allows all that this one does; ${remedy}`]);
  });

  it("says of what matches nothing what a path looks like, and which hosts there are", () => {
    const path =
      "no path matches the pattern; a path begins with `/`, has no query, and holds other characters than ASCII, spaces and braces escaped";
    const host = "the pattern matches the host of no target that leads here; a host has no port: match";
    expect(sentencesOf([{ effect: "deny", host: "^other$", path: "^v1" }])).toEqual([
      `${at(0)}/host: ${host} \`api.example\``,
      `${at(0)}/path: ${path}`,
    ]);
    const rules = [{ effect: "deny", host: ":443$" }] as const;
    const policy = definePolicy({
      clientId: "acme",
      region: "eu-1",
      targets: {
        a: { baseUrl: "https://a.example/v1" },
        b: { baseUrl: "https://b.example" },
        again: { baseUrl: "https://a.example/v2" },
      },
      credentials: { c: { type: "target", authType: "none", rules } },
      proxies: {
        a: { target: "a", targetCredential: "c" },
        b: { target: "b", targetCredential: "c" },
        again: { target: "again", targetCredential: "c" },
      },
    });
    expect(lintPolicy(policy).map(({ message, help }) => `${message}; ${help}`)).toEqual([
      `${host} \`a.example\`, \`b.example\``,
    ]);
  });

  it("says what is wrong with a short secret, and nothing of one that is not in the document", () => {
    const warningsOf = (authType: "bearer" | "apiKey" | "basicAuth", secret: object) =>
      lintPolicy(
        definePolicy({
          clientId: "acme",
          region: "eu-1",
          targets: { t: { baseUrl: "https://api.example" } },
          credentials: { k: { type: "target", authType, secret } },
          proxies: { p: { target: "t", targetCredential: "k" } },
        }),
      ).map(({ pointer, message, help }) => `${pointer}: ${message}; ${help}`);
    const sentence =
      "a secret of fewer than 8 characters occurs by chance and cannot be looked for in responses; use one that is longer";
    const inline = "/credentials/k/secret/inline";
    expect(warningsOf("bearer", { inline: { token: "1234567" } })).toEqual([`${inline}/token: ${sentence}`]);
    expect(warningsOf("apiKey", { inline: { key: "1234567", headerName: "x-k" } })).toEqual([
      `${inline}/key: ${sentence}`,
    ]);
    expect(warningsOf("basicAuth", { inline: { username: "ann", password: "1234567" } })).toEqual([
      `${inline}/password: ${sentence}`,
    ]);
    expect(warningsOf("bearer", { env: "T" })).toEqual([]);
  });

  it("says what becomes of calls without a credential that no proxy names", () => {
    const policy = definePolicy({
      clientId: "acme",
      region: "eu-1",
      credentials: {
        k: { type: "target", authType: "bearer", secret: { env: "T" } },
        c: { type: "proxy", authType: "none" },
      },
    });
    expect(lintPolicy(policy).map(({ pointer, message, help }) => `${pointer}: ${message}; ${help}`)).toEqual(
      [
        "/credentials/k: no proxy names it, so no call carries it; name it in the `targetCredential` of the proxy that it is for, or remove it",
        "/credentials/c: no proxy names it, so every call with it is denied; name it in the `proxyCredential` of the proxy that it is for, or remove it",
      ],
    );
  });

  it("says that an operation does nothing, and how path text looks", () => {
    expect(sentencesOf([], [{ operations: [{ effect: "destroy", jsonPath: "^ssn$" }] }])).toEqual([
      "/proxies/p/filters/0/operations/0/jsonPath: no document has a path that this matches; path text looks like `$.items[0].ssn`: write `\\.ssn$` for every member of that name",
    ]);
  });

  it("does not look at rules that are off or at selects, nor at a host that is anchored at both ends", () => {
    expect(sentencesOf([{ effect: "allow", mode: "off" }])).toEqual([]);
    expect(sentencesOf([], [{ operations: [{ effect: "destroy", select: "$.a" }] }])).toEqual([]);
    expect(
      sentencesOf(
        [],
        [
          {
            variables: [{ name: "v", source: "query", key: "v" }],
            operations: [{ effect: "destroy", jsonPath: "^{{v}}$" }],
          },
        ],
      ),
    ).toEqual([]);
    expect(sentencesOf([{ effect: "allow", host: "(^api\\.example$|^b$)", path: "^/" }])).toEqual([]);
    expect(sentencesOf([{ effect: "allow", host: "(^api\\.example$|b$)", path: "^/" }])).toHaveLength(1);
    expect(sentencesOf([{ effect: "allow", host: "example$", path: "^/" }])).toHaveLength(1);
  });

  it.each<[condition: string, rule: object]>([
    ["headers", { headers: [{ name: "x" }] }],
    ["query", { query: [{ name: "x" }] }],
    ["token", { token: [{ claim: "x" }] }],
    ["actor", { actor: [{ name: "x" }] }],
    ["body", { body: [{ jsonPath: "x" }] }],
    ["when", { when: { days: ["mon"] } }],
    ["methods", { methods: ["GET"] }],
    ["host", { host: "^api\\.example$" }],
  ])("takes %s of the wider rule for a condition that the narrower one must share", (_name, condition) => {
    const narrow = { effect: "allow", path: "^/a/b$" } as const;
    const wide = { effect: "deny", path: "^/a", ...condition } as RuleDocument;
    expect(sentencesOf([narrow, wide])).toEqual([]);
    expect(sentencesOf([{ ...narrow, ...condition } as RuleDocument, wide])).toHaveLength(1);
    expect(sentencesOf([{ effect: "allow", ...condition } as RuleDocument])).toEqual([]);
  });

  it("covers a path that must not match by the same one, and by a rule for every path", () => {
    const absent = { pattern: "^/a", presence: "must_not_exist" } as const;
    const allow = { effect: "allow", path: absent, methods: ["GET"] } as const;
    expect(sentencesOf([allow, { effect: "deny", path: absent }])).toHaveLength(1);
    expect(sentencesOf([allow, { effect: "deny", path: "^/" }])).toHaveLength(1);
    expect(sentencesOf([allow, { effect: "deny", path: "^/a" }])).toEqual([]);
  });
});
