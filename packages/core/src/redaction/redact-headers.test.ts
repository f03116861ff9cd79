import { describe, expect, it } from "vitest";
import type { SanitizationMark } from "./mark.js";
import { redactHeaders } from "./redact-headers.js";

const at = "/http/request/headers";
const redactAll = (headers: ReadonlyMap<string, string>, injected?: string[]) => {
  const marks: SanitizationMark[] = [];
  const kept = redactHeaders(headers, at, marks, injected && new Set(injected));
  const names = kept.filter((_, index) => index % 2 === 0);
  return {
    headers: Object.fromEntries(names.map((name, index) => [name, kept[2 * index + 1] ?? ""])),
    marks,
  };
};

const redact = (headers: Record<string, string>, injected?: string[]) =>
  redactAll(new Map(Object.entries(headers)), injected);

describe("the headers of a record", () => {
  it("are those on a short list, in the order of their names", () => {
    expect(redact({ "user-agent": "x/1", accept: "*/*", "content-type": "application/json" })).toEqual({
      headers: { accept: "*/*", "content-type": "application/json", "user-agent": "x/1" },
      marks: [],
    });
    expect(Object.keys(redact({ "user-agent": "x", accept: "y" }).headers)).toEqual(["accept", "user-agent"]);
  });

  it.each(["authorization", "cookie", "proxy-authorization", "set-cookie"])(
    "never hold `%s`, and say so by name",
    (name) => {
      expect(redact({ [name]: "canary" })).toEqual({
        headers: {},
        marks: [{ pointer: `${at}/${name}`, action: "drop", class: "secret" }],
      });
    },
  );

  it("never hold a header that the guard set, whatever it is called", () => {
    const { headers, marks } = redact({ "x-api-key": "canary", "user-agent": "canary", accept: "*/*" }, [
      "x-api-key",
      "user-agent",
    ]);
    expect(headers).toEqual({ accept: "*/*" });
    expect(marks.map(({ pointer }) => pointer)).toEqual([`${at}/user-agent`, `${at}/x-api-key`]);
  });

  it("leave one mark with a count for all that is not on the list, so that not even names tell anything", () => {
    expect(redact({ "x-patient": "1", "x-forwarded-for": "10.0.0.1", accept: "*/*" })).toEqual({
      headers: { accept: "*/*" },
      marks: [{ pointer: at, action: "drop", class: "pii", count: 2 }],
    });
  });

  it("are cut after 256 characters, with a mark", () => {
    const { headers, marks } = redact({ "user-agent": "x".repeat(257), accept: "y".repeat(256) });
    expect(headers["user-agent"]).toHaveLength(256);
    expect(marks).toEqual([{ pointer: `${at}/user-agent`, action: "truncate", class: "size" }]);
  });

  it("have pointers in which a name's `~` and `/` are escaped (RFC 6901)", () => {
    expect(redact({ "x~a/b": "canary" }, ["x~a/b"]).marks[0]?.pointer).toBe(`${at}/x~0a~1b`);
  });

  it("are made without changing what came in, and are the same the second time", () => {
    const input = new Map([
      ["cookie", "a"],
      ["accept", "b"],
    ]);
    const once = redactAll(input);
    expect([...input]).toEqual([
      ["cookie", "a"],
      ["accept", "b"],
    ]);
    expect(redactAll(new Map(Object.entries(once.headers)))).toEqual({
      headers: once.headers,
      marks: [],
    });
  });

  it("take `__proto__` for a name that is not on the list", () => {
    expect(redactAll(new Map([["__proto__", "canary"]]))).toEqual({
      headers: {},
      marks: [{ pointer: at, action: "drop", class: "pii", count: 1 }],
    });
  });
});
