import { expect } from "vitest";
import { rejection } from "../gate.js";
import { type FidelityCase, theme } from "./fidelity-case.js";

const badNames = ["", " ", "a b", "a:b", "a\n", "é", "a(b)", "\0"];
const badValues = ["a\nb", "a\r\nx: y", "a\0b", "\u{100}", "日本"];

/** Headers in each form that `fetch` takes. */
const forms: Record<string, () => NonNullable<RequestInit["headers"]>> = {
  "an object": () => ({ "x-one": "1", "x-two": "2" }),
  "a list of pairs": () => [
    ["x-one", "1"],
    ["x-two", "2"],
  ],
  "`Headers`": () => new Headers({ "x-one": "1", "x-two": "2" }),
  "a `Map`": () =>
    new Map([
      ["x-one", "1"],
      ["x-two", "2"],
    ]) as never,
  "an object without a prototype": () => Object.assign(Object.create(null), { "x-one": "1", "x-two": "2" }),
};

/** Sent as given, although a browser would not let a page set them. */
const unforbidden = {
  cookie: "a=1; b=2",
  origin: "https://example.test",
  referer: "https://example.test/page",
  "accept-encoding": "identity",
  "accept-language": "gsw, de;q=0.5",
  "user-agent": "a program",
  authorization: "Bearer abc",
  "proxy-authorization": "Basic abc",
  range: "bytes=0-1",
  "if-none-match": '"etag"',
  "content-type": "application/x-own",
  date: "Tue, 15 Nov 1994 08:12:31 GMT",
  te: "trailers",
  via: "1.1 somewhere",
  "sec-own": "1",
  "x-empty": "",
};

