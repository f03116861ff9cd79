import { expect } from "vitest";
import { rejection } from "../gate.js";
import { type Fetch, type FidelityCase, theme } from "./fidelity-case.js";
import type { FidelityServer } from "./server.js";

const document = '{"a":[1,"é"]}';
const bytes = Buffer.from(document);

type Reader = "json" | "text" | "arrayBuffer" | "blob" | "formData";
const readers: readonly Reader[] = ["json", "text", "arrayBuffer", "blob", "formData"];

/** What ends a body before its time, after a JSON head: an attempt to read it fails. */
const broken: Record<string, string> = {
  "shorter than its length": 'content-length: 20\r\n\r\n{"a":1',
  "of no bytes and a length": "content-length: 20\r\n\r\n",
  "cut off in a chunk": 'transfer-encoding: chunked\r\n\r\n10\r\n{"a":',
  "cut off between chunks": 'transfer-encoding: chunked\r\n\r\n7\r\n{"a":1}\r\n',
  "cut off after the last chunk": 'transfer-encoding: chunked\r\n\r\n7\r\n{"a":1}\r\n0\r\n',
  "with a chunk whose length is no number": 'transfer-encoding: chunked\r\n\r\n7\r\n{"a":1}\r\nxyz\r\n',
  "with a chunk that is longer than it says": 'transfer-encoding: chunked\r\n\r\n3\r\n{"a":1}\r\n0\r\n\r\n',
};

/** All of these are the same document. */
const framed: Record<string, readonly string[]> = {
  "with a length": ['content-length: 7\r\n\r\n{"a":1}'],
  "up to the end of the connection": ['connection: close\r\n\r\n{"a":1}'],
  "in one chunk": ['transfer-encoding: chunked\r\n\r\n7\r\n{"a":1}\r\n0\r\n\r\n'],
  "in chunks of a byte": [
    `transfer-encoding: chunked\r\n\r\n${[...'{"a":1}'].map((one) => `1\r\n${one}\r\n`).join("")}0\r\n\r\n`,
  ],
  "in chunks with extensions": ['transfer-encoding: chunked\r\n\r\n7;x=y\r\n{"a":1}\r\n0;q\r\n\r\n'],
  "in chunks with leading zeros": ['transfer-encoding: chunked\r\n\r\n0007\r\n{"a":1}\r\n000\r\n\r\n'],
  "in chunks, with trailers": [
    'transfer-encoding: chunked\r\n\r\n7\r\n{"a":1}\r\n0\r\nx-late: 1\r\netag: "y"\r\n\r\n',
  ],
  "with a length, and more behind it": ['connection: close\r\ncontent-length: 7\r\n\r\n{"a":1}{"b":2}'],
};

const head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n";

