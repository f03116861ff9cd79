import { describe, expect, it } from "vitest";
import { toUtf8 } from "../bytes.js";
import {
  hashBehindKey,
  hashBehindStep,
  keyText,
  MAX_PATH_TEXT,
  PathShape,
  pathStep,
  textBehind,
} from "./path-shapes.js";
import { MAX_RECEIPT_PATHS, Tally } from "./tally.js";

/** A shape by the steps to it: a key as JSON spells it, or `undefined` for the elements of an array. */
function shapeAt(root: PathShape, ...steps: readonly (string | undefined)[]): PathShape {
  return steps.reduce((shape, step) => {
    if (step === undefined) return shape.element();
    const bytes = toUtf8(`"${step}"`);
    return shape.member(bytes, 1, bytes.length - 1);
  }, root);
}

function isRemembered(root: PathShape, ...steps: readonly string[]): boolean {
  const first = shapeAt(root, ...steps);
  return shapeAt(root, ...steps) === first;
}

describe("PathShape", () => {
  it("has the path as text, keys decoded and indices as `[*]`", () => {
    const root = PathShape.root();
    expect(root.text).toBe("$");
    expect(shapeAt(root, "a", undefined, undefined, "b.c", "").text).toBe("$.a[*][*].b.c.");
    expect(shapeAt(root, "p\\u0061ss", "é", "\\ud83d\\ude00", '\\"').text).toBe('$.pass.é.😀."');
    expect(shapeAt(root, "k".repeat(41), "é".repeat(41)).text).toBe(`$.${"k".repeat(41)}.${"é".repeat(41)}`);
    for (let length = 0; length < 45; length++) {
      const key = Array.from({ length }, (_, at) => String.fromCharCode(97 + (at % 26))).join("");
      expect(shapeAt(root, key).text).toBe(`$.${key}`);
    }
  });

  it("is found again by the bytes of its key, up to a number of members and a length", () => {
    const root = PathShape.root();
    expect(shapeAt(root, "a")).toBe(shapeAt(root, "a"));
    expect(shapeAt(root, undefined)).toBe(shapeAt(root, undefined));
    expect(shapeAt(root, "ab")).not.toBe(shapeAt(root, "ac"));
    const many = Array.from({ length: 40 }, (_, at) => `key${at}`);
    for (const key of many) expect(shapeAt(root, "map", key).text).toBe(`$.map.${key}`);
    expect(many.filter((key) => isRemembered(root, "map", key))).toHaveLength(16);
    expect([256, 257].map((length) => isRemembered(root, "k".repeat(length)))).toEqual([true, false]);
  });

  it("keeps a copy of the key, for which the bytes of a document may be used again", () => {
    const root = PathShape.root();
    const bytes = toUtf8("first");
    const first = root.member(bytes, 0, 5);
    bytes.set(toUtf8("other"));
    expect(root.member(bytes, 0, 5).text).toBe("$.other");
    expect(shapeAt(root, "first")).toBe(first);
  });

  it("is remembered a bounded number of times", () => {
    const root = PathShape.root();
    const names = "abcdefghijklm".split("");
    const all = names.flatMap((a) => names.flatMap((b) => names.map((c) => [a, b, c])));
    for (const steps of all) shapeAt(root, ...steps);
    expect(all.filter((steps) => isRemembered(root, ...steps)).length).toBeLessThanOrEqual(2000);
    expect(isRemembered(root, "a", "a", "a")).toBe(true);
    expect(isRemembered(root, "m", "m", "m")).toBe(false);
    expect(shapeAt(root, "m", "m", "m").text).toBe("$.m.m.m");
  });

  it("has a text of bounded length, cut where the whole one would be", () => {
    const root = PathShape.root();
    for (const steps of [
      ["k".repeat(300), "x"],
      ["k".repeat(251), undefined, "x", undefined],
      ["k".repeat(252), undefined, "x"],
      ["k".repeat(253), "é", "x"],
      new Array(20_000).fill(undefined),
      new Array(20_000).fill("a"),
    ]) {
      const text = `$${steps.map((step) => (step === undefined ? "[*]" : `.${step}`)).join("")}`;
      expect(shapeAt(root, ...steps).text).toBe(text.slice(0, MAX_PATH_TEXT));
    }
  });

  it("is the same as another with the same text, however that came about", () => {
    const root = PathShape.root();
    const same = (a: readonly (string | undefined)[], b: readonly (string | undefined)[]) => {
      const [one, other] = [shapeAt(root, ...a), shapeAt(root, ...b)];
      return one.hash === other.hash && one.text === other.text;
    };
    expect(same(["a.b"], ["a", "b"])).toBe(true);
    expect(same(["a", undefined], ["a[*]"])).toBe(true);
    expect(same(["\\u0061"], ["a"])).toBe(true);
    expect(same([`${"k".repeat(300)}x`], ["k".repeat(300), undefined])).toBe(true);
    expect(same(["a"], ["b"])).toBe(false);
    expect(same(["Aa"], ["BB"])).toBe(false);
    expect(same(["a"], ["a", undefined])).toBe(false);
  });
});