theme("request headers", [
  ...Object.entries(forms).map(
    ([form, make]): FidelityCase => ({
      name: `given as ${form} are sent`,
      async run(fetch, server) {
        await fetch(server.url(), { headers: make() });
        expect(server.last.headers).toMatchObject({ "x-one": "1", "x-two": "2" });
      },
    }),
  ),
  {
    name: "that an object says twice, in two cases, are joined",
    async run(fetch, server) {
      await fetch(server.url(), { headers: { "X-Two": "1", "x-two": "2", Cookie: "a=1", cookie: "b=2" } });
      expect(server.last.headers).toMatchObject({ "x-two": "1, 2", cookie: "a=1; b=2" });
    },
  },
  ...Object.entries(unforbidden)
    .filter(([name]) => name !== "range")
    .map(
      ([name, value]): FidelityCase => ({
        name: `\`${name}\` is sent as given`,
        async run(fetch, server) {
          await fetch(server.url(), { headers: { [name]: value } });
          expect(server.last.headers[name]).toBe(value);
        },
      }),
    ),
  {
    name: "`range` is sent as given",
    async run(fetch, server) {
      await fetch(server.url(), { headers: { range: "bytes=0-1" } });
      expect(server.last.headers.range).toBe("bytes=0-1");
    },
  },
  ...badNames.map(
    (name): FidelityCase => ({
      name: `the name ${JSON.stringify(name)} rejects`,
      async run(fetch, server) {
        expect(await rejection(fetch(server.url(), { headers: [[name, "x"]] }))).toBeInstanceOf(TypeError);
        expect(server.seen).toEqual([]);
      },
    }),
  ),
  ...badValues.map(
    (value): FidelityCase => ({
      name: `the value ${JSON.stringify(value)} rejects`,
      async run(fetch, server) {
        expect(await rejection(fetch(server.url(), { headers: { "x-a": value } }))).toBeInstanceOf(TypeError);
        expect(server.seen).toEqual([]);
      },
    }),
  ),
  ...[[["a"]], [["a", "b", "c"]], "text", 1].map(
    (headers): FidelityCase => ({
      name: `${JSON.stringify(headers)} are no headers, and reject`,
      async run(fetch, server) {
        const init = { headers } as unknown as RequestInit;
        expect(await rejection(fetch(server.url(), init))).toBeInstanceOf(TypeError);
      },
    }),
  ),
  {
    name: "white space around a value is dropped",
    async run(fetch, server) {
      await fetch(server.url(), { headers: { "x-a": " \t a  b \t\r\n" } });
      expect(server.last.headers["x-a"]).toBe("a  b");
    },
  },
  {
    name: "of Latin-1 are sent a byte for each character",
    async run(fetch, server) {
      await fetch(server.url(), { headers: { "x-a": "é\xff" } });
      expect(server.last.headers["x-a"]).toBe("é\xff");
    },
  },
  {
    name: "numbers and other values are sent as their text",
    async run(fetch, server) {
      await fetch(server.url(), { headers: { "x-n": 1, "x-null": null, "x-u": undefined } } as never);
      expect(server.last.headers).toMatchObject({ "x-n": "1", "x-null": "null", "x-u": "undefined" });
    },
  },
  {
    name: "of one name are joined, whatever their case",
    async run(fetch, server) {
      await fetch(server.url(), {
        headers: [
          ["x-a", "1"],
          ["X-A", "2"],
        ],
      });
      expect(server.last.rawHeaders.filter(([name]) => /^x-a$/i.test(name))).toEqual([["x-a", "1, 2"]]);
    },
  },
  {
    name: "are read when the call is made, not later",
    async run(fetch, server) {
      const headers = new Headers({ "x-a": "before" });
      const call = fetch(server.url(), { headers });
      headers.set("x-a", "after");
      await call;
      expect(server.last.headers["x-a"]).toBe("before");
    },
  },
  {
    name: "are left as they were",
    async run(fetch, server) {
      const headers = new Headers({ "x-a": "1", host: "other.test" });
      await fetch(server.url(), { headers, method: "POST", body: "x" });
      expect([...headers]).toEqual([
        ["host", "other.test"],
        ["x-a", "1"],
      ]);
    },
  },
  {
    name: "`host` is that of the URL where none is given",
    async run(fetch, server) {
      await fetch(server.url());
      expect(server.last.headers.host).toBe(new URL(server.origin).host);
    },
  },
  {
    name: "`host` is that of the URL whatever is given",
    async run(fetch, server) {
      await fetch(server.url(), { headers: { host: "other.test" } });
      expect(server.last.headers.host).toBe(new URL(server.origin).host);
    },
  },
  {
    name: "`accept` is anything where none is given",
    async run(fetch, server) {
      await fetch(server.url());
      expect(server.last.headers.accept).toBe("*/*");
    },
  },
  {
    name: "`accept` is the caller's where one is given",
    async run(fetch, server) {
      await fetch(server.url(), { headers: { Accept: "text/x-own" } });
      expect(server.last.headers.accept).toBe("text/x-own");
    },
  },
  ...["accept-language", "user-agent", "accept-encoding", "sec-fetch-mode"].map(
    (name): FidelityCase => ({
      name: `\`${name}\` is the platform's where none is given`,
      async run(fetch, server) {
        await globalThis.fetch(server.url());
        await fetch(server.url());
        const [platform, ours] = server.seen;
        expect(ours?.headers[name]).toBe(platform?.headers[name]);
      },
    }),
  ),
  {
    name: "no header but the platform's is added",
    async run(fetch, server) {
      const init = { method: "POST", body: "x", headers: { "x-a": "1" } };
      await globalThis.fetch(server.url(), init);
      await fetch(server.url(), init);
      const [platform, ours] = server.seen.map(({ headers }) => Object.keys(headers).sort());
      expect(ours).toEqual(platform);
    },
  },
  {
    name: "a `content-length` larger than the body rejects",
    async run(fetch, server) {
      const init = { method: "POST", body: "x", headers: { "content-length": "10" } };
      expect(await rejection(fetch(server.url(), init))).toBeInstanceOf(TypeError);
    },
  },
  {
    name: "a `content-length` that is right is sent once",
    async run(fetch, server) {
      await fetch(server.url(), { method: "POST", body: "abc", headers: { "content-length": "3" } });
      expect(server.last.rawHeaders.filter(([name]) => name.toLowerCase() === "content-length")).toEqual([
        ["content-length", "3"],
      ]);
    },
  },
  ...["expect", "transfer-encoding", "keep-alive", "upgrade"].map(
    (name): FidelityCase => ({
      name: `\`${name}\` rejects`,
      async run(fetch, server) {
        const headers = { [name]: name === "expect" ? "100-continue" : "chunked" };
        expect(await rejection(fetch(server.url(), { method: "POST", headers }))).toBeInstanceOf(TypeError);
        expect(server.seen).toEqual([]);
      },
    }),
  ),
  {
    name: "`connection: close` is obeyed",
    async run(fetch, server) {
      const response = await fetch(server.url(), { headers: { connection: "close" } });
      await response.text();
      expect(server.last.headers.connection).toBe("close");
    },
  },
  {
    name: "a large one of 8 KiB is sent",
    async run(fetch, server) {
      await fetch(server.url(), { headers: { "x-large": "x".repeat(8192) } });
      expect(server.last.headers["x-large"]).toHaveLength(8192);
    },
  },
  {
    name: "100 of them are sent",
    async run(fetch, server) {
      const headers = Object.fromEntries(
        Array.from({ length: 100 }, (_, index) => [`x-${index}`, `${index}`]),
      );
      await fetch(server.url(), { headers });
      expect(server.last.headers).toMatchObject(headers);
    },
  },
]);
