import { expect } from "vitest";
import { rejection } from "../gate.js";
import { type FidelityCase, theme } from "./fidelity-case.js";

const statuses = [
  200, 201, 202, 203, 206, 226, 299, 300, 305, 400, 401, 403, 404, 418, 429, 451, 500, 503, 599,
];
const withoutBody = [204, 205, 304];

/** Reason phrases as they come over the wire. */
const phrases = ["OK", "Quite All Right", "", "a\tb", "~!@#$%^&*()", "OK: more"];

/** Values as they come over the wire, and as they are read. */
const values: Record<string, readonly [sent: string, read: string]> = {
  "with white space before it": [" \t a  b", "a  b"],
  "that is empty": ["", ""],
  "of white space": [" \t ", ""],
  "with commas": ["a,, b ,c", "a,, b ,c"],
  "with quotes": ['"a\\"b"', '"a\\"b"'],
  "of Latin-1": ["é\xff\xa0x", "é\xff\xa0x"],
  "of UTF-8, a character a byte": ["\xe2\x82\xac", "\xe2\x82\xac"],
  "of 8 KiB": ["x".repeat(8192), "x".repeat(8192)],
};

/** Paths as the caller writes them, and as `response.url` has them. */
const paths: Record<string, string> = {
  "/": "/",
  "": "/",
  "/a/b": "/a/b",
  "/a/b/": "/a/b/",
  "/?a=1&b=%20": "/?a=1&b=%20",
  "/a?b#c": "/a?b",
  "/a b": "/a%20b",
  "/é?é": "/%C3%A9?%C3%A9",
  "/a/../b": "/b",
  "/a/./b": "/a/b",
  "/a\\b": "/a/b",
  "/a%2Fb": "/a%2Fb",
  "/a'b": "/a'b",
  "/?a'b": "/?a%27b",
  "/a//b": "/a//b",
};

const json = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n";

