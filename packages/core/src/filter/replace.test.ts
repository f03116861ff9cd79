import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { toUtf8 } from "../bytes.js";
import { compilePattern } from "../pattern/pattern.js";
import { createJsonFilter, filterJson, type StageOperation } from "./filter-json.js";
import { hashUnder } from "./hash-value.js";

const key = new Uint8Array(32).fill(7);
const options = { maxJsonDepth: 64, maxScalarBytes: 1024, hash: hashUnder(key) };

function operation(
  fields: Omit<Partial<StageOperation>, "pattern"> & { readonly path: string },
): StageOperation {
  const { path, ...rest } = fields;
  return {
    effect: "mask",
    values: new Map(),
    filterId: "f",
    entityId: "p",
    operationId: `${path}`,
    ...rest,
    pattern: compilePattern(path),
  };
}

function filtered(text: string, ...operations: readonly StageOperation[]) {
  const result = filterJson(toUtf8(text), [{ scope: "proxy", operations }], options);
  if (!result.ok) return result.reason;
  return { text: new TextDecoder().decode(result.bytes), nodes: result.receipts.map(({ nodes }) => nodes) };
}

const h1 = (text: string) => `h1:${createHmac("sha256", key).update(text).digest("base64url").slice(0, 22)}`;

describe("a mask", () => {
  it("stands for scalars and containers alike, and leaves the rest as it is", () => {
    expect(filtered('{ "a" : 1.0 , "b":[1, 2],"c":"x" }', operation({ path: "\\.(a|b)$" }))).toEqual({
      text: '{ "a" : "[REDACTED]" , "b":"[REDACTED]","c":"x" }',
      nodes: [2],
    });
  });

  it("keeps the end of a text that is at least twice as long", () => {
    const mask = { with: "…", keepLast: 4 };
    const masked = (json: string) => filtered(`{"a":${json}}`, operation({ path: "a", mask }));
    expect(masked('"4242424242424242"')).toMatchObject({ text: '{"a":"…4242"}' });
    expect(masked('"1234567"')).toMatchObject({ text: '{"a":"…"}' });
    expect(masked("12345678")).toMatchObject({ text: '{"a":"…5678"}' });
    expect(masked('"\\u0061bcd\\"fg\\n"')).toMatchObject({ text: '{"a":"…\\"fg\\n"}' });
    expect(masked('"ab😀cd😀😀e"')).toMatchObject({ text: '{"a":"…d😀😀e"}' });
    expect(masked('[{"x":"12345678"}]')).toMatchObject({ text: '{"a":"…"}' });
  });

  it("replaces the outermost of nodes one inside the other, once", () => {
    expect(filtered('{"a":{"a":{"a":1}},"b":{"a":2}}', operation({ path: "\\.a$" }))).toEqual({
      text: '{"a":"[REDACTED]","b":{"a":"[REDACTED]"}}',
      nodes: [2],
    });
  });

  it("comes after destroys and retains", () => {
    expect(
      filtered(
        '{"a":{"ssn":1,"id":2},"b":{"id":3},"c":4}',
        operation({ path: "\\.ssn$", effect: "destroy" }),
        operation({ path: "^\\$\\.a$" }),
        operation({ path: "\\.id$", effect: "retain" }),
      ),
    ).toEqual({ text: '{"a":"[REDACTED]","b":{"id":3}}', nodes: [0, 1, 2] });
  });

  it("of several, is the one that shows least", () => {
    const loose = operation({ path: "a", mask: { with: "L", keepLast: 2 } });
    const strict = operation({ path: "a", mask: { with: "S" } });
    const hash = operation({ path: "a", effect: "hash" });
    for (const all of [
      [loose, strict, hash],
      [hash, strict, loose],
    ]) {
      expect(filtered('{"a":"secret"}', ...all)).toEqual({ text: '{"a":"S"}', nodes: [1, 1, 1] });
    }
  });
});

describe("a hash", () => {
  it("is the same for equal texts, however they are written", () => {
    const hash = operation({ path: "\\.(a|b|c)$", effect: "hash" });
    expect(filtered('{"a":"\\u0078y","b":"xy","c":12.50}', hash)).toEqual({
      text: `{"a":"${h1("xy")}","b":"${h1("xy")}","c":"${h1("12.50")}"}`,
      nodes: [3],
    });
  });

  it("of a container is over what is left of it", () => {
    const operations = [
      operation({ path: "\\.a$", effect: "hash" }),
      operation({ path: "\\.ssn$", effect: "destroy" }),
    ];
    expect(filtered('{"a":{"ssn":1,"x": [ 1 ]},"b":0}', ...operations)).toEqual({
      text: `{"a":"${h1('{"x": [ 1 ]}')}","b":0}`,
      nodes: [1, 1],
    });
  });

  it("withholds without a key, and a container that is too large to be seen whole", () => {
    const stage = { scope: "proxy", operations: [operation({ path: "a", effect: "hash" })] } as const;
    const reasonOf = (text: string, given = options) => {
      const result = filterJson(toUtf8(text), [stage], given);
      return result.ok ? undefined : result.reason;
    };
    const { hash: _, ...keyless } = options;
    expect(reasonOf('{"a":1}', keyless as typeof options)).toBe("there is no key for the operation `hash`");
    expect(reasonOf('{"b":1}', keyless as typeof options)).toBeUndefined();
    expect(reasonOf(`{"a":["${"x".repeat(2000)}"]}`)).toMatch(/longer than `maxScalarBytes`/);
    expect(reasonOf(`{"a":"${"x".repeat(2000)}"}`)).toMatch(/longer than `maxScalarBytes`/);
    expect(reasonOf(`{"b":"${"x".repeat(2000)}"}`)).toBeUndefined();
  });

  it("comes out the same from pieces of one byte", () => {
    const operations = [
      operation({ path: "\\.h$", effect: "hash" }),
      operation({ path: "\\.m$", mask: { keepLast: 2 } }),
      operation({ path: "\\.(id|h|m)$", effect: "retain" }),
    ];
    const text = '{"x":{"y":1},"a":{"h":{"é":[1,2]},"m":"abcdef"},"b":[{"id":"ü"},{"no":1}],"h":"😀"}';
    const whole = filtered(text, ...operations);
    const filter = createJsonFilter([{ scope: "proxy", operations }], options);
    const out: number[] = [];
    for (const byte of toUtf8(text)) {
      const piece = filter.write(Uint8Array.of(byte));
      if (piece.ok) out.push(...piece.bytes);
    }
    expect(filter.end().ok).toBe(true);
    expect(whole).toMatchObject({ text: new TextDecoder().decode(Uint8Array.from(out)) });
  });
});

describe("`matchValue`", () => {
  it("looks at the text of scalars, and at no container", () => {
    const destroy = operation({
      path: "",
      effect: "destroy",
      matchValue: compilePattern("^(4\\d{3}|true|x\\ny)$"),
    });
    expect(
      filtered(
        '{"a":"4242","b":4242,"c":true,"d":"x\\ny","e":42420,"f":{"4242":[]},"g":["4242",5]}',
        destroy,
      ),
    ).toEqual({
      text: '{"e":42420,"f":{"4242":[]},"g":[5]}',
      nodes: [5],
    });
  });

  it("has `{{variables}}` as paths have", () => {
    const values = new Map([["id", "7"]]);
    const mask = operation({ path: "\\.owner$", matchValue: compilePattern("^{{id}}$"), values });
    expect(filtered('[{"owner":"7"},{"owner":"77"}]', mask)).toMatchObject({
      text: '[{"owner":"[REDACTED]"},{"owner":"77"}]',
    });
  });
});
