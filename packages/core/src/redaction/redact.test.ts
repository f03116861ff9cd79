import { describe, expect, it } from "vitest";
import type { JsonValue } from "../record/canonical-json.js";
import { redact } from "./redact.js";
import { type RedactionOptions, redactionRules } from "./redaction-rules.js";

const redacted = (value: JsonValue, options?: RedactionOptions) => redact(value, redactionRules(options));

describe("redact", () => {
  it("replaces what it finds in a value, and says where, what kind and how often", () => {
    const value = {
      customer: { name: "Ada", contact: "ada@example.com or al@example.org" },
      cards: [4111111111111111, "5555 5555 5555 4444"],
    };
    expect(redacted(value)).toEqual({
      value: {
        customer: { name: "Ada", contact: "[REDACTED:email] or [REDACTED:email]" },
        cards: ["[REDACTED:payment-card]", "[REDACTED:payment-card]"],
      },
      marks: [
        { pointer: "/customer/contact", action: "redact", class: "pii", count: 2 },
        { pointer: "/cards/0", action: "redact", class: "pan" },
        { pointer: "/cards/1", action: "redact", class: "pan" },
      ],
    });
  });

  it("shares with its input what it does not change", () => {
    const untouched = { a: [1, 2] };
    const { value } = redacted({ untouched, mail: "a@b.cc" });
    expect((value as { untouched: object }).untouched).toBe(untouched);
    expect(redacted(untouched).value).toBe(untouched);
  });

  it("replaces members by name, whatever their case and whatever they hold", () => {
    const value = { Password: "x", nested: [{ password: { a: "b@c.dd" } }, { password: null }] };
    expect(redacted(value, { keys: { PASSWORD: "secret" } })).toEqual({
      value: {
        Password: "[REDACTED:secret]",
        nested: [{ password: "[REDACTED:secret]" }, { password: "[REDACTED:secret]" }],
      },
      marks: [
        { pointer: "/Password", action: "redact", class: "secret" },
        { pointer: "/nested/0/password", action: "redact", class: "secret" },
        { pointer: "/nested/1/password", action: "redact", class: "secret" },
      ],
    });
  });

  it("replaces values by pointer, before it looks at names and into texts", () => {
    const value = { patient: [{ name: "Ada" }, { name: "b@c.dd" }] };
    const options: RedactionOptions = { pointers: { "/patient/1/name": "phi" }, keys: { name: "pii" } };
    expect(redacted(value, options).value).toEqual({
      patient: [{ name: "[REDACTED:pii]" }, { name: "[REDACTED:phi]" }],
    });
    expect(redacted(value, { pointers: { "": "phi" } }).value).toBe("[REDACTED:phi]");
    expect(
      redacted(value, { pointers: { "/patient/2": "phi", "/patient/name": "phi" }, detectors: [] }).marks,
    ).toEqual([]);
  });

  it("takes pointers by the names as they came in", () => {
    expect(redacted({ "a@b.cc": { x: 1 } }, { pointers: { "/a@b.cc/x": "phi" } })).toEqual({
      value: { "[REDACTED:email]": { x: "[REDACTED:phi]" } },
      marks: [
        { pointer: "/[REDACTED:email]", action: "redact", class: "pii" },
        { pointer: "/[REDACTED:email]/x", action: "redact", class: "phi" },
      ],
    });
  });

  it("keeps every member when names become alike, and their order", () => {
    const { value, marks } = redacted({ z: 1, "a@b.cc": 2, b: 3, "d@e.ff": 4, "2": 5 });
    expect(JSON.stringify(value)).toBe('{"2":5,"z":1,"[REDACTED:email]":2,"b":3,"[REDACTED:email]#2":4}');
    expect(marks.map(({ pointer }) => pointer)).toEqual(["/[REDACTED:email]", "/[REDACTED:email]#2"]);
  });

  it("takes `__proto__` for a name like any other", () => {
    const value = JSON.parse(
      '{"__proto__":{"mail":"a@b.cc"},"constructor":"a@b.cc","x@y.zz":{"__proto__":"a@b.cc"}}',
    );
    const { value: result, marks } = redacted(value);
    expect(JSON.stringify(result)).toBe(
      '{"__proto__":{"mail":"[REDACTED:email]"},"constructor":"[REDACTED:email]","[REDACTED:email]":{"__proto__":"[REDACTED:email]"}}',
    );
    expect(Object.getPrototypeOf(result)).toBe(Object.prototype);
    expect(marks).toHaveLength(4);
    expect(({} as { mail?: unknown }).mail).toBeUndefined();
  });

  it("leaves members without a value without one", () => {
    const value = { a: undefined, mail: "a@b.cc" };
    expect(redacted(value, { keys: { a: "pii" } }).value).toEqual({ a: undefined, mail: "[REDACTED:email]" });
  });

  it("puts the place of the value before its marks, the value itself included", () => {
    const rules = redactionRules();
    expect(redact("a@b.cc", rules, "/http/request/body")).toEqual({
      value: "[REDACTED:email]",
      marks: [{ pointer: "/http/request/body", action: "redact", class: "pii" }],
    });
    expect(redact(["a@b.cc"], rules, "/vars").marks[0]?.pointer).toBe("/vars/0");
  });

  it("escapes names in pointers (RFC 6901)", () => {
    expect(redacted({ "a/b~": ["a@b.cc"] }).marks[0]?.pointer).toBe("/a~1b~0/0");
  });
});

describe("a value that is meant to be too much", () => {
  const nested = (depth: number, level: (inner: JsonValue) => JsonValue) => {
    let value: JsonValue = "a@b.cc";
    for (let at = 0; at < depth; at++) value = level(value);
    return value;
  };

  it.each([
    ["lists", (inner: JsonValue) => [inner]],
    ["objects", (inner: JsonValue) => ({ a: inner })],
    ["objects with something to redact on every level", (inner: JsonValue) => ({ mail: "a@b.cc", inner })],
    ["objects in lists, under names to redact", (inner: JsonValue) => [{ "a@b.cc": inner }]],
  ])("may be 50,000 levels deep: %s", (_, level) => {
    const rules = redactionRules();
    const once = redact(nested(50_000, level), rules);
    expect(once.marks.length).toBeGreaterThan(0);
    const twice = redact(once.value, rules);
    expect(twice.value).toBe(once.value);
  });

  it("has marks that do not outgrow it: beneath 256 characters of pointer they are counted at the container", () => {
    const { marks } = redacted(nested(10_000, (inner) => ({ mail: "a@b.cc", inner })));
    const total = marks.reduce((sum, { count = 1 }) => sum + count, 0);
    expect(total).toBe(10_001);
    expect(Math.max(...marks.map(({ pointer }) => pointer.length))).toBeLessThanOrEqual(256);
    expect(marks.length).toBeLessThan(50);
  });

  it("is not marked at a deeper place than that where its pointer was cut", () => {
    const long = "x".repeat(300);
    expect(redacted({ a: { [long]: { b: ["a@b.cc"] }, c: "a@b.cc" } }).marks).toEqual([
      { pointer: "/a", action: "redact", class: "pii" },
      { pointer: "/a/c", action: "redact", class: "pii" },
    ]);
  });
});
