import { describe, expect, it } from "vitest";
import { stagesOf } from "./bound-stages.js";
import type { CompiledFilter } from "./compiled-filter.js";
import { type FilterDocument, requestExchange } from "./request-exchange.reference.js";

const destroy = (id: string, jsonPath = `\\.${id}$`): FilterDocument => ({
  ...{ id, on: "request" },
  operations: [{ effect: "destroy", jsonPath }],
});
const capture: FilterDocument = { id: "capture", on: "request", operations: [] };
const byUser: FilterDocument = {
  ...destroy("by-user", "\\.{{user}}$"),
  variables: [{ name: "user", source: "vars", key: "user" }],
};
const byValue: FilterDocument = {
  ...{ id: "by-value", on: "request", variables: [{ name: "user", source: "vars", key: "user" }] },
  operations: [{ effect: "mask", jsonPath: "a", matchValue: "^{{user}}$", mask: { with: "x" } }],
};

const filtersOf = (...documents: FilterDocument[]) =>
  requestExchange({ proxy: documents }).applicable.filters;
const idsOf = (filters: readonly CompiledFilter[]) =>
  stagesOf(filters, new Map()).map(({ operations }) => operations.map(({ filterId }) => filterId));

describe("the stages of an exchange", () => {
  it("are the operations of all filters of a scope, outer scopes first, none where there are none", () => {
    const { filters } = requestExchange({
      proxy: [destroy("a"), capture, destroy("b")],
      proxyCredential: [capture],
      target: [destroy("c")],
    }).applicable;
    expect(stagesOf(filters, new Map())).toMatchObject([
      { scope: "target", operations: [{ filterId: "c", entityId: "people", operationId: "operations/0" }] },
      { scope: "proxy", operations: [{ filterId: "a", entityId: "payroll" }, { filterId: "b" }] },
    ]);
    expect(stagesOf([], new Map())).toEqual([]);
  });

  it("have the values that each filter sees, and no others", () => {
    const filters = filtersOf(byUser, byValue);
    const [first, second] = filters as [CompiledFilter, CompiledFilter];
    const values = new Map([["user", "ada"]]);
    const [stage] = stagesOf(filters, new Map([[first, values]]));
    expect(stage?.operations.map((one) => [...one.values])).toEqual([[["user", "ada"]], []]);
    expect(stage?.operations[1]).toMatchObject({ mask: { with: "x" }, matchValue: { source: "^{{user}}$" } });
    expect(stagesOf([second], new Map([[second, values]]))[0]?.operations[0]?.values).toBe(values);
  });

  it("are the same ones again for the same filters, so that what they learnt serves again", () => {
    const filters = filtersOf(destroy("a"), destroy("b"), destroy("c"));
    const [a, b, c] = filters as [CompiledFilter, CompiledFilter, CompiledFilter];
    const stageOf = (...some: CompiledFilter[]) => stagesOf(some, new Map())[0];
    expect(stageOf(a, b)).toBe(stageOf(a, b));
    expect(stageOf(a, c)).toBe(stageOf(a, c));
    expect(stageOf(a, b)).not.toBe(stageOf(a, c));
    expect(stageOf(a)).not.toBe(stageOf(a, b));
    expect(idsOf([a, b])).toEqual([["a", "b"]]);
    expect(idsOf([a, c])).toEqual([["a", "c"]]);
  });

  it("are not those of filters whose ids only look alike together", () => {
    const filters = filtersOf(destroy("f"), destroy("a"), destroy("bc"), destroy("ab"), destroy("c"));
    const [f, a, bc, ab, c] = filters as [
      CompiledFilter,
      CompiledFilter,
      CompiledFilter,
      CompiledFilter,
      CompiledFilter,
    ];
    expect(idsOf([f, a, bc])).toEqual([["f", "a", "bc"]]);
    expect(idsOf([f, ab, c])).toEqual([["f", "ab", "c"]]);
  });

  it("are new ones each time where a pattern names a variable, in a path or a value", () => {
    for (const document of [byUser, byValue]) {
      const filters = filtersOf(destroy("a"), document);
      const values = (user: string) => new Map([[filters[1] as CompiledFilter, new Map([["user", user]])]]);
      const [ada] = stagesOf(filters, values("ada"));
      const [bob] = stagesOf(filters, values("bob"));
      expect(ada?.operations[1]?.values.get("user")).toBe("ada");
      expect(bob?.operations[1]?.values.get("user")).toBe("bob");
    }
  });

  it("are remembered for a bounded number of filters that apply together", () => {
    const [first, ...others] = filtersOf(...Array.from({ length: 70 }, (_, at) => destroy(`f${at}`)));
    if (first === undefined) throw new Error("there is no filter");
    const pairs = others.map((other) => [first, other]);
    const stages = pairs.map((pair) => stagesOf(pair, new Map())[0]);
    const isRemembered = pairs.map((pair, at) => stagesOf(pair, new Map())[0] === stages[at]);
    expect(isRemembered).toEqual(pairs.map((_, at) => at < 64));
    expect(idsOf([first, others[68] as CompiledFilter])).toEqual([["f0", "f69"]]);
  });
});
