/** Requests that are sent again where their proxy says so, over both transports. */
import { createServer } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import type { PolicyDocument } from "@sallyport/core";
import { afterEach, describe, expect, it, vi } from "vitest";
import { fetchTransport, undiciTransport } from "../src/index.js";
import { documentFor, openGate, rejection } from "./gate.js";
import { startServer } from "./loopback-server.js";
import { openFileGate, rewrite, writePolicy } from "./policy-file.js";
import { answering, gateFor, QUICK, world } from "./retry-gate.js";

describe.each([
  ["undiciTransport", () => undiciTransport()],
  ["fetchTransport", () => fetchTransport()],
])("retry over %s", (_, transport) => {
  it("sends again after an answer that asks for it, and records each attempt", async () => {
    const server = await answering(503, 429, 200);
    const { guarded, records } = gateFor(server, {}, transport());
    const response = await guarded(`${server.origin}/a?q=1`, { headers: { "x-own": "1" } });
    expect([response.status, await response.text()]).toEqual([200, "answer 3"]);
    expect(server.seen.map(({ target, headers }) => [target, headers["x-own"]])).toEqual(
      Array(3).fill(["/a?q=1", "1"]),
    );
    expect(await records()).toMatchObject([
      {
        outcome: { result: "success" },
        http: {
          status: 200,
          attempts: [
            { status: 503, delayUs: 10_000 },
            { status: 429, delayUs: 20_000 },
          ],
        },
      },
    ]);
  });

  it("gives the last answer as it is when there are no more attempts", async () => {
    const server = await answering(503);
    const { guarded, records } = gateFor(server, {}, transport());
    const response = await guarded(server.origin);
    expect([response.status, await response.text()]).toEqual([503, "answer 3"]);
    expect((await records())[0]).toMatchObject({
      outcome: { category: "upstream_5xx" },
      http: { status: 503, attempts: [{ status: 503 }, { status: 503 }] },
    });
  });

  it("sends again when the connection breaks off before an answer", async () => {
    let count = 0;
    const server = await startServer((_, response) => {
      if (++count === 1) response.socket?.destroy();
      else response.end("here");
    });
    const { guarded, records } = gateFor(server, {}, transport());
    expect(await (await guarded(server.origin)).text()).toBe("here");
    expect((await records())[0].http.attempts).toEqual([{ delayUs: 10_000, errorType: expect.any(String) }]);
  });

  it("fails as the last attempt did when nothing answers", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    await new Promise((resolve) => server.close(resolve));
    const origin = `http://127.0.0.1:${port}`;
    const { guarded, records } = gateFor({ origin }, {}, transport());
    expect(await rejection(guarded(origin))).toMatchObject({
      name: "TypeError",
      message: "fetch failed",
      cause: { code: "ECONNREFUSED" },
    });
    const [record] = await records();
    expect(record.outcome).toMatchObject({ category: "network", errorType: "ECONNREFUSED" });
    expect(record.http.attempts).toMatchObject([
      { errorType: "ECONNREFUSED" },
      { errorType: "ECONNREFUSED" },
    ]);
  });

  it("sends a body of bytes again as it was, and a stream never", async () => {
    const server = await answering(503, 200);
    const { guarded } = gateFor(server, { methods: ["PUT"] }, transport());
    expect((await guarded(server.origin, { method: "PUT", body: "all of it" })).status).toBe(200);
    expect(server.seen.map(({ body }) => body)).toEqual(["all of it", "all of it"]);

    const other = await answering(503, 200);
    const body = new Blob(["streamed"]).stream();
    const streaming = gateFor(other, { methods: ["PUT"] }, transport());
    const response = await streaming.guarded(other.origin, {
      method: "PUT",
      body,
      duplex: "half",
    } as RequestInit);
    expect([response.status, other.seen.length]).toEqual([503, 1]);
  });

  it("ends with the caller's reason when the call is aborted while it waits", async () => {
    const server = await answering(503);
    const { guarded, records } = gateFor(server, { delayMs: 2000 }, transport());
    const controller = new AbortController();
    const call = guarded(server.origin, { signal: controller.signal });
    await expect.poll(() => server.seen.length).toBe(1);
    await wait(20);
    const reason = new Error("enough");
    controller.abort(reason);
    expect(await rejection(call)).toBe(reason);
    expect((await records())[0].outcome).toMatchObject({ result: "failure", category: "aborted" });
    expect(server.seen).toHaveLength(1);
  });
});

