/** What a server does wrong ends the call, or is left unread. */
import { type AddressInfo, createServer, type Socket } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { fetchTransport, undiciTransport } from "../src/index.js";
import { documentFor, openGate, rejection } from "./gate.js";

/** A server that does with each request as told. */
async function startRawServer(answer: (socket: Socket) => void): Promise<string> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => answer(socket));
    onTestFinished(() => void socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe.each([
  ["undici", () => undiciTransport()],
  ["fetch", () => fetchTransport()],
])("over the transport of %s", (_name, transportOf) => {
  const open = (origin: string, limits: object = {}) =>
    openGate(documentFor("", {}, { targets: { api: { baseUrl: origin, limits } } }), {
      transport: transportOf(),
    }).guarded;

  it("informational answers without end do not put off `headersTimeoutMs`", async () => {
    const origin = await startRawServer((socket) => {
      const timer = setInterval(() => socket.write("HTTP/1.1 102 Processing\r\n\r\n"), 20);
      socket.on("close", () => clearInterval(timer));
    });
    const guarded = open(origin, { headersTimeoutMs: 200, totalTimeoutMs: 8000 });
    expect(await rejection(guarded(origin))).toMatchObject({
      message: "fetch failed",
      cause: { code: "UND_ERR_HEADERS_TIMEOUT" },
    });
  });

  it("some informational answers are not given to the caller", async () => {
    const origin = await startRawServer((socket) => {
      for (const status of ["102 Processing", "103 Early Hints\r\nlink: </a>"])
        socket.write(`HTTP/1.1 ${status}\r\n\r\n`);
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nhere");
    });
    const response = await open(origin)(origin);
    expect([response.status, response.headers.get("link"), await response.text()]).toEqual([
      200,
      null,
      "here",
    ]);
  });
});

// Over the platform's `fetch` it is kept until `bodyIdleTimeoutMs`, as by `fetch` itself.
it("over undici, a body that comes with a status which has none is hung up on", async () => {
  let close = () => {};
  const closed = new Promise<void>((resolve) => {
    close = resolve;
  });
  const origin = await startRawServer((socket) => {
    socket.on("close", close);
    socket.write("HTTP/1.1 205 Reset Content\r\ncontent-length: 1000000\r\n\r\nunasked");
  });
  const response = await openGate(documentFor(origin)).guarded(origin);
  expect([response.status, response.body, await response.text()]).toEqual([205, null, ""]);
  await closed;
});
