/** What `undiciTransport()` gives, beside what the platform's `fetch` gives for the same answer. */
import { once } from "node:events";
import { createServer as createNetServer, type Socket } from "node:net";
import * as zlib from "node:zlib";
import { describe, expect, it, onTestFinished } from "vitest";
import { fetchTransport, type TransportRequest, undiciTransport } from "../src/index.js";
import { rejection } from "./gate.js";
import { guardFor } from "./guard.js";
import { startServer } from "./loopback-server.js";

const transport = undiciTransport();
const guard = guardFor("http://127.0.0.1");

function requestTo(url: string, more: Partial<TransportRequest> = {}): TransportRequest {
  return {
    url,
    method: "GET",
    headers: new Headers(),
    body: undefined,
    signal: undefined,
    extras: {},
    guard,
    isCredentialed: false,
    isFiltered: false,
    onConnection: () => {},
    ...more,
  };
}

/** A server that answers each connection with these bytes, as they are. */
async function startRawServer(answer: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createNetServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.once("data", () => answer(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has a port");
  return `http://127.0.0.1:${address.port}/`;
}

async function seenOf(response: Response) {
  const { status, statusText, ok, headers } = response;
  const listed = [...headers].filter(([name]) => name !== "date");
  return {
    status,
    statusText,
    ok,
    headers: listed,
    cookies: headers.getSetCookie(),
    text: await response.text(),
  };
}

describe("an answer over undici is the one that the platform's `fetch` gives", () => {
  const text = "é".repeat(5000);
  const coded: [coding: string, body: Buffer][] = [
    ["gzip", zlib.gzipSync(text)],
    ["x-gzip", zlib.gzipSync(text)],
    ["deflate", zlib.deflateSync(text)],
    ["DEFLATE", zlib.deflateRawSync(text)],
    ["br", zlib.brotliCompressSync(text)],
    ["gzip, br", zlib.brotliCompressSync(zlib.gzipSync(text))],
    ["", Buffer.from(text)],
    ["unknown", Buffer.from(text)],
  ];

  it.each(coded)("in coding `%s`", async (coding, body) => {
    const { origin } = await startServer((_, response) => {
      response.writeHead(200, { "content-encoding": coding, "content-type": "text/plain" }).end(body);
    });
    const [ours, theirs] = await Promise.all(
      [transport, fetchTransport()].map(async (send) => seenOf(await send(requestTo(`${origin}/a?b=c`)))),
    );
    expect(ours).toEqual(theirs);
    expect(ours?.text).toBe(text);
  });

  it.each([200, 201, 204, 205, 206, 301, 304, 404, 500, 599])("with status %d", async (status) => {
    const { origin } = await startServer((_, response) => {
      response.writeHead(status, "Words of mine", [
        ["set-cookie", "a=1"],
        ["Set-Cookie", "b=2"],
        ["x-list", "1"],
        ["x-list", "2"],
        ["x-latin", "\u00e9"],
      ]);
      response.end([204, 205, 304].includes(status) ? undefined : "text");
    });
    for (const method of ["GET", "HEAD", "POST"]) {
      const [ours, theirs] = await Promise.all(
        [transport, fetchTransport()].map(async (send) => {
          const response = await send(requestTo(origin, { method }));
          return { ...(await seenOf(response)), hasBody: response.body !== null };
        }),
      );
      expect(ours).toEqual(theirs);
      expect(ours?.cookies).toEqual(["a=1", "b=2"]);
    }
  });

  it("after informational ones, in chunks, with trailers", async () => {
    const url = await startRawServer((socket) => {
      socket.end(
        "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n" +
          "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntrailer: x-end\r\n\r\n" +
          "3\r\nabc\r\n2\r\nde\r\n0\r\nx-end: 1\r\n\r\n",
      );
    });
    const response = await transport(requestTo(url));
    expect(await seenOf(response)).toMatchObject({ status: 200, text: "abcde" });
    expect(response.headers.has("x-end")).toBe(false);
    expect(response).toBeInstanceOf(globalThis.Response);
  });
});

describe("a request over undici", () => {
  it("carries what the platform's `fetch` would send", async () => {
    const { origin, seen } = await startServer((_, response) => response.end());
    const stream = () =>
      new ReadableStream<Uint8Array>({
        start(controller) {
          controller.enqueue(new TextEncoder().encode("a"));
          controller.enqueue(new TextEncoder().encode("b"));
          controller.close();
        },
      });
    const requests: (() => Partial<TransportRequest>)[] = [
      () => ({}),
      () => ({ method: "POST" }),
      () => ({ method: "PUT", body: new TextEncoder().encode("é") }),
      () => ({ method: "PUT", body: new Uint8Array(0) }),
      () => ({ headers: new Headers({ range: "bytes=0-1" }) }),
      () => ({ headers: new Headers({ range: "bytes=0-1", "accept-encoding": "gzip" }) }),
      () => ({ headers: new Headers({ "if-none-match": '"a"' }) }),
      () => ({ headers: new Headers({ "if-match": '"a"', "cache-control": "max-age=5" }) }),
      () => ({ extras: { cache: "no-cache" } }),
      () => ({ extras: { cache: "reload" }, headers: new Headers({ pragma: "mine" }) }),
      () => ({ extras: { cache: "force-cache", mode: "no-cors" } }),
      () => ({ method: "PATCH", body: stream() }),
      () => ({
        method: "DELETE",
        headers: new Headers({ "x-a": "1", accept: "text/x", "user-agent": "mine" }),
      }),
      () => ({
        headers: new Headers([
          ["accept-encoding", "identity"],
          ["cookie", "a=b"],
        ]),
      }),
    ];
    for (const make of requests) {
      for (const send of [transport, fetchTransport()])
        await (await send(requestTo(`${origin}/p%20q?r=%C3%A9`, make()))).text();
      const [ours, theirs] = seen.slice(-2);
      expect(ours).toEqual(theirs);
    }
    expect(seen).toHaveLength(2 * requests.length);
  });

  it("fails as `fetch` does: with a TypeError that has the cause", async () => {
    const refused = await startRawServer(() => {});
    const free = await import("node:net").then(async ({ createServer }) => {
      const server = createServer().listen(0, "127.0.0.1");
      await once(server, "listening");
      const address = server.address();
      server.close();
      return typeof address === "object" && address !== null ? `http://127.0.0.1:${address.port}/` : refused;
    });
    const broken = await startRawServer((socket) => socket.destroy());
    const nonsense = await startRawServer((socket) => socket.end("nonsense\r\n\r\n"));
    for (const url of [free, broken, nonsense]) {
      const [ours, theirs] = (await Promise.all(
        [transport, fetchTransport()].map((send) => rejection(send(requestTo(url)))),
      )) as [TypeError, TypeError];
      expect([ours.name, ours.message]).toEqual([theirs.name, theirs.message]);
      expect((ours.cause as Error).name).toBe((theirs.cause as Error).name);
    }
    const headers = new Headers({ expect: "100-continue" });
    expect(await rejection(transport(requestTo(broken, { headers })))).toMatchObject({
      message: "fetch failed",
      cause: { message: "expect header not supported" },
    });
  });

  it("breaks off with the error of the connection, and what came before it is read", async () => {
    const url = await startRawServer((socket) => {
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc");
      setTimeout(() => socket.destroy(), 20);
    });
    for (const send of [transport, fetchTransport()]) {
      const reader = (await send(requestTo(url))).body?.getReader();
      expect(new TextDecoder().decode((await reader?.read())?.value)).toBe("abc");
      expect(await rejection(reader?.read() ?? Promise.resolve())).toMatchObject({
        name: "TypeError",
        message: "terminated",
        cause: { code: "UND_ERR_SOCKET" },
      });
    }
  });

  it("breaks off where the coding is broken, is put on too often, or hides a bomb", async () => {
    const answers: Record<string, [string, Buffer]> = {
      "/broken": ["gzip", Buffer.from("no gzip at all")],
      "/often": ["gzip, gzip, gzip", zlib.gzipSync("x")],
      "/bomb": ["gzip, gzip", zlib.gzipSync(zlib.gzipSync(Buffer.alloc(64 * 1024 * 1024)))],
      "/large": ["gzip", zlib.gzipSync(Buffer.alloc(9 * 1024 * 1024))],
    };
    const { origin } = await startServer(({ target }, response) => {
      const [coding, body] = answers[target] ?? ["", Buffer.alloc(0)];
      response.writeHead(200, { "content-encoding": coding }).end(body);
    });
    const read = async (path: string) => (await transport(requestTo(`${origin}${path}`))).arrayBuffer();
    expect(await rejection(read("/broken"))).toMatchObject({
      message: "terminated",
      cause: { code: "Z_DATA_ERROR" },
    });
    expect(await rejection(read("/often"))).toMatchObject({
      message: "fetch failed",
      cause: { message: "the body has 3 content codings, at most 2 are taken off" },
    });
    expect(await rejection(read("/bomb"))).toMatchObject({
      cause: { message: "the body decodes to more than 200 times what was sent" },
    });
    expect((await read("/large")).byteLength).toBe(9 * 1024 * 1024);
  });

  it("ends with the signal's reason, as it is: before, while waiting, and in the body", async () => {
    const { origin } = await startServer(({ target }, response) => {
      if (target === "/waits") return;
      response.writeHead(200).write("begun");
    });
    const reason = { mine: true };
    expect(await rejection(transport(requestTo(origin, { signal: AbortSignal.abort(reason) })))).toBe(reason);

    const waiting = new AbortController();
    const sent = transport(requestTo(`${origin}/waits`, { signal: waiting.signal }));
    setTimeout(() => waiting.abort(reason), 20);
    expect(await rejection(sent)).toBe(reason);

    const reading = new AbortController();
    const response = await transport(requestTo(origin, { signal: reading.signal }));
    const reader = response.body?.getReader();
    expect((await reader?.read())?.done).toBe(false);
    setTimeout(() => reading.abort(reason), 20);
    expect(await rejection(reader?.read() ?? Promise.resolve())).toBe(reason);
  });

  it("leaves no listener on a signal, however it ends", async () => {
    const { origin } = await startServer(({ target }, response) => {
      if (target === "/breaks") response.writeHead(200, { "content-length": 9 }).write("a");
      if (target === "/breaks") setTimeout(() => response.destroy(), 5);
      else response.end("whole");
    });
    const { signal } = new AbortController();
    let listeners = 0;
    const counted = new Proxy(signal, {
      get(target, name) {
        if (name === "addEventListener") listeners++;
        if (name === "removeEventListener") listeners--;
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
    for (let index = 0; index < 20; index++)
      await (await transport(requestTo(origin, { signal: counted }))).text();
    await rejection((await transport(requestTo(`${origin}/breaks`, { signal: counted }))).text());
    await (await transport(requestTo(origin, { signal: counted }))).body?.cancel();
    await rejection(transport(requestTo("http://127.0.0.1:1/", { signal: counted })));
    expect(listeners).toBe(0);
  });

  it("gives nothing any more after an abort, not even what had come in before", async () => {
    const { origin } = await startServer((_, response) => response.writeHead(200).write("begun"));
    const controller = new AbortController();
    const { body } = await transport(requestTo(origin, { signal: controller.signal }));
    // Until it is there.
    await new Promise((resolve) => setTimeout(resolve, 100));
    const reason = new Error("mine");
    controller.abort(reason);
    expect(await rejection(body?.getReader().read() ?? Promise.resolve())).toBe(reason);
  });

  it("cancels the caller's stream when it is aborted while that is sent", async () => {
    const { origin } = await startServer(() => {});
    const controller = new AbortController();
    const cancelled = new Promise((resolve) => {
      const body = new ReadableStream<Uint8Array>({
        pull: (stream) => stream.enqueue(new Uint8Array(1024)),
        cancel: resolve,
      });
      const sent = transport(requestTo(origin, { method: "POST", body, signal: controller.signal }));
      sent.catch(() => {});
    });
    setTimeout(() => controller.abort(), 20);
    await cancelled;
  });

  it("waits with a body that nobody reads, and hangs up on one that is cancelled", async () => {
    let written = 0;
    let isClosed = false;
    const { origin } = await startServer((_, response) => {
      response.writeHead(200);
      const chunk = Buffer.alloc(64 * 1024);
      const write = () => {
        while (!response.destroyed && written < 256 * 1024 * 1024) {
          written += chunk.length;
          if (!response.write(chunk)) return;
        }
      };
      response.on("drain", write);
      response.on("close", () => {
        isClosed = true;
      });
      write();
    });
    const { body } = await transport(requestTo(origin));
    await new Promise((resolve) => setTimeout(resolve, 200));
    // What sockets on both sides hold may be some megabytes.
    expect(written).toBeLessThan(64 * 1024 * 1024);
    await body?.cancel("enough");
    await expect.poll(() => isClosed).toBe(true);
  });

  it("can be read byte by byte into a buffer of the reader's, and cloned", async () => {
    const { origin } = await startServer((_, response) => response.end("abcdef"));
    const response = await transport(requestTo(origin));
    const clone = response.clone();
    const reader = response.body?.getReader({ mode: "byob" });
    const read = await reader?.read(new Uint8Array(4));
    expect(new TextDecoder().decode(read?.value)).toBe("abcd");
    expect(await clone.text()).toBe("abcdef");
  });
});
