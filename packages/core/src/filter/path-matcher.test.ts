import { describe, expect, it } from "vitest";
import { compilePattern } from "../pattern/pattern.js";
import { PathMatcher, type PathNode, pathBudgetFor } from "./path-matcher.js";

const destroy = (pattern: string, flags = "") => ({
  effect: "destroy" as const,
  pattern: compilePattern({ pattern, flags }),
  values: new Map<string, string>(),
});

function member(matcher: PathMatcher, parent: PathNode, key: string): PathNode {
  const node = matcher.member(parent, key, pathBudgetFor(""));
  if (node === undefined) throw new Error("the path is too long");
  return node;
}

function element(matcher: PathMatcher, parent: PathNode, index: number): PathNode {
  const node = matcher.element(parent, index, pathBudgetFor(""));
  if (node === undefined) throw new Error("the path is too long");
  return node;
}

describe("a path", () => {
  it("starts at `$`, with `.name` for members and `[i]` for elements, as they are", () => {
    const matcher = new PathMatcher([destroy("\\[1\\]")]);
    const node = element(matcher, member(matcher, matcher.root, "a b.c"), 3);
    expect(node).toMatchObject({ path: "$.a b.c[3]", shape: "$.a b.c[*]" });
  });

  it("is tried against each operation, and destroys and retains are told apart", () => {
    const matcher = new PathMatcher([destroy("a"), { ...destroy("\\.a$"), effect: "retain" }, destroy("b")]);
    expect(member(matcher, matcher.root, "a")).toMatchObject({ destroys: [0], retains: [1] });
    expect(matcher.hasRetains).toBe(true);
  });
});

describe("the shortcut for patterns that end in a name", () => {
  const keys = ["ssn", "SSN", "x.ssn", "ssn.x", "ssn.", ".ssn", "\u017fsn", "assn", "", ".", "__proto__"];

  it.each([
    ["\\.(ssn|cvv)$", ""],
    ["\\.(ssn|cvv)$", "i"],
    ["\\.ssn$", "i"],
    ["\\.__proto__$", ""],
  ])("gives for %s with flags `%s` what the pattern itself gives", (source, flags) => {
    const matcher = new PathMatcher([destroy(source, flags)]);
    for (const key of keys) {
      const expected = new RegExp(source, flags).test(`$.${key}`);
      expect({ key, hit: member(matcher, matcher.root, key).destroys.length > 0 }).toEqual({
        key,
        hit: expected,
      });
    }
  });

  it("is not taken when one operation looks at the whole path", () => {
    const matcher = new PathMatcher([destroy("\\.ssn$"), destroy("^\\$\\.a\\[1\\]$")]);
    const list = member(matcher, matcher.root, "a");
    expect(element(matcher, list, 0).destroys).toEqual([]);
    expect(element(matcher, list, 1).destroys).toEqual([1]);
  });
});

describe("the memory of a matcher", () => {
  it("gives the same node for the same path, and one for all elements where no index matters", () => {
    const matcher = new PathMatcher([destroy("\\.ssn$")]);
    const list = member(matcher, matcher.root, "list");
    expect(member(matcher, matcher.root, "list")).toBe(list);
    expect(element(matcher, list, 7)).toBe(element(matcher, list, 0));
  });

  it("does not keep long names, which are the upstream's choice", () => {
    const matcher = new PathMatcher([destroy("\\.ssn$")]);
    const long = "k".repeat(600);
    expect(member(matcher, matcher.root, long)).not.toBe(member(matcher, matcher.root, long));
  });

  it("ends at 10,000 nodes, those below elements of one document only not counted", () => {
    const matcher = new PathMatcher([destroy("\\[1\\]")]);
    const list = member(matcher, matcher.root, "list");
    for (let index = 0; index < 20_000; index++) member(matcher, element(matcher, list, index), "name");
    expect(member(matcher, matcher.root, "late")).toBe(member(matcher, matcher.root, "late"));
    for (let index = 0; index < 10_000; index++) member(matcher, matcher.root, `k${index}`);
    expect(member(matcher, matcher.root, "too late")).not.toBe(member(matcher, matcher.root, "too late"));
  });
});
