/** What an author reads of each fault, word for word: where it is, what is wrong and what to do. */
import { describe, expect, it } from "vitest";
import { PolicyError, type PolicyIssue } from "../errors.js";
import { parsePolicy } from "./parse-policy.js";

const base = { clientId: "acme", region: "eu-1" };
const target = { targets: { t: { baseUrl: "https://api.example" } } };
const proxy = (fields: object) => ({ ...target, proxies: { p: { target: "t", ...fields } } });
const rule = (fields: object) => proxy({ rules: [{ effect: "allow", ...fields }] });
const filter = (fields: object) => proxy({ filters: [{ operations: [], ...fields }] });
const credential = (fields: object) => ({
  credentials: { c: { type: "target", authType: "bearer", secret: { env: "T" }, ...fields } },
});
const caller = (fields: object) => ({ credentials: { c: { type: "proxy", authType: "none", ...fields } } });
/** 16 bytes in base64: as many as an iv has, and a tag. */
const IV = `${"A".repeat(22)}==`;
const many = Object.fromEntries(
  Array.from({ length: 21 }, (_, index) => [`target-${index}`, { baseUrl: "https://api.example" }]),
);

function issuesOf(document: unknown): readonly PolicyIssue[] {
  const isObject = typeof document === "object" && !Array.isArray(document);
  try {
    parsePolicy(isObject ? { ...base, ...document } : document);
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    return error.issues;
  }
  return [];
}

/** `pointer: message; help`. */
function sentencesOf(document: unknown): string[] {
  return issuesOf(document).map(
    ({ pointer, message, help }) => `${pointer}: ${message}${help === undefined ? "" : `; ${help}`}`,
  );
}

