/** What a proxy does wrong, or says late, ends the call (docs/spec/transport.md, "Proxies"). */
import { type AddressInfo, createServer, type Socket } from "node:net";
import { inspect } from "node:util";
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { fetchTransport, undiciTransport } from "../src/index.js";
import { documentFor, openGate, rejection } from "./gate.js";
import { startServer } from "./loopback-server.js";

afterEach(() => {
  vi.unstubAllEnvs();
});

/** A proxy that answers each `CONNECT` as told. */
async function startProxy(answer: (socket: Socket) => void) {
  const proxy = { dialled: 0, address: "" };
  const server = createServer((socket) => {
    proxy.dialled++;
    socket.on("error", () => {});
    socket.once("data", () => answer(socket));
    onTestFinished(() => void socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  proxy.address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return proxy;
}

const SILENT = () => {};
const TUNNEL = "HTTP/1.1 200 Connection established\r\n\r\n";

describe.each([
  ["undici", () => undiciTransport()],
  ["fetch", () => fetchTransport()],
])("over the transport of %s", (_name, transportOf) => {
  const open = (baseUrl: string, proxy: string, limits: object = {}) =>
    openGate(
      documentFor(
        "",
        {},
        {
          targets: {
            api: { baseUrl, network: { proxy, allowInsecure: baseUrl.startsWith("http:") }, limits },
          },
        },
      ),
      { transport: transportOf() },
    ).guarded;

  it.each<[string, string, (socket: Socket) => void, string]>([
    ["does not speak TLS with us", "https:", SILENT, "UND_ERR_CONNECT_TIMEOUT"],
    ["does not answer `CONNECT`", "http:", SILENT, "UND_ERR_HEADERS_TIMEOUT"],
    [
      "leads to what does not speak TLS",
      "http:",
      (socket) => void socket.write(TUNNEL),
      "UND_ERR_CONNECT_TIMEOUT",
    ],
  ])("`connectTimeoutMs` holds for a proxy that %s", async (_what, scheme, answer, code) => {
    const proxy = await startProxy(answer);
    const limits = { connectTimeoutMs: 50, headersTimeoutMs: 60_000, totalTimeoutMs: 8000 };
    const guarded = open("https://api.test", `${scheme}//${proxy.address}`, limits);
    const error = await rejection(guarded("https://api.test/"));
    expect(error).toMatchObject({ message: "fetch failed", cause: { code } });
    expect(proxy.dialled).toBe(1);
  });

  it.each<[string, string, string]>([
    ["refuses", "HTTP/1.1 403 Forbidden\r\n\r\n", "403"],
    ["answers for the target", `${TUNNEL}HTTP/1.1 200 OK\r\n\r\nmine`, "closed before it was used"],
    ["says too much", `HTTP/1.1 200 OK\r\nx-large: ${"x".repeat(3000)}\r\n\r\n`, "Headers Overflow"],
  ])("a proxy that %s is dialled once", async (_what, answer, message) => {
    const proxy = await startProxy((socket) => void socket.write(answer));
    const guarded = open("http://api.test", `http://${proxy.address}`, {
      maxHeaderBytes: 2048,
      totalTimeoutMs: 8000,
    });
    const error = await rejection(guarded("http://api.test/"));
    expect(error).toMatchObject({ message: "fetch failed" });
    expect(inspect(error)).toContain(message);
    expect(proxy.dialled).toBe(1);
  });

  it("what an agent for proxies throws fails the call, and no more", async () => {
    const proxy = await startProxy(SILENT);
    const guarded = open("http://api.test", `http://${proxy.address}`);
    const cancel = vi.fn();
    const init = {
      method: "POST",
      headers: { "proxy-authorization": "Basic eDp5" },
      body: new ReadableStream({ cancel }),
      duplex: "half" as const,
    };
    expect(await rejection(guarded("http://api.test/", init))).toMatchObject({ message: "fetch failed" });
    expect(proxy.dialled).toBe(0);
    await expect.poll(() => cancel).toHaveBeenCalledOnce();
  });

  it("the environment's must be one for HTTP, and may be put right", async () => {
    const { origin } = await startServer((_, response) => response.end("here"));
    const { port } = new URL(origin);
    const proxy = await startProxy((socket) => {
      const body = "HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\nthrough";
      socket.write(TUNNEL);
      socket.once("data", () => socket.write(body));
    });
    const url = `http://api.test:${port}`;
    const guarded = open(url, "env");
    for (const value of ["socks5://me:secret@127.0.0.1:1", "ftp://127.0.0.1", "127.0.0.1:8080"]) {
      for (const name of ["http_proxy", "https_proxy"]) {
        vi.stubEnv(name, value);
        const error = (await rejection(guarded(url))) as Error;
        expect(error).toMatchObject({ message: "fetch failed" });
        expect((error.cause as Error).message).toBe(
          `\`${name}\` of the environment is not an absolute \`http:\` or \`https:\` URL`,
        );
        vi.unstubAllEnvs();
      }
    }
    vi.stubEnv("http_proxy", `http://${proxy.address}`);
    expect(await (await guarded(url)).text()).toBe("through");
  });
});
