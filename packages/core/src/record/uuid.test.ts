import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { uuidV7 } from "./uuid.js";

const random = fc.uint8Array({ minLength: 10, maxLength: 10 });
const now = fc.nat({ max: 2 ** 48 - 1 });

describe("a UUIDv7", () => {
  it("is the example of RFC 9562 appendix A.6", () => {
    // rand_a 0xcc3, rand_b 0x18c4dc0c0c07398f; the version and variant bits are overwritten.
    const bits = Uint8Array.of(0x0c, 0xc3, 0x18, 0xc4, 0xdc, 0x0c, 0x0c, 0x07, 0x39, 0x8f);
    expect(uuidV7(Date.parse("2022-02-22T19:22:22Z"), bits)).toBe("017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
  });

  it("has its version, its variant and its time where the RFC puts them", () => {
    fc.assert(
      fc.property(now, random, (time, bits) => {
        const id = uuidV7(time, bits);
        expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
        expect(Number.parseInt(id.replaceAll("-", "").slice(0, 12), 16)).toBe(time);
      }),
    );
  });

  it("sorts as text in the order of time", () => {
    fc.assert(
      fc.property(now, now, random, random, (a, b, one, other) => {
        fc.pre(a !== b);
        expect(uuidV7(a, one) < uuidV7(b, other)).toBe(a < b);
      }),
    );
  });

  it("keeps 74 random bits and leaves the bytes it was given alone", () => {
    const zeros = new Uint8Array(10);
    const ones = new Uint8Array(10).fill(255);
    expect(uuidV7(0, zeros)).toBe("00000000-0000-7000-8000-000000000000");
    expect(uuidV7(0, ones)).toBe("00000000-0000-7fff-bfff-ffffffffffff");
    expect([...zeros, ...ones]).toEqual([...new Array(10).fill(0), ...new Array(10).fill(255)]);
  });

  it.each([
    [Number.NaN, 0],
    [-1, 0],
    [Number.NEGATIVE_INFINITY, 0],
    [0.75, 0],
    [2 ** 48, 2 ** 48 - 1],
    [Number.POSITIVE_INFINITY, 2 ** 48 - 1],
  ])("has the form of one for a clock that says %d", (time, nearest) => {
    const bits = new Uint8Array(10);
    expect(uuidV7(time, bits)).toBe(uuidV7(nearest, bits));
    expect(uuidV7(time, bits)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7000-8000-0{12}$/);
  });
});
