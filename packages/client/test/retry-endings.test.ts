/** What the caller and the record get of a call that was, or could have been, sent again. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, it, vi } from "vitest";
import { fetchTransport, type Transport, undiciTransport } from "../src/index.js";
import { rejection } from "./gate.js";
import { startServer } from "./loopback-server.js";
import { type Answer, answering, gateFor, type Retry } from "./retry-gate.js";

describe.each([
  ["undiciTransport", () => undiciTransport()],
  ["fetchTransport", () => fetchTransport()],
])("the end of a repeated call over %s", (_, transport) => {
  it("is recorded without the peer of an earlier attempt", async () => {
    const server = createServer((_, response) => {
      server.close();
      response.writeHead(503, { connection: "close" }).end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { guarded, records } = gateFor({ origin }, { maxAttempts: 2, delayMs: 100 }, transport());
    expect(await rejection(guarded(origin))).toMatchObject({ cause: { code: "ECONNREFUSED" } });
    const [record] = await records();
    expect(record.http.attempts).toMatchObject([{ status: 503 }]);
    expect(record.http).not.toHaveProperty("status");
    expect(record).not.toHaveProperty("net");
  });

  it("tells of the answer when the call is aborted while it waits", async () => {
    const server = await answering(503);
    const { guarded, records } = gateFor(server, { delayMs: 2000 }, transport());
    const controller = new AbortController();
    const call = guarded(server.origin, { signal: controller.signal });
    await expect.poll(() => server.seen.length).toBe(1);
    await wait(50);
    controller.abort();
    expect(await rejection(call)).toMatchObject({ name: "AbortError" });
    const [record] = await records();
    expect(record).toMatchObject({ outcome: { category: "aborted" }, http: { status: 503 } });
    expect(record.http).not.toHaveProperty("attempts");
  });
});

describe.each([
  ["undiciTransport", () => undiciTransport()],
  ["fetchTransport", () => fetchTransport()],
])("a request that %s cannot send", (_, transport) => {
  it.each([
    ["expect", "100-continue", "UND_ERR_NOT_SUPPORTED"],
    ["upgrade", "websocket", "UND_ERR_INVALID_ARG"],
  ])("fails at once: `%s: %s`", async (name, value, code) => {
    const server = await answering(200);
    const { guarded, records } = gateFor(server, {}, transport());
    const headers = { [name]: value };
    expect(await rejection(guarded(server.origin, { headers }))).toMatchObject({ cause: { code } });
    const [record] = await records();
    expect(record.outcome).toMatchObject({ category: "network", errorType: code });
    expect(record.http).not.toHaveProperty("attempts");
  });
});

it.each([
  ["UND_ERR_REQ_CONTENT_LENGTH_MISMATCH", 1],
  ["ERR_INVALID_ARG_TYPE", 1],
  ["ERR_INVALID_ARG_VALUE", 1],
  ["ERR_INVALID_CHAR", 1],
  ["ERR_INVALID_HTTP_TOKEN", 1],
  ["ERR_INVALID_PROTOCOL", 1],
  ["ERR_INVALID_URL", 1],
  ["ERR_HTTP_INVALID_HEADER_VALUE", 1],
  ["ERR_UNESCAPED_CHARACTERS", 1],
  ["ECONNRESET", 3],
  ["UND_ERR_SOCKET", 3],
  [undefined, 3],
])("a transport that fails with the code %s is asked %i times", async (code, times) => {
  for (const error of [
    Object.assign(new TypeError("own"), { code }),
    new TypeError("its cause's", { cause: Object.assign(new Error("cause"), { code }) }),
  ]) {
    const transport = vi.fn<Transport>().mockRejectedValue(error);
    const { guarded } = gateFor({ origin: "http://127.0.0.1:1" }, {}, transport);
    expect(await rejection(guarded("http://127.0.0.1:1"))).toBe(error);
    expect(transport).toHaveBeenCalledTimes(times);
  }
});

describe("the time limit of a repeated call", () => {
  const limits = { totalTimeoutMs: 1500 };

  it.each<[string, Answer, Retry]>([
    ["`retry-after`", [503, "60"], { maxDelayMs: 60_000 }],
    ["`delayMs`", 503, { delayMs: 60_000, maxDelayMs: 60_000 }],
  ])("gives the answer at once when the wait by %s would outlast it", async (_, answer, retry) => {
    const server = await answering(answer, 200);
    // An attempt takes a minute, of the world's time only. What is left is more than this test would be given.
    const monotonicMs = () => server.seen.length * 60_000;
    const minutes = { totalTimeoutMs: 120_000 };
    const { guarded, records } = gateFor(server, retry, undefined, minutes, { monotonicMs });
    const response = await guarded(server.origin);
    expect([response.status, await response.text(), server.seen.length]).toEqual([503, "answer 1", 1]);
    expect((await records())[0]).toMatchObject({
      outcome: { category: "upstream_5xx" },
      http: { status: 503 },
    });
  });

  it("is one for all attempts: what is left of it counts", async () => {
    const server = await answering(503);
    const retry = { maxAttempts: 5, delayMs: 800, maxDelayMs: 800 };
    const { guarded, records } = gateFor(server, retry, undefined, limits);
    const response = await guarded(server.origin);
    expect([response.status, await response.text()]).toEqual([503, "answer 2"]);
    expect((await records())[0].http.attempts).toEqual([{ status: 503, delayUs: 800_000 }]);
  });

  it("fails at once, too, as the network did", async () => {
    const server = await startServer((_, response) => response.socket?.destroy());
    const { guarded } = gateFor(server, { delayMs: 2000 }, undefined, limits);
    expect(await rejection(guarded(server.origin))).toMatchObject({ message: "fetch failed" });
    expect(server.seen).toHaveLength(1);
  });

  it("ends an attempt that is under way", async () => {
    const server = await startServer((_, response) => {
      if (server.seen.length === 1) response.writeHead(503).end();
    });
    const { guarded, records } = gateFor(server, {}, undefined, { totalTimeoutMs: 600 });
    expect(await rejection(guarded(server.origin))).toMatchObject({ name: "TimeoutError" });
    const [record] = await records();
    expect(record.http.attempts).toMatchObject([{ status: 503 }]);
    expect(record.http).not.toHaveProperty("status");
  });
});

it("hangs up on the answer that it held when the call is aborted, over a transport that does not heed it", async () => {
  const open = new Set<unknown>();
  const server = await startServer((_, response) => {
    open.add(response);
    response.on("close", () => open.delete(response));
    response.writeHead(503).write("never ends");
  });
  const heedless: Transport = ({ url, method, headers }) => fetch(url, { method, headers });
  const { guarded } = gateFor(server, { delayMs: 2000 }, heedless);
  const controller = new AbortController();
  const call = guarded(server.origin, { signal: controller.signal });
  await expect.poll(() => server.seen.length).toBe(1);
  await wait(50);
  expect(open.size).toBe(1);
  controller.abort();
  await rejection(call);
  await expect.poll(() => open.size).toBe(0);
});
