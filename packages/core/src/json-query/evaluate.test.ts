import { describe, expect, it } from "vitest";
import { toUtf8 } from "../bytes.js";
import { findFirst, findNodes } from "./evaluate.js";
import { JsonTree } from "./json-tree.js";
import { parseQuery } from "./parse-query.js";

function read(text: string) {
  const tree = JsonTree.read(toUtf8(text));
  if (tree === undefined) throw new Error("the document is too large");
  return tree;
}

/** The texts of the nodes, each from its first byte on. */
function find(query: string, text: string) {
  const tree = read(text);
  const result = findNodes(parseQuery(query), tree);
  if (!result.ok) return result.reason;
  return result.found.map((node) => text.slice(tree.startOf(node)).match(/^[^,\]}]*/)?.[0]);
}

function isDecided(query: string, text: string): boolean {
  return findNodes(parseQuery(query), read(text)).ok;
}

describe("a query", () => {
  it.each([
    ["$.a", '{"a":1,"b":2}', ["1"]],
    ["$['a\\nb','\"']", '{"a\\u000ab":1,"\\"":2}', ["1", "2"]],
    ["$['\\\\n']", '{"\\n":1,"\\\\n":2}', ["2"]],
    [`$['a":']`, '{"a":"x"}', []],
    ["$['😀']", '{"\\ud83d\\ude00":1}', ["1"]],
    ["$.a", '{"\\u0061":1,"\\u0061b":2}', ["1"]],
    ["$[-1,0]", "[1,2,3]", ["1", "3"]],
    ["$[::-2]", "[1,2,3]", ["1", "3"]],
    ["$[5]", "[1]", []],
    ["$..a", '{"a":{"a":1},"b":[{"a":2}]}', ['{"a":1', "1", "2"]],
    ["$..*..*", "[[1]]", ["1"]],
    ["$.__proto__", '{"__proto__":1}', ["1"]],
    ["$.length", "[1]", []],
  ])("%s in %s finds %j", (query, text, found) => {
    expect(find(query, text)).toEqual(found);
  });

  it.each([
    ["?@.a == 1.0", '[{"a":1},{"a":10e-1},{"a":2}]', 2],
    ["?@.a == @.b", '[{"a":[1,{"x":2}],"b":[1.0,{"x":2}]},{"a":1},{}]', 2],
    ["?@ == $[0]", "[[1],[1],[2]]", 2],
    ["?@ < 'b'", '["a","b",1]', 1],
    ["?@ > '\uffff'", '["😀","\ufffe"]', 1],
    ["?@ <= null", "[null,1]", 1],
    ["?@ != @.none", "[1,2]", 2],
    ["?length(@) == 1", '["😀","ab",[1],{"a":1},7]', 3],
    ["?count(@['a','a']) == 2", '[{"a":1}]', 1],
    ["?value(@['a','a']) == 1", '[{"a":1}]', 0],
    ["?value(@..a) == 1", '[{"b":{"a":1}},{"a":1,"b":{"a":1}}]', 1],
    ["?match(@, 'a.*')", '["ab","xa",1]', 1],
    ["?search(@, 'a')", '["ab","xa",["a"]]', 2],
    ["?match(@.t, @.p)", '[{"t":"ab","p":"a[b]"},{"t":"ab","p":"(?:ab)"},{"t":"ab","p":1}]', 1],
    ["?@[?@.a == $[0][0].a]", '[[{"a":1}],[{"a":1}],[{"a":2}]]', 2],
  ])("with $[%s] finds so many in %s: %i", (selector, text, count) => {
    expect(find(`$[${selector}]`, text)).toHaveLength(count);
  });
});

