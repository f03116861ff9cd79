import { describe, expect, it } from "vitest";
import { PolicyError } from "../errors.js";
import { QuerySyntaxError } from "../json-query/query-syntax-error.js";
import { type FilterDocument, requestExchange } from "./request-exchange.reference.js";
import { compileSelect } from "./select.js";

function issuesOf(filter: FilterDocument) {
  try {
    requestExchange({ proxy: [filter] });
  } catch (error) {
    if (error instanceof PolicyError) return error.issues;
    throw error;
  }
  return [];
}

const at = "/proxies/payroll/filters/0";
const operation = (fields: Partial<FilterDocument["operations"][number]>): FilterDocument => ({
  operations: [{ effect: "destroy", jsonPath: "\\.a$", ...fields } as FilterDocument["operations"][number]],
});

describe("a filter", () => {
  it("has no two variables of one name", () => {
    const variable = (name: string) => ({ name, source: "vars", key: "k" }) as const;
    const variables = [variable("a"), variable("b"), variable("a")];
    expect(issuesOf({ variables, operations: [] })).toEqual([
      { pointer: `${at}/variables/2/name`, message: "`a` is used twice in this filter", kind: "invalid" },
    ]);
    expect(issuesOf({ variables: variables.slice(0, 2), operations: [] })).toEqual([]);
  });

  it("is told what is wrong with each pattern, at its place and how to write it", () => {
    for (const [fields, place, message] of [
      [{ jsonPath: "(?=a)" }, "jsonPath", "look-around"],
      [{ matchValue: "(" }, "matchValue", "`(`"],
      [{ matchValue: "{{nobody}}" }, "matchValue", "`{{nobody}}`: no filter"],
      [{ jsonPath: undefined, select: "$.a[" }, "select", "the end is no selector"],
      [{ jsonPath: "$.ssn" }, "jsonPath", ""],
    ] as const) {
      const issues = issuesOf(operation(fields as Partial<FilterDocument["operations"][number]>));
      expect(issues).toEqual([
        expect.objectContaining({
          pointer: `${at}/operations/0/${place}`,
          message: expect.stringContaining(message),
          help: expect.stringMatching(/./),
          kind: "invalid",
        }),
      ]);
    }
  });

  it("is told what is wrong with the patterns of its conditions, beside what is wrong with its operations", () => {
    const fields = { path: "(", headers: [{ name: "[" }], ...operation({ matchValue: ")" }) };
    const issues = issuesOf(fields as FilterDocument);
    expect(issues.map(({ pointer, kind }) => [pointer, kind])).toEqual([
      [`${at}/path`, "invalid"],
      [`${at}/headers/0/name`, "invalid"],
      [`${at}/operations/0/matchValue`, "invalid"],
    ]);
  });

  it("is told to write a query as `select`", () => {
    expect(issuesOf(operation({ jsonPath: "$.ssn" }))[0]?.help).toMatch(/^write the query as `select`, or /);
  });
});

describe("a slice", () => {
  it.each([
    "$[-3:-1]",
    "$[0:-1]",
    "$[-5:2]",
    "$[3:1:-1]",
    "$[5:]",
    "$[:1]",
    "$[2:3]",
    "$[1:0:-1]",
    "$[*, 'a', 0]",
  ])("%s may select something", (query) => {
    expect(compileSelect(query).source).toBe(query);
  });

  it("that selects nothing is refused, with what to write", () => {
    for (const [query, help] of [
      ["$", "write `$.*` and `$[*]` for all that is in it"],
      ["$[3:3]", "a slice begins at its first number and ends before its second"],
    ] as const) {
      try {
        compileSelect(query);
        expect(query).toBe("refused");
      } catch (error) {
        expect(error).toBeInstanceOf(QuerySyntaxError);
        expect(error).toMatchObject({ help });
      }
    }
  });

  it("that needs too large a program has to see the whole document", () => {
    expect(compileSelect(`$${"[0:10000:97]".repeat(20)}`)).toMatchObject({ kind: "whole", programSize: 0 });
  });
});
