import { describe, expect, it } from "vitest";
import { separators } from "./redact.reference.js";
import { usSsn } from "./us-ssn.js";

const numbersIn = (text: string) => usSsn.find(text).map(({ start, end }) => text.slice(start, end));

describe("a US social security number", () => {
  it.each(["123-45-6789", "001-01-0001", "665 99 9999", "667-01-0001", "899-99-9999"])(
    "is found: %s",
    (number) => {
      expect(numbersIn(`(${number})`)).toEqual([number]);
    },
  );

  it.each(separators)("is found with %j in both places", (separator) => {
    expect(numbersIn(`(${["123", "45", "6789"].join(separator)})`)).toHaveLength(1);
    expect(numbersIn(`(123.45${separator}6789)`)).toEqual([]);
  });

  it.each(["000-45-6789", "666-45-6789", "900-45-6789", "999-45-6789", "123-00-6789", "123-45-0000"])(
    "is never of an area, group or serial that is not issued: %s",
    (text) => {
      expect(numbersIn(text)).toEqual([]);
    },
  );

  it.each([
    "123456789",
    "123-45 6789",
    "123-45\u20116789",
    "1123-45-6789",
    "123-45-67890",
    "123.45.6789",
    "a123-45-6789",
  ])("is none without its two separators, alike, and nothing beside it: %s", (text) => {
    expect(numbersIn(text)).toEqual([]);
  });
});
