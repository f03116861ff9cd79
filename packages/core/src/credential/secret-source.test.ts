import { format, inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { type SecretLocation, SecretSource } from "./secret-source.js";

const locations: SecretLocation[] = [
  { kind: "sealed", envelope: "sp1:canary" },
  { kind: "env", name: "CANARY" },
  { kind: "inline", value: { token: "canary" } },
];

describe.each(locations)("a secret source of kind $kind", (location) => {
  const source = new SecretSource(location);

  it("gives its location to the code that asks for it", () => {
    expect(source.locate()).toEqual(location);
  });

  it("prints as a placeholder in `inspect`, JSON and templates", () => {
    expect(inspect(source)).toBe("[secret]");
    expect(inspect({ credentials: [{ source }] }, { depth: null })).toContain("source: [secret]");
    expect(JSON.stringify({ source })).toBe('{"source":"[secret]"}');
    expect(`${source}`).toBe("[secret]");
    expect(String(source)).toBe("[secret]");
    expect(format("%s %o %j", source, source, source)).not.toMatch(/canary/i);
  });

  it("has no property that a copy, a spread or a look past the printers would show", () => {
    const looks = [
      inspect(source, { customInspect: false, showHidden: true, depth: null, getters: true }),
      JSON.stringify({ ...source }),
      JSON.stringify(structuredClone(source)),
      Object.getOwnPropertyNames(source).join(),
    ];
    expect(looks.join()).not.toMatch(/canary/i);
  });
});
