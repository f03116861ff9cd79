import { expect, it } from "vitest";
import { parseJson } from "./json-slices.reference.js";

it("reads a JSON text as it is meant, whatever names were read before", () => {
  const texts = [
    '{"p":1,"\\\\":2}',
    '{"p":1,"\\n":2}',
    '{"p":1,"\\u017f":[{"a":null},-1e2," ",{}]}',
    "[]",
    ' "x" ',
  ];
  expect(texts.map(parseJson)).toEqual([
    { p: 1, "\\": 2 },
    { p: 1, "\n": 2 },
    { p: 1, ſ: [{ a: null }, -100, " ", {}] },
    [],
    "x",
  ]);
  expect(Object.entries(parseJson('{"__proto__":1,"a":2,"a":3}') as object)).toEqual([
    ["__proto__", 1],
    ["a", 3],
  ]);
  expect(() => parseJson("{a:1}")).toThrow(SyntaxError);
});
