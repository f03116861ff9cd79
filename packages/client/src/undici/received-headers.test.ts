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
});
