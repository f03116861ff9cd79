import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { memoryKeyring } from "./keyring.js";

const key = (byte: number) => new Uint8Array(32).fill(byte);

describe("memoryKeyring", () => {
  it("gives each key by its id and names the primary", () => {
    const ring = memoryKeyring({ primary: "new", keys: { old: key(1), new: key(2) } });
    expect(ring.primary).toBe("new");
    expect(ring.get("old")).toEqual(key(1));
    expect(ring.get("new")).toEqual(key(2));
  });

  it("has no key for any other id, not even one that every object has", () => {
    const ring = memoryKeyring({ primary: "k", keys: { k: key(1) } });
    for (const id of ["", "K", "constructor", "__proto__", "toString"]) expect(ring.get(id)).toBeUndefined();
  });

  it("keeps a copy, so that the caller may zero its own", () => {
    const mine = key(7);
    const ring = memoryKeyring({ primary: "k", keys: { k: mine } });
    mine.fill(0);
    expect(ring.get("k")).toEqual(key(7));
  });

  it.each([0, 16, 31, 33])("refuses a key of %i bytes", (length) => {
    const make = () => memoryKeyring({ primary: "k", keys: { k: new Uint8Array(length) } });
    expect(make).toThrowError("option `keys.k`: expected 32 bytes");
  });

  it("refuses a passphrase in place of a key", () => {
    const keys = { k: "a passphrase of exactly 32 letters" as unknown as Uint8Array };
    expect(() => memoryKeyring({ primary: "k", keys })).toThrowError("option `keys.k`: expected 32 bytes");
  });

  it("refuses a primary that it does not hold", () => {
    const make = () => memoryKeyring({ primary: "other", keys: { k: key(1) } });
    expect(make).toThrowError("option `primary`: there is no key `other`");
  });

  it("shows no key when it is printed", () => {
    const ring = memoryKeyring({ primary: "k", keys: { k: key(0xab) } });
    const shown = inspect(ring, { depth: null, showHidden: true }) + JSON.stringify(ring);
    expect(shown).not.toMatch(/171|abab/);
  });
});