theme("responses", [
  ...statuses.map(
    (status): FidelityCase => ({
      name: `status ${status} is that of the response, with its body`,
      async run(fetch, server) {
        server.reply(status, { "content-type": "application/json" }, '{"a":1}');
        const response = await fetch(server.url());
        expect([response.status, response.ok]).toEqual([status, status < 300]);
        expect(await response.text()).toBe('{"a":1}');
      },
    }),
  ),
  ...withoutBody.map(
    (status): FidelityCase => ({
      name: `status ${status} has no body`,
      async run(fetch, server) {
        server.reply(status, { "x-a": "1" });
        const response = await fetch(server.url());
        expect([response.status, response.ok, response.body]).toEqual([status, status < 300, null]);
        expect([await response.text(), response.bodyUsed]).toEqual(["", false]);
        expect(response.headers.get("x-a")).toBe("1");
      },
    }),
  ),
  {
    name: "status 304 keeps the length and tag of what was not sent",
    async run(fetch, server) {
      server.reply(304, { "content-length": "1234", etag: '"x"', "content-type": "application/json" });
      const { headers } = await fetch(server.url(), { headers: { "if-none-match": '"x"' } });
      expect([headers.get("content-length"), headers.get("etag")]).toEqual(["1234", '"x"']);
    },
  },
  ...phrases.map(
    (phrase): FidelityCase => ({
      name: `the status text ${JSON.stringify(phrase)} is as it was sent`,
      async run(fetch, server) {
        server.raw(`HTTP/1.1 200 ${phrase}\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}`);
        expect((await fetch(server.url())).statusText).toBe(phrase);
      },
    }),
  ),
  {
    name: "a status line may end after the status",
    async run(fetch, server) {
      server.raw("HTTP/1.1 200\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}");
      const response = await fetch(server.url());
      expect([response.status, response.statusText, await response.text()]).toEqual([200, "", "{}"]);
    },
  },
  {
    name: "is an instance of `Response`",
    async run(fetch, server) {
      const response = await fetch(server.url());
      expect(response).toBeInstanceOf(Response);
      expect(response.constructor).toBe(Response);
      expect(Object.prototype.toString.call(response)).toBe("[object Response]");
      expect(response.headers).toBeInstanceOf(Headers);
      expect(response.body).toBeInstanceOf(ReadableStream);
    },
  },
  {
    name: "is of type `basic` and not redirected",
    async run(fetch, server) {
      const response = await fetch(server.url());
      expect([response.type, response.redirected]).toEqual(["basic", false]);
    },
  },
  {
    name: "its clone says the same of itself",
    async run(fetch, server) {
      server.json("{}", { "x-a": "1" });
      const response = await fetch(server.url("/a?b"));
      const clone = response.clone();
      for (const one of ["status", "statusText", "ok", "url", "type", "redirected"] as const)
        expect(clone[one]).toBe(response[one]);
      expect([...clone.headers]).toEqual([...response.headers]);
    },
  },
  {
    name: "its clone can be cloned",
    async run(fetch, server) {
      server.json('{"a":1}');
      const response = await fetch(server.url());
      const second = response.clone().clone();
      expect([second.url, await second.text()]).toEqual([server.url(), '{"a":1}']);
    },
  },
  {
    name: "may be made into another one",
    async run(fetch, server) {
      server.json('{"a":1}', { "x-a": "1" });
      const response = await fetch(server.url());
      const copy = new Response(response.body, response);
      expect([copy.status, copy.headers.get("x-a"), await copy.text()]).toEqual([200, "1", '{"a":1}']);
    },
  },
  ...Object.entries(paths).map(
    ([path, read]): FidelityCase => ({
      name: `\`url\` of ${JSON.stringify(path)} is ${JSON.stringify(read)}, and is what was sent`,
      async run(fetch, server) {
        const { url } = await fetch(server.url(path));
        expect(url).toBe(server.origin + read);
        expect(server.last.target).toBe(read);
      },
    }),
  ),
  ...["/?", "/%7e%41"].map(
    (path): FidelityCase => ({
      name: `\`url\` of ${JSON.stringify(path)} is spelt as the caller spelt it`,
      async run(fetch, server) {
        expect((await fetch(server.url(path))).url).toBe(server.url(path));
      },
    }),
  ),
  ...Object.entries(values).map(
    ([name, [sent, read]]): FidelityCase => ({
      name: `a header ${name} is read`,
      async run(fetch, server) {
        server.raw(Buffer.from(`${json}x-a:${sent}\r\n\r\n{}`, "latin1"));
        expect((await fetch(server.url())).headers.get("x-a")).toBe(read);
      },
    }),
  ),
  {
    name: "headers are found whatever their case, and listed in lower case and in order",
    async run(fetch, server) {
      server.raw(`${json}X-B: 2\r\nx-A: 1\r\n\r\n{}`);
      const { headers } = await fetch(server.url());
      expect([headers.get("x-b"), headers.get("X-A")]).toEqual(["2", "1"]);
      expect([...headers.keys()]).toEqual(["content-length", "content-type", "x-a", "x-b"]);
    },
  },
  {
    name: "headers of one name are joined",
    async run(fetch, server) {
      server.raw(`${json}x-a: 1\r\nX-A: 2\r\nx-a:\r\nx-a: 3\r\n\r\n{}`);
      const { headers } = await fetch(server.url());
      expect(headers.get("x-a")).toBe("1, 2, , 3");
    },
  },
  {
    name: "cookies are kept apart, as many as there are",
    async run(fetch, server) {
      const cookies = ["a=1; Expires=Wed, 21 Oct 2015 07:28:00 GMT", "b=2; HttpOnly", "a=1", "", "c=x, y"];
      server.json("{}", { "set-cookie": cookies });
      const { headers } = await fetch(server.url());
      expect(headers.getSetCookie()).toEqual(cookies);
      expect([...headers].filter(([name]) => name === "set-cookie").map(([, value]) => value)).toEqual(
        cookies,
      );
      expect(headers.get("set-cookie")).toBe(cookies.join(", "));
    },
  },
  {
    name: "without cookies there is an empty list of them",
    async run(fetch, server) {
      const { headers } = await fetch(server.url());
      expect([headers.getSetCookie(), headers.has("set-cookie")]).toEqual([[], false]);
    },
  },
  {
    name: "cookies are in a clone, too",
    async run(fetch, server) {
      server.json("{}", { "set-cookie": ["a=1", "b=2"] });
      expect((await fetch(server.url())).clone().headers.getSetCookie()).toEqual(["a=1", "b=2"]);
    },
  },
  {
    name: "a header that is not there is `null`",
    async run(fetch, server) {
      const { headers } = await fetch(server.url());
      expect([headers.get("x-none"), headers.has("x-none")]).toEqual([null, false]);
    },
  },
  {
    name: "headers about the connection are read",
    async run(fetch, server) {
      server.json("{}", { connection: "close", "keep-alive": "timeout=5", via: "1.1 a" });
      const { headers } = await fetch(server.url());
      expect([headers.get("connection"), headers.get("keep-alive"), headers.get("via")]).toEqual([
        "close",
        "timeout=5",
        "1.1 a",
      ]);
    },
  },
  {
    name: "length and tag of a body are read",
    async run(fetch, server) {
      server.json("{}", { "content-length": "2", etag: '"x"', "accept-ranges": "bytes" });
      const { headers } = await fetch(server.url());
      expect(["content-length", "etag", "accept-ranges"].map((name) => headers.get(name))).toEqual([
        "2",
        '"x"',
        "bytes",
      ]);
    },
  },
  {
    name: "headers cannot be changed",
    async run(fetch, server) {
      const { headers } = await fetch(server.url());
      expect(() => headers.set("x-a", "1")).toThrow(TypeError);
      expect(headers.has("x-a")).toBe(false);
    },
  },
  {
    name: "100 headers are read",
    async run(fetch, server) {
      const sent = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`x-${index}`, `${index}`]));
      server.json("{}", sent);
      expect(Object.fromEntries((await fetch(server.url())).headers)).toMatchObject(sent);
    },
  },
  ...["HEAD", "head"].map(
    (method): FidelityCase => ({
      name: `to \`${method}\` has the headers of a body and none`,
      async run(fetch, server) {
        server.reply(200, { "content-length": "1234", "content-type": "application/json" });
        const response = await fetch(server.url(), { method });
        expect([response.status, response.headers.get("content-length")]).toEqual([200, "1234"]);
        expect([response.body, await response.text()]).toEqual([null, ""]);
      },
    }),
  ),
  {
    name: "to `HEAD` may be an error with a length",
    async run(fetch, server) {
      server.reply(404, { "content-length": "9" });
      expect((await fetch(server.url(), { method: "HEAD" })).status).toBe(404);
    },
  },
  ...["102 Processing", "103 Early Hints", "199 Own"].map(
    (informational): FidelityCase => ({
      name: `\`${informational}\` before it is passed over`,
      async run(fetch, server) {
        server.raw(`HTTP/1.1 ${informational}\r\nx-early: 1\r\n\r\n`, `${json}x-a: 1\r\n\r\n{}`);
        const response = await fetch(server.url());
        expect([response.status, await response.text()]).toEqual([200, "{}"]);
        expect([response.headers.has("x-early"), response.headers.get("x-a")]).toEqual([false, "1"]);
      },
    }),
  ),
  {
    name: "several informational ones before it are passed over",
    async run(fetch, server) {
      server.raw("HTTP/1.1 103 A\r\n\r\n".repeat(3), `${json}\r\n{}`);
      expect((await fetch(server.url())).status).toBe(200);
    },
  },
  ...Object.entries({
    "that is no HTTP": "this is no HTTP\r\n\r\n",
    "of no bytes": "",
    "cut off in its status line": "HTTP/1.1 20",
    "cut off in its headers": "HTTP/1.1 200 OK\r\ncontent-type: appl",
    "with a broken header": "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
    "with NUL in a header": "HTTP/1.1 200 OK\r\na: x\0y\r\ncontent-length: 0\r\n\r\n",
    "with two lengths": "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nxx",
    "with a length that is no number": "HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n",
    "with a length below nothing": "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
    "with a status of two digits": "HTTP/1.1 20 OK\r\ncontent-length: 0\r\n\r\n",
    "that says to continue, unasked": `HTTP/1.1 100 Continue\r\n\r\n${json}\r\n{}`,
    "that switches protocols unasked":
      "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
    "with a head of more than 16 KiB": `HTTP/1.1 200 OK\r\nx-a: ${"x".repeat(17_000)}\r\ncontent-length: 0\r\n\r\n`,
  }).map(
    ([what, bytes]): FidelityCase => ({
      name: `one ${what} rejects as \`fetch failed\`, with a cause`,
      async run(fetch, server) {
        server.raw(bytes);
        const error = await rejection(fetch(server.url()));
        expect(error).toBeInstanceOf(TypeError);
        expect(error).toMatchObject({ message: "fetch failed", cause: expect.any(Error) });
      },
    }),
  ),
  {
    name: "the cause of a refused connection has its code",
    async run(fetch, server) {
      const error = await rejection(fetch(server.closed));
      expect(error).toMatchObject({
        name: "TypeError",
        message: "fetch failed",
        cause: { code: "ECONNREFUSED" },
      });
    },
  },
  {
    name: "a port that `fetch` never dials rejects",
    async run(fetch, server) {
      const error = await rejection(fetch(server.blocked));
      expect(error).toMatchObject({
        name: "TypeError",
        message: "fetch failed",
        cause: { message: "bad port" },
      });
    },
  },
]);
