import * as zlib from "node:zlib";
import { expect } from "vitest";
import { rejection } from "../gate.js";
import { type Fetch, type FidelityCase, theme } from "./fidelity-case.js";
import type { FidelityServer } from "./server.js";

const text = JSON.stringify({ a: "é 日 😀", list: Array.from({ length: 500 }, (_, index) => index) });

const { zstdCompressSync } = zlib as { zstdCompressSync?: (bytes: string) => Buffer };

/** What `content-encoding` says, and the bytes. */
const coded: Record<string, readonly [coding: string, bytes: Uint8Array]> = {
  gzip: ["gzip", zlib.gzipSync(text)],
  "x-gzip": ["x-gzip", zlib.gzipSync(text)],
  "gzip in capitals": ["GZIP", zlib.gzipSync(text)],
  "gzip with white space around its name": [" gzip\t", zlib.gzipSync(text)],
  "gzip that is stored, not compressed": ["gzip", zlib.gzipSync(text, { level: 0 })],
  "gzip in two members": [
    "gzip",
    Buffer.concat([zlib.gzipSync(text.slice(0, 9)), zlib.gzipSync(text.slice(9))]),
  ],
  "gzip without its checksum": ["gzip", zlib.gzipSync(text).subarray(0, -8)],
  "deflate with its header": ["deflate", zlib.deflateSync(text)],
  "deflate without its header": ["deflate", zlib.deflateRawSync(text)],
  br: ["br", zlib.brotliCompressSync(text)],
  "deflate, then gzip": ["deflate, gzip", zlib.gzipSync(zlib.deflateSync(text))],
  "gzip, then br": ["gzip,br", zlib.brotliCompressSync(zlib.gzipSync(text))],
  "gzip twice": ["gzip, gzip", zlib.gzipSync(zlib.gzipSync(text))],
};

/** Not known as codings: the body is what came. */
const unknown = ["identity", "compress", "x-own", "gzip2", "gzip, x-own", "x-own, gzip", "utf-8", "br;q=1"];

/** Each broken in a way that shows. */
const corrupt: Record<string, readonly [coding: string, bytes: Uint8Array]> = {
  "gzip that is none": ["gzip", Buffer.from(text)],
  "gzip with a changed byte": ["gzip", changed(zlib.gzipSync(text))],
  "gzip with a wrong checksum": ["gzip", changed(zlib.gzipSync(text), -8)],
  "deflate that is none": ["deflate", Buffer.from([0xff, 0xff, 0xff, 0xff])],
  "br that is none": ["br", Buffer.from(text)],
  "gzip within gzip that is none": ["gzip, gzip", zlib.gzipSync(text)],
};

function changed(bytes: Uint8Array, at = bytes.length >> 1): Uint8Array {
  const copy = Uint8Array.from(bytes);
  const index = at < 0 ? copy.length + at : at;
  copy[index] = (copy[index] ?? 0) ^ 0xff;
  return copy;
}

const codings = ["gzip", "deflate", "br"];