describe("a document does not decide a query", () => {
  it.each([
    ["when a name that is asked for stands twice", "$.a", '{"a":1,"a":2}'],
    ["however it is spelled", "$.a", '{"a":1,"\\u0061":2}'],
    ["when members are gone through, two of one name among them", "$.*", '{"a":1,"a":1}'],
    ["when one is among those below which something is looked for", "$..x", '{"a":{"b":1,"b":1}}'],
    ["when a number with too many digits is compared", "$[?@ == 1]", "[12345678901234567890]"],
    ["when the digits stand behind a point", "$[?@ < 1]", "[0.12345678901234567890]"],
    ["when the number is beyond all others", "$[?@ > 1]", "[1e400]"],
    ["when it stands inside what is compared", "$[?@ == $[0]]", '[{"a":1e400},{"a":1e401}]'],
    ["when two such numbers are compared", "$[?@.a == @.b]", '[{"a":1e400,"b":1e400}]'],
    [
      "when objects are compared of which one has a name twice",
      "$[?@ == $[0]]",
      '[{"a":1,"a":1},{"a":1,"a":1}]',
    ],
    ["when a pattern in it is too large", "$[?match(@, $[1])]", '["a","((a{999}){999}){999}"]'],
    ["when a pattern in it is too long", "$[?match(@, $[1])]", `["a","${"a".repeat(1001)}"]`],
  ])("%s", (_, query, text) => {
    expect(isDecided(query, text)).toBe(false);
  });

  it.each([
    ["$.a", '{"b":1,"b":2,"a":3}'],
    ["$.x[?@ == 1]", '{"a":1,"a":2,"x":[1]}'],
    ["$[?@ == 'a']", "[12345678901234567890]"],
    ["$[?@.a == 1]", '[{"a":1,"b":1e400}]'],
    ["$[?@ > 1e300]", "[1e301, 1.50, 12345678901234567000]"],
  ])("but %s is decided by %s", (query, text) => {
    expect(isDecided(query, text)).toBe(true);
  });
});

describe("the first node", () => {
  it("is found without a look at what follows", () => {
    const tree = read('{"a":{"id":1},"b":{"x":1,"x":2}}');
    expect(findFirst(parseQuery("$..id"), tree)).toMatchObject({ ok: true });
    expect(findFirst(parseQuery("$..nothing"), tree)).toMatchObject({ ok: false });
  });

  it("is the first in the document, also of names that are numbers", () => {
    const tree = read('{"b":1,"1":2}');
    const first = findFirst(parseQuery("$.*"), tree);
    expect(first.ok && first.found !== undefined && tree.nameOf(first.found)).toBe("b");
  });
});

describe("work", () => {
  const flat = `[${"1,".repeat(200_000)}1]`;
  const deep = `${'{"a":['.repeat(4000)}1${"]}".repeat(4000)}`;
  const wide = `{${Array.from({ length: 50_000 }, (_, index) => `"k${index}":{"a":{"b":1}}`).join(",")}}`;

  it.each([
    ["$..*..*..*", flat],
    ["$..*..*..*..*..*", deep],
    ["$..a..a..a..a", deep],
    [`$${"..*".repeat(8)}`, deep],
    ["$..a..b", wide],
    [`$${"['a',0]".repeat(120)}`, deep],
    [`$${"['a','a']".repeat(90)}`, deep],
    ["$..[?@..b]", wide],
  ])("%s is decided", (query, text) => {
    expect(isDecided(query, text)).toBe(true);
  });

  it.each([
    ["$[?count($..*) > count($..*..*..*)]", deep],
    ["$..[?@..[?@..[?@..b]]]", deep],
    ["$..[?@ == $.a]", deep],
    [`$[?match(@, $[0])]`, `["${"(a|b)*a(a|b){60}".repeat(9)}","${"ab".repeat(400_000)}"]`],
  ])("%s is given up, or decided, in bounded time", (query, text) => {
    const start = performance.now();
    isDecided(query, text);
    // A bound for what would otherwise take minutes or years, on a machine that may be busy.
    expect(performance.now() - start).toBeLessThan(20_000);
  });

  it("is given up where filters inside filters go through everything again and again", () => {
    expect(find("$..[?@..[?@..[?@..b]]]", deep)).toMatch(/too many steps/);
  });
});
