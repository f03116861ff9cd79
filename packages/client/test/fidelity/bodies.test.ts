import { expect } from "vitest";
import { rejection } from "../gate.js";
import { type FidelityCase, theme } from "./fidelity-case.js";

const bytes = Uint8Array.of(0, 1, 127, 128, 255, 13, 10);
const padded = Uint8Array.from([9, 9, ...bytes, 9]).subarray(2, 9);

interface Body {
  readonly give: () => NonNullable<RequestInit["body"]>;
  readonly sent: Uint8Array;
  /** What the platform says it is, if it says anything. */
  readonly type?: string;
}

const text = (value: string) => new TextEncoder().encode(value);

const bodies: Record<string, Body> = {
  "a text": { give: () => "a text", sent: text("a text"), type: "text/plain;charset=UTF-8" },
  "an empty text": { give: () => "", sent: text(""), type: "text/plain;charset=UTF-8" },
  "a text beyond ASCII": { give: () => "é 日 😀", sent: text("é 日 😀"), type: "text/plain;charset=UTF-8" },
  "a text with half a character": {
    give: () => "a\ud800",
    sent: text("a\ufffd"),
    type: "text/plain;charset=UTF-8",
  },
  "a text with a byte-order mark": {
    give: () => "\ufeffa",
    sent: text("\ufeffa"),
    type: "text/plain;charset=UTF-8",
  },
  "a text of 1 MiB": { give: () => "x".repeat(2 ** 20), sent: text("x".repeat(2 ** 20)) },
  "a text of 3 MiB": { give: () => "x".repeat(3 * 2 ** 20), sent: text("x".repeat(3 * 2 ** 20)) },
  "a number": { give: () => 42 as unknown as string, sent: text("42"), type: "text/plain;charset=UTF-8" },
  "an object with a text": {
    give: () => ({ toString: () => "its text" }) as unknown as string,
    sent: text("its text"),
    type: "text/plain;charset=UTF-8",
  },
  "an `ArrayBuffer`": { give: () => bytes.slice().buffer, sent: bytes },
  "an empty `ArrayBuffer`": { give: () => new ArrayBuffer(0), sent: text("") },
  "a `Uint8Array`": { give: () => bytes, sent: bytes },
  "a part of a `Uint8Array`": { give: () => padded, sent: bytes },
  "a `DataView`": { give: () => new DataView(bytes.slice().buffer, 1, 3), sent: bytes.subarray(1, 4) },
  "a `Uint16Array`": { give: () => new Uint16Array(bytes.slice(0, 6).buffer), sent: bytes.subarray(0, 6) },
  "a `Float64Array`": { give: () => new Float64Array(1), sent: new Uint8Array(8) },
  "a `Buffer`": { give: () => Buffer.from("a buffer"), sent: text("a buffer") },
  "a `Blob`": { give: () => new Blob([bytes]), sent: bytes },
  "a `Blob` with a type": {
    give: () => new Blob(["{}"], { type: "Application/JSON" }),
    sent: text("{}"),
    type: "application/json",
  },
  "an empty `Blob`": { give: () => new Blob([]), sent: text("") },
  "a slice of a `Blob`": {
    give: () => new Blob(["abcdef"]).slice(1, 4, "text/x-own"),
    sent: text("bcd"),
    type: "text/x-own",
  },
  "a `File`": {
    give: () => new File(["of a file"], "f.txt", { type: "text/plain" }),
    sent: text("of a file"),
    type: "text/plain",
  },
  "`URLSearchParams`": {
    give: () =>
      new URLSearchParams([
        ["a", "1"],
        ["a", "é &="],
        ["b c", ""],
      ]),
    sent: text("a=1&a=%C3%A9+%26%3D&b+c="),
    type: "application/x-www-form-urlencoded;charset=UTF-8",
  },
  "empty `URLSearchParams`": {
    give: () => new URLSearchParams(),
    sent: text(""),
    type: "application/x-www-form-urlencoded;charset=UTF-8",
  },
};

theme("bodies", [
  ...Object.entries(bodies).flatMap(([name, { give, sent, type }]): FidelityCase[] => [
    {
      name: `${name} is sent with its length and type`,
      async run(fetch, server) {
        await fetch(server.url(), { method: "POST", body: give() });
        expect(server.last.bytes.equals(sent)).toBe(true);
        expect(server.last.headers["content-length"]).toBe(String(sent.length));
        expect(server.last.headers).not.toHaveProperty("transfer-encoding");
        if (!name.includes("MiB")) expect(server.last.headers["content-type"]).toBe(type);
      },
    },
    {
      name: `${name} in a \`Request\` is sent`,
      async run(fetch, server) {
        await fetch(new Request(server.url(), { method: "POST", body: give() }));
        expect(server.last.bytes.equals(sent)).toBe(true);
      },
    },
  ]),
  ...["a text", "a `Blob` with a type", "`URLSearchParams`"].map(
    (name): FidelityCase => ({
      name: `${name} has the caller's type where one is given`,
      async run(fetch, server) {
        const headers = { "Content-Type": "application/x-own" };
        await fetch(server.url(), { method: "POST", body: bodies[name]?.give() ?? "", headers });
        expect(server.last.headers["content-type"]).toBe("application/x-own");
      },
    }),
  ),
  ...[null, undefined].map(
    (body): FidelityCase => ({
      name: `\`${body}\` is no body`,
      async run(fetch, server) {
        await fetch(server.url(), { method: "POST", body } as RequestInit);
        expect(server.last.text).toBe("");
        expect(server.last.headers).not.toHaveProperty("content-type");
      },
    }),
  ),
  {
    name: "`null` with GET is no body",
    async run(fetch, server) {
      await fetch(server.url(), { body: null });
      expect(server.last.method).toBe("GET");
    },
  },
  {
    name: "bytes that are changed after the call are sent as they were",
    async run(fetch, server) {
      const body = text("before");
      const call = fetch(server.url(), { method: "POST", body });
      body.fill(33);
      await call;
      expect(server.last.text).toBe("before");
    },
  },
  {
    name: "one may be given to two calls",
    async run(fetch, server) {
      const body = new Blob(["twice"]);
      await fetch(server.url(), { method: "POST", body });
      await fetch(server.url(), { method: "POST", body });
      expect(server.seen.map((one) => one.text)).toEqual(["twice", "twice"]);
    },
  },
  {
    name: "an unread answer before the body was sent is an answer",
    async run(fetch, server) {
      server.listen((request, response) => {
        request.resume();
        response.writeHead(413, { connection: "close" }).end();
      });
      const response = await fetch(server.url(), { method: "POST", body: "x".repeat(100_000) });
      expect(response.status).toBe(413);
    },
  },
  {
    name: "a symbol rejects",
    async run(fetch, server) {
      const init = { method: "POST", body: Symbol("x") } as unknown as RequestInit;
      expect(await rejection(fetch(server.url(), init))).toBeInstanceOf(TypeError);
    },
  },
]);
