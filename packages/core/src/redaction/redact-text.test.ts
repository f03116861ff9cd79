import { describe, expect, it } from "vitest";
import type { Detector } from "./detector.js";
import { DETECTORS } from "./detectors.js";
import { redactText } from "./redact-text.js";
import { spansOf } from "./span.js";
import { textNeeds } from "./text-traits.js";

const textOf = (text: string, detectors: readonly Detector[] = DETECTORS) =>
  redactText(text, detectors)?.text;
const fake = (name: string, pattern: RegExp): Detector => ({
  name,
  class: "pii",
  needs: textNeeds(1, 0, "_"),
  find: (text) => spansOf(pattern, text),
});

describe("a text", () => {
  it("keeps what is around that which is replaced", () => {
    expect(textOf("card 4111 1111 1111 1111, mail a@b.cc.")).toBe(
      "card [REDACTED:payment-card], mail [REDACTED:email].",
    );
  });

  it("of which nothing is to be replaced gives nothing", () => {
    expect(textOf("")).toBeUndefined();
    expect(textOf("hello, world")).toBeUndefined();
  });

  it("loses stretches that overlap as one, in the name of the first and longest", () => {
    expect(textOf("4111111111111111@example.com")).toBe("[REDACTED:email]");
    const three = [fake("one", /ab/g), fake("two", /abc/g), fake("three", /cd/g)];
    expect(redactText("_abcd", three)).toMatchObject({ text: "_[REDACTED:two]", found: [{ name: "two" }] });
  });

  it("loses stretches side by side one by one", () => {
    expect(textOf("_abcd", [fake("one", /ab/g), fake("two", /cd/g)])).toBe("_[REDACTED:one][REDACTED:two]");
  });

  it("is looked at again, for what only the replaced part kept from being found", () => {
    expect(redactText("a@b.cc4111111111111111", DETECTORS)).toMatchObject({
      text: "[REDACTED:email][REDACTED:payment-card]",
      found: [{ name: "email" }, { name: "payment-card" }],
    });
  });

  it("is replaced as a whole when there is no end to that", () => {
    const oneByOne = fake("x", /(?<=^_|\])x/g);
    expect(textOf("_xxxxy", [oneByOne])).toBe(`_${"[REDACTED:x]".repeat(4)}y`);
    expect(redactText("_xxxxxy", [oneByOne])).toMatchObject({ text: "[REDACTED:x]", found: { length: 5 } });
  });
});
