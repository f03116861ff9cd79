/** A stream of the caller's that has nothing to give just now is cancelled all the same when its call is over. */
import { getEventListeners } from "node:events";
import { createServer, type Socket } from "node:net";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { fetchTransport, undiciTransport } from "../src/index.js";
import { documentFor, openGate, rejection } from "./gate.js";

const TRANSPORTS = {
  undici: () => undiciTransport(),
  fetch: () => fetchTransport(),
  // Heeds neither the signal nor the end of its connection.
  "a deaf `fetch`": () =>
    fetchTransport(async (_url, { body } = {}) => {
      for await (const _ of body as ReadableStream) received();
      throw new Error("the body came to an end");
    }),
};

/** Told when a part of the body has arrived. */
let received = () => {};

async function startSink(onData: (socket: Socket) => void): Promise<string> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", () => onData(socket));
    onTestFinished(() => void socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has a port");
  return `http://127.0.0.1:${address.port}`;
}

/** One part, and then nothing. */
function stalling() {
  let isBegun = false;
  let onCancel = (_reason: unknown) => {};
  const cancelled = new Promise((resolve) => {
    onCancel = resolve;
  });
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (isBegun) return new Promise(() => {});
      isBegun = true;
      controller.enqueue(Buffer.from("begun"));
    },
    cancel: onCancel,
  });
  return { init: { method: "POST", body, duplex: "half" } as RequestInit, cancelled };
}

describe.each(Object.entries(TRANSPORTS))(
  "over %s, an upload that stalls is cancelled",
  (_name, transportOf) => {
    const open = (origin: string, limits = {}) =>
      openGate(documentFor("", {}, { targets: { api: { baseUrl: origin, limits } } }), {
        transport: transportOf(),
      }).guarded;

    it("with the reason of the signal", async () => {
      const controller = new AbortController();
      const reason = { mine: true };
      const abort = () => controller.abort(reason);
      received = abort;
      const origin = await startSink(abort);
      const { init, cancelled } = stalling();
      expect(await rejection(open(origin)(origin, { ...init, signal: controller.signal }))).toBe(reason);
      expect(await cancelled).toBe(reason);
      expect(getEventListeners(controller.signal, "abort")).toEqual([]);
    });

    it("when the time is up", async () => {
      const origin = await startSink(() => {});
      const { init, cancelled } = stalling();
      const error = await rejection(open(origin, { totalTimeoutMs: 50 })(origin, init));
      expect(error).toMatchObject({ name: "TimeoutError" });
      expect(await cancelled).toBe(error);
    });

    it("when what it is sent to fails", async () => {
      const origin = await startSink((socket) => socket.resetAndDestroy());
      received = () => {
        throw new TypeError("fetch failed");
      };
      const { init, cancelled } = stalling();
      expect(await rejection(open(origin)(origin, init))).toMatchObject({ message: "fetch failed" });
      await cancelled;
    });
  },
);

it("what was read of an upload for the rules is cancelled as a whole when the call fails", async () => {
  const cancel = vi.fn();
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new Uint8Array(2000)),
    cancel,
  });
  const policy = documentFor(
    "http://127.0.0.1:1",
    {
      targetCredential: "key",
      rules: [{ effect: "allow", body: [{ jsonPath: "\\.a$" }] }, { effect: "allow" }],
    },
    {
      settings: { maxRequestInspectBytes: 1024 },
      credentials: { key: { type: "target", authType: "bearer", secret: { env: "NOT_SET" } } },
    },
  );
  const { guarded } = openGate(policy, { environment: {} });
  const error = await rejection(
    guarded("http://127.0.0.1:1/", { method: "POST", body, duplex: "half" } as RequestInit),
  );
  expect(error).toMatchObject({ code: "ERR_CREDENTIAL_UNREADABLE" });
  await expect.poll(() => cancel).toHaveBeenCalledExactlyOnceWith(error);
});

// The platform's `fetch` lets it wait.
it("over undici, an upload that stalls is cancelled when it is answered before its end", async () => {
  const answer = "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nhere";
  const origin = await startSink((socket) => void socket.write(answer));
  const { init, cancelled } = stalling();
  const response = await openGate(documentFor(origin)).guarded(origin, init);
  expect(await response.text()).toBe("here");
  await cancelled;
});

it("a stream that is sent whole leaves nothing on its signal", async () => {
  const { signal } = new AbortController();
  const origin = "http://127.0.0.1:1";
  const transport = fetchTransport(async (_url, init) => new Response(init?.body));
  const { guarded } = openGate(documentFor(origin), { transport });
  const body = new Blob(["all of it"]).stream();
  const response = await guarded(origin, { method: "POST", body, duplex: "half", signal } as RequestInit);
  expect(await response.text()).toBe("all of it");
  // What follows it is collected some time.
  expect(getEventListeners(signal, "abort").length).toBeLessThanOrEqual(1);
});
