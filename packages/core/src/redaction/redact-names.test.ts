import { describe, expect, it } from "vitest";
import { DETECTORS } from "./detectors.js";
import { redactNames } from "./redact-names.js";

const namesOf = (...names: string[]) => redactNames(names, DETECTORS)?.names;

describe("the names of an object", () => {
  it("are left alone where nothing is found", () => {
    expect(namesOf("a", "__proto__", "")).toBeUndefined();
  });

  it("are told apart by number where they become alike, in their order", () => {
    expect(namesOf("a@b.cc", "x", "d@e.ff", "g@h.ii")).toEqual([
      "[REDACTED:email]",
      "x",
      "[REDACTED:email]#2",
      "[REDACTED:email]#3",
    ]);
  });

  it("take no name that another one had from the beginning, even if that comes later", () => {
    expect(namesOf("a@b.cc", "d@e.ff", "[REDACTED:email]#2", "[REDACTED:email]")).toEqual([
      "[REDACTED:email]#3",
      "[REDACTED:email]#4",
      "[REDACTED:email]#2",
      "[REDACTED:email]",
    ]);
  });

  it("are numbered one by one, however many become alike", () => {
    const names = Array.from({ length: 50_000 }, (_, index) => `n${index}@example.com`);
    const redacted = namesOf(...names) ?? [];
    expect(new Set(redacted).size).toBe(50_000);
    expect(redacted.at(-1)).toBe("[REDACTED:email]#50000");
  });
});
