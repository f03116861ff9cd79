import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toBase64, toUtf8 } from "../bytes.js";
import { CredentialError, isSallyportError } from "../errors.js";
import type { CredentialBinding } from "./binding.js";
import { openCredential, parseEnvelope, sealCredential } from "./envelope.js";

const CANARY = "canary-5f1d-secret";

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const word = fc.string({ minLength: 1, maxLength: 12 });
const bindings: fc.Arbitrary<CredentialBinding> = fc.record({
  clientId: word,
  region: word,
  id: word,
  type: fc.constantFrom("proxy", "target"),
  authType: fc.constantFrom("apiKey", "bearer", "basicAuth", "none"),
  version: fc.integer({ min: 1, max: 1_000_000 }),
  origins: fc.array(word, { maxLength: 3 }),
});
const sealed = fc.record({
  plaintext: fc.uint8Array({ maxLength: 80 }),
  key: bytes(32),
  iv: bytes(16),
  kid: fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/),
  binding: bindings,
});

/** What opening fails with; fails itself when it opens. */
function failureOf(open: () => unknown): CredentialError {
  try {
    open();
  } catch (error) {
    if (error instanceof CredentialError) return error;
    throw error;
  }
  throw new Error("it opened");
}

const unreadable = { code: "ERR_CREDENTIAL_UNREADABLE", message: "the credential cannot be opened" };

describe("an envelope", () => {
  it("opens to what was sealed, and keeps its arguments as they were", () => {
    fc.assert(
      fc.property(sealed, ({ plaintext, ...options }) => {
        const before = Uint8Array.from(plaintext);
        const opened = openCredential(sealCredential(plaintext, options), options);
        expect(opened).toEqual(before);
        expect(plaintext).toEqual(before);
      }),
    );
  });

  it("is ASCII without white space", () => {
    fc.assert(
      fc.property(sealed, ({ plaintext, ...options }) => {
        expect(sealCredential(plaintext, options)).toMatch(/^sp1:[\w-]+(?::[A-Za-z0-9+/=]*){3}$/);
      }),
    );
  });

  it("does not open when any one bit of it is flipped", () => {
    fc.assert(
      fc.property(sealed, fc.constantFrom("iv", "tag", "data"), fc.nat(), (one, part, at) => {
        const { plaintext, ...options } = one;
        const parsed = parseEnvelope(sealCredential(plaintext, options));
        const flipped = Uint8Array.from(parsed[part]);
        fc.pre(flipped.length > 0);
        const bit = at % (flipped.length * 8);
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        const envelope = { ...parsed, [part]: flipped };
        const text = ["sp1", one.kid, ...[envelope.iv, envelope.tag, envelope.data].map(toBase64)].join(":");
        expect(failureOf(() => openCredential(text, options))).toMatchObject(unreadable);
        expect(failureOf(() => openCredential(envelope, options))).toMatchObject(unreadable);
      }),
      { numRuns: 500 },
    );
  });

  it("does not open when any one character is changed, left out or put in", () => {
    const change = fc.record({
      at: fc.nat(),
      remove: fc.nat(1),
      insert: fc.constantFrom("", "A", "=", ":", " ", "\n", "é", "1"),
    });
    fc.assert(
      fc.property(sealed, change, ({ plaintext, ...options }, { at, remove, insert }) => {
        const text = sealCredential(plaintext, options);
        const from = at % (text.length + 1);
        const changed = text.slice(0, from) + insert + text.slice(from + remove);
        fc.pre(changed !== text);
        const { code } = failureOf(() => openCredential(changed, options));
        expect(code).toMatch(/^ERR_CREDENTIAL_(?:UNREADABLE|VERSION)$/);
      }),
      { numRuns: 1000 },
    );
  });

  it("does not open for a binding that differs in any field", () => {
    fc.assert(
      fc.property(sealed, bindings, ({ plaintext, ...options }, other) => {
        const text = sealCredential(plaintext, options);
        for (const field of Object.keys(other) as (keyof CredentialBinding)[]) {
          const binding = { ...options.binding, [field]: other[field] };
          const sorted = (value: unknown) => JSON.stringify(Array.isArray(value) ? value.toSorted() : value);
          if (sorted(binding[field]) === sorted(options.binding[field])) continue;
          expect(failureOf(() => openCredential(text, { ...options, binding }))).toMatchObject(unreadable);
        }
      }),
    );
  });

  it("is not opened with any other key", () => {
    fc.assert(
      fc.property(sealed, bytes(32), ({ plaintext, ...options }, key) => {
        fc.pre(key.some((byte, index) => byte !== options.key[index]));
        const text = sealCredential(plaintext, options);
        expect(failureOf(() => openCredential(text, { ...options, key }))).toMatchObject(unreadable);
      }),
    );
  });
});

