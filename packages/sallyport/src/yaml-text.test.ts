/** What of YAML may hold a policy, and what an author reads of the rest (docs/spec/policy.md, "YAML"). */
import { PolicyError, parsePolicyText } from "@sallyport/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { readYamlText } from "./yaml-text.js";

/** `line:column pointer: message; help` */
function faultsOf(read: () => unknown): string[] {
  try {
    read();
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    return error.issues.map(
      ({ line, column, pointer, message, help }) =>
        `${line ?? "-"}:${column ?? "-"} ${pointer}: ${message}${help === undefined ? "" : `; ${help}`}`,
    );
  }
  return [];
}

const faultsIn = (text: string) => faultsOf(() => readYamlText(text));
const documentIn = (text: string) => readYamlText(text).document;

describe("a value", () => {
  it.each([
    ["yes", "yes"],
    ["on", "on"],
    ["NO", "NO"],
    ["true", true],
    ["~", null],
    ["", null],
    ["012", 12],
    ["0o17", 15],
    ["0x1F", 31],
    ["1_000", "1_000"],
    ["2001-01-01", "2001-01-01"],
    ["12:30", "12:30"],
    ["'1'", "1"],
    ["^/v1/a(/|$)", "^/v1/a(/|$)"],
    ["|\n a\n b", "a\nb\n"],
    ["{b: [1, c: 2], d}", { b: [1, { c: 2 }], d: null }],
    ["\n  - 1\n  -\n  - b: c", [1, null, { b: "c" }]],
  ])("%j means what it does in the core schema of YAML 1.2", (text, value) => {
    expect(documentIn(`a: ${text}`)).toEqual({ a: value });
  });

  it("is what JSON says where the text is JSON, and what was written where a library wrote it", () => {
    const json = fc.jsonValue({ maxDepth: 4 }).filter((value) => !JSON.stringify(value).includes('"<<"'));
    fc.assert(
      fc.property(json, (value) => {
        const plain = JSON.parse(JSON.stringify(value));
        expect(documentIn(JSON.stringify(value, null, 2))).toEqual(plain);
        expect(documentIn(stringify(plain, { aliasDuplicateObjects: false }))).toEqual(plain);
      }),
      { numRuns: 300 },
    );
  });

  it("may stand in a document with a directive for its version, comments and markers", () => {
    expect(documentIn("%YAML 1.2\n---\n# why\na: 1 # because\n...\n")).toEqual({ a: 1 });
  });
});

const BOMB = ["a: &a [x, x, x, x, x, x, x, x, x]", ..."bcdefghi"]
  .map((name, index, all) => {
    const before = index === 1 ? "a" : all[index - 1];
    return index === 0 ? name : `${name}: &${name} [${Array(9).fill(`*${before}`).join(", ")}]`;
  })
  .join("\n");

