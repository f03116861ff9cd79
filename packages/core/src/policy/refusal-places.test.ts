/** What an author reads of a fault that might be taken for another one, or that is the only one of its document. */
import { describe, expect, it } from "vitest";
import { PolicyError } from "../errors.js";
import { parsePolicy } from "./parse-policy.js";

const target = { targets: { t: { baseUrl: "https://api.example" } } };
const inRules = (fields: object) => ({ ...target, proxies: { p: { target: "t", rules: [fields] } } });
const rule = (fields: object) => inRules({ effect: "allow", ...fields });
const credential = (fields: object) => ({
  credentials: { c: { type: "target", authType: "bearer", secret: { env: "T" }, ...fields } },
});
const names = Array.from({ length: 20 }, (_, index) => `t${index}`);
const twenty = Object.fromEntries(names.map((name) => [name, { baseUrl: "https://api.example" }]));

const RULE = "/proxies/p/rules/0";

/** `pointer: message; help`, of faults that are the policy's own, not of a version that does not enforce it. */
function sentencesOf(document: object): string[] {
  try {
    parsePolicy({ clientId: "acme", region: "eu-1", ...document });
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    expect(error.issues.every(({ kind }) => kind === "invalid")).toBe(true);
    return error.issues.map(
      ({ pointer, message, help }) => `${pointer}: ${message}${help === undefined ? "" : `; ${help}`}`,
    );
  }
  return [];
}

describe("an author reads of", () => {
  it.each<[what: string, document: object, sentence: string]>([
    [
      "a rule that says neither",
      inRules({ path: "^/a" }),
      `${RULE}/effect: \`effect\` is missing; use one of \`allow\`, \`deny\``,
    ],
    [
      "a word that is far from those there are",
      rule({ effect: "zzzzzzzz" }),
      `${RULE}/effect: expected one of \`allow\`, \`deny\``,
    ],
    [
      "a word that is nearly one of them",
      rule({ effect: "allows" }),
      `${RULE}/effect: did you mean \`allow\`? expected one of \`allow\`, \`deny\``,
    ],
    ["a version before the first", credential({ version: 0 }), "/credentials/c/version: expected at least 1"],
    [
      "notes that are too long",
      rule({ notes: "x".repeat(2001) }),
      `${RULE}/notes: expected at most 2000 characters`,
    ],
    [
      "a misspelt field of a rule with a path",
      rule({ path: "^/a", methds: ["GET"] }),
      `${RULE}/methds: unknown field \`methds\`, did you mean \`methods\`?; a rule has \`id\`, \`effect\`, \`mode\`, \`priority\`, \`host\`, \`methods\`, \`path\`, \`headers\`, \`query\`, \`token\`, \`body\`, \`actor\`, \`when\`, \`notes\`, \`pathPattern\`, \`pathPresence\`, \`headerChecks\`, \`queryChecks\`, \`regexFlags\``,
    ],
    [
      "a misspelt field of a path",
      rule({ path: { patern: "^/a" } }),
      `${RULE}/path/patern: unknown field \`patern\`, did you mean \`pattern\`?; a pattern has \`pattern\`, \`flags\`, \`presence\``,
    ],
    ["a path that is nothing", rule({ path: null }), `${RULE}/path: expected a string or an object`],
    [
      "a path whose pattern is a number",
      rule({ path: { pattern: 1 } }),
      `${RULE}/path/pattern: expected a string`,
    ],
    [
      "a host whose pattern is a number",
      rule({ host: { pattern: 1 } }),
      `${RULE}/host/pattern: expected a string`,
    ],
    [
      "an unknown field of a check that is complete",
      rule({ headers: [{ name: "a", colour: 1 }] }),
      `${RULE}/headers/0/colour: unknown field \`colour\`; a check has \`name\`, \`matchValue\`, \`presence\``,
    ],
    [
      "an unknown field in what is only called `secret`",
      { targets: { secret: { baseUrl: "https://a.example", colour: 1 } } },
      "/targets/secret/colour: unknown field `colour`; a target has `name`, `notes`, `active`, `region`, `defaultRuleEffect`, `rules`, `filters`, `baseUrl`, `network`, `tls`, `limits`",
    ],
    [
      "a secret where there is none, whatever is wrong with it",
      credential({ authType: "none", secret: { sealed: "x" } }),
      "/credentials/c/secret: `authType: none` has no secret",
    ],
    [
      "a ciphertext without binding",
      credential({ allowUnversioned: true }),
      "/credentials/c/allowUnversioned: a ciphertext without binding needs `origins` that say where it may go",
    ],
    [
      "a name that is not among as many as are listed",
      { targets: twenty, proxies: { p: { target: "none" } } },
      `/proxies/p/target: no target \`none\`; the policy has ${names.map((name) => `\`${name}\``).join(", ")}`,
    ],
  ])("%s", (_what, document, sentence) => {
    expect(sentencesOf(document)).toEqual([sentence]);
  });

  it("nothing where a ciphertext without binding says where it may go", () => {
    const origins = ["https://api.example"];
    expect(sentencesOf(credential({ allowUnversioned: true, origins }))).toEqual([]);
  });

  it("a value that is not enforced, beside a misspelling of its field", () => {
    try {
      parsePolicy({ clientId: "acme", region: "eu-1", ...credential({ authType: "jwt", authTyp: "none" }) });
      expect("the document").toBe("refused");
    } catch (error) {
      expect(error).toMatchObject({
        code: "ERR_POLICY_INVALID",
        issues: [
          { pointer: "/credentials/c/authType", kind: "unsupported" },
          { pointer: "/credentials/c/authTyp", kind: "invalid" },
        ],
      });
    }
  });

  it("where a pattern stands in a rule far down, as it is spelled there", () => {
    const rules = Array.from({ length: 12 }, () => ({ effect: "deny", path: "^/a" }) as object);
    rules.push({ effect: "deny", pathPattern: "(" });
    const document = { targets: { payroll: { baseUrl: "https://api.example", rules } } };
    expect(sentencesOf(document)).toEqual([
      "/targets/payroll/rules/12/pathPattern: `(` has no counterpart; escape it as `\\(` if it is meant literally",
    ]);
  });
});
