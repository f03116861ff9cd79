import { describe, expect, it } from "vitest";
import { toUtf8 } from "../bytes.js";
import { MAX_NODES } from "../json-query/json-tree.js";
import { compilePattern } from "../pattern/pattern.js";
import { locateNodes, seesWhole } from "./located-nodes.js";
import type { BoundOperation } from "./operation.js";
import { compileSelect } from "./select.js";

function destroy(query: string): BoundOperation {
  return { effect: "destroy", select: compileSelect(query), values: new Map() };
}

/** What queries find in a text: the text from each node on, a few characters of it, and by which operations. */
function found(text: string, ...queries: string[]) {
  const location = locateNodes(toUtf8(text), queries.map(destroy));
  if (!location.ok) return location.reason;
  return location.nodes.map(({ at, operations }) => [text.slice(at, at + 3), operations]);
}

describe("a stage", () => {
  it("sees documents whole when one of its queries has to", () => {
    expect(seesWhole([destroy("$.a"), destroy("$[-1]")])).toBe(true);
    expect(seesWhole([destroy("$.a"), destroy("$..b")])).toBe(false);
    const byPath = { effect: "destroy", pattern: compilePattern("a"), values: new Map() } as const;
    expect(seesWhole([byPath])).toBe(false);
    expect(seesWhole([])).toBe(false);
  });
});

describe("nodes that queries find", () => {
  it("come in the order of the document, each once, with all that apply to it", () => {
    const text = '{"list":[10,20,30,40]}';
    expect(found(text, "$.list[-1]", "$.list[::-1]")).toEqual([
      ["10,", [1]],
      ["20,", [1]],
      ["30,", [1]],
      ["40]", [0, 1]],
    ]);
  });

  it("are not those of queries that paths decide", () => {
    expect(found("[10,20]", "$[0]", "$[-1]")).toEqual([["20]", [1]]]);
  });

  it("cannot be told where an object has a name twice, however deep", () => {
    const reason = "an object has a name twice, and a `select` cannot tell which one counts";
    expect(found('[{"a":1,"a":2},3]', "$[-1]")).toBe(reason);
    expect(found('[{"b":{"a":1,"\\u0061":2}},3]', "$[-1]")).toBe(reason);
    expect(found('[{"a":1},{"a":2}]', "$[-1]")).toEqual([['{"a', [0]]]);
  });

  it("cannot be told where a number that a query compares has more digits than can be compared", () => {
    expect(found("[9007199254740993]", "$[?@ > 9007199254740992]")).toBe(
      "a `select` cannot be evaluated: a number with more digits than JavaScript holds takes part in a comparison",
    );
  });

  it("cannot be told in a document with more of them than there is room for", () => {
    const text = new Uint8Array(2 * MAX_NODES + 1).fill(0x30);
    for (let comma = 2; comma < text.length; comma += 2) text[comma] = 0x2c;
    text[0] = 0x5b;
    text[text.length - 1] = 0x5d;
    expect(locateNodes(text, [destroy("$[-1]")])).toEqual({
      ok: false,
      reason: "the document has more than 8388608 nodes",
    });
  });
});
