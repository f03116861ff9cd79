import { describe, expect, it } from "vitest";
import { actorFields } from "./actor-fields.js";
import { compileClaimPath, MAX_CLAIM_PARTS } from "./claims.js";

const circular: Record<string, unknown> = { a: 1 };
circular.self = circular;

describe("the fields of an actor", () => {
  it("are its members and every scalar in its claims", () => {
    const claims = { team: ["a", "b"], org: { id: 7, none: null }, groups: [{ name: "x" }, { name: "y" }] };
    const fields = actorFields({ type: "user", id: "ann", tenant: "north", claims });
    expect(fields?.toSorted(([a], [b]) => (a < b ? -1 : 1))).toEqual([
      ["claims.groups.name", "y"],
      ["claims.groups.name", "x"],
      ["claims.org.id", "7"],
      ["claims.org.none", "null"],
      ["claims.team", "b"],
      ["claims.team", "a"],
      ["id", "ann"],
      ["tenant", "north"],
      ["type", "user"],
    ]);
  });

  it("are not looked at where there are too many, or no end", () => {
    const actor = { type: "user", id: "ann" } as const;
    expect(actorFields({ ...actor, claims: circular })).toBeUndefined();
    // The claims and the list in them are two of 10,000.
    expect(actorFields({ ...actor, claims: { list: Array(9999).fill(1) } })).toBeUndefined();
    expect(actorFields({ ...actor, claims: { list: Array(9998).fill(1) } })).toHaveLength(2 + 9998);
  });

  it("leave out what is no JSON", () => {
    const claims = { a: undefined, b: () => 1, c: Symbol("x"), d: 1n };
    expect(actorFields({ type: "user", id: "ann", claims })).toHaveLength(2);
  });
});

describe("the path of a claim", () => {
  it("finds the member of the longest name, at every step", () => {
    const claims = { "a.b": { "c.d": 1, c: { d: 2 } }, a: { b: { c: { d: 3 } } } };
    expect(compileClaimPath("a.b.c.d")(claims)).toBe(1);
    expect(compileClaimPath("a.b.c")(claims)).toEqual({ d: 2 });
    expect(compileClaimPath("a")(claims)).toEqual(claims.a);
  });

  it("may have empty names, and be as long as the schema lets it", () => {
    expect(compileClaimPath("a..b")({ a: { "": { b: 1 } } })).toBe(1);
    const long = Array(MAX_CLAIM_PARTS).fill("a").join(".");
    const nested = Array(MAX_CLAIM_PARTS)
      .fill("a")
      .reduceRight((inner: unknown, name) => ({ [name]: inner }), 1);
    expect(compileClaimPath(long)(nested as Record<string, unknown>)).toBe(1);
  });

  it("finds an own `__proto__`, and nothing that is inherited", () => {
    expect(compileClaimPath("__proto__.a")(JSON.parse('{"__proto__":{"a":1}}'))).toBe(1);
    for (const path of ["__proto__", "toString", "a.length", "list.0"])
      expect(compileClaimPath(path)({ a: "text", list: [1] })).toBeUndefined();
  });

  it("finds nothing below what has no members", () => {
    for (const value of [null, 1, "text", true, [], [{ b: 1 }]])
      expect(compileClaimPath("a.b")({ a: value })).toBeUndefined();
  });
});
