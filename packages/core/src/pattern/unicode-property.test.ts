import { describe, expect, it } from "vitest";
import { contains, LAST_POINT } from "./character-set.js";
import { compilePattern } from "./pattern.js";
import { propertySet } from "./unicode-property.js";

/** Of ECMA-262 tables 67 and 68 those that hold characters of all scripts, and the script of what has none. */
const PROPERTIES = (
  "Lu Ll Lt LC Lm Lo L Mn Mc Me M Nd Nl No N Pc Pd Ps Pe Pi Pf Po P Sm Sc Sk So S Zs Zl Zp Z Cc Cf Cs Co Cn C Any " +
  "Alphabetic Assigned Bidi_Control Bidi_Mirrored Case_Ignorable Cased Changes_When_Casefolded Changes_When_Lowercased " +
  "Changes_When_NFKC_Casefolded Changes_When_Titlecased Changes_When_Uppercased Dash Default_Ignorable_Code_Point " +
  "Diacritic Emoji Emoji_Presentation Extended_Pictographic Extender Grapheme_Base Grapheme_Extend Hex_Digit ID_Continue " +
  "ID_Start Ideographic Join_Control Lowercase Math Noncharacter_Code_Point Pattern_Syntax Pattern_White_Space " +
  "Quotation_Mark Radical Regional_Indicator Sentence_Terminal Soft_Dotted Terminal_Punctuation Unified_Ideograph " +
  "Uppercase Variation_Selector White_Space XID_Continue XID_Start Script=Zinh Script=Zyyy Script=Han"
).split(" ");

describe("the set of a Unicode property", () => {
  it.each([
    ...[
      "L",
      "Lu",
      "Cs",
      "Cn",
      "Co",
      "Zl",
      "Any",
      "Script=Greek",
      "Script_Extensions=Latin",
      "gc=Nd",
      "Emoji",
    ],
    "Noncharacter_Code_Point",
  ])("%s holds the code points that the platform's engine finds, and no other", (name) => {
    const native = new RegExp(`^\\p{${name}}$`, "u");
    const set = propertySet(name) ?? [];
    const wrong: number[] = [];
    for (let point = 0; point <= LAST_POINT; point++) {
      if (contains(set, point) !== native.test(String.fromCodePoint(point))) wrong.push(point);
    }
    expect(wrong).toEqual([]);
  });

  it("is all or nothing of the parts of planes that are only sampled, but for their noncharacters", () => {
    const planes = [4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15, 16].map((plane) => plane * 0x10000);
    const texts = [0x34000, 0xe1000, ...planes].map((first) => {
      const units = Uint16Array.from({ length: 2 * ((first | 0xffff) - 1 - first) }, (_, at) => {
        const offset = first - 0x10000 + (at >> 1);
        return at % 2 === 0 ? 0xd800 + (offset >> 10) : 0xdc00 + (offset & 0x3ff);
      });
      return Buffer.from(units.buffer).toString("utf16le");
    });
    const mixed = PROPERTIES.filter((name) => {
      const alike = new RegExp(`^(?:\\p{${name}}+|\\P{${name}}+)$`, "u");
      return !texts.every((text) => alike.test(text));
    });
    expect(mixed).toEqual([]);
  });

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
