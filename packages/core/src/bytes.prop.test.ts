import fc from "fast-check";
import { expect, it } from "vitest";
import { toBase64Url } from "./bytes.js";

it("base64url is what Node writes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
      expect(toBase64Url(bytes)).toBe(Buffer.from(bytes).toString("base64url"));
    }),
  );
});
