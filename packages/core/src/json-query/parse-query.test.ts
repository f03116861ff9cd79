import { describe, expect, it } from "vitest";
import { parseQuery } from "./parse-query.js";
import { QuerySyntaxError } from "./query-syntax-error.js";

function faultOf(source: string): string | undefined {
  try {
    parseQuery(source);
    return undefined;
  } catch (error) {
    if (!(error instanceof QuerySyntaxError)) throw error;
    expect(error.help).not.toBe("");
    return error.message;
  }
}

describe("a query", () => {
  it("is a list of segments with their selectors", () => {
    expect(parseQuery("$.items[0, 'a.b', 1:5:2]..*")).toEqual({
      segments: [
        { kind: "child", selectors: [{ kind: "name", name: "items" }] },
        {
          kind: "child",
          selectors: [
            { kind: "index", index: 0 },
            { kind: "name", name: "a.b" },
            { kind: "slice", start: 1, end: 5, step: 2 },
          ],
        },
        { kind: "descendant", selectors: [{ kind: "wildcard" }] },
      ],
    });
  });

  it.each([
    ["$['\\'']", "'"],
    ['$["\\""]', '"'],
    ["$['\"']", '"'],
    ["$['\\u0041\\ud83d\\ude00\\n\\/']", "A😀\n/"],
    ["$[ '😀' ]", "😀"],
    ["$['']", ""],
    ["$.ſnow_7", "ſnow_7"],
    ["$ \n .a", "a"],
  ])("%s names a member", (source, name) => {
    expect(parseQuery(source).segments).toEqual([{ kind: "child", selectors: [{ kind: "name", name }] }]);
  });

  it("binds `&&` closer than `||`, and parentheses closer than both", () => {
    const exists = (name: string) => ({
      kind: "exists",
      query: { from: "current", segments: [{ kind: "child", selectors: [{ kind: "name", name }] }] },
    });
    const test = (source: string) => parseQuery(source).segments[0]?.selectors[0];
    expect(test("$[?@.a || @.b && !@.c]")).toEqual({
      kind: "filter",
      test: {
        kind: "or",
        operands: [
          exists("a"),
          { kind: "and", operands: [exists("b"), { kind: "not", operand: exists("c") }] },
        ],
      },
    });
    expect(test("$[?(@.a || @.b) && @.c]")).toMatchObject({
      test: { kind: "and", operands: [{ kind: "or" }, exists("c")] },
    });
  });

  it.each([
    ["", "at character 1: a query begins with `$`"],
    ["data.id", "at character 1: a query begins with `$`"],
    ["$.", "at character 3: `.` is followed by the end"],
    ["$..", "at character 4: `..` is followed by the end"],
    ["$. a", "at character 3: `.` is followed by ` `"],
    ["$.a.", "at character 5: `.` is followed by the end"],
    ["$.7", "at character 3: `.` is followed by `7`"],
    ["$.user-id", "at character 7: `-` is not part of a name after a dot"],
    ["$.a ", "at character 4: ` ` does not continue the query"],
    ["$[0", "at character 2: `[` is not closed"],
    ["$[]", "at character 3: `]` is no selector"],
    ["$[a]", "at character 3: `a` is no selector"],
    ["$[0,]", "at character 5: `]` is no selector"],
    ["$[1 2]", "at character 5: `2` stands where `,` or `]` is expected"],
    ["$[1:2 3]", "at character 7: `3` stands where `,` or `]` is expected"],
    ["$[01]", "at character 3: a number has a leading zero"],
    ["$[-0]", "at character 3: `-` is no selector"],
    ["$[9007199254740992]", "at character 3: `9007199254740992` is outside ±(2^53 − 1)"],
    ["$['a]", "at character 3: a text in quotes is not closed"],
    ["$['\\x']", "at character 4: a backslash begins no escape"],
    ["$['\\ud83d']", "at character 4: a backslash begins no escape"],
    ["$['\ud83d']", "at character 4: a control character or half a surrogate pair in a text"],
    ["$['\n']", "at character 4: a control character or half a surrogate pair in a text"],
    ["$[?@.a == 1", "at character 2: `[` is not closed"],
    ["$[?]", "at character 4: `]` stands where a value is expected"],
    ["$[?@.a = 1]", "at character 8: `=` stands where `,` or `]` is expected"],
    ["$[?@.a =~ /x/]", "at character 8: `=` stands where `,` or `]` is expected"],
    ["$[?@.a == 1 == 2]", "at character 13: `=` stands where `,` or `]` is expected"],
    ["$[?!@.a == 1]", "at character 4: `!` before a comparison"],
    ["$[?!!@.a]", "at character 5: `!` stands where a value is expected"],
    ["$[?@.a == (1)]", "at character 11: `(` stands where a value is expected"],
    ["$[?(@.a]", "at character 4: `(` is not closed"],
    ["$[?true]", "at character 4: a value alone is no condition"],
    ["$[?length(@)]", "at character 4: a value alone is no condition"],
    ["$[?@.* == 1]", "at character 4: a query that may have several nodes has no value"],
    ["$[?@.a == 01]", "at character 11: the number is malformed"],
    ["$[?@.a == 1.]", "at character 11: the number is malformed"],
    ["$[?@.a == .5]", "at character 11: `.` stands where a value is expected"],
    ["$[?@.a == 12345678901234567890]", "at character 11: `12345678901234567890` cannot be compared exactly"],
    ["$[?@.a == __proto__]", "at character 11: `_` stands where a value is expected"],
    ["$[?@.a == True]", "at character 11: `T` stands where a value is expected"],
    ["$[?keys(@)]", "at character 4: there is no function `keys`"],
    ["$[?count(1) == 1]", "at character 10: `count` takes a query"],
    ["$[?length(@.*) == 1]", "at character 11: a query that may have several nodes has no value"],
    ["$[?length(@.a,) == 1]", "at character 4: `length(` is not closed after its arguments"],
    ["$[?match(@.a)]", "at character 4: `match` takes two arguments"],
    ["$[?match(@.a, 'x') == true]", "at character 4: `match` and `search` have no value"],
    ["$[?match(@.a, '\\\\d')]", "at character 15: `\\d` is no escape: `match` would never match"],
    ["$[?search(@.a, 7)]", "at character 16: the pattern is no text: `search` would never match"],
    ["$.a()", "at character 4: `(` does not continue the query"],
    ["$[(@.length-1)]", "at character 3: `(` is no selector"],
    [`$.${"a".repeat(999)}`, "the query has 1001 characters, at most 1000 are allowed"],
  ])("%s is refused", (source, message) => {
    expect(faultOf(source)).toBe(message);
  });

  it("nests as deep as its length allows", () => {
    const depth = 240;
    expect(faultOf(`$${"[?@".repeat(depth)}${"]".repeat(depth)}`)).toBeUndefined();
    expect(faultOf(`$[?${"(".repeat(450)}@${")".repeat(450)}]`)).toBeUndefined();
  });
});