const CASES: readonly (readonly [what: string, document: unknown, sentences: readonly string[]])[] = [
  ["text", "clientId: acme", [": expected an object; this is text: pass `JSON.parse(text)`"]],
  ["a number", 1, [": expected an object"]],
  ["a list", [], [": expected an object"]],
  ["nothing", undefined, [": `the document` is missing: expected an object"]],
  [
    "entities that are no objects",
    { targets: [], credentials: 1, proxies: "p" },
    ["/targets: expected an object", "/credentials: expected an object", "/proxies: expected an object"],
  ],
  [
    "a number with a fraction where a whole one is meant",
    { settings: { maxJsonDepth: 1.5 } },
    ["/settings/maxJsonDepth: expected a whole number"],
  ],
  [
    "a number that is too large",
    { settings: { maxJsonDepth: 1e9 } },
    ["/settings/maxJsonDepth: expected at most 10000"],
  ],
  [
    "an id that is too long",
    { targets: { ["a".repeat(65)]: { baseUrl: "https://a.example" } } },
    [
      "/targets/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa: an id has 1 to 64 of `A-Z a-z 0-9 _ -` and starts with a letter or digit",
    ],
  ],
  ["a region that is none", { region: "EU 1" }, ["/region: a region has 1 to 63 of `a-z 0-9 -`"]],
  [
    "no tenant and no region",
    { clientId: undefined, region: undefined },
    [
      "/clientId: `clientId` is missing: expected a string; the tenant that calls are made for: choose a name such as `acme` and keep it, as sealed secrets and records are bound to it",
      "/region: `region` is missing: expected a string; where this process keeps its records: choose a name such as `eu-west-1` and keep it, as sealed secrets are bound to it",
    ],
  ],
  ...["hunter2", 7, ["hunter2"], null].map((secret): (typeof CASES)[number] => [
    `a secret that is ${JSON.stringify(secret)}, and never the secret`,
    credential({ secret }),
    [
      '/credentials/c/secret: expected an object; write `{ env: "NAME" }`, with the name of an environment variable, or `{ sealed: "sp1:…" }`',
    ],
  ]),
  ...[
    [rule({ methods: "get" }), "/proxies/p/rules/0/methods", '"get"'],
    [rule({ methods: "hunter2" }), "/proxies/p/rules/0/methods", '"…"'],
    [credential({ origins: "https://a.example" }), "/credentials/c/origins", '"…"'],
    [proxy({ rules: { effect: "allow" } }), "/proxies/p/rules", "…"],
    [proxy({ retry: { statuses: 429 } }), "/proxies/p/retry/statuses", "…"],
  ].map(([document, pointer, inList]): (typeof CASES)[number] => [
    `what stands alone at ${pointer} where a list is meant: ${inList}`,
    document,
    [`${pointer}: expected a list; put it in a list: \`[${inList}]\``],
  ]),
  [
    "a base URL that begins with a host and a port",
    { targets: { t: { baseUrl: "localhost:3000" } } },
    ["/targets/t/baseUrl: only `http:` and `https:` URLs can be called; begin it with `https://`"],
  ],
  [
    "a base URL that is an object",
    { targets: { t: { baseUrl: new URL("https://api.example") } } },
    ["/targets/t/baseUrl: expected a string; pass `url.href`"],
  ],
  [
    "a secret in what is no name of an environment variable",
    { credentials: { c: { type: "target", authType: "bearer", secret: { env: "$T" } } } },
    ["/credentials/c/secret/env: expected the name of an environment variable"],
  ],
  ...[
    [{ host: "(" }, "host"],
    [{ path: "(" }, "path"],
    [{ path: undefined, pathPattern: "(" }, "pathPattern"],
    [{ path: { path: "(" } }, "path/path"],
    [{ path: { path: { pattern: "(" } } }, "path/path"],
    [{ path: { path: "a" }, headers: [{ name: "(" }] }, "headers/0/name"],
    [{ pathPattern: "a", headers: undefined, headerChecks: [{ name: "(" }] }, "headerChecks/0/name"],
    [{ headerChecks: [{ name: "a" }], query: [{ name: "(" }] }, "query/0/name"],
    [{ headers: [{ name: "a" }], queryChecks: [{ name: "(" }] }, "queryChecks/0/name"],
  ].map(([fields, place]): (typeof CASES)[number] => [
    `a pattern without an end at ${place}`,
    rule(fields as object),
    [`/proxies/p/rules/0/${place}: \`(\` has no counterpart; escape it as \`\\(\` if it is meant literally`],
  ]),
  [
    "a glob where a path is meant",
    rule({ path: "/v1/*", headers: [{ name: "accept", matchValue: "^image/*" }] }),
    [
      "/proxies/p/rules/0/path: `/*` at the end repeats the slash: a path is a regular expression, not a glob; write `^/v1/` for all that starts with `/v1/`",
    ],
  ],
  [
    "a variable in a rule",
    rule({ query: [{ name: "user", matchValue: "^{{userId}}$" }] }),
    [
      "/proxies/p/rules/0/query/0/matchValue: `{{userId}}`: variables are allowed in the patterns of operations only; escape the braces as `\\{\\{` if they are meant literally",
    ],
  ],
  [
    "a pattern that is a number",
    { ...rule({ path: 1 }) },
    ["/proxies/p/rules/0/path: expected a string or an object"],
  ],
  [
    "a check without its pattern",
    { ...rule({ headers: [{}] }) },
    ["/proxies/p/rules/0/headers/0/name: `name` is missing: expected a string or an object"],
  ],
  [
    "a field that belongs to another kind of pattern",
    { ...rule({ host: { pattern: "a", presence: "present" } }) },
    [
      "/proxies/p/rules/0/host/presence: `presence` does not belong here; of all patterns, only a `path` has one",
    ],
  ],
  [
    "a misspelt field of a pattern",
    { ...rule({ host: { patern: "a" } }) },
    [
      "/proxies/p/rules/0/host/patern: unknown field `patern`, did you mean `pattern`?; a pattern has `pattern`, `flags`, `presence`",
    ],
  ],
  [
    "fields beside a nested path",
    { ...rule({ path: { path: { pattern: "a" }, flags: "i", colour: 1 } }) },
    [
      "/proxies/p/rules/0/path/flags: `flags` cannot stand beside a nested `path`; write `path: { pattern, flags, presence }`",
      "/proxies/p/rules/0/path/colour: `colour` cannot stand beside a nested `path`; write `path: { pattern, flags, presence }`",
    ],
  ],
  [
    "a pattern beside a nested path",
    { ...rule({ path: { path: { pattern: "a" }, pattern: "b" } }) },
    [
      "/proxies/p/rules/0/path/pattern: `pattern` cannot stand beside a nested `path`; write `path: { pattern, flags, presence }`",
    ],
  ],
  [
    "an unknown field of a secret, which may be the secret itself",
    { ...credential({ secret: { tokn: "hunter2" } }) },
    [
      "/credentials/c/secret: unknown field in a secret; a secret has exactly one of `sealed`, `env`, `inline`",
    ],
  ],
  [
    "two of them",
    { ...credential({ secret: { env: "T", tokn: "hunter2", pass: "hunter2" } }) },
    [
      "/credentials/c/secret: unknown field in a secret; a secret has exactly one of `sealed`, `env`, `inline`",
    ],
  ],
  [
    "one beside a field that is planned",
    { ...credential({ secret: { file: "/run/token", tokn: "hunter2" } }) },
    [
      "/credentials/c/secret/file: `file` is not enforced by this version, so it is refused; use `sealed` or `env`",
      "/credentials/c/secret: unknown field in a secret; a secret has exactly one of `sealed`, `env`, `inline`",
    ],
  ],
  ...["headers", "headerChecks", "query", "queryChecks"].map((name): (typeof CASES)[number] => [
    `an empty list of \`${name}\``,
    { ...rule({ [name]: [] }) },
    [`/proxies/p/rules/0/${name}: expected at least 1 entry`],
  ]),
  [
    "a misspelt field, and not that the field itself is missing",
    { ...filter({ operations: [{ efect: "destroy", jsonPath: "x" }] }) },
    [
      "/proxies/p/filters/0/operations/0/efect: unknown field `efect`, did you mean `effect`?; an operation has `effect`, `jsonPath`, `select`, `matchValue`, `mask`, `notes`",
    ],
  ],
  [
    "a misspelt field of a mask",
    { ...filter({ operations: [{ effect: "mask", jsonPath: "x", mask: { wth: "x" } }] }) },
    [
      "/proxies/p/filters/0/operations/0/mask/wth: unknown field `wth`, did you mean `with`?; `mask` has `with`, `keepLast`",
    ],
  ],
  [
    "a misspelt setting",
    { settings: { maxJsonDeph: 3 } },
    [
      "/settings/maxJsonDeph: unknown field `maxJsonDeph`, did you mean `maxJsonDepth`?; `settings` has `defaultProxy`, `filterStatuses`, `maxFilterBufferBytes`, `maxScalarBytes`, `maxJsonDepth`, `maxRequestInspectBytes`",
    ],
  ],
  [
    "an unknown field of `paths`",
    { ...proxy({ paths: { colour: 1 } }) },
    ["/proxies/p/paths/colour: unknown field `colour`; `paths` has `ambiguous`, `record`"],
  ],
  [
    "an unknown field of `redirects`",
    { ...proxy({ redirects: { colour: 1 } }) },
    ["/proxies/p/redirects/colour: unknown field `colour`; `redirects` has `mayEnter`"],
  ],
  [
    "an unknown field of a body check",
    { ...rule({ body: [{ jsonPath: "x", colour: 1 }] }) },
    [
      "/proxies/p/rules/0/body/0/colour: unknown field `colour`; a body check has `jsonPath`, `matchValue`, `presence`",
    ],
  ],
  [
    "an unknown field of a variable",
    { ...filter({ variables: [{ name: "v", source: "query", key: "k", colour: 1 }] }) },
    [
      "/proxies/p/filters/0/variables/0/colour: unknown field `colour`; a variable has `name`, `source`, `key`, `record`",
    ],
  ],
  [
    "an unknown field of the policy",
    { colour: 1 },
    [
      "/colour: unknown field `colour`; `policy` has `version`, `clientId`, `region`, `targets`, `credentials`, `proxies`, `settings`, `$schema`",
    ],
  ],
  ["a `$schema` that is no text", { $schema: {} }, ["/$schema: expected a string"]],
  [
    "an unknown field of a pattern in a check",
    { ...rule({ headers: [{ name: { pattern: "x", colour: 1 } }] }) },
    [
      "/proxies/p/rules/0/headers/0/name/colour: unknown field `colour`; a pattern has `pattern`, `flags`, `presence`",
    ],
  ],
  [
    "default proxies of targets that are not there, or that are not there themselves",
    { ...proxy({}), settings: { defaultProxy: { x: "p", t: "q" } } },
    [
      "/settings/defaultProxy/x: no target `x`, did you mean `t`?; the policy has `t`",
      "/settings/defaultProxy/t: no proxy `q`, did you mean `p`?; the policy has `p`",
    ],
  ],
  [
    "a name that is not among many",
    { targets: many, proxies: { p: { target: "zzz" } } },
    [
      "/proxies/p/target: no target `zzz`; the policy has `target-0`, `target-1`, `target-2`, `target-3`, `target-4`, `target-5`, `target-6`, `target-7`, `target-8`, `target-9`, `target-10`, `target-11`, `target-12`, `target-13`, `target-14`, `target-15`, `target-16`, `target-17`, `target-18`, `target-19`, …",
    ],
  ],
  [
    "a name where there are none",
    { proxies: { p: { target: "zzz" } } },
    ["/proxies/p/target: no target `zzz`; the policy has no such target"],
  ],
  [
    "a name among those of the right type only",
    { ...caller({}), ...proxy({ targetCredential: "d", proxyCredential: ["cc"] }) },
    [
      "/proxies/p/targetCredential: no credential `d`; the policy has no such credential",
      "/proxies/p/proxyCredential: no credential `cc`, did you mean `c`?; the policy has `c`",
    ],
  ],
  [
    "what a proxy credential cannot have",
    {
      ...caller({
        authType: "bearer",
        secret: { env: "T" },
        origins: ["https://a.example"],
        keepCallerAuth: true,
        allowUnversioned: true,
        version: 2,
      }),
    },
    [
      "/credentials/c/authType: `authType` of a proxy credential is not enforced by this version, so it is refused; use `authType: none`: the calling code names it",
      "/credentials/c/secret: `secret` of a proxy credential is not enforced by this version, so it is refused; remove it: the calling code names the credential",
      "/credentials/c/origins: only a target credential has `origins`",
      "/credentials/c/keepCallerAuth: only a target credential can keep the caller's own",
      "/credentials/c/allowUnversioned: a proxy credential has no secret to open",
      "/credentials/c/version: a proxy credential has no ciphertext to bind it to",
    ],
  ],
  [
    "a secret that is not used, and a ciphertext that may go anywhere",
    { ...credential({ authType: "none", allowUnversioned: true }) },
    [
      "/credentials/c/secret: `authType: none` has no secret",
      "/credentials/c/allowUnversioned: a ciphertext without binding needs `origins` that say where it may go",
    ],
  ],
  [
    "a target credential without a secret",
    { ...credential({ keepCallerAuth: true, secret: undefined }) },
    [
      '/credentials/c/secret: a target credential needs a `secret`; add `secret: { env: NAME }` or `{ sealed: "sp1:…" }`',
      "/credentials/c/keepCallerAuth: only `authType: none` can keep the caller's own",
    ],
  ],
  [
    "origins that are none",
    {
      ...credential({ origins: ["https://other.example", "ftp://x", "nope"] }),
      ...proxy({ targetCredential: "c" }),
    },
    [
      "/credentials/c/origins/1: only `http:` and `https:` URLs can be called; write it as `https://host[:port]`",
      "/credentials/c/origins/2: not an absolute URL; write it as `https://host[:port]`",
    ],
  ],
  [
    "a credential that may not be sent to the target",
    { ...credential({ origins: ["https://other.example"] }), ...proxy({ targetCredential: "c" }) },
    [
      "/proxies/p/targetCredential: credential `c` may not be sent to `https://api.example`; add the origin to its `origins`, and seal it again",
    ],
  ],
  ...["nope", "a:b:c", "sp2:k1", "Bearer hunter2"].map((sealed): (typeof CASES)[number] => [
    `an envelope that is none: ${sealed}`,
    credential({ secret: { sealed } }),
    [
      "/credentials/c/secret/sealed: this is no envelope; an envelope begins with `sp1:`: make one with `sealSecret()`, and copy all of it",
    ],
  ]),
  ...["sp1:", "sp1:k1", `sp1:k1:${IV}`, `sp1:k1:${IV}:${IV}`, `sp1:k1:${IV}:${IV}:abc`].map(
    (sealed): (typeof CASES)[number] => [
      `an envelope that was cut short: ${sealed}`,
      credential({ secret: { sealed } }),
      [
        "/credentials/c/secret/sealed: this envelope is not whole; was it cut short? it is `sp1:`, a key id and three parts in base64, with colons between",
      ],
    ],
  ),
  [
    "an envelope of another version",
    credential({ secret: { sealed: `sp2:k1:${IV}:${IV}:` } }),
    [
      "/credentials/c/secret/sealed: the envelope has a version that is not supported; only `sp1:` envelopes are known to this version",
    ],
  ],
  [
    "a secret in two places",
    { ...credential({ secret: { sealed: "nope", env: "x" } }) },
    ["/credentials/c/secret: a secret has exactly one of `sealed`, `env`, `inline`"],
  ],
  [
    "an inline secret in a parsed document",
    { ...credential({ secret: { inline: { token: "a" } } }) },
    [
      "/credentials/c/secret/inline: an inline secret is allowed through `definePolicy` only; use `sealed` or `env`",
    ],
  ],
  [
    "methods that are no tokens",
    { ...rule({ methods: ["G ET", ""] }) },
    [
      "/proxies/p/rules/0/methods/0: a method is a token such as `GET`",
      "/proxies/p/rules/0/methods/1: a method is a token such as `GET`",
    ],
  ],
  [
    "an empty list of methods",
    { ...rule({ methods: [] }) },
    ["/proxies/p/rules/0/methods: an empty list matches nothing: leave `methods` out to match all"],
  ],
  ["a priority below 0", { ...rule({ priority: -1 }) }, ["/proxies/p/rules/0/priority: expected at least 0"]],
  [
    "operations that contradict themselves",
    {
      ...filter({
        operations: [
          { effect: "destroy", jsonPath: "x", select: "$.x" },
          { effect: "destroy" },
          { effect: "retain", jsonPath: "x", matchValue: "x" },
          { effect: "destroy", jsonPath: "x", mask: {} },
          { effect: "mask", jsonPath: "x", mask: { keepLast: -1 } },
          { effect: "destroy", select: "x" },
        ],
      }),
    },
    [
      "/proxies/p/filters/0/operations/0/select: an operation has `jsonPath` or `select`, not both",
      "/proxies/p/filters/0/operations/1/jsonPath: `jsonPath` is missing, and `select` too: an operation has one of them",
      "/proxies/p/filters/0/operations/2/matchValue: `retain` keeps what its path names, whatever the value: it has no `matchValue`",
      "/proxies/p/filters/0/operations/3/mask: only `effect: mask` has a `mask`",
      "/proxies/p/filters/0/operations/4/mask/keepLast: expected at least 0",
    ],
  ],
  [
    "variables that cannot be",
    {
      ...filter({
        variables: [
          { name: "1v", source: "query", key: "k" },
          { name: "v", source: "queri", key: "k" },
          { name: "v", source: "query", key: "" },
          { name: "w", source: "query" },
        ],
      }),
    },
    [
      "/proxies/p/filters/0/variables/0/name: a variable's name is a word such as `userId`",
      "/proxies/p/filters/0/variables/1/source: did you mean `query`? expected one of `headers`, `responseHeaders`, `responseBody`, `responseStatus`, `query`, `token`, `method`, `path`, `vars`",
    ],
  ],
  [
    "a variable that nobody declares",
    {
      ...filter({
        operations: [
          { effect: "destroy", jsonPath: "{{v}}" },
          { effect: "retain", jsonPath: "{{v}}x" },
        ],
      }),
    },
    [
      "/proxies/p/filters/0/operations/0/jsonPath: `{{v}}`: no filter that applies by then has a variable of this name; declare it under `variables` of this filter, or of one of an outer scope",
      "/proxies/p/filters/0/operations/1/jsonPath: `{{v}}`: no filter that applies by then has a variable of this name; declare it under `variables` of this filter, or of one of an outer scope",
    ],
  ],
  [
    "a variable without a boundary behind it in a retain",
    {
      ...filter({
        variables: [{ name: "v", source: "query", key: "k" }],
        operations: [{ effect: "retain", jsonPath: "{{v}}x" }],
      }),
    },
    [
      "/proxies/p/filters/0/operations/0/jsonPath: in a `retain` a variable must be followed by `$`, `\\.` or `\\[`; without a boundary the value `1` would retain what belongs to `12` too",
    ],
  ],
  [
    "base URLs that cannot be",
    {
      targets: Object.fromEntries(
        [
          "nope",
          "ftp://a.example",
          "https://a.example/?q",
          "https://a.example/#f",
          "https://u:p@a.example",
          "http://a.example",
          "https://a.example/%2f",
          "https://a.example/a//b",
          "https://a.example/%zz",
          "https://a.example/../x",
          "https://a.example/\\x",
          "https://a.example/%25zz",
          "https://a.example/;x/..;y",
        ].map((baseUrl, i) => [`t${i}`, { baseUrl }]),
      ),
    },
    [
      "/targets/t0/baseUrl: not an absolute URL; begin it with `https://`",
      "/targets/t1/baseUrl: only `http:` and `https:` URLs can be called; begin it with `https://`",
      "/targets/t2/baseUrl: a base URL has no query",
      "/targets/t3/baseUrl: a base URL has no fragment",
      "/targets/t4/baseUrl: the URL carries a user name or password",
      "/targets/t5/baseUrl: `http:` is allowed on loopback only, use `https:`; or say `network: { allowInsecure: true }`: what is sent can then be read and changed on the way",
      "/targets/t6/baseUrl: the path has an encoded slash (`%2F`)",
      "/targets/t7/baseUrl: the path has an empty segment (`//`)",
      "/targets/t8/baseUrl: the path has a `%` that starts no escape",
      "/targets/t10/baseUrl: the URL has a backslash",
      "/targets/t12/baseUrl: the path has parameters in a dot segment (`..;`)",
    ],
  ],
];

describe("an author reads of", () => {
  it.each(CASES)("%s", (_what, document, sentences) => {
    expect(sentencesOf(document)).toEqual(sentences);
  });

  it("whether a fault is one of the policy, or of a version that does not enforce it yet", () => {
    const kinds = new Set<string>();
    for (const { kind, message } of CASES.flatMap(([, document]) => issuesOf(document))) {
      kinds.add(kind);
      expect([message, kind]).toEqual([
        message,
        message.includes("not enforced by this version") ? "unsupported" : "invalid",
      ]);
    }
    expect(kinds.size).toBe(2);
  });
});
