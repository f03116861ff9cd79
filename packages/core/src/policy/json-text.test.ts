/** What an author reads of a JSON text that is not taken, and where in it a policy's faults are. */
import { describe, expect, it } from "vitest";
import { PolicyError } from "../errors.js";
import { readJsonText } from "./json-text.js";
import { parsePolicyText } from "./parse-policy-text.js";

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

describe("a text that is not JSON", () => {
  it.each([
    ["", "1:1 : not JSON: the text ends too early"],
    ['{"a": [1, {"b"', "1:15 /a/1: not JSON: the text ends too early"],
    ['{"a": "b\\u12', "1:13 /a: not JSON: the text ends too early"],
    ['{"a": 1} {', "1:10 : not JSON: text follows the end of the document"],
    ['{\n\t"a": 1\n\t"b": 2}', "3:2 /a: not JSON: expected `,` or `}`"],
    ['["a" "b"]', "1:6 /0: not JSON: expected `,` or `]`"],
    ['{"a" 1}', "1:6 : not JSON: expected `:` after a name"],
    ["{a: 1}", "1:2 : not JSON: expected a name in double quotes"],
    ["{'a': 1}", "1:2 : not JSON: expected a name in double quotes; JSON has double quotes only"],
    ['{"a": 1,}', "1:9 /a: not JSON: a comma stands before `}`; remove the comma"],
    ["[1, ]", "1:5 /0: not JSON: a comma stands before `]`; remove the comma"],
    ["[1,, 2]", "1:4 /1: not JSON: expected a value"],
    ["{\n// why\n}", "2:1 : not JSON: expected a name in double quotes; JSON has no comments"],
    ["[1 # why\n]", "1:4 /0: not JSON: expected `,` or `]`; JSON has no comments"],
    [
      '{"a": "b\n"}',
      "1:9 /a: not JSON: a line break or another control character within quotes; write it as `\\n`",
    ],
    ['{"a": "^\\d"}', "1:9 /a: not JSON: an unknown escape; write a backslash as `\\\\`"],
    ['{"a": "\\u12x4"}', "1:8 /a: not JSON: an unknown escape; write a backslash as `\\\\`"],
    ["[01]", "1:2 /0: not JSON: expected a value"],
    ["[1.]", "1:2 /0: not JSON: expected a value"],
    ["[NaN]", "1:2 /0: not JSON: expected a value"],
    ["[trueish]", "1:2 /0: not JSON: expected a value"],
    ["[1]\u00a0", "1:4 : not JSON: text follows the end of the document"],
  ])("%j is told with its first fault", (text, fault) => {
    expect(faultsOf(() => readJsonText(text))).toEqual([fault]);
  });
});

describe("a text that is nested deeper than any policy", () => {
  const nested = (levels: number, inner = "1") =>
    `{"x":\n${"[".repeat(levels - 1)}${inner}${"]".repeat(levels - 1)}}`;

  it("is told where it goes too deep", () => {
    expect(faultsOf(() => readJsonText(nested(64)))).toEqual([]);
    expect(faultsOf(() => readJsonText(nested(64, "[]")))).toEqual([]);
    expect(faultsOf(() => readJsonText(nested(65)))).toEqual([
      `2:65 /x${"/0".repeat(63)}: the document is nested deeper than 64`,
    ]);
    expect(faultsOf(() => readJsonText(nested(64, '{"a":1}')))).toEqual([
      `2:65 /x${"/0".repeat(63)}: the document is nested deeper than 64`,
    ]);
  });

  it("takes no call stack, however deep, closed or not", () => {
    for (const text of [nested(100_000), "[".repeat(1_000_000), '{"a":'.repeat(100_000)])
      expect(faultsOf(() => parsePolicyText(text))).toEqual([
        expect.stringMatching(/^\d+:\d+ (?:\/\w+){64}: the document is nested deeper than 64$/),
      ]);
  });
});

