/** Proxies between this process and the target (docs/spec/transport.md, "Proxies"). */
import { createServer } from "node:http";
import { type AddressInfo, connect, createServer as createNetServer, type Socket } from "node:net";
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { fetchTransport, type Lookup, undiciTransport } from "../src/index.js";
import { documentFor, openGate, rejection } from "./gate.js";
import { startServer } from "./loopback-server.js";
import { certificateFor, startTlsServer } from "./tls-server.js";

/** Every name has the address of the metadata service: whoever resolves one is found out. */
const refusing: Lookup = (_hostname, _options, callback) =>
  callback(null, [{ address: "169.254.169.254", family: 4 }]);

const TRANSPORTS = {
  undici: () => undiciTransport({ lookup: refusing }),
  fetch: () => fetchTransport(undefined, { lookup: refusing }),
};

/** A proxy that takes `CONNECT` only, and leads every name to loopback. */
async function startProxy(): Promise<{ readonly url: string; readonly asked: string[] }> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((_, response) => response.writeHead(405).end());
  server.on("connect", ({ url = "" }, socket: Socket) => {
    asked.push(url);
    const upstream = connect(Number(url.split(":").at(-1)), "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      upstream.pipe(socket).pipe(upstream);
    });
    for (const one of [socket, upstream]) sockets.add(one.on("error", () => {}));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

afterEach(() => {
  vi.unstubAllEnvs();
});

describe.each(Object.entries(TRANSPORTS))("over the transport of %s", (_name, transportOf) => {
  const open = (baseUrl: string, target: object) =>
    openGate(documentFor("", {}, { targets: { api: { baseUrl, ...target } } }), { transport: transportOf() });

  it("a proxy of the policy resolves the name, and the record names it", async () => {
    const { origin, seen } = await startServer((_, response) => response.end("through"));
    const { port } = new URL(origin);
    const proxy = await startProxy();
    const { guarded, records } = open(`http://api.test:${port}`, {
      network: { proxy: proxy.url, allowInsecure: true },
    });
    expect(await (await guarded(`http://api.test:${port}/a`)).text()).toBe("through");
    expect(proxy.asked).toEqual([`api.test:${port}`]);
    expect(seen[0]?.headers.host).toBe(`api.test:${port}`);
    expect((await records())[0].net).toEqual({
      address: "proxy",
      peer: { address: "127.0.0.1", port: Number(new URL(proxy.url).port) },
    });
  });

  it("TLS is spoken with the target, through the proxy", async () => {
    const certificate = await certificateFor("api.test");
    const port = await startTlsServer(certificate);
    const proxy = await startProxy();
    const target = { network: { proxy: proxy.url }, tls: { ca: certificate.cert } };
    const { guarded, records } = open(`https://api.test:${port}`, target);
    expect(await (await guarded(`https://api.test:${port}/a`)).text()).toBe("/a");
    expect((await records())[0]).toMatchObject({
      net: { address: "proxy" },
      tls: { authorized: true, sni: "api.test", cert: { sha256: certificate.sha256 } },
    });
    const untrusted = open(`https://api.test:${port}`, { network: { proxy: proxy.url } });
    expect(await rejection(untrusted.guarded(`https://api.test:${port}/a`))).toMatchObject({
      cause: { code: "DEPTH_ZERO_SELF_SIGNED_CERT" },
    });
  });

  it("a proxy that hangs up is dialled once", async () => {
    let dialled = 0;
    const server = createNetServer((socket) => {
      dialled++;
      socket.on("error", () => {}).destroy();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const proxy = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { guarded } = open("https://api.test", { network: { proxy }, limits: { totalTimeoutMs: 1000 } });
    expect(await rejection(guarded("https://api.test/a"))).toMatchObject({ message: "fetch failed" });
    expect(dialled).toBe(1);
  });

  it("a literal address is checked all the same", async () => {
    const proxy = await startProxy();
    const { guarded } = open("https://10.0.0.1", { network: { proxy: proxy.url } });
    expect(await rejection(guarded("https://10.0.0.1/a"))).toMatchObject({ decision: { code: "network" } });
    expect(proxy.asked).toEqual([]);
  });

  it("the environment's is used where the policy says so, and only there", async () => {
    const { origin } = await startServer((_, response) => response.end("through"));
    const { port } = new URL(origin);
    const proxy = await startProxy();
    vi.stubEnv("http_proxy", proxy.url);
    vi.stubEnv("HTTP_PROXY", proxy.url);
    const url = `http://api.test:${port}`;
    const without = open(url, { network: { allowInsecure: true } });
    expect(await rejection(without.guarded(`${url}/a`))).toMatchObject({ decision: { code: "network" } });
    expect(proxy.asked).toEqual([]);

    const { guarded, records } = open(url, { network: { proxy: "env", allowInsecure: true } });
    expect(await (await guarded(`${url}/a`)).text()).toBe("through");
    expect((await records())[0].net).toMatchObject({ address: "proxy" });

    vi.stubEnv("no_proxy", "api.test");
    const excepted = open(url, { network: { proxy: "env", allowInsecure: true } });
    expect(await rejection(excepted.guarded(`${url}/a`))).toMatchObject({ decision: { code: "network" } });
    expect(proxy.asked).toHaveLength(1);
  });
});
