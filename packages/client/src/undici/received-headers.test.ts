import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { receivedHeaders } from "./received-headers.js";

const raw = (...texts: string[]) => texts.map((text) => Buffer.from(text, "latin1"));

describe("received headers", () => {
  it("have their names in lower case, and one character a byte", () => {
    expect([...receivedHeaders(raw("Content-Type", "text/html", "X-A", "\u00e9"))]).toEqual([
      ["content-type", "text/html"],
      ["x-a", "\u00e9"],
    ]);
  });

  it("keep repeats apart", () => {
    expect([...receivedHeaders(raw("Set-Cookie", "a=1", "Set-Cookie", "b=2"))]).toEqual([
      ["set-cookie", "a=1"],
      ["set-cookie", "b=2"],
    ]);
  });

  it("are cut and refused as the platform does it", () => {
    expect([...receivedHeaders(raw("a", " 1\t"))]).toEqual([["a", "1"]]);
    expect(() => receivedHeaders(raw("a b", "1"))).toThrow(TypeError);
    expect(() => receivedHeaders(raw("a", "1\r\nb: 2"))).toThrow(TypeError);
  });

  it("are the same wherever their bytes lie", () => {
    const header = fc.tuple(
      fc.stringMatching(/^[A-Za-z-]{1,12}$/),
      fc.stringMatching(/^[!-~\xa1-\xff]{0,20}$/),
    );
    const headers = fc.array(header, { maxLength: 6 });
    const places = fc.array(fc.record({ gap: fc.nat(5000), isApart: fc.boolean() }), { minLength: 12 });
    fc.assert(
      fc.property(headers, places, fc.boolean(), (given, at, isBackward) => {
        const texts = given.flat();
        let end = isBackward ? 90_000 : 0;
        const together = Buffer.alloc(90_000);
        const lying = texts.map((text, index) => {
          const { gap, isApart } = at[index] ?? { gap: 0, isApart: false };
          if (isApart) return Buffer.from(text, "latin1");
          const start = isBackward ? end - gap - text.length : end + gap;
          end = isBackward ? start : start + text.length;
          together.write(text, start, "latin1");
          return together.subarray(start, start + text.length);
        });
        expect([...receivedHeaders(lying)]).toEqual(
          given.map(([name, value]) => [name.toLowerCase(), value]),
        );
      }),
    );
  });
});
