/** Limits of time and size (docs/spec/transport.md, "Limits"). */
import { createServer, type Server, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { describe, expect, it, onTestFinished } from "vitest";
import { fetchTransport, type Lookup, undiciTransport } from "../src/index.js";
import { documentFor, openGate, rejection } from "./gate.js";
import { json, startServer } from "./loopback-server.js";

const TRANSPORTS = {
  undici: (lookup?: Lookup) => undiciTransport({ lookup }),
  fetch: (lookup?: Lookup) => fetchTransport(undefined, { lookup }),
};

/** A server that takes connections and does with them as told. */
async function startSilentServer(onConnection: (socket: Socket) => void = () => {}): Promise<string> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket.on("error", () => {}));
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has a port");
  return `http://127.0.0.1:${address.port}`;
}

describe.each(Object.entries(TRANSPORTS))("over the transport of %s", (_name, transportOf) => {
  function open(origin: string, limits: object, proxy = {}, lookup?: Lookup) {
    const targets = { api: { baseUrl: origin, limits } };
    return openGate(documentFor(origin, proxy, { targets }), { transport: transportOf(lookup) });
  }

  const failedWith = (code: string) => ({ message: "fetch failed", cause: { code } });

  it("`connectTimeoutMs`: a connection that is not made", async () => {
    const never: Lookup = () => {};
    const { guarded } = open("http://localhost:40000", { connectTimeoutMs: 50 }, {}, never);
    expect(await rejection(guarded("http://localhost:40000/"))).toMatchObject(
      failedWith("UND_ERR_CONNECT_TIMEOUT"),
    );
  });

  it("`headersTimeoutMs`: an answer that does not begin", async () => {
    const origin = await startSilentServer();
    const { guarded } = open(origin, { headersTimeoutMs: 50 });
    expect(await rejection(guarded(`${origin}/`))).toMatchObject(failedWith("UND_ERR_HEADERS_TIMEOUT"));
  });

  it("`bodyIdleTimeoutMs`: a body that stops coming", async () => {
    const { origin } = await startServer((_, response) => {
      response.write("begun");
    });
    const { guarded } = open(origin, { bodyIdleTimeoutMs: 50 });
    const response = await guarded(`${origin}/`);
    const error = await rejection(response.text());
    expect(error).toMatchObject({ message: "terminated", cause: { code: "UND_ERR_BODY_TIMEOUT" } });
  });

  it("`totalTimeoutMs`: an answer, or a body, that takes too long altogether", async () => {
    const silent = await startSilentServer();
    const { guarded, records } = open(silent, { totalTimeoutMs: 100 });
    expect(await rejection(guarded(`${silent}/`))).toMatchObject({
      name: "TimeoutError",
      message: "the 100 ms of `limits.totalTimeoutMs` of target `api` are over",
    });
    expect((await records())[0].outcome).toMatchObject({ result: "failure" });

    const { origin } = await startServer((_, response) => {
      const timer = setInterval(() => response.write("more"), 10);
      response.on("close", () => clearInterval(timer));
    });
    const response = await open(origin, { totalTimeoutMs: 200 }).guarded(`${origin}/`);
    expect(await rejection(response.text())).toMatchObject({ name: "TimeoutError" });
    const keptReason = new Error("mine");
    const controller = new AbortController();
    const call = open(silent, { totalTimeoutMs: 60_000 }).guarded(`${silent}/`, {
      signal: controller.signal,
    });
    controller.abort(keptReason);
    expect(await rejection(call)).toBe(keptReason);
  });

  it("`maxHeaderBytes` and `maxHeaders`: a head that is too large", async () => {
    const { origin } = await startServer((request, response) => {
      const wanted = Number(new URL(request.target, origin).searchParams.get("headers"));
      for (let index = 0; index < wanted; index++) response.setHeader(`x-${index}`, "1");
      if (request.target.startsWith("/large")) response.setHeader("x-large", "x".repeat(3000));
      response.end("body");
    });
    const narrow = open(origin, { maxHeaderBytes: 2048 }).guarded;
    expect((await narrow(`${origin}/small`)).status).toBe(200);
    expect(await rejection(narrow(`${origin}/large`))).toMatchObject(failedWith("UND_ERR_HEADERS_OVERFLOW"));
    const few = open(origin, { maxHeaders: 20 }).guarded;
    expect((await few(`${origin}/?headers=10`)).status).toBe(200);
    expect(await rejection(few(`${origin}/?headers=21`))).toMatchObject({
      message: "fetch failed",
      cause: { message: expect.stringContaining("more than 20 headers") },
    });
  });

  describe("`maxResponseBytes`", () => {
    it("withholds a body that says that it is larger, and hangs up", async () => {
      const { origin } = await startServer((_, response) => {
        response.writeHead(200, { "content-length": "1001" });
        response.write("x");
      });
      const { guarded, records } = open(origin, { maxResponseBytes: 1000 });
      const response = await guarded(`${origin}/`);
      expect(response.status).toBe(422);
      expect(response.headers.get("sallyport-code")).toBe("response-withheld");
      expect(await response.json()).toMatchObject({ detail: expect.stringContaining("1000 bytes") });
      expect((await records())[0].outcome).toMatchObject({ result: "failure", category: "withheld" });
    });

    it("ends a body of unknown length at the first byte beyond", async () => {
      const { origin } = await startServer((request, response) => {
        response.write("x".repeat(600));
        setTimeout(() => response.end("x".repeat(request.target === "/more" ? 401 : 400)), 20);
      });
      const { guarded } = open(origin, { maxResponseBytes: 1000 });
      const whole = await guarded(`${origin}/`);
      expect([whole.url, (await whole.text()).length]).toEqual([`${origin}/`, 1000]);
      const error = await rejection((await guarded(`${origin}/more`)).text());
      expect(error).toMatchObject({ code: "ERR_RESPONSE_WITHHELD" });
    });

    it("withholds what a filter would have to read", async () => {
      const filters = [{ operations: [{ effect: "destroy" as const, jsonPath: "secret" }] }];
      const { origin } = await startServer((_, response) => {
        response.setHeader("content-type", "application/json");
        response.write('{"secret":1,');
        response.end(`"a":"${"x".repeat(2000)}"}`);
      });
      const { guarded } = open(origin, { maxResponseBytes: 1000 }, { filters });
      const response = await guarded(`${origin}/`);
      expect(response.status).toBe(422);
      expect(await response.text()).toContain("maxResponseBytes");
    });

    it("counts what a coding hides", async () => {
      const { origin } = await startServer((_, response) => {
        response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync("x".repeat(5000)));
      });
      const response = await open(origin, { maxResponseBytes: 1000 }).guarded(`${origin}/`);
      expect(await rejection(response.text())).toMatchObject({ code: "ERR_RESPONSE_WITHHELD" });
    });
  });

  it("`maxDecompressionRatio`: a body that grows too much past 10 MiB", async () => {
    const bomb = gzipSync(Buffer.alloc(24 * 1024 * 1024), { level: 9 });
    const { origin } = await startServer((_, response) => {
      response.writeHead(200, { "content-encoding": "gzip" }).end(bomb);
    });
    const ended = async (limits: object) => {
      const response = await open(origin, limits).guarded(`${origin}/`);
      return response.arrayBuffer().then(
        ({ byteLength }) => byteLength,
        (error) => error,
      );
    };
    expect(await ended({})).toMatchObject({
      message: "terminated",
      cause: { message: expect.stringContaining("more than 200 times") },
    });
    expect(await ended({ maxDecompressionRatio: 2000 })).toBe(24 * 1024 * 1024);
  });

  it("takes off two content codings, no more", async () => {
    const { origin } = await startServer((request, response) => {
      const times = Number(request.target.slice(1));
      let body: Buffer = Buffer.from("text");
      for (let round = 0; round < times; round++) body = gzipSync(body);
      response.writeHead(200, { "content-encoding": Array(times).fill("gzip").join(", ") }).end(body);
    });
    const { guarded } = open(origin, {});
    expect(await (await guarded(`${origin}/2`)).text()).toBe("text");
    expect(await rejection(guarded(`${origin}/3`))).toMatchObject({
      message: "fetch failed",
      cause: { message: expect.stringContaining("3 content codings") },
    });
  });

  it("leaves a response within its limits as it is", async () => {
    const { origin } = await startServer(json('{"a":1}'));
    const response = await open(origin, {}).guarded(`${origin}/`);
    expect(await response.json()).toEqual({ a: 1 });
  });
});
