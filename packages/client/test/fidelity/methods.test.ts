import { expect } from "vitest";
import { rejection } from "../gate.js";
import { type FidelityCase, theme } from "./fidelity-case.js";

const upperCased = ["GET", "POST", "PUT", "DELETE", "OPTIONS"];
const withBody = ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "QUERY"];
const noTokens = ["", " ", "GET ", " GET", "GE T", "GET\r\n", "G(T", "a/b", "a,b", "a:b", "é", "{}"];

theme("methods", [
  {
    name: "none given is GET",
    async run(fetch, server) {
      await fetch(server.url());
      expect(server.last.method).toBe("GET");
    },
  },
  {
    name: "`undefined` is GET",
    async run(fetch, server) {
      await fetch(server.url(), { method: undefined } as unknown as RequestInit);
      expect(server.last.method).toBe("GET");
    },
  },
  ...["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "REPORT", "SEARCH", "M-SEARCH"].map(
    (method): FidelityCase => ({
      name: `\`${method}\` is sent as it is`,
      async run(fetch, server) {
        expect((await fetch(server.url(), { method })).status).toBe(200);
        expect(server.last.method).toBe(method);
      },
    }),
  ),
  ...upperCased.map(
    (method): FidelityCase => ({
      name: `\`${method.toLowerCase()}\` is sent in upper case`,
      async run(fetch, server) {
        await fetch(server.url(), { method: method.toLowerCase() });
        expect(server.last.method).toBe(method);
      },
    }),
  ),
  {
    name: "`head` in lower case has no body",
    async run(fetch, server) {
      server.json("{}");
      expect(await (await fetch(server.url(), { method: "head" })).text()).toBe("");
      expect(server.last.method).toBe("HEAD");
    },
  },
  {
    name: "that of a `Request` is sent",
    async run(fetch, server) {
      await fetch(new Request(server.url(), { method: "PUT" }));
      expect(server.last.method).toBe("PUT");
    },
  },
  {
    name: "an object is read as its text",
    async run(fetch, server) {
      await fetch(server.url(), { method: { toString: () => "PUT" } } as unknown as RequestInit);
      expect(server.last.method).toBe("PUT");
    },
  },
  ...noTokens.map(
    (method): FidelityCase => ({
      name: `${JSON.stringify(method)} is no token, and rejects with a \`TypeError\``,
      async run(fetch, server) {
        expect(await rejection(fetch(server.url(), { method }))).toBeInstanceOf(TypeError);
        expect(server.seen).toEqual([]);
      },
    }),
  ),
  ...["CONNECT", "TRACE", "TRACK", "connect", "Trace"].map(
    (method): FidelityCase => ({
      name: `\`${method}\` rejects with a \`TypeError\``,
      async run(fetch, server) {
        expect(await rejection(fetch(server.url(), { method }))).toBeInstanceOf(TypeError);
        expect(server.seen).toEqual([]);
      },
    }),
  ),
  ...withBody.map(
    (method): FidelityCase => ({
      name: `\`${method}\` may have a body`,
      async run(fetch, server) {
        await fetch(server.url(), { method, body: '{"a":1}' });
        expect([server.last.method, server.last.text]).toEqual([method, '{"a":1}']);
      },
    }),
  ),
  ...["GET", "HEAD", "get", "head"].map(
    (method): FidelityCase => ({
      name: `\`${method}\` with a body rejects`,
      async run(fetch, server) {
        expect(await rejection(fetch(server.url(), { method, body: "x" }))).toBeInstanceOf(TypeError);
        expect(server.seen).toEqual([]);
      },
    }),
  ),
  {
    name: "a body without a method rejects",
    async run(fetch, server) {
      expect(await rejection(fetch(server.url(), { body: "x" }))).toBeInstanceOf(TypeError);
    },
  },
  ...["POST", "PUT"].map(
    (method): FidelityCase => ({
      name: `\`${method}\` without a body says a length of 0`,
      async run(fetch, server) {
        await fetch(server.url(), { method });
        expect(server.last.headers["content-length"]).toBe("0");
      },
    }),
  ),
  ...["GET", "DELETE", "OPTIONS"].map(
    (method): FidelityCase => ({
      name: `\`${method}\` without a body says no length`,
      async run(fetch, server) {
        await fetch(server.url(), { method });
        expect(server.last.headers).not.toHaveProperty("content-length");
        expect(server.last.headers).not.toHaveProperty("transfer-encoding");
      },
    }),
  ),
]);
