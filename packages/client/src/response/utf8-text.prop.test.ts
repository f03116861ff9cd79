import fc from "fast-check";
import { expect, it } from "vitest";
import { utf8Text } from "./utf8-text.js";

/** Latin-1 and its neighbours, other lengths, and what is no UTF-8: each may stand at any place of any word. */
const rare = fc.constantFrom(
  ...["c280", "c3a9", "c3bf", "c480", "e28099", "f09f9880", "efbbbf", "00", "7f"],
  ...["c3", "c320", "c3c3", "a9", "c0af", "c1bf", "eda080", "ff", ""],
);
const run = fc.nat({ max: 300 }).map((length) => "61".repeat(length));
const bytes = fc
  .tuple(fc.array(fc.tuple(run, rare), { maxLength: 30 }), fc.nat({ max: 7 }), fc.nat({ max: 4000 }))
  .map(([pieces, offset, length]) => {
    const text = pieces.flat().join("") + "61".repeat(length);
    // A part of a larger memory, which begins and ends anywhere, with what would go on in it around it.
    const whole = Buffer.concat([Buffer.alloc(offset, 0xc3), Buffer.from(text, "hex"), Buffer.from([0xa9])]);
    return new Uint8Array(whole.buffer, whole.byteOffset + offset, text.length / 2);
  });

it("is what a decoder of the platform makes of it", () => {
  fc.assert(
    fc.property(bytes, (body) => {
      expect(utf8Text(body)).toBe(new TextDecoder().decode(body));
    }),
    { numRuns: 3000 },
  );
});

it("is so where nearly all of it is beyond ASCII", () => {
  const text = "é".repeat(5000);
  expect(utf8Text(new TextEncoder().encode(text))).toBe(text);
});
