import { describe, expect, it } from "vitest";
import { nearestName } from "./nearest-name.js";

describe("the name that was meant", () => {
  it.each<[word: string, names: string[], nearest: string | undefined]>([
    ["efect", ["mode", "effect"], "effect"],
    ["EFFECT", ["mode", "effect"], "effect"],
    ["effects", ["effect"], "effect"],
    ["effcet", ["effect"], "effect"],
    ["eeffecct", ["effect"], "effect"],
    ["eeffecctt", ["effect"], undefined],
    ["colour", ["color"], "color"],
    ["pth", ["path"], "path"],
    ["pt", ["path"], undefined],
    ["x", ["t"], "t"],
    ["ab", ["ba"], undefined],
    ["abcde", ["abxye"], undefined],
    ["abcdef", ["abxyef"], "abxyef"],
    ["", ["a"], "a"],
    ["mode", [], undefined],
  ])("of %j among %j is %j", (word, names, nearest) => {
    expect(nearestName(word, names)).toBe(nearest);
  });

  it("is the nearest, and of several the first", () => {
    expect(nearestName("headers", ["heads", "header", "readers"])).toBe("header");
    expect(nearestName("readers", ["header", "heads", "readers"])).toBe("readers");
    expect(nearestName("abcx", ["abca", "abcb"])).toBe("abca");
  });
});