describe("the errors of the cipher", () => {
  const key = Uint8Array.from({ length: 32 }, (_, index) => 200 + (index % 50));
  const binding: CredentialBinding = {
    clientId: "acme",
    region: "eu-west-1",
    id: "github",
    type: "target",
    authType: "bearer",
    version: 1,
    origins: ["https://api.example"],
  };
  const options = { key, kid: "k1", iv: new Uint8Array(16), binding };
  const text = sealCredential(toUtf8(CANARY), options);
  const [, , iv = "", tag = "", data = ""] = text.split(":");

  const failures = {
    "wrong key": () => openCredential(text, { ...options, key: new Uint8Array(32) }),
    "wrong binding": () => openCredential(text, { ...options, binding: { ...binding, id: "gitlab" } }),
    "other key id": () => openCredential(text.replace("k1", "k2"), options),
    truncation: () => openCredential(text.slice(0, -4), options),
    "cut tag": () => openCredential(["sp1", "k1", iv, toBase64(new Uint8Array(4)), data].join(":"), options),
    "not base64": () => openCredential(["sp1", "k1", iv, tag, "%"].join(":"), options),
    "bare triple": () => openCredential([iv, tag, data].join(":"), options),
    nothing: () => openCredential("", options),
  };

  it("are one error, whatever is wrong", () => {
    const seen = Object.values(failures).map((open) => {
      const { name, code, message, help, cause } = failureOf(open);
      return { name, code, message, help, cause };
    });
    expect(new Set(seen.map((one) => JSON.stringify(one))).size).toBe(1);
    expect(seen[0]).toMatchObject({ ...unreadable, cause: undefined });
  });

  it("hold neither the secret nor the key, however closely they are looked at", () => {
    const badSizes = [
      () => sealCredential(toUtf8(CANARY), { ...options, iv: new Uint8Array(12) }),
      () => sealCredential(toUtf8(CANARY), { ...options, kid: "no spaces" }),
      () => sealCredential(toUtf8(CANARY), { ...options, key: key.subarray(1) }),
      () => sealCredential(toUtf8(CANARY.repeat(10_000)), options),
      () => openCredential(text, { ...options, key: key.subarray(1) }),
    ];
    for (const fail of [...Object.values(failures), ...badSizes]) {
      let error: unknown;
      try {
        fail();
      } catch (caught) {
        error = caught;
      }
      expect(isSallyportError(error)).toBe(true);
      const shown = inspect(error, {
        depth: Number.POSITIVE_INFINITY,
        showHidden: true,
        getters: true,
        maxArrayLength: null,
      });
      for (const secret of [
        CANARY,
        toBase64(toUtf8(CANARY)),
        toBase64(key),
        Buffer.from(key).toString("hex"),
        "201, 202, 203",
      ]) {
        expect(shown).not.toContain(secret);
      }
    }
  });

  it("say which option has the wrong size", () => {
    expect(() => sealCredential(toUtf8("x"), { ...options, iv: new Uint8Array(12) })).toThrowError(
      "option `iv`: expected 16 bytes",
    );
    expect(() => sealCredential(toUtf8("x"), { ...options, key: new Uint8Array(16) })).toThrowError(
      "option `key`: expected 32 bytes",
    );
    expect(() => sealCredential(toUtf8("x"), { ...options, kid: "k".repeat(65) })).toThrowError(
      "option `kid`",
    );
    expect(() => sealCredential(new Uint8Array(64 * 1024 + 1), options)).toThrowError("option `plaintext`");
    expect(sealCredential(new Uint8Array(64 * 1024), options)).toMatch(/^sp1:k1:/);
  });
});
