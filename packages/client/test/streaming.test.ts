import { getEventListeners } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { memoryKeyring, type PolicyDocument } from "@sallyport/core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { collectUntil } from "./collecting.js";
import { CANARY, documentFor, openGate, rejection, type TestGate } from "./gate.js";
import { startServer } from "./loopback-server.js";

type Filter = NonNullable<NonNullable<PolicyDocument["proxies"]>[string]["filters"]>[number];

const noSsn: Filter = { id: "no-ssn", operations: [{ effect: "destroy", jsonPath: "\\.ssn$" }] };

const withFilter = (origin: string, settings: PolicyDocument["settings"] = {}, filter = noSsn) =>
  documentFor(origin, { filters: [filter] }, { settings });

const EVENTS = { "content-type": "text/event-stream" };
const LINES = { "content-type": "application/x-ndjson" };
const JSON_TYPE = { "content-type": "application/json" };

/** A promise and what resolves it. */
function signal(): { readonly promise: Promise<void>; readonly fire: () => void } {
  let fire = () => {};
  const promise = new Promise<void>((resolve) => {
    fire = resolve;
  });
  return { promise, fire };
}

/** A gate whose upstream gives these pieces, one for each time it is asked. */
function gateOver(
  pieces: readonly (string | Uint8Array)[],
  {
    headers = EVENTS as Record<string, string>,
    settings = {},
    filter = noSsn,
    status = 200,
    mode = "enforce" as "enforce" | "observe",
  } = {},
): TestGate & { readonly asked: () => number; readonly cancelled: () => unknown } {
  let asked = 0;
  let cancelled: unknown;
  const body = () =>
    new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          const piece = pieces[asked++];
          if (piece === undefined) controller.close();
          else controller.enqueue(typeof piece === "string" ? new TextEncoder().encode(piece) : piece);
        },
        cancel(reason) {
          cancelled = reason ?? "without a reason";
        },
      },
      { highWaterMark: 0 },
    );
  const gate = openGate(documentFor("https://api.example", { filters: [filter], mode }, { settings }), {
    transport: async () => new Response(body(), { status, headers }),
  });
  return { ...gate, asked: () => asked, cancelled: () => cancelled };
}

const textOver = async (...given: Parameters<typeof gateOver>) =>
  (await gateOver(...given).guarded("https://api.example/x")).text();