theme("bodies of responses", [
  {
    name: "`json()` reads a document",
    async run(fetch, server) {
      server.json(document);
      expect(await (await fetch(server.url())).json()).toEqual({ a: [1, "é"] });
    },
  },
  ...['"text"', "1", "null", "true", "[]", " {} \n"].map(
    (text): FidelityCase => ({
      name: `\`json()\` reads ${JSON.stringify(text)}`,
      async run(fetch, server) {
        server.json(text);
        expect(await (await fetch(server.url())).json()).toEqual(JSON.parse(text));
      },
    }),
  ),
  ...["{", "", "{a:1}", "<html>"].map(
    (text): FidelityCase => ({
      name: `\`json()\` of ${JSON.stringify(text)} rejects with a \`SyntaxError\``,
      answersNoJson: true,
      async run(fetch, server) {
        server.json(text);
        const response = await fetch(server.url());
        expect(await rejection(response.json())).toBeInstanceOf(SyntaxError);
        expect(response.bodyUsed).toBe(true);
      },
    }),
  ),
  {
    name: "`json()` of no body rejects with a `SyntaxError`",
    async run(fetch, server) {
      server.reply(204);
      expect(await rejection((await fetch(server.url())).json())).toBeInstanceOf(SyntaxError);
    },
  },
  {
    name: "`json()` reads a document whatever its type says",
    answersNoJson: true,
    async run(fetch, server) {
      server.reply(200, { "content-type": "text/html" }, "[1]");
      expect(await (await fetch(server.url())).json()).toEqual([1]);
    },
  },
  {
    name: "`json()` and `text()` pass over a byte-order mark",
    async run(fetch, server) {
      server.json("\ufeff[1]");
      expect(await (await fetch(server.url())).json()).toEqual([1]);
      expect(await (await fetch(server.url())).text()).toBe("[1]");
    },
  },
  {
    name: "`text()` reads UTF-8 whatever the charset says",
    answersNoJson: true,
    async run(fetch, server) {
      server.reply(200, { "content-type": "text/plain; charset=iso-8859-1" }, "é 日 😀");
      expect(await (await fetch(server.url())).text()).toBe("é 日 😀");
    },
  },
  {
    name: "`text()` puts a mark in place of what is no UTF-8",
    answersNoJson: true,
    async run(fetch, server) {
      server.reply(200, {}, Buffer.from([0x61, 0xff, 0xc3]));
      expect(await (await fetch(server.url())).text()).toBe("a\ufffd\ufffd");
    },
  },
  {
    name: "`arrayBuffer()` has the bytes, and nothing else",
    async run(fetch, server) {
      server.json(document);
      const buffer = await (await fetch(server.url())).arrayBuffer();
      expect(buffer).toBeInstanceOf(ArrayBuffer);
      expect(Buffer.from(buffer).equals(bytes)).toBe(true);
    },
  },
  {
    name: "all 256 bytes are read",
    answersNoJson: true,
    async run(fetch, server) {
      const all = Uint8Array.from({ length: 256 }, (_, index) => index);
      server.reply(200, { "content-type": "application/octet-stream" }, all);
      expect(new Uint8Array(await (await fetch(server.url())).arrayBuffer())).toEqual(all);
    },
  },
  {
    name: "`bytes()` is there where the platform has it",
    async run(fetch, server) {
      server.json(document);
      const response = (await fetch(server.url())) as Response & { bytes?: () => Promise<Uint8Array> };
      expect(response.bytes !== undefined).toBe("bytes" in Response.prototype);
      if (response.bytes !== undefined) expect(Buffer.from(await response.bytes()).equals(bytes)).toBe(true);
    },
  },
  {
    name: "`blob()` has the type of the response",
    async run(fetch, server) {
      server.json(document, { "content-type": "Application/JSON; Charset=UTF-8" });
      const blob = await (await fetch(server.url())).blob();
      expect(blob).toBeInstanceOf(Blob);
      expect(blob.type).toBe("application/json;charset=utf-8");
      expect([blob.size, await blob.text()]).toEqual([bytes.length, document]);
    },
  },
  {
    name: "`blob()` of a response without a type has none",
    answersNoJson: true,
    async run(fetch, server) {
      server.reply(200, {}, "x");
      expect((await (await fetch(server.url())).blob()).type).toBe("");
    },
  },
  {
    name: "`formData()` reads a form",
    answersNoJson: true,
    async run(fetch, server) {
      server.reply(200, { "content-type": "application/x-www-form-urlencoded" }, "a=1&b=%C3%A9+&a=2");
      const form = await (await fetch(server.url())).formData();
      expect([...form]).toEqual([
        ["a", "1"],
        ["b", "é "],
        ["a", "2"],
      ]);
    },
  },
  {
    name: "`formData()` reads a form in parts",
    answersNoJson: true,
    async run(fetch, server) {
      const parts = [
        '--x\r\ncontent-disposition: form-data; name="a"\r\n\r\n1\r\n',
        '--x\r\ncontent-disposition: form-data; name="f"; filename="f.txt"\r\ncontent-type: text/plain\r\n\r\nof a file\r\n',
        "--x--\r\n",
      ];
      server.reply(200, { "content-type": "multipart/form-data; boundary=x" }, parts.join(""));
      const form = await (await fetch(server.url())).formData();
      const file = form.get("f");
      expect(form.get("a")).toBe("1");
      expect(file).toBeInstanceOf(File);
      expect(file).toMatchObject({ name: "f.txt", type: "text/plain" });
      expect(await (file as File).text()).toBe("of a file");
    },
  },
  {
    name: "`formData()` of JSON rejects",
    async run(fetch, server) {
      expect(await rejection((await fetch(server.url())).formData())).toBeInstanceOf(TypeError);
    },
  },
  ...readers
    .filter((one) => one !== "formData")
    .flatMap((reader): FidelityCase[] => [
      {
        name: `after \`${reader}()\` the body is used`,
        async run(fetch, server) {
          const response = await fetch(server.url());
          expect(response.bodyUsed).toBe(false);
          const read = response[reader]();
          expect(response.bodyUsed).toBe(true);
          await read;
          expect(response.bodyUsed).toBe(true);
        },
      },
      ...readers.map(
        (second): FidelityCase => ({
          name: `\`${second}()\` after \`${reader}()\` rejects`,
          async run(fetch, server) {
            const response = await fetch(server.url());
            await response[reader]();
            expect(await rejection(response[second]())).toBeInstanceOf(TypeError);
          },
        }),
      ),
    ]),
  {
    name: "what was cancelled cannot be read",
    async run(fetch, server) {
      const response = await fetch(server.url());
      await response.body?.cancel();
      expect(response.bodyUsed).toBe(true);
      expect(await rejection(response.text())).toBeInstanceOf(TypeError);
    },
  },
  {
    name: "what has a reader cannot be read by another",
    async run(fetch, server) {
      const response = await fetch(server.url());
      response.body?.getReader();
      expect(response.body?.locked).toBe(true);
      expect(await rejection(response.text())).toBeInstanceOf(TypeError);
    },
  },
  {
    name: "what is read cannot be cloned",
    async run(fetch, server) {
      const response = await fetch(server.url());
      await response.text();
      expect(() => response.clone()).toThrow(TypeError);
    },
  },
  {
    name: "the body is the same object each time",
    async run(fetch, server) {
      const response = await fetch(server.url());
      expect(response.body).toBe(response.body);
    },
  },
  {
    name: "an empty body is a body",
    async run(fetch, server) {
      server.json("");
      const response = await fetch(server.url());
      expect(response.body).toBeInstanceOf(ReadableStream);
      expect([await response.text(), response.bodyUsed]).toEqual(["", true]);
    },
  },
  ...Object.entries(framed).map(
    ([how, parts]): FidelityCase => ({
      name: `one sent ${how} is read`,
      async run(fetch, server) {
        server.raw(head, ...parts);
        const response = await fetch(server.url());
        expect(await response.text()).toBe('{"a":1}');
        expect([response.headers.has("x-late"), response.headers.has("etag")]).toEqual([false, false]);
      },
    }),
  ),
  ...Object.entries(broken).map(
    ([how, rest]): FidelityCase => ({
      name: `one ${how} rejects as \`terminated\`, with a cause`,
      async run(fetch, server) {
        server.raw(head, rest);
        const error = await rejection(read(fetch, server));
        expect(error).toBeInstanceOf(TypeError);
        expect(error).toMatchObject({ message: "terminated", cause: expect.any(Error) });
      },
    }),
  ),
  {
    name: "one of 5 MiB is read whole",
    async run(fetch, server) {
      const text = JSON.stringify(["x".repeat(1000)].concat(Array(5000).fill("é".repeat(500))));
      server.json(text);
      expect((await (await fetch(server.url())).text()) === text).toBe(true);
    },
  },
  {
    name: "20 at once are each their own",
    async run(fetch, server) {
      server.answer((request, response) => {
        response.setHeader("content-type", "application/json").end(JSON.stringify({ at: request.target }));
      });
      const paths = Array.from({ length: 20 }, (_, index) => `/${index}`);
      const read = await Promise.all(paths.map(async (path) => (await fetch(server.url(path))).json()));
      expect(read).toEqual(paths.map((at) => ({ at })));
    },
  },
]);

async function read(fetch: Fetch, server: FidelityServer): Promise<string> {
  return (await fetch(server.url())).text();
}
