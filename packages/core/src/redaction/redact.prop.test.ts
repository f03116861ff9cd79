import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { JsonValue } from "../record/canonical-json.js";
import { DETECTORS } from "./detectors.js";
import { pointerNames } from "./json-pointer.js";
import { isPaymentCardNumber } from "./payment-card.js";
import { options, texts, values } from "./random-secrets.reference.js";
import { redact } from "./redact.js";
import { redactByReference } from "./redact.reference.js";
import { redactText } from "./redact-text.js";
import { redactionRules } from "./redaction-rules.js";
import { isMet, isPlain, traitsOf } from "./text-traits.js";

const all = redactionRules();

describe("a redacted value", () => {
  it("is, mark for mark, what the naive twin makes of it", () => {
    let redacted = 0;
    fc.assert(
      fc.property(values, options, (value, one) => {
        const actual = redact(value, redactionRules(one));
        const expected = redactByReference(value, one);
        expect(actual).toEqual(expected);
        // In the same order, and `__proto__` as a name.
        expect(JSON.stringify(actual.value)).toBe(JSON.stringify(expected.value));
        if (actual.marks.length > 0) redacted++;
      }),
      { numRuns: 1000 },
    );
    expect(redacted).toBeGreaterThan(300);
  });

  it("stays the very same when it is redacted again, without new marks", () => {
    fc.assert(
      fc.property(values, options, (value, one) => {
        const rules = redactionRules(one);
        const once = redact(value, rules).value;
        const twice = redact(once, rules);
        expect(twice.value).toBe(once);
        expect(twice.marks).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });

  it("is made without changing what came in, even if that is frozen throughout", () => {
    fc.assert(
      fc.property(values, options, (value, one) => {
        const before = JSON.stringify(value);
        redact(frozen(value), redactionRules(one));
        expect(JSON.stringify(value)).toBe(before);
      }),
      { numRuns: 500 },
    );
  });

  it("is the very object that came in when there are no marks, and another when there are", () => {
    fc.assert(
      fc.property(values, options, (value, one) => {
        const { value: redacted, marks } = redact(value, redactionRules(one));
        expect(Object.is(redacted, value)).toBe(marks.length === 0);
      }),
      { numRuns: 500 },
    );
  });

  it("holds nothing that a detector finds, neither in texts and numbers nor in names and pointers", () => {
    fc.assert(
      fc.property(values, (value) => {
        const { value: redacted, marks } = redact(value, all);
        const tokens = marks.flatMap(({ pointer }) => pointerNames(pointer) ?? []);
        const left = [...scalarsOf(redacted), ...tokens].filter(
          (one) =>
            (typeof one === "string" && DETECTORS.some(({ find }) => find(one).length > 0)) ||
            (typeof one === "number" && isPaymentCardNumber(one)),
        );
        expect(left).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });

  it("is marked at the places where it differs, and nowhere else", () => {
    fc.assert(
      fc.property(fc.array(texts, { maxLength: 6 }), (list) => {
        const { value, marks } = redact(list, all);
        const changed = list.flatMap((text, at) => (text === (value as string[])[at] ? [] : [`/${at}`]));
        expect([...new Set(marks.map(({ pointer }) => pointer))]).toEqual(changed);
      }),
      { numRuns: 300 },
    );
  });

  it("has the marks of the value alone, with the place before them, wherever it stands", () => {
    fc.assert(
      fc.property(values, (value) => {
        const alone = redact(value, all);
        const inside = redact([0, { "a/b": value }], all);
        expect(inside.value).toEqual([0, { "a/b": alone.value }]);
        const moved = alone.marks.map((mark) => ({ ...mark, pointer: `/1/a~1b${mark.pointer}` }));
        expect(redact(value, all, "/1/a~1b").marks).toEqual(inside.marks);
        if (moved.every(({ pointer }) => pointer.length <= 256)) expect(inside.marks).toEqual(moved);
      }),
      { numRuns: 300 },
    );
  });
});

describe("a redacted text", () => {
  it("is at most three times as long as the one that came in", () => {
    let longest = 0;
    fc.assert(
      fc.property(texts, (text) => {
        const { length } = redactText(text, DETECTORS)?.text ?? text;
        expect(length).toBeLessThanOrEqual(3 * text.length);
        longest = Math.max(longest, length / text.length || 0);
      }),
      { numRuns: 1000 },
    );
    expect(longest).toBeGreaterThan(1);
  });

  it("has what its detectors need wherever one of them finds something", () => {
    const found = new Map<string, number>();
    fc.assert(
      fc.property(texts, (text) => {
        for (const { name, needs, find } of DETECTORS) {
          if (find(text).length === 0) continue;
          found.set(name, (found.get(name) ?? 0) + 1);
          expect(isMet(needs, traitsOf(text))).toBe(true);
          expect(isPlain(traitsOf(text))).toBe(false);
        }
      }),
      { numRuns: 2000 },
    );
    // The random texts are no use where they hold nothing to be found.
    for (const { name } of DETECTORS) expect([name, (found.get(name) ?? 0) > 4]).toEqual([name, true]);
  });
});

function frozen(value: JsonValue): JsonValue {
  if (typeof value === "object" && value !== null) {
    for (const member of Object.values(value)) frozen(member ?? null);
    Object.freeze(value);
  }
  return value;
}

/** Texts and numbers, and the names of members. */
function scalarsOf(value: JsonValue): JsonValue[] {
  if (typeof value !== "object" || value === null) return [value];
  const names = Array.isArray(value) ? [] : Object.keys(value);
  return [...names, ...Object.values(value).flatMap((member) => scalarsOf(member ?? null))];
}
