import { describe, expect, it } from "vitest";
import type { Scope } from "../policy/decision.js";
import { missingVariable, recordable, variablesOf } from "./captured-variables.js";
import type { CompiledFilter } from "./compiled-filter.js";
import { type FilterDocument, requestExchange } from "./request-exchange.reference.js";
import { visibleVariables } from "./visible-variables.js";

/** A filter of its own name, with variables by name. */
const declaring = (id: string, ...names: string[]): FilterDocument => ({
  ...{ id, on: "request", operations: [] },
  variables: names.map((name) => ({ name, source: "vars", key: name })),
});

function filtersOf(given: Partial<Record<Scope, FilterDocument[]>>) {
  const { filters } = requestExchange(given).applicable;
  const byId = (id: string) => filters.find((one) => one.id === id) as CompiledFilter;
  return { filters, byId };
}

/** What filters see, given the values that each has of its own. */
function seen(given: Partial<Record<Scope, FilterDocument[]>>, own: Record<string, Record<string, string>>) {
  const { filters, byId } = filtersOf(given);
  const values = Object.entries(own).map(([id, of]) => [byId(id), new Map(Object.entries(of))] as const);
  const visible = visibleVariables(filters, new Map(values));
  return Object.fromEntries(filters.map((one) => [one.id, Object.fromEntries(visible.get(one) ?? [])]));
}

describe("the variables that a filter sees", () => {
  it("are its own and those of outer scopes, not of inner ones and not of its neighbours", () => {
    expect(
      seen(
        {
          target: [declaring("t", "a")],
          proxyCredential: [declaring("c", "b")],
          proxy: [declaring("p", "c"), declaring("q", "d")],
        },
        { t: { a: "1" }, c: { b: "2" }, p: { c: "3" }, q: { d: "4" } },
      ),
    ).toEqual({
      t: { a: "1" },
      c: { a: "1", b: "2" },
      p: { a: "1", b: "2", c: "3" },
      q: { a: "1", b: "2", d: "4" },
    });
  });

  it("hide the same name further out, also where they are missing", () => {
    const given = {
      target: [declaring("t", "a")],
      proxyCredential: [declaring("c", "a")],
      proxy: [declaring("p")],
    };
    expect(seen(given, { t: { a: "1" }, c: { a: "2" } })).toEqual({
      t: { a: "1" },
      c: { a: "2" },
      p: { a: "2" },
    });
    expect(seen(given, { t: { a: "1" }, c: {} })).toEqual({ t: { a: "1" }, c: {}, p: {} });
    expect(seen(given, { t: { a: "1" } })).toEqual({ t: { a: "1" }, c: {}, p: {} });
  });

  it("say nothing under a name under which two filters of an outer scope say different things", () => {
    const given = {
      target: [declaring("t", "a", "b", "c"), declaring("u", "a", "b", "c")],
      proxy: [declaring("p")],
    };
    expect(seen(given, { t: { a: "1", b: "2", c: "3" }, u: { a: "1", b: "x" } })).toMatchObject({
      p: { a: "1" },
    });
    expect(seen(given, { t: { a: "1", b: "2", c: "3" }, u: { a: "1", b: "x" } }).p).toEqual({ a: "1" });
  });
});

describe("a missing variable", () => {
  const by = (id: string, effect: "destroy" | "retain" | "mask", fields: object): FilterDocument => ({
    ...{ id, on: "request", variables: ["a", "b"].map((name) => ({ name, source: "vars", key: name })) },
    operations: [{ effect, jsonPath: "x", ...fields }],
  });

  function missing(document: FilterDocument, values: Record<string, string>) {
    const { filters } = filtersOf({ proxy: [document] });
    return missingVariable(filters, new Map(filters.map((one) => [one, new Map(Object.entries(values))])));
  }

  it("is named where an operation names it, in its path or its value, unless it retains", () => {
    const path = { jsonPath: "\\.{{a}}$" };
    const value = { ...path, matchValue: "^{{b}}$" };
    expect(missing(by("f", "destroy", path), {})).toBe("a");
    expect(missing(by("f", "destroy", path), { b: "1" })).toBe("a");
    expect(missing(by("f", "destroy", path), { a: "1" })).toBeUndefined();
    expect(missing(by("f", "mask", value), { a: "1" })).toBe("b");
    expect(missing(by("f", "mask", value), { a: "1", b: "2" })).toBeUndefined();
    expect(missing(by("f", "retain", path), {})).toBeUndefined();
    expect(missing(by("f", "destroy", {}), {})).toBeUndefined();
  });

  it("is missing where nothing is known of its filter", () => {
    const { filters } = filtersOf({ proxy: [by("f", "destroy", { jsonPath: "{{a}}" })] });
    expect(missingVariable(filters, new Map())).toBe("a");
  });

  it("is none of a `select`, which names no variables", () => {
    const { filters } = filtersOf({
      proxy: [{ on: "request", operations: [{ effect: "destroy", select: "$.a" }] }],
    });
    expect(filters.flatMap(({ operations }) => operations.map(variablesOf))).toEqual([[]]);
  });
});

describe("variables for the record", () => {
  it("have their values if the policy says that they may stand there", () => {
    const { filters, byId } = filtersOf({
      proxy: [
        {
          ...declaring("p", "secret"),
          variables: [
            { name: "secret", source: "vars", key: "s" },
            { name: "plain", source: "vars", key: "p", record: "core" },
            { name: "absent", source: "vars", key: "q", record: "core" },
          ],
        },
      ],
    });
    const values = new Map([
      ["secret", "1"],
      ["plain", "2"],
    ]);
    expect(recordable(filters, new Map([[byId("p"), values]]))).toEqual([
      { name: "secret", isRecorded: false, value: undefined },
      { name: "plain", isRecorded: true, value: "2" },
      { name: "absent", isRecorded: true, value: undefined },
    ]);
    expect(recordable(filters, new Map()).map(({ value }) => value)).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});
