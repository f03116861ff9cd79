import fc from "fast-check";
import { expect, it } from "vitest";
import { ByteBlocks, toUtf8 } from "./bytes.js";

const bytes = fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.constant(new Uint8Array(30_000).fill(7)));
const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.constantFrom("", "\ud83d", "é".repeat(5000), "x".repeat(20_000)),
);
const wanted = fc.oneof(
  bytes.map((given) => ({ given, expected: new Uint8Array(given) })),
  text.map((given) => ({ given, expected: toUtf8(given) })),
);

it("gives out pieces that stay what they are, whatever is given out or written to after them", () => {
  fc.assert(
    fc.property(fc.array(wanted, { maxLength: 60 }), (all) => {
      const blocks = new ByteBlocks();
      const pieces = all.map(({ given, expected }) => {
        const source = typeof given === "string" ? given : new Uint8Array(given);
        const piece = typeof source === "string" ? blocks.utf8Of(source) : blocks.copyOf(source);
        if (typeof source !== "string") source.fill(255);
        return { piece, expected };
      });
      for (const { piece, expected } of pieces) expect(piece).toEqual(expected);
      for (const [index, { piece }] of pieces.entries()) piece.fill(index);
      for (const [index, { piece }] of pieces.entries())
        expect(piece.every((byte) => byte === index % 256)).toBe(true);
    }),
  );
});