describe("retry", () => {
  it("is off unless the proxy has it", async () => {
    const server = await answering(503, 200);
    const { guarded, records } = gateFor(server, undefined);
    expect((await guarded(server.origin)).status).toBe(503);
    expect((await records())[0].http).not.toHaveProperty("attempts");
  });

  it.each([
    ["GET", {}, 2],
    ["HEAD", {}, 2],
    ["OPTIONS", {}, 2],
    ["PUT", {}, 1],
    ["DELETE", {}, 1],
    ["POST", {}, 1],
    ["PATCH", { "idempotency-key": "k" }, 1],
  ])("by default takes safe methods only: %s with %j is sent %i times", async (method, headers, times) => {
    const server = await answering(503, 200);
    await gateFor(server, {}).guarded(server.origin, { method, headers });
    expect(server.seen).toHaveLength(times);
  });

  it.each([
    ["POST", {}, 1],
    ["POST", { "Idempotency-Key": "k" }, 2],
    ["PATCH", {}, 1],
    ["PATCH", { "idempotency-key": "k" }, 2],
    ["DELETE", {}, 2],
    ["GET", {}, 1],
  ])("takes the methods it is told: %s with %j is sent %i times", async (method, headers, times) => {
    const server = await answering(503, 200);
    const { guarded } = gateFor(server, { methods: ["DELETE", "POST", "PATCH"] });
    await guarded(server.origin, { method, headers });
    expect(server.seen).toHaveLength(times);
  });

  it.each([
    [500, {}, 1],
    [404, {}, 1],
    [404, { statuses: [404] }, 2],
    [503, { statuses: [404] }, 1],
    [302, {}, 1],
  ])("after status %i with %j sends %i times", async (status, retry, times) => {
    const server = await answering(status, 200);
    await gateFor(server, retry).guarded(server.origin);
    expect(server.seen).toHaveLength(times);
  });

  it("leaves failures of the network alone where it is told so", async () => {
    const server = await startServer((_, response) => response.socket?.destroy());
    expect(await rejection(gateFor(server, { networkErrors: false }).guarded(server.origin))).toMatchObject({
      message: "fetch failed",
    });
    expect(server.seen).toHaveLength(1);
  });

  it("waits as long as `retry-after` says", async () => {
    const server = await answering([503, "1"], 200);
    const { guarded, records } = gateFor(server, {});
    const startedMs = performance.now();
    expect((await guarded(server.origin)).status).toBe(200);
    expect(performance.now() - startedMs).toBeGreaterThan(950);
    expect((await records())[0].http.attempts).toEqual([{ delayUs: 1_000_000, status: 503 }]);
  });

  it("does not send again where `retry-after` asks for more than `maxDelayMs`", async () => {
    const server = await answering([503, "3"], 200);
    expect((await gateFor(server, {}).guarded(server.origin)).status).toBe(503);
    expect(server.seen).toHaveLength(1);
  });

  it("waits twice as long each time, up to `maxDelayMs`, and between half of that and all of it", async () => {
    const delaysOf = async (byte: number) => {
      const server = await answering(503);
      const proxy = { retry: { maxAttempts: 5, delayMs: 10, maxDelayMs: 30 } };
      const random = (length: number) => new Uint8Array(length).fill(byte);
      const { guarded, records } = openGate(documentFor(server.origin, proxy), { world: { random } });
      await guarded(server.origin);
      return (await records())[0].http.attempts.map(({ delayUs }: { delayUs: number }) => delayUs / 1000);
    };
    expect(await delaysOf(255)).toEqual([10, 20, 30, 30]);
    expect(await delaysOf(0)).toEqual([5, 10, 15, 15]);
  });

  it("injects the credential anew each time: one that changed meanwhile is the new one", async () => {
    const server = await answering(503, 200);
    const environment: Record<string, string> = { TOKEN: "first" };
    const policy: PolicyDocument = documentFor(
      server.origin,
      { targetCredential: "key", retry: { delayMs: 200, maxDelayMs: 200 } },
      { credentials: { key: { type: "target", authType: "bearer", secret: { env: "TOKEN" } } } },
    );
    const { guarded } = openGate(policy, { environment });
    const call = guarded(server.origin);
    await expect.poll(() => server.seen.length).toBe(1);
    environment.TOKEN = "second";
    await call;
    expect(server.seen.map(({ headers }) => headers.authorization)).toEqual([
      "Bearer first",
      "Bearer second",
    ]);
  });

  it("decides again: what time has closed meanwhile gets the answer that there is", async () => {
    const server = await answering(503, 200);
    let now = Date.parse("2026-01-01T00:00:00Z");
    const policy = documentFor(
      server.origin,
      { targetCredential: "key", retry: { delayMs: 200, maxDelayMs: 200 } },
      {
        credentials: {
          key: {
            ...{ type: "target", authType: "bearer", secret: { inline: { token: "t" } } },
            expiresAt: "2026-01-01T00:00:30Z",
          },
        },
      },
    );
    const { guarded, records } = openGate(policy, { world: { ...world, now: () => now } });
    const call = guarded(server.origin);
    await expect.poll(() => server.seen.length).toBe(1);
    now += 60_000;
    const response = await call;
    expect([response.status, await response.text(), server.seen.length]).toEqual([503, "answer 1", 1]);
    expect((await records())[0]).toMatchObject({ policy: { decision: "allow" }, http: { status: 503 } });
  });

  it("sends nothing again under a policy that is no longer in force", async () => {
    const server = await answering(503, 200);
    const path = writePolicy(documentFor(server.origin, { retry: { delayMs: 400, maxDelayMs: 400 } }));
    const { guarded } = openFileGate(path, {}, { world });
    const call = guarded(server.origin);
    await expect.poll(() => server.seen.length).toBe(1);
    rewrite(path, documentFor(server.origin, { active: false }));
    expect((await call).status).toBe(503);
    expect(server.seen).toHaveLength(1);
  });

  it("does not keep `close()` waiting", async () => {
    const server = await answering(503);
    const { guarded } = gateFor(server, { delayMs: 2000 });
    const call = guarded(server.origin);
    await expect.poll(() => server.seen.length).toBe(1);
    await wait(20);
    const startedMs = performance.now();
    await guarded.close();
    expect(performance.now() - startedMs).toBeLessThan(1000);
    expect((await call).status).toBe(503);
  });

  it("is of each hop by itself", async () => {
    let count = 0;
    const server = await startServer(({ target }, response) => {
      if (++count % 2 === 1) response.writeHead(503).end();
      else if (target === "/from") response.writeHead(302, { location: "/to" }).end();
      else response.end("there");
    });
    const { guarded, records } = gateFor(server, {});
    expect(await (await guarded(`${server.origin}/from`)).text()).toBe("there");
    expect((await records())[0].http).toMatchObject({
      attempts: [{ status: 503 }],
      redirects: [{ attempts: [{ status: 503 }], status: 200 }],
    });
  });

  it("does not repeat a denial of the network guard", async () => {
    const lookup = vi.fn((_host, _options, callback) => callback(null, [{ address: "10.0.0.1", family: 4 }]));
    const transport = undiciTransport({ lookup: lookup as never });
    const policy = documentFor("https://api.example.test", { retry: QUICK });
    const { guarded, records } = openGate(policy, { transport, world });
    expect(await rejection(guarded("https://api.example.test/"))).toMatchObject({
      decision: { code: "network" },
    });
    expect(lookup).toHaveBeenCalledTimes(1);
    expect((await records())[0].http).not.toHaveProperty("attempts");
  });

  it("hangs up on what it does not give to anybody", async () => {
    const open = new Set<unknown>();
    const server = await startServer((_, response) => {
      open.add(response);
      response.on("close", () => open.delete(response));
      response.writeHead(503).write("never ends");
    });
    const { guarded } = gateFor(server, {});
    const response = await guarded(server.origin);
    await expect.poll(() => open.size).toBe(1);
    expect(server.seen).toHaveLength(3);
    await response.body?.cancel();
    await expect.poll(() => open.size).toBe(0);
  });
});

afterEach(() => vi.restoreAllMocks());
