import { describe, expect, it } from "vitest";
import { notJsonIssues } from "./json-document.js";

const nested = (levels: number) => {
  let value: unknown = "leaf";
  for (let level = 0; level < levels; level++) value = { a: value };
  return value;
};

describe("a document that is not JSON", () => {
  it.each<[what: string, value: unknown, message: string, help?: string]>([
    ["a number without value", Number.NaN, "expected a finite number"],
    ["an infinite number", Number.NEGATIVE_INFINITY, "expected a finite number"],
    ["a function", () => 1, "a function cannot stand in a policy"],
    ["a symbol", Symbol("x"), "a symbol cannot stand in a policy"],
    ["a bigint", 1n, "a bigint cannot stand in a policy"],
    ["a map", new Map(), "expected a string, a list or a plain object"],
    [
      "an expression",
      /x/,
      "expected a string, a list or a plain object",
      "write its `source` as the pattern and its `flags` beside it",
    ],
    ["a promise", Promise.resolve(), "expected a string, a list or a plain object", "`await` it first"],
    ["a date", new Date(0), "expected a string", "write `date.toISOString()`"],
    ["a URL", new URL("https://api.example"), "expected a string", "pass `url.href`"],
  ])("has %s in it", (_what, value, message, help) => {
    const fault = { message, kind: "invalid", ...(help === undefined ? {} : { help }) };
    expect(notJsonIssues(value)).toEqual([{ pointer: "", ...fault }]);
    expect(notJsonIssues({ list: [1, { length: value }] })).toEqual([
      { pointer: "/list/1/length", ...fault },
    ]);
  });

  it("names a member `__proto__`", () => {
    expect(notJsonIssues(JSON.parse('{"a":{"__proto__":1}}'))).toEqual([
      { pointer: "/a/__proto__", message: "`__proto__` is not allowed as a name", kind: "invalid" },
    ]);
  });

  it("is too deep", () => {
    const message = "the document is nested deeper than 32, or refers to itself";
    expect(notJsonIssues(nested(32))).toEqual([]);
    expect(notJsonIssues(nested(33))).toMatchObject([{ message }]);
    const self: Record<string, unknown> = {};
    self.a = self;
    expect(notJsonIssues(self)).toMatchObject([{ message }]);
  });

  it("has too many values, which is said once", () => {
    const more = [[1], [2], [3]];
    expect(notJsonIssues(more, 999_993)).toEqual([]);
    const issues = notJsonIssues(more, 999_994);
    expect(issues.map(({ message }) => message)).toEqual(["the document has more than 1000000 values"]);
    expect(notJsonIssues(more, 1_000_000)).toMatchObject([{ pointer: "" }]);
  });
});

describe("a document that is JSON", () => {
  it("has no fault", () => {
    const plain = Object.assign(Object.create(null), { a: [null, true, "x", 1.5, [], {}], length: 3 });
    expect(notJsonIssues(plain)).toEqual([]);
    expect(notJsonIssues({ left: undefined })).toEqual([]);
  });
});