theme("decompression", [
  ...Object.entries(coded).flatMap(([name, [coding, bytes]]): FidelityCase[] => [
    {
      name: `${name} is taken off`,
      async run(fetch, server) {
        server.reply(200, { "content-type": "application/json", "content-encoding": coding }, bytes);
        expect(await read(fetch, server)).toBe(text);
      },
    },
    {
      name: `${name} is taken off, a byte at a time`,
      async run(fetch, server) {
        server.answer(async (_, response) => {
          response.writeHead(200, { "content-type": "application/json", "content-encoding": coding });
          const cut = Math.max(0, bytes.length - 30);
          response.write(bytes.subarray(0, 20));
          response.write(bytes.subarray(20, cut));
          for (const byte of bytes.subarray(cut)) response.write(Uint8Array.of(byte));
          response.end();
        });
        expect(await read(fetch, server)).toBe(text);
      },
    },
  ]),
  {
    name: "the length and the coding are those of what was sent",
    async run(fetch, server) {
      const bytes = zlib.gzipSync(text);
      server.reply(
        200,
        {
          "content-type": "application/json",
          "content-encoding": "gzip",
          "content-length": `${bytes.length}`,
        },
        bytes,
      );
      const { headers } = await fetch(server.url());
      expect([headers.get("content-encoding"), headers.get("content-length")]).toEqual([
        "gzip",
        `${bytes.length}`,
      ]);
    },
  },
  {
    name: "zstd is as the platform has it",
    answersNoJson: true,
    async run(fetch, server) {
      const bytes = zstdCompressSync?.(text) ?? Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
      server.reply(200, { "content-encoding": "zstd" }, bytes);
      expect(await digest(fetch, server)).toEqual(await digest(globalThis.fetch, server));
    },
  },
  ...unknown.map(
    (coding): FidelityCase => ({
      name: `\`${coding}\` is no coding, and what came is the body`,
      async run(fetch, server) {
        server.json(text, { "content-encoding": coding });
        expect(await read(fetch, server)).toBe(text);
      },
    }),
  ),
  {
    name: "a coding that is empty is none",
    async run(fetch, server) {
      server.json(text, { "content-encoding": "" });
      expect(await read(fetch, server)).toBe(text);
    },
  },
  {
    name: "codings in two headers are taken off one after the other",
    async run(fetch, server) {
      const bytes = zlib.gzipSync(zlib.deflateSync(text));
      server.reply(
        200,
        { "content-type": "application/json", "content-encoding": ["deflate", "gzip"] },
        bytes,
      );
      expect(await read(fetch, server)).toBe(text);
    },
  },
  {
    name: "three codings are taken off",
    async run(fetch, server) {
      const bytes = zlib.gzipSync(zlib.gzipSync(zlib.gzipSync(text)));
      const headers = { "content-type": "application/json", "content-encoding": "gzip, gzip, gzip" };
      server.reply(200, headers, bytes);
      expect(await read(fetch, server)).toBe(text);
    },
  },
  {
    name: "more codings than anybody needs reject",
    async run(fetch, server) {
      server.json(text, { "content-encoding": Array(20).fill("gzip").join(", ") });
      expect(await rejection(read(fetch, server))).toBeInstanceOf(TypeError);
    },
  },
  ...Object.entries(corrupt).map(
    ([name, [coding, bytes]]): FidelityCase => ({
      name: `${name} rejects as \`terminated\`, with a cause`,
      async run(fetch, server) {
        server.reply(200, { "content-type": "application/json", "content-encoding": coding }, bytes);
        const error = await rejection(read(fetch, server));
        expect(error).toBeInstanceOf(TypeError);
        expect(error).toMatchObject({ message: "terminated", cause: expect.any(Error) });
      },
    }),
  ),
  {
    name: "gzip that is cut off gives what there was",
    answersNoJson: true,
    async run(fetch, server) {
      const bytes = zlib.gzipSync(zlib.gzipSync(text), { level: 0 }).subarray(0, -200);
      server.reply(200, { "content-encoding": "gzip" }, bytes);
      const whole = zlib.gzipSync(text);
      const begun = Buffer.from(await (await fetch(server.url())).arrayBuffer());
      expect(begun.length).toBeGreaterThan(0);
      expect(whole.subarray(0, begun.length).equals(begun)).toBe(true);
    },
  },
  {
    name: "what follows gzip is passed over, or fails, as with the platform",
    answersNoJson: true,
    async run(fetch, server) {
      server.reply(
        200,
        { "content-encoding": "gzip" },
        Buffer.concat([zlib.gzipSync(text), Buffer.from("more")]),
      );
      expect(await digest(fetch, server)).toEqual(await digest(globalThis.fetch, server));
    },
  },
  ...codings.flatMap((coding): FidelityCase[] => [
    {
      name: `an empty body with ${coding} is empty`,
      async run(fetch, server) {
        server.reply(200, { "content-type": "application/json", "content-encoding": coding });
        expect(await read(fetch, server)).toBe("");
      },
    },
    {
      name: `no body with ${coding} is none`,
      async run(fetch, server) {
        server.reply(204, { "content-encoding": coding });
        const response = await fetch(server.url());
        expect([response.body, await response.text()]).toEqual([null, ""]);
      },
    },
    {
      name: `to HEAD with ${coding} has no body`,
      async run(fetch, server) {
        server.reply(200, { "content-encoding": coding, "content-length": "100" });
        const response = await fetch(server.url(), { method: "HEAD" });
        expect([response.headers.get("content-encoding"), await response.text()]).toEqual([coding, ""]);
      },
    },
    {
      name: `304 with ${coding} has no body`,
      async run(fetch, server) {
        server.reply(304, { "content-encoding": coding });
        expect(await read(fetch, server)).toBe("");
      },
    },
  ]),
  {
    name: "an error has its coding taken off, too",
    async run(fetch, server) {
      server.reply(
        500,
        { "content-type": "application/json", "content-encoding": "gzip" },
        zlib.gzipSync(text),
      );
      expect(await read(fetch, server)).toBe(text);
    },
  },
  {
    name: "a redirect with a coding is followed",
    async run(fetch, server) {
      server.answer((request, response) => {
        const to = request.target === "/" ? { location: "/to" } : {};
        response.writeHead(request.target === "/" ? 302 : 200, {
          ...to,
          "content-type": "application/json",
          "content-encoding": "gzip",
        });
        response.end(request.target === "/" ? "not gzip at all" : zlib.gzipSync(text));
      });
      expect(await read(fetch, server)).toBe(text);
    },
  },
  {
    name: "a body that is cut off within its coding rejects",
    async run(fetch, server) {
      const bytes = zlib.gzipSync(text);
      const head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\n";
      server.raw(`${head}content-length: ${bytes.length}\r\n\r\n`, bytes.subarray(0, -20));
      const error = await rejection(read(fetch, server));
      expect(error).toMatchObject({ name: "TypeError", message: "terminated", cause: expect.any(Error) });
    },
  },
  {
    name: "events come out one by one as they are flushed",
    async run(fetch, server) {
      const gzip = zlib.createGzip();
      server.answer((_, response) => {
        response.writeHead(200, { "content-type": "application/x-ndjson", "content-encoding": "gzip" });
        gzip.pipe(response);
        gzip.write('{"n":1}\n');
        gzip.flush();
      });
      const reader = (await fetch(server.url())).body?.getReader();
      expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('{"n":1}\n');
      gzip.end('{"n":2}\n');
      expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('{"n":2}\n');
      expect((await reader?.read())?.done).toBe(true);
    },
  },
  {
    name: "a megabyte of one letter is read",
    async run(fetch, server) {
      const long = JSON.stringify("x".repeat(2 ** 20));
      server.reply(
        200,
        { "content-type": "application/json", "content-encoding": "gzip" },
        zlib.gzipSync(long),
      );
      expect((await read(fetch, server)) === long).toBe(true);
    },
  },
  {
    name: "a clone is decoded, too",
    async run(fetch, server) {
      server.reply(
        200,
        { "content-type": "application/json", "content-encoding": "br" },
        zlib.brotliCompressSync(text),
      );
      const response = await fetch(server.url());
      const clone = response.clone();
      expect(await Promise.all([response.text(), clone.text()])).toEqual([text, text]);
    },
  },
]);

async function read(fetch: Fetch, server: FidelityServer): Promise<string> {
  return (await fetch(server.url())).text();
}

/** The bytes, or the kind of error, that a body is read as. */
async function digest(fetch: Fetch, server: FidelityServer): Promise<unknown> {
  try {
    return Buffer.from(await (await fetch(server.url())).arrayBuffer()).toString("latin1");
  } catch (error) {
    return String(error);
  }
}