async function readText(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<string> {
  return new TextDecoder().decode((await reader.read()).value);
}

function readerOf(response: Response): ReadableStreamDefaultReader<Uint8Array> {
  if (response.body === null) throw new Error("expected a body");
  return response.body.getReader();
}

describe("a stream that a filter applies to", () => {
  it.each([
    ["an event", EVENTS, 'data: {"ssn":1,"n":', "}\n\n", ['data: {"n":1}\n\n', 'data: {"n":2}\n\n']],
    ["a line", LINES, '{"ssn":1,"n":', "}\n", ['{"n":1}\n', '{"n":2}\n']],
  ])(
    "resolves at its headers, and gives each of %s before the next is sent",
    async (_, headers, begin, end, expected) => {
      const [isOpen, hasFirst] = [signal(), signal()];
      const server = await startServer(async (_request, response) => {
        response.writeHead(200, headers).flushHeaders();
        await isOpen.promise;
        response.write(`${begin}1${end}`);
        await hasFirst.promise;
        response.end(`${begin}2${end}`);
      });
      const { guarded } = openGate(withFilter(server.origin));
      const response = await guarded(server.origin);
      isOpen.fire();
      const reader = readerOf(response);
      expect(await readText(reader)).toBe(expected[0]);
      hasFirst.fire();
      expect(await readText(reader)).toBe(expected[1]);
      expect(await reader.read()).toEqual({ done: true, value: undefined });
    },
  );

  it("keeps status, URL and headers, but for those of the framing", async () => {
    const server = await startServer((_, response) => {
      response.setHeader("set-cookie", ["a=1", "b=2"]);
      response.writeHead(503, { ...EVENTS, etag: '"x"', "content-length": "17", "retry-after": "7" });
      response.end('data: {"ssn":1}\n\n');
    });
    const { guarded } = openGate(withFilter(server.origin));
    const response = await guarded(`${server.origin}/x`);
    const header = (name: string) => response.headers.get(name);
    expect([response.status, response.url, header("retry-after")]).toEqual([503, `${server.origin}/x`, "7"]);
    expect([header("content-type"), header("etag"), header("content-length")]).toEqual([
      "text/event-stream",
      null,
      null,
    ]);
    expect(response.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
    expect(await response.text()).toBe("data: {}\n\n");
  });

  it("has its values hashed under the same key as whole bodies", async () => {
    const { guarded } = openGate(
      withFilter("https://api.example", {}, { operations: [{ effect: "hash", jsonPath: "\\.ssn$" }] }),
      {
        keyring: memoryKeyring({ keys: { "hash:acme": new Uint8Array(32) } }),
        transport: async ({ url }) =>
          url.endsWith("/whole")
            ? Response.json({ ssn: "1" })
            : new Response('data: {"ssn":"1"}\n\n', { headers: EVENTS }),
      },
    );
    const whole = await (await guarded("https://api.example/whole")).text();
    expect(whole).toMatch(/^{"ssn":"h1:.{22}"}$/);
    expect(await (await guarded("https://api.example/events")).text()).toBe(`data: ${whole}\n\n`);
  });

  it("is read only as its reader reads, a piece at a time", async () => {
    const gate = gateOver(["data: 1\n\n", "data", ": 2\n", "\n", "data: 3\n\n"]);
    const response = await gate.guarded("https://api.example");
    await delay(5);
    expect(gate.asked()).toBe(0);
    const reader = readerOf(response);
    expect([await readText(reader), gate.asked()]).toEqual(["data: 1\n\n", 1]);
    expect([await readText(reader), gate.asked()]).toEqual(["data: 2\n\n", 4]);
    await delay(5);
    expect(gate.asked()).toBe(4);
  });

  it("can be cloned", async () => {
    const response = await gateOver(['data: {"ssn":1}\n\n', "data: 2\n\n"]).guarded("https://api.example");
    const copy = response.clone();
    const text = "data: {}\n\ndata: 2\n\n";
    expect([await copy.text(), await response.text(), copy.url]).toEqual([
      text,
      text,
      "https://api.example/",
    ]);
  });

  it("hangs up on the upstream when its reader cancels", async () => {
    const hungUp = signal();
    const server = await startServer((_, response) => {
      response.writeHead(200, EVENTS).write('data: {"ssn":1}\n\n');
      response.on("close", hungUp.fire);
    });
    const { guarded } = openGate(withFilter(server.origin));
    const reader = readerOf(await guarded(server.origin));
    expect(await readText(reader)).toBe("data: {}\n\n");
    await reader.cancel();
    await hungUp.promise;
  });

  it("is cancelled with the reader's reason, also while it waits for the upstream", async () => {
    const gate = gateOver(["data: 1\n\n"]);
    const reader = readerOf(await gate.guarded("https://api.example"));
    await reader.cancel("enough");
    expect(gate.cancelled()).toBe("enough");

    const server = await startServer((_, response) => response.writeHead(200, EVENTS).flushHeaders());
    const waiting = readerOf(await openGate(withFilter(server.origin)).guarded(server.origin));
    const read = waiting.read();
    await waiting.cancel();
    expect(await read).toEqual({ done: true, value: undefined });
  });

  it("ends with the signal's own reason, whether it is being read or not", async () => {
    const server = await startServer((_, response) => response.writeHead(200, EVENTS).write("data: 1\n\n"));
    for (const isReading of [true, false]) {
      const { guarded, records } = openGate(withFilter(server.origin));
      const controller = new AbortController();
      const reader = readerOf(await guarded(server.origin, { signal: controller.signal }));
      await reader.read();
      const reason = { because: "of this" };
      const pending = isReading ? rejection(reader.read()) : undefined;
      controller.abort(reason);
      expect(await (pending ?? rejection(reader.read()))).toBe(reason);
      expect(await rejection(reader.closed)).toBe(reason);
      await expect.poll(async () => (await records()).length).toBe(2);
      expect((await records())[1].outcome).toMatchObject({ result: "failure", category: "aborted" });
    }
  });

  it("breaks off as the platform's own body does when the upstream does", async () => {
    const server = await startServer((_, response) => {
      response.writeHead(200, EVENTS).write('data: 1\n\ndata: {"ssn"');
      setTimeout(() => response.destroy(), 20);
    });
    const { guarded, records } = openGate(withFilter(server.origin));
    const reader = readerOf(await guarded(server.origin));
    expect(await readText(reader)).toBe("data: 1\n\n");
    expect(await rejection(reader.read())).toBeInstanceOf(TypeError);
    expect((await records())[1].outcome).toMatchObject({ result: "failure", category: "network" });
  });

  it("is hung up on when nobody can read it any more", async () => {
    const hungUp = signal();
    const server = await startServer((_, response) => {
      response.writeHead(200, EVENTS).write("data: 1\n\n");
      response.on("close", hungUp.fire);
    });
    const { guarded, records } = openGate(withFilter(server.origin));
    const controller = new AbortController();
    await guarded(server.origin, { signal: controller.signal });
    await collectUntil(hungUp.promise);
    await expect.poll(async () => (await records()).length).toBe(2);
    expect((await records())[1].outcome).toEqual({ result: "failure", category: "aborted" });
    // It lives longer than what it can abort.
    expect(controller.signal.aborted).toBe(false);
  });

  it("ends with the reason of a signal that fired when the headers came", async () => {
    const controller = new AbortController();
    const { guarded } = openGate(withFilter("https://api.example"), {
      transport: async () => {
        controller.abort("enough");
        return new Response("data: 1\n\n", { headers: EVENTS });
      },
    });
    const response = await guarded("https://api.example", { signal: controller.signal });
    expect(await rejection(response.text())).toBe("enough");
  });

  it("leaves nothing on the signal when it is over", async () => {
    const { signal } = new AbortController();
    const gate = gateOver(["data: 1\n\n"]);
    const response = await gate.guarded("https://api.example", { signal });
    expect(getEventListeners(signal, "abort")).toHaveLength(1);
    await response.text();
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  it("without a body passes", async () => {
    const server = await startServer((_, response) => response.writeHead(200, EVENTS).end());
    const { guarded, records } = openGate(withFilter(server.origin));
    expect((await guarded(server.origin, { method: "HEAD" })).status).toBe(200);
    expect((await records())[0].outcome).toEqual({ result: "success" });
    expect(await (await guarded(server.origin)).text()).toBe("");
  });

  it("is the platform's own where only successes are filtered and it is none", async () => {
    const text = 'data: {"ssn":1}\n\n';
    const over = { status: 500, settings: { filterStatuses: "success" } as const };
    expect(await textOver([text], over)).toBe(text);
    expect(await textOver([text], { status: 500 })).toBe("data: {}\n\n");
  });
});

describe("a stream that cannot be filtered", () => {
  it.each([
    ["an event", EVENTS, "data: 1\n\n", `data: ${CANARY}\n\n`, "event 2"],
    ["a line", LINES, "1\n", `${CANARY}\n`, "line 2"],
  ])(
    "ends at %s that is not JSON, nothing of which is told or delivered",
    async (_, headers, good, bad, place) => {
      const hungUp = signal();
      const server = await startServer((_request, response) => {
        response.writeHead(200, headers).write(good + bad + good);
        response.on("close", hungUp.fire);
      });
      const { guarded, records } = openGate(withFilter(server.origin));
      const reader = readerOf(await guarded(server.origin));
      expect(await readText(reader)).toBe(good);
      const error = (await rejection(reader.read())) as Error;
      const reason = `filter \`no-ssn\` of proxy \`p\` applies: ${place}: the body is not JSON: a value is missing, near byte 1`;
      expect(error).toMatchObject({
        name: "ResponseWithheldError",
        code: "ERR_RESPONSE_WITHHELD",
        message: `response withheld: ${reason}`,
      });
      await hungUp.promise;
      const all = await records();
      expect(all[1].outcome).toEqual({
        result: "failure",
        category: "withheld",
        errorType: "ERR_RESPONSE_WITHHELD",
        message: error.message,
      });
      expect(JSON.stringify([all, error, error.stack])).not.toContain(CANARY);
    },
  );

  it("never delivers an event that has no end", async () => {
    const hungUp = signal();
    const server = await startServer((_, response) => {
      response.writeHead(200, EVENTS).write('data: 1\n\ndata: {"ssn":"');
      const timer = setInterval(() => response.write(CANARY.repeat(100)), 1);
      response.on("close", () => {
        clearInterval(timer);
        hungUp.fire();
      });
    });
    const { guarded } = openGate(withFilter(server.origin, { maxFilterBufferBytes: 10_000 }));
    const reader = readerOf(await guarded(server.origin));
    expect(await readText(reader)).toBe("data: 1\n\n");
    const error = (await rejection(reader.read())) as Error;
    expect(error.message).toContain("event 2: it is longer than `maxFilterBufferBytes`");
    await hungUp.promise;
  });

  it.each([
    ["needs a variable that it does not have", EVENTS],
    ["is a part of a body", { ...LINES, "content-range": "bytes 0-1/2" }],
    ["is in another charset", { "content-type": "text/event-stream; charset=utf-16" }],
    ["is in records of another kind", { "content-type": "application/json-seq" }],
  ])("is withheld at its headers when it %s", async (what, headers) => {
    const gate = gateOver([`data: "${CANARY}"\n\n`], {
      headers,
      filter: what.includes("variable")
        ? {
            variables: [{ name: "owner", source: "responseBody", key: "$.owner" }],
            operations: [{ effect: "destroy", jsonPath: "\\.{{owner}}$" }],
          }
        : noSsn,
    });
    const response = await gate.guarded("https://api.example");
    expect([response.status, response.headers.get("sallyport-code")]).toEqual([422, "response-withheld"]);
    expect(await response.text()).not.toContain(CANARY);
    expect(gate.cancelled()).toBe("without a reason");
    expect((await gate.records()).map(({ type }) => type)).toEqual(["http.request"]);
  });
});

describe("a stream that a filter only observes", () => {
  const over = { mode: "observe", headers: { ...EVENTS, etag: '"x"', "sallyport-code": "forged" } } as const;

  // One for each gate, about which there is nothing to say here.
  beforeAll(() => {
    vi.spyOn(process, "emitWarning").mockImplementation(() => {});
  });
  afterAll(() => {
    vi.restoreAllMocks();
  });

  it("goes on as it came, and its end says what would have been done", async () => {
    const pieces = ['id:1\r\ndata:{"ssn"', ":1}\r\n\r\n: a\n", 'data: {"ssn":2}'];
    const gate = gateOver(pieces, over);
    const response = await gate.guarded("https://api.example");
    expect([response.headers.get("etag"), response.headers.get("sallyport-code")]).toEqual(['"x"', null]);
    const reader = readerOf(response);
    expect([await readText(reader), gate.asked()]).toEqual([pieces[0], 1]);
    expect([await readText(reader), await readText(reader)]).toEqual(pieces.slice(1));
    expect((await reader.read()).done).toBe(true);
    expect(await gate.records()).toMatchObject([
      { outcome: { result: "unknown", category: "open" } },
      { outcome: { result: "success" }, filters: [{ nodes: 2, paths: ["$.ssn"] }] },
    ]);
  });

  it("goes on where a filter would end it, and the record says why it would", async () => {
    const pieces = ['data: {"ssn":1}\n\n', "data: hello\n\n", 'data: {"ssn":1}\n\n'];
    const gate = gateOver(pieces, over);
    expect(await (await gate.guarded("https://api.example")).text()).toBe(pieces.join(""));
    const [, end] = await gate.records();
    expect(end.outcome).toEqual({
      result: "success",
      observed: "withheld",
      message:
        "filter `no-ssn` of proxy `p` applies: event 2: the body is not JSON: a value is missing, near byte 1",
    });
    expect(end.filters).toMatchObject([{ nodes: 1 }]);
  });

  it("goes on as JSON that is larger than the buffer, from its first byte", async () => {
    const text = `{"ssn":1,"a":"${"x".repeat(5000)}"`;
    const settings = { maxFilterBufferBytes: 4096 };
    const gate = gateOver([text, ',"ssn":2}'], { mode: "observe", headers: JSON_TYPE, settings });
    expect(await (await gate.guarded("https://api.example")).text()).toBe(`${text},"ssn":2}`);
    expect((await gate.records())[1]).toMatchObject({
      outcome: { result: "success" },
      filters: [{ nodes: 2 }],
      http: { response: { bodyBytes: text.length + 9 } },
    });
  });
});

describe("an event stream, however it comes", () => {
  const events = 'id: 1\ndata: {"ssn":1,"a":"é😀"}\n\nevent: x\ndata: [DONE]\n\n';
  const filtered = 'id: 1\ndata: {"a":"é😀"}\n\nevent: x\ndata: [DONE]\n\n';

  it("a byte at a time", async () => {
    const pieces = [...new TextEncoder().encode(events)].map((byte) => Uint8Array.of(byte));
    expect(await textOver(pieces)).toBe(filtered);
  });

  it("with the CR of a line end in one piece and the LF in the next", async () => {
    const pieces = events.replaceAll("\n", "\r\n").split(/(?<=\r)/);
    expect(await textOver(pieces)).toBe(filtered);
    expect(await textOver([events.replaceAll("\n", "\r")])).toBe(filtered);
  });

  it("with a byte-order mark, and without the space after a colon", async () => {
    expect(await textOver([`\ufeff${events}`])).toBe(filtered);
    expect(await textOver([events.replaceAll(": ", ":")])).toBe(filtered);
  });

  it("with 10,000 events in one piece", async () => {
    expect(await textOver(['data: {"ssn":1}\n\n'.repeat(10_000)])).toBe("data: {}\n\n".repeat(10_000));
  });

  it("with its last event not ended", async () => {
    expect(await textOver(["data: 1\n\n", 'data: {"ssn":1}'])).toBe("data: 1\n\ndata: {}");
    expect((await rejection(textOver(["data: 1\n\n", 'data: {"ssn":1']))) as Error).toMatchObject({
      code: "ERR_RESPONSE_WITHHELD",
    });
  });
});

describe("a JSON body", () => {
  const settings = { maxFilterBufferBytes: 4096 };
  const row = { id: 12_345, name: "x".repeat(60), ssn: "078-05-1120" };
  const { ssn: _ssn, ...rest } = row;

  it("streams when it is larger than the buffer, every byte of it filtered", async () => {
    const count = 200_000;
    const text = `[${`${JSON.stringify(row)},`.repeat(count)}{}]`;
    let isSent = false;
    const server = await startServer((_, response) => {
      response.writeHead(200, { ...JSON_TYPE, etag: '"x"' });
      response.end(text, () => {
        isSent = true;
      });
    });
    const { guarded, records } = openGate(withFilter(server.origin));
    const response = await guarded(server.origin);
    expect([text.length > 20_000_000, response.status, response.headers.get("etag")]).toEqual([
      true,
      200,
      null,
    ]);
    const reader = readerOf(response);
    let received = await readText(reader);
    // Nobody reads on, so the server cannot have got rid of all of it.
    await delay(100);
    expect(isSent).toBe(false);
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      received += new TextDecoder().decode(value);
    }
    expect(received === `[${`${JSON.stringify(rest)},`.repeat(count)}{}]`).toBe(true);
    expect((await records())[1]).toMatchObject({
      outcome: { result: "success" },
      filters: [{ nodes: count, paths: ["$[*].ssn"] }],
      http: { response: { bodyBytes: received.length } },
    });
  });

  it("up to that size is whole before the response is there", async () => {
    const gate = gateOver(['{"ssn":1', `,"a":"${"x".repeat(4000)}"`, "}"], { headers: JSON_TYPE, settings });
    await gate.guarded("https://api.example");
    expect(gate.asked()).toBe(4);
    expect((await gate.records()).map(({ type }) => type)).toEqual(["http.request"]);
  });

  it("is withheld as a whole when what was read of it is not JSON, and else ends where it stops being JSON", async () => {
    const long = `{"ssn":1,"a":"${"x".repeat(5000)}"`;
    const early = gateOver([`!${long}`, "}"], { headers: JSON_TYPE, settings });
    const response = await early.guarded("https://api.example");
    expect([response.status, response.headers.get("sallyport-code")]).toEqual([422, "response-withheld"]);
    expect(early.cancelled()).toBe("without a reason");

    const late = gateOver([long, `, ${CANARY}}`], { headers: JSON_TYPE, settings });
    const reader = readerOf(await late.guarded("https://api.example"));
    expect(await readText(reader)).toBe(long.replace('"ssn":1,', ""));
    const error = (await rejection(reader.read())) as Error;
    expect(error).toMatchObject({ code: "ERR_RESPONSE_WITHHELD" });
    expect(error.message).not.toContain(CANARY);
    expect(late.cancelled()).toBe(error);
  });

  it("that is cut off in the middle fails", async () => {
    const text = textOver([`{"a":"${"x".repeat(5000)}"`], { headers: JSON_TYPE, settings });
    expect(await rejection(text)).toMatchObject({ code: "ERR_RESPONSE_WITHHELD" });
  });
});

describe("the record of a stream", () => {
  it("says that it is open, and a second one before its reader knows how it ended and what was done", async () => {
    const gate = gateOver(['data: {"ssn":1}\n\n', 'data: {"ssn":1,"a":{"ssn":2}}\n\n']);
    const response = await gate.guarded("https://api.example/x");
    const [request, ...none] = await gate.records();
    expect([request.outcome, request.filters, none]).toEqual([
      { result: "unknown", category: "open" },
      [],
      [],
    ]);

    const text = await response.text();
    const [, end, ...more] = await gate.records();
    expect(more).toEqual([]);
    expect(end).toMatchObject({
      v: "1.0",
      type: "http.stream.end",
      region: "eu-west-1",
      links: { request: request.id },
      tenant: { clientId: "acme", proxyId: "p" },
      http: { response: { bodyBytes: text.length } },
      outcome: { result: "success" },
    });
    expect(end.filters).toEqual([
      {
        scope: "proxy",
        entityId: "p",
        filterId: "no-ssn",
        operationId: "operations/0",
        effect: "destroy",
        nodes: 3,
        paths: ["$.ssn", "$.a.ssn"],
      },
    ]);
    // Within a millisecond ids are in no order.
    expect(end.id.slice(0, 13) >= request.id.slice(0, 13)).toBe(true);
  });

  it("says what was done until its reader cancelled", async () => {
    const gate = gateOver(['data: {"ssn":1}\n\n', "data: 2\n\n"]);
    const reader = readerOf(await gate.guarded("https://api.example"));
    await reader.read();
    await reader.cancel();
    expect((await gate.records())[1]).toMatchObject({
      outcome: { result: "failure", category: "aborted" },
      filters: [{ nodes: 1 }],
      http: { response: { bodyBytes: 10 } },
    });
  });

  it("says that the upstream failed where its status did", async () => {
    const gate = gateOver(["data: 1\n\n"], { status: 500 });
    await (await gate.guarded("https://api.example")).text();
    expect((await gate.records()).map(({ outcome }) => outcome.category)).toEqual(["open", "upstream_5xx"]);
  });

  it("is stored before its reader knows of the end, and by `close` if it was not yet", async () => {
    for (const isCancelled of [false, true]) {
      const { guarded, store, records } = gateOver(["data: 1\n\n"]);
      const putRecord = store.log.putRecord.bind(store.log);
      store.log.putRecord = async (record) => {
        await delay(50);
        await putRecord(record);
      };
      const response = await guarded("https://api.example");
      if (isCancelled) response.body?.cancel();
      else await response.text();
      if (isCancelled) await guarded.close();
      expect((await records()).map(({ type }) => type)).toEqual(["http.request", "http.stream.end"]);
    }
  });
});