describe("a path text that is made longer", () => {
  const keys = ["a", "bc", "Zoë", "line\\n", "x".repeat(60)];

  it("is, with its hash, what the shape of the same path has, also where it is cut", () => {
    for (let around = 240; around <= MAX_PATH_TEXT; around++) {
      const root = shapeAt(PathShape.root(), "k".repeat(around - 2));
      for (const key of keys) {
        const bytes = toUtf8(key);
        const shape = shapeAt(root, key);
        const text = textBehind(root.text, `.${keyText(bytes)}`);
        expect(text).toBe(shape.text);
        expect(hashBehindKey(root.hash, bytes, 0, bytes.length, text)).toBe(shape.hash);
        expect(hashBehindStep(root.hash, pathStep(`.${keyText(bytes)}`), text)).toBe(shape.hash);
      }
    }
  });

  it("has a hash of its own nearly always", () => {
    const root = PathShape.root();
    const hashes = Array.from({ length: 2000 }, (_, index) => {
      const bytes = toUtf8(`id_${index}`);
      return hashBehindKey(root.hash, bytes, 0, bytes.length, `$.id_${index}`);
    });
    expect(new Set(hashes).size).toBe(2000);
  });
});

describe("Tally", () => {
  it("counts nodes, and lists the distinct paths of each operation in the order in which they came", () => {
    const tally = new Tally(3);
    const root = PathShape.root();
    const [both, one] = [[0, 2], [2]];
    tally.count(both, shapeAt(root, "a"));
    tally.count(both, shapeAt(root, "a"));
    tally.count(one, shapeAt(root, "a.b"));
    tally.count(both, shapeAt(root, "a", "b"));
    tally.count(one, shapeAt(root, "a"));
    expect([0, 1, 2].map((at) => tally.nodes(at))).toEqual([3, 0, 5]);
    expect([0, 1, 2].map((at) => tally.paths(at))).toEqual([["$.a", "$.a.b"], [], ["$.a", "$.a.b"]]);
  });

  it("lists a path again in the next document, and not those of the last one", () => {
    const tally = new Tally(1);
    const root = PathShape.root();
    const operations = [0];
    tally.count(operations, shapeAt(root, "a"));
    const before = tally.paths(0);
    tally.reset();
    expect([tally.nodes(0), tally.paths(0)]).toEqual([0, []]);
    tally.count(operations, shapeAt(root, "b"));
    tally.count(operations, shapeAt(root, "a"));
    expect([tally.nodes(0), tally.paths(0), before]).toEqual([2, ["$.b", "$.a"], ["$.a"]]);
  });

  it("is not confused by another document of the same stage that comes meanwhile", () => {
    const root = PathShape.root();
    const [first, second] = [new Tally(1), new Tally(1)];
    const operations = [0];
    for (const tally of [first, second, first, second]) tally.count(operations, shapeAt(root, "a"));
    expect([first.paths(0), second.paths(0)]).toEqual([["$.a"], ["$.a"]]);
  });

  it("wants no more paths when every operation has as many as it may", () => {
    const tally = new Tally(2);
    const root = PathShape.root();
    for (let index = 0; index < MAX_RECEIPT_PATHS; index++) {
      expect(tally.wantsPaths).toBe(true);
      tally.count([0], shapeAt(root, "zero", String(index)));
    }
    tally.count([0], shapeAt(root, "more"));
    expect(tally.wantsPaths).toBe(true);
    for (let index = 0; index < MAX_RECEIPT_PATHS; index++)
      tally.count([0, 1], shapeAt(root, "one", String(index)));
    expect(tally.wantsPaths).toBe(false);
    tally.count([1], undefined);
    expect([tally.nodes(1), tally.paths(1).length]).toEqual([33, 32]);
    expect(tally.paths(0)).toHaveLength(32);
    expect(tally.paths(0)).not.toContain("$.more");
    tally.reset();
    expect(tally.wantsPaths).toBe(true);
  });

  it("wants no path for a stage without operations", () => {
    expect(new Tally(0).wantsPaths).toBe(false);
  });
});
