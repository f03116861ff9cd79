import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { toUtf8 } from "../bytes.js";
import { hashKeyId, hashUnder } from "./hash-value.js";

describe("a hashed value", () => {
  const hash = hashUnder(new Uint8Array(32).fill(1));

  it("is `h1:` and 22 characters of the HMAC, the same for the same bytes and key", () => {
    const digest = createHmac("sha256", Buffer.alloc(32, 1)).update("c-1024").digest("base64url");
    expect(hash(toUtf8("c-1024"))).toBe(`h1:${digest.slice(0, 22)}`);
    expect(hash(toUtf8("c-1025"))).not.toBe(hash(toUtf8("c-1024")));
    expect(hashUnder(new Uint8Array(32).fill(2))(toUtf8("c-1024"))).not.toBe(hash(toUtf8("c-1024")));
  });

  it("has a key for each client", () => {
    expect(hashKeyId("acme")).toBe("hash:acme");
  });
});