describe("a name that stands twice in one object", () => {
  it.each([
    ['{"rules": [1],\n "rules": []}', ["2:2 /rules: `rules` stands there twice, first in line 1, column 2"]],
    [
      '{"rules": [1], "\\u0072ules": []}',
      ["1:16 /rules: `rules` stands there twice, first in line 1, column 2"],
    ],
    ['{"\\/": 1, "/": 2}', ["1:11 /~1: `/` stands there twice, first in line 1, column 2"]],
    ['{"__proto__": 1, "__proto__": 2}', [expect.stringContaining("1:18 /__proto__: `__proto__` stands")]],
    [
      '{"a": {"b": 1, "b": 2}, "a": {"b": 1}, "a": 0}',
      [
        expect.stringContaining("1:16 /a/b: `b`"),
        expect.stringContaining("1:25 /a: `a`"),
        expect.stringContaining("1:40 /a: `a`"),
      ],
    ],
    ['[{"a": 1, "a": 2}]', [expect.stringContaining("1:11 /0/a: `a`")]],
  ])("%s is refused", (text, faults) => {
    expect(faultsOf(() => readJsonText(text))).toEqual(
      faults.map((fault) => (typeof fault === "string" ? `${fault}; keep one of the two` : fault)),
    );
  });

  it.each(['{"a": {"b": 1}, "b": {"b": 1}}', '[{"a": 1}, {"a": 1}]', '{"a": 1, "A": 2, "a ": 3}'])(
    "is in none of those that %s has",
    (text) => {
      expect(readJsonText(text).document).toEqual(JSON.parse(text));
    },
  );

  it("is told a hundred times in one text, and then that there are more", () => {
    const faults = (count: number, end = "}") =>
      faultsOf(() => readJsonText(`{"a":\n{}${',"a":\n{}'.repeat(count)}${end}`));
    expect(faults(100)).toHaveLength(100);
    expect(faults(100).at(-1)).toMatch(/^101:4 \/a: `a` stands there twice/);
    for (const count of [101, 500]) {
      expect(faults(count).slice(0, 100)).toEqual(faults(100));
      expect(faults(count).slice(100)).toEqual([
        "102:4 : more names stand there twice than the 100 that are told",
      ]);
    }
    expect(faults(500, "]")).toEqual([expect.stringMatching(/^502:3 \/a: not JSON/)]);
  });

  it("is not told below a secret, where it may be the secret, unless the schema knows it", () => {
    const secret = (inner: string) =>
      faultsOf(() => readJsonText(`{"credentials": {"key": {"secret": {${inner}}}}}`));
    expect(secret('"s3cret": 1, "s3cret": 2')).toEqual([
      "1:50 /credentials/key/secret: a name in it stands there twice, first in line 1, column 37; keep one of the two",
    ]);
    expect(secret('"env": "A", "env": "B"')).toEqual([
      expect.stringContaining("/credentials/key/secret/env: `env` stands there twice"),
    ]);
    expect(secret('"inline": {"s3cret": 1, "s3cret": 2}')).toEqual([
      expect.stringMatching(/^1:61 \/credentials\/key\/secret\/inline: a name in it stands/),
    ]);
    expect(secret('"s3cret": x')).toEqual(["1:47 /credentials/key/secret: not JSON: expected a value"]);
  });
});

describe("a fault of the policy", () => {
  const policy = (fields: string) =>
    faultsOf(() => parsePolicyText(`{\n  "clientId": "acme",\n  "region": "eu-1",\n${fields}\n}`));

  it("is told with the place of the member or element at fault", () => {
    expect(
      policy(`  "targets": {"t": {"baseUrl": "https://api.example"}},
  "proxies": {"p": {"target": "t", "rules": [
    {"effect": "allow"},
    {"effect": "allow",
     "methds": ["GET"]}
  ]}}`),
    ).toEqual([expect.stringMatching(/^8:6 \/proxies\/p\/rules\/1\/methds: unknown field/)]);
    expect(policy(`  "a~/b": 1`)).toEqual([expect.stringMatching(/^4:3 \/a~0~1b: unknown field/)]);
  });

  it("is told, for what is missing, with the place of that which lacks it", () => {
    expect(policy(`  "targets": {\n"t": {}}`)).toEqual([
      expect.stringMatching(/^5:1 \/targets\/t\/baseUrl: `baseUrl` is missing/),
    ]);
    expect(faultsOf(() => parsePolicyText('\n{"region": "eu-1"}'))).toEqual([
      expect.stringMatching(/^-:- \/clientId: `clientId` is missing/),
    ]);
  });

  it("is found below a name as long as the text's other half in a time that grows with their sum", () => {
    // A pointer for each element, with all these escapes, would take some minutes.
    expect(policy(`"${"~".repeat(200_000)}": [${"1,".repeat(100_000)}1], "y": 1`)).toEqual([
      expect.stringMatching(/^4:1 \/(?:~0)+: unknown field/),
      expect.stringMatching(/^4:400010 \/y: unknown field/),
    ]);
  });

  it("is told with its pointer alone by a reader that knows no places", () => {
    const read = (text: string) => ({ document: JSON.parse(text) });
    const text = '{"clientId": "acme", "region": "eu-1", "x": 1}';
    expect(faultsOf(() => parsePolicyText(text, read))).toEqual([expect.stringMatching(/^-:- \/x: unknown/)]);
  });
});
