import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { plainOptions } from "./plain-options.js";

const text = fc.constantFrom("a", " b", "c\t", "", "\u00e9", "\u20ac", "x\ny", "application/json", "\ud800");
const name = fc.constantFrom(
  "Accept",
  "accept",
  "X-Trace",
  "content-type",
  "Cookie",
  "bad name",
  "",
  "set-cookie",
);
const headers = fc.oneof(
  fc.constant(undefined),
  fc.dictionary(name, fc.oneof({ weight: 6, arbitrary: text }, { weight: 1, arbitrary: fc.constant(1) })),
  fc.array(fc.tuple(name, text), { maxLength: 3 }),
  fc
    .array(fc.tuple(fc.constantFrom("accept", "x-trace", "set-cookie"), fc.constantFrom("a", "b")))
    .map((pairs) => new Headers(pairs)),
  fc.constantFrom(null, new Map([["a", "b"]])),
);
const body = fc.oneof(
  fc.constantFrom(undefined, null),
  text,
  text.map((one) => new URLSearchParams({ one })),
  fc.uint8Array({ maxLength: 4 }),
  fc.uint8Array({ maxLength: 4 }).map((bytes) => Buffer.from(bytes)),
  fc.uint8Array({ maxLength: 4 }).map((bytes) => bytes.buffer),
  text.map((one) => new Blob([one], { type: "text/csv" })),
);
const init = fc.record(
  {
    method: fc.constantFrom("GET", "post", "PUT", undefined),
    headers,
    body,
    redirect: fc.constantFrom("follow", "manual", "error", "sideways"),
    mode: fc.constantFrom("cors", undefined),
  },
  { requiredKeys: [] },
) as fc.Arbitrary<Record<string, unknown>>;

describe("plain options", () => {
  it("are read as the platform's `Request` reads them, or left to it", async () => {
    let plainOnes = 0;
    await fc.assert(
      fc.asyncProperty(init, async (given) => {
        const plain = plainOptions(given as RequestInit);
        if (plain === undefined) return;
        const isBodiless = ["GET", "HEAD"].includes(plain.method.toUpperCase());
        // The caller of it looks at that.
        if (isBodiless && plain.body !== undefined) return;
        plainOnes++;
        const request = new Request("http://a", given as RequestInit);
        expect(plain.method.toUpperCase()).toBe(request.method);
        expect(plain.redirect).toBe(request.redirect);
        expect([...plain.headers].sort()).toEqual([...request.headers].sort());
        expect(plain.body === undefined).toBe(request.body === null);
        expect(Buffer.from(plain.body ?? [])).toEqual(Buffer.from(await request.arrayBuffer()));
      }),
      { numRuns: 1000 },
    );
    expect(plainOnes).toBeGreaterThan(20);
  });

  it("are those of nearly all calls", () => {
    const given = { method: "POST", body: '{"a":1}', headers: { Accept: "application/json" } };
    const plain = plainOptions(given);
    expect([...(plain?.headers ?? [])]).toEqual([
      ["accept", "application/json"],
      ["content-type", "text/plain;charset=UTF-8"],
    ]);
    expect(Buffer.from(plain?.body ?? []).toString()).toBe('{"a":1}');
  });

  it("hold a copy of bytes, which their caller may write into again", () => {
    const bytes = Uint8Array.of(1, 2);
    const plain = plainOptions({ method: "POST", body: bytes });
    bytes.fill(0);
    expect(plain?.body).toEqual(Uint8Array.of(1, 2));
  });

  it("have no header of the guard's own", () => {
    const plain = plainOptions({ headers: { "sallyport-proxy": "a", "X-RR-Proxy-ID": "b", "x-a": "c" } });
    expect([...(plain?.headers ?? [])]).toEqual([["x-a", "c"]]);
  });
});
