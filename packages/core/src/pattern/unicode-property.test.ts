import { describe, expect, it } from "vitest";
import { contains, LAST_POINT } from "./character-set.js";
import { compilePattern } from "./pattern.js";
import { propertySet } from "./unicode-property.js";

describe("the set of a Unicode property", () => {
  it.each(["L", "Lu", "Cs", "Zl", "Any", "Script=Greek", "Script_Extensions=Latin", "gc=Nd", "Emoji"])(
    "%s holds the code points that the platform's engine finds, and no other",
    (name) => {
      const native = new RegExp(`^\\p{${name}}$`, "u");
      const set = propertySet(name) ?? [];
      const wrong: number[] = [];
      for (let point = 0; point <= LAST_POINT; point++) {
        if (contains(set, point) !== native.test(String.fromCodePoint(point))) wrong.push(point);
      }
      expect(wrong).toEqual([]);
    },
  );

  it("is there once", () => {
    expect(propertySet("Lu")).toBe(propertySet("Lu"));
  });

  it.each([
    "",
    "l",
    "Greek",
    "L}",
    "L}|(a+)+$|\\p{L",
    "Script=",
    "=Greek",
    "Script=greek",
    "^L",
    "constructor",
  ])("is not there for %j", (name) => {
    expect(propertySet(name)).toBeUndefined();
  });
});

describe("a pattern of properties", () => {
  it("has few instructions, although the property has hundreds of ranges", () => {
    for (const property of ["L", "Alphabetic", "ID_Continue", "C"]) {
      expect(propertySet(property)?.length).toBeGreaterThan(500);
      expect(compilePattern({ pattern: `\\p{${property}}`, flags: "u" }).programSize).toBeLessThan(150);
    }
  });

  it.each<[pattern: string, flags: string, text: string, matches: boolean]>([
    ["^\\p{L}$", "u", "é", true],
    ["^\\p{L}$", "u", "𝒜", true],
    ["^\\p{L}$", "u", "😀", false],
    ["^\\P{L}$", "u", "😀", true],
    ["^\\p{L}$", "u", "\ud835", false],
    ["^\\p{Cs}$", "u", "\ud835", true],
    ["\\p{Cs}", "u", "𝒜", false],
    ["^[\\p{Lu}\\d]+$", "u", "A1Ω", true],
    ["^[^\\p{Lu}]$", "u", "Ω", false],
    ["^[\\P{Lu}]$", "u", "ω", true],
    ["^\\p{Script=Greek}+$", "u", "αβγ", true],
    ["^\\p{Script=Greek}+$", "u", "аbc", false],
    ["^\\p{Lu}$", "iu", "ω", true],
    ["^\\P{Lu}$", "iu", "Ω", true],
    ["^[^\\p{Lu}]$", "iu", "ω", false],
    ["^\\p{Lu}$", "iu", "𐐨", true],
    ["(?u)^\\p{Nd}$", "", "٣", true],
    ["^[\\p{Zl}-]$", "u", "-", true],
  ])("%s with the flags `%s` on %j: %s", (pattern, flags, text, matches) => {
    expect(compilePattern({ pattern, flags }).matches(text)).toBe(matches);
  });
});
