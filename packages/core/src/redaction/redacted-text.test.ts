import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SanitizationMark } from "./mark.js";
import { texts } from "./random-secrets.reference.js";
import { redact } from "./redact.js";
import { redactedText } from "./redacted-text.js";
import { redactionRules } from "./redaction-rules.js";

const rules = redactionRules();

describe("a text of a record", () => {
  it("is redacted as any value is, the first time and again", () => {
    const one = fc.oneof(
      texts,
      fc.constantFrom("$.data[*].ssn", "GET", "application/json", "jane@example.com"),
    );
    fc.assert(
      fc.property(fc.array(one, { maxLength: 8 }), (several) => {
        for (const text of [...several, ...several.toReversed()]) {
          const marks: SanitizationMark[] = [];
          const value = redactedText(text, "/a", marks);
          expect({ value, marks }).toEqual(redact(text, rules, "/a"));
        }
      }),
    );
  });
});
