import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isClean } from "./clean-text.js";
import { texts } from "./random-secrets.reference.js";
import { redactText } from "./redact-text.js";
import { redactionRules } from "./redaction-rules.js";

const { detectors } = redactionRules();

describe("a clean text", () => {
  it("is one in which the detectors find nothing, the first time and again", () => {
    const one = fc.oneof(texts, fc.constantFrom("$.data[*].ssn", "GET", "application/json"));
    fc.assert(
      fc.property(fc.array(one, { maxLength: 8 }), (several) => {
        for (const text of [...several, ...several.toReversed()])
          expect(isClean(text)).toBe(redactText(text, detectors) === undefined);
      }),
    );
  });
});