describe("what is refused", () => {
  it.each([
    ["an anchor", "a: &x 1", "1:7 /a: an anchor cannot stand in a policy; remove it, and the aliases to it"],
    ["an anchor of nothing", "a: &x", "/a: an anchor cannot stand in a policy"],
    ["an anchor of a name", "&x a: 1", "1:4 : an anchor cannot stand in a policy"],
    [
      "an alias",
      "a: 1\nb: *s3cret",
      "2:4 /b: an alias cannot stand in a policy; write out what it stands for",
    ],
    ["a tag", "a: !s3cret 1", "1:12 /a: a tag cannot stand in a policy"],
    ["a tag of the core schema", "a: !!str 1", "1:10 /a: a tag cannot stand in a policy"],
    ["a tag of a list", "a: !!set [1]", "/a: a tag cannot stand in a policy"],
    ["a tag of the document", "!!map\na: 1", "2:1 : a tag cannot stand in a policy"],
    ["the tag that names nothing", "a: ! 1", "1:6 /a: a tag cannot stand in a policy"],
    [
      "a merge key",
      "a:\n  <<: {b: 1}",
      "2:3 /a: a merge key cannot stand in a policy; write out what is merged",
    ],
    [
      "a name twice",
      "a: {b: 1}\n'a': 2",
      "2:1 /a: `a` stands there twice, first in line 1, column 1; keep one",
    ],
    ["a name twice in escapes", 'a: 1\n"\\x61": 2', "2:1 /a: `a` stands there twice, first in line 1"],
    ["a number as a name", "a:\n  404: b", "2:3 /a: a name has to be text; put it in quotes"],
    ["a truth value as a name", "true: b", "1:1 : a name has to be text; put it in quotes"],
    ["a list as a name", "? [a]\n: b", "1:3 : a name has to be text"],
    ["no name", ": b", ": a name has to be text"],
    ["more than one document", "a: 1\n---\na: 2", "2:1 /a: not YAML: more than one document"],
    ["another version", "%YAML 1.1\n---\na: yes", "1:1 : not YAML: expected YAML 1.2"],
    ["a later version", "%YAML 1.3\n---\na: yes", "1:7 : not YAML: a directive that is not `%YAML 1.2`"],
    ["an unknown directive", "%S3CRET x\n---\na: 1", "1:1 : not YAML: a directive that is not `%YAML 1.2`"],
    [
      "an escape that there is not",
      'a: 1\nb: "s3cret\\q"',
      "2:11 /b: not YAML: an unknown escape in double quotes",
    ],
    ["quotes that do not close", 'a:\n  b: "s3cret', "2:13 /a/b: not YAML: a quote, bracket, comma"],
    [
      "a bracket that does not close",
      "a: [1, 2",
      "1:9 /a/1: not YAML: the indentation is wrong, or a bracket",
    ],
    ["less indentation", "a:\n    b: 1\n  c: 2", "3:1 /a/b: not YAML: "],
    ["a tab", "a:\n\tb: 1", "2:1 /a: not YAML: a tab in the indentation"],
    ["two colons", "a: s3cret: x", "1:4 /a: not YAML: a second `:` in one line"],
    [
      "a colon that is missing",
      "a:\n  s3cret\n  b: 1",
      "2:3 /a: not YAML: a name goes over more than one line",
    ],
    [
      "a reserved character",
      "a: @s3cret",
      "1:4 /a: not YAML: a text that begins with this character has quotes",
    ],
    [
      "what has no colon behind it and so may be no name",
      "a: {s3cret, 's3cret:', @x}",
      "1:24 /a: not YAML: ",
    ],
    ["the first of two faults", 'a: "\\q"\nb: "\\q"', "1:5 /a: not YAML: an unknown escape"],
    ["a directive before another fault", "%S3CRET\n---\na: @x", "1:1 : not YAML: a directive"],
    ["depth", `a: ${"[".repeat(70)}${"]".repeat(70)}`, "the document is nested deeper than 64"],
    ["depth that the parser does not bear", `a: ${"[".repeat(50_000)}`, "not YAML: "],
    [
      "length",
      `a: ${" ".repeat(1024 * 1024)}`,
      "1:1 : the YAML is longer than 1 Mi characters; write the policy in",
    ],
    ["aliases by which a short text grows without end", BOMB, "an anchor cannot stand in a policy"],
  ])("%s, with its place and without what stands there", (_, text, fault) => {
    const faults = faultsIn(text);
    expect(faults[0]).toContain(fault);
    expect(faults.join()).not.toMatch(/s3cret/i);
  });

  it("is all told at once where the text is YAML", () => {
    expect(faultsIn("a: &x 1\nb: *x\n1: c\na: !t 2")).toHaveLength(5);
  });

  it("is told of a hundred names that stand twice, and then that there are more", () => {
    const faults = (count: number) => faultsIn(`a: 1\n${"a: 1\n".repeat(count)}b: &x 1`);
    expect(faults(100)).toHaveLength(101);
    for (const count of [101, 500])
      expect(faults(count).slice(99)).toEqual([
        expect.stringMatching(/^101:1 \/a: `a` stands there twice/),
        "102:1 : more names stand there twice than the 100 that are told",
        expect.stringMatching(`^${count + 2}:7 /b: an anchor`),
      ]);
  });

  it("is told below a secret without the names there", () => {
    expect(faultsIn("credentials:\n  key:\n    secret:\n      s3cret: &x 1\n      s3cret: 2")).toEqual([
      expect.stringMatching(/^4:18 \/credentials\/key\/secret: an anchor/),
      expect.stringMatching(/^5:7 \/credentials\/key\/secret: a name in it stands there twice/),
    ]);
    expect(faultsIn("credentials:\n  key:\n    secret:\n      s3cret: @x")).toEqual([
      expect.stringMatching(/^4:15 \/credentials\/key\/secret: not YAML/),
    ]);
  });
});

describe("a fault of the policy", () => {
  const head = "clientId: acme\nregion: eu-1\n";
  const policy = (text: string) => faultsOf(() => parsePolicyText(head + text, readYamlText));

  it("is told with the place of the member or element at fault, or of what lacks one", () => {
    expect(policy("targets:\n  t:\n    baseUrl: https://api.example\n    'bas~/Url': 1")).toEqual([
      expect.stringMatching(/^6:5 \/targets\/t\/bas~0~1Url: unknown field/),
    ]);
    expect(
      policy(
        "targets: {t: {baseUrl: https://api.example}}\nproxies:\n  p:\n    target: t\n    rules:\n      - effect: allow\n      - effct: allow",
      ),
    ).toEqual([expect.stringMatching(/^9:9 \/proxies\/p\/rules\/1\/effct: unknown field/)]);
    expect(policy("targets:\n  t: {}")).toEqual([
      expect.stringMatching(/^4:3 \/targets\/t\/baseUrl: `baseUrl` is missing/),
    ]);
    expect(policy("settings: .inf")).toEqual([expect.stringMatching(/^3:1 \/settings: expected a finite/)]);
  });

  it("is found below a name as long as the text's other half in a time that grows with their sum", () => {
    // Long names have to be marked as such. A pointer for each element, with all these escapes, would take some minutes.
    expect(policy(`? "${"~".repeat(200_000)}"\n: [${"1,".repeat(100_000)}1]\n"y": 1`)).toEqual([
      expect.stringMatching(/^3:3 \/(?:~0)+: unknown field/),
      expect.stringMatching(/^5:1 \/y: unknown field/),
    ]);
  });

  it("is, in an empty document, that it is no object", () => {
    expect(faultsOf(() => parsePolicyText("# nothing\n", readYamlText))).toEqual([
      "-:- : expected an object",
    ]);
  });
});
