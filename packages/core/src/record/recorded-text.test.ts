import { describe, expect, it } from "vitest";
import type { SanitizationMark } from "../redaction/mark.js";
import { recordedPath, recordedText, recordedTexts } from "./recorded-text.js";

function recorded<T>(make: (marks: SanitizationMark[]) => T) {
  const marks: SanitizationMark[] = [];
  return { text: make(marks), marks };
}

describe("recordedText", () => {
  it("goes through the detectors, with a mark for each class", () => {
    expect(
      recorded((marks) => recordedText("ada@example.com, 4242 4242 4242 4242", "/vars/x", marks)),
    ).toEqual({
      text: "[REDACTED:email], [REDACTED:payment-card]",
      marks: [
        { pointer: "/vars/x", action: "redact", class: "pii" },
        { pointer: "/vars/x", action: "redact", class: "pan" },
      ],
    });
  });

  it("is text that every store takes", () => {
    expect(recorded((marks) => recordedText("a\0b\ud800", "/x", marks))).toEqual({
      text: "ab\ufffd",
      marks: [],
    });
  });
});

describe("recordedTexts", () => {
  it("are distinct, and have one mark a class", () => {
    const texts = ["$.a@example.com", "$.b@example.com", "$.x"];
    expect(recorded((marks) => recordedTexts(texts, "/filters/0/paths", marks))).toEqual({
      text: ["$.[REDACTED:email]", "$.x"],
      marks: [{ pointer: "/filters/0/paths", action: "redact", class: "pii", count: 2 }],
    });
  });
});

describe("recordedPath", () => {
  it.each([
    ["/users/ada@example.com/x", "/users/[REDACTED:email]/x"],
    ["/users/ada%40example.com/x%20y", "/users/[REDACTED:email]/x%20y"],
    ["/users/123%2D45%2D6789", "/users/[REDACTED:us-ssn]"],
    ["/a%2Fb/%zz/%41", "/a%2Fb/%zz/%41"],
  ])("of %s is %s", (path, text) => {
    const { text: found, marks } = recorded((into) => recordedPath(path, "/http/url/path", into));
    expect(found).toBe(text);
    expect(marks.map(({ pointer, action }) => [pointer, action])).toEqual(
      text.includes("REDACTED") ? [["/http/url/path", "redact"]] : [],
    );
  });
});
