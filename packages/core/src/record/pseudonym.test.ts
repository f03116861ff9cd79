import { expect, it } from "vitest";
import { pseudonymOf } from "./pseudonym.js";

const key = new Uint8Array(32).fill(1);

it("a pseudonym is `h1:` and 22 characters of base64url, the same for the same identity", () => {
  expect(pseudonymOf(key, "user", "ann@example.com")).toMatch(/^h1:[A-Za-z0-9_-]{22}$/);
  expect(pseudonymOf(key, "user", "ann@example.com")).toBe(pseudonymOf(key, "user", "ann@example.com"));
});

it("a pseudonym differs for another id, another type and another key", () => {
  const all = [
    pseudonymOf(key, "user", "ann"),
    pseudonymOf(key, "user", "bob"),
    pseudonymOf(key, "service", "ann"),
    pseudonymOf(new Uint8Array(32).fill(2), "user", "ann"),
  ];
  expect(new Set(all).size).toBe(4);
});
