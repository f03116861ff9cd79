/** Filters with `mode: "observe"`: the record says what they would have done, and nothing else changes. */
import type { PolicyDocument } from "@sallyport/core";
import { describe, expect, it, vi } from "vitest";
import type { Transport } from "../src/index.js";
import { documentFor, openGate } from "./gate.js";
import { json, startServer } from "./loopback-server.js";

// Each of these policies is warned of: see `observing.test.ts`.
vi.spyOn(process, "emitWarning").mockImplementation(() => {});

type Proxy = NonNullable<PolicyDocument["proxies"]>[string];
type Filter = NonNullable<Proxy["filters"]>[number];

const destroy = (member: string, more: Partial<Filter> = {}): Filter => ({
  id: `no-${member}`,
  operations: [{ effect: "destroy", jsonPath: `\\.${member}$` }],
  ...more,
});
const trial = (member: string, more: Partial<Filter> = {}) => destroy(member, { mode: "observe", ...more });

const ndjson = { "content-type": "application/x-ndjson" };

function gateFor(origin: string, filters: Filter[], more: Partial<Proxy> = {}, settings = {}) {
  return openGate(documentFor(origin, { filters, ...more }, { settings }));
}

describe("a response filter that only observes", () => {
  it("leaves the response as it came, and its receipts are marked", async () => {
    const server = await startServer(json('{"ssn":1,"a":2}', 200, { etag: '"x"' }));
    const { guarded, records } = gateFor(server.origin, [trial("ssn")]);
    const response = await guarded(server.origin, { headers: { range: "bytes=0-" } });
    expect([await response.text(), response.headers.get("etag")]).toEqual(['{"ssn":1,"a":2}', '"x"']);
    expect(server.seen[0]?.headers.range).toBe("bytes=0-");
    const [record] = await records();
    expect(record.filters).toMatchObject([
      { filterId: "no-ssn", nodes: 1, paths: ["$.ssn"], mode: "observe" },
    ]);
    expect(record.outcome).toEqual({ result: "success" });
    expect(record.http.response).not.toHaveProperty("bodyBytes");
  });

  it("stands beside one that is enforced, and is counted as if it were too", async () => {
    const server = await startServer(json('{"ssn":{"pin":1},"pin":2,"a":3}'));
    const { guarded, records } = gateFor(server.origin, [destroy("ssn"), trial("pin")]);
    expect(await (await guarded(server.origin)).text()).toBe('{"pin":2,"a":3}');
    expect((await records())[0].filters).toMatchObject([
      { filterId: "no-ssn", nodes: 1 },
      { filterId: "no-pin", nodes: 1, paths: ["$.pin"], mode: "observe" },
    ]);
    expect((await records())[0].filters[0]).not.toHaveProperty("mode");
  });

  it("keeps nothing from the caller with a retain", async () => {
    const server = await startServer(json('{"a":1,"b":2}'));
    const only: Filter = { mode: "observe", operations: [{ effect: "retain", jsonPath: "\\.a$" }] };
    const { guarded, records } = gateFor(server.origin, [only, destroy("b")]);
    expect(await (await guarded(server.origin)).text()).toBe('{"a":1}');
    expect((await records())[0].filters).toMatchObject([
      { effect: "destroy", nodes: 1 },
      { effect: "retain", nodes: 1, mode: "observe" },
    ]);
  });

  it("withholds nothing, and the record says that and why it would", async () => {
    const server = await startServer((_, response) => response.end("<p>hello</p>"));
    const { guarded, records } = gateFor(server.origin, [trial("ssn")]);
    const response = await guarded(server.origin);
    expect([response.status, await response.text()]).toEqual([200, "<p>hello</p>"]);
    expect((await records())[0]).toMatchObject({
      filters: [],
      outcome: {
        result: "success",
        observed: "withheld",
        message: "filter `no-ssn` of proxy `p` applies: the body is of no known type, not JSON",
      },
    });
  });

  it("is not waited for where it cannot read the body", async () => {
    const server = await startServer((_, response) => {
      response.writeHead(200, { "content-type": "text/plain" });
      response.flushHeaders();
    });
    const { guarded, records } = gateFor(server.origin, [trial("ssn")]);
    const response = await guarded(server.origin);
    expect((await records())[0].outcome).toMatchObject({ observed: "withheld" });
    await response.body?.cancel();
  });

  it("withholds nothing for a variable that it misses, where another filter goes on", async () => {
    const server = await startServer(json('{"ssn":1,"a":2}'));
    const missing = trial("x", {
      variables: [{ name: "user", source: "vars", key: "user" }],
      operations: [{ effect: "destroy", jsonPath: "{{user}}" }],
    });
    const { guarded, records } = gateFor(server.origin, [destroy("ssn"), missing]);
    expect(await (await guarded(server.origin)).text()).toBe('{"a":2}');
    expect((await records())[0].outcome).toMatchObject({ result: "success", observed: "withheld" });
  });

  it("lends its variables to filters of inner scopes", async () => {
    const server = await startServer(json('{"ssn":1,"a":2}'));
    const outer = trial("x", { variables: [{ name: "member", source: "query", key: "m" }] });
    const inner = destroy("ssn", { operations: [{ effect: "destroy", jsonPath: "\\.{{member}}$" }] });
    const { guarded } = openGate({
      ...documentFor(server.origin, { filters: [inner] }),
      targets: { api: { baseUrl: server.origin, filters: [outer] } },
    });
    expect(await (await guarded(`${server.origin}/?m=ssn`)).text()).toBe('{"a":2}');
  });

  it("looks on while a stream goes by, and the record of its end has what it would have done", async () => {
    const lines = '{"ssn":1}\n{"pin":2}\n';
    const server = await startServer((_, response) => response.writeHead(200, ndjson).end(lines));
    const alone = gateFor(server.origin, [trial("ssn")]);
    expect(await (await alone.guarded(server.origin)).text()).toBe(lines);
    expect((await alone.records())[1]).toMatchObject({
      type: "http.stream.end",
      filters: [{ filterId: "no-ssn", nodes: 1, mode: "observe" }],
      outcome: { result: "success" },
    });
    const beside = gateFor(server.origin, [destroy("ssn"), trial("pin")]);
    expect(await (await beside.guarded(server.origin)).text()).toBe('{}\n{"pin":2}\n');
    expect((await beside.records())[1].filters).toMatchObject([
      { filterId: "no-ssn", nodes: 1 },
      { filterId: "no-pin", nodes: 1, mode: "observe" },
    ]);
  });

  it("lets a stream end as it ends, and the record says that it would have been cut off", async () => {
    const server = await startServer((_, response) =>
      response.writeHead(200, ndjson).end('{"ssn":1}\nno JSON\n'),
    );
    const { guarded, records } = gateFor(server.origin, [trial("ssn")]);
    expect(await (await guarded(server.origin)).text()).toBe('{"ssn":1}\nno JSON\n');
    expect((await records())[1].outcome).toMatchObject({ result: "success", observed: "withheld" });
  });

  it("sees that a longer document breaks off at its end", async () => {
    const text = `{"pad":"${"x".repeat(5000)}"`;
    const server = await startServer(json(text));
    const { guarded, records } = gateFor(server.origin, [trial("ssn")], {}, { maxFilterBufferBytes: 1024 });
    expect(await (await guarded(server.origin)).text()).toBe(text);
    expect((await records())[1].outcome).toMatchObject({
      result: "success",
      observed: "withheld",
      message: expect.stringContaining("the text ends too early"),
    });
  });

  it("needs the whole of a longer body than it may read, which goes on all the same", async () => {
    const text = JSON.stringify({ ssn: 1, pad: "x".repeat(5000) });
    const server = await startServer(json(text));
    const whole = trial("x", { operations: [{ effect: "destroy", select: "$[?@ == 1]" }] });
    const { guarded, records } = gateFor(
      server.origin,
      [whole, destroy("ssn")],
      {},
      { maxFilterBufferBytes: 1024 },
    );
    expect(await (await guarded(server.origin)).text()).toBe(text.replace('"ssn":1,', ""));
    expect((await records())[0].outcome).toMatchObject({ category: "open", observed: "withheld" });
  });
});

describe("a request filter that only observes", () => {
  const post = (body: string, type = "application/json") => ({
    method: "POST",
    body,
    headers: { "content-type": type, digest: "x" },
  });

  it.each<[string, Filter[], Partial<Proxy>]>([
    ["by its own mode", [trial("ssn", { on: "request" })], {}],
    ["by its proxy's", [destroy("ssn", { on: "request" })], { mode: "observe" }],
  ])("%s leaves the body and its headers, and its receipts are marked", async (_, filters, proxy) => {
    const server = await startServer(json("{}"));
    const { guarded, records } = gateFor(server.origin, filters, proxy);
    await guarded(server.origin, post('{"ssn":1}'));
    expect(server.seen).toMatchObject([{ body: '{"ssn":1}', headers: { digest: "x" } }]);
    expect((await records())[0]).toMatchObject({
      policy: { decision: "allow" },
      filters: [{ filterId: "no-ssn", nodes: 1, on: "request", mode: "observe" }],
      outcome: { result: "success" },
    });
  });

  it.each<[string, Filter[], Partial<Proxy>]>([
    ["by its own mode", [trial("ssn", { on: "request" })], {}],
    ["by its proxy's", [destroy("ssn", { on: "request" })], { mode: "observe" }],
  ])("%s denies nothing, and the record says that and why it would", async (_, filters, proxy) => {
    const server = await startServer(json("{}"));
    const { guarded, records } = gateFor(server.origin, filters, proxy);
    await guarded(server.origin, post("ssn=1", "text/plain"));
    expect(server.seen).toMatchObject([{ body: "ssn=1" }]);
    expect((await records())[0]).toMatchObject({
      policy: { decision: "allow" },
      filters: [],
      outcome: {
        result: "success",
        observed: "policy_denied",
        message: "request filter `no-ssn` of proxy `p` applies: the body is `text/plain`, not JSON",
      },
    });
  });

  it("shows rules the body as it is sent", async () => {
    const server = await startServer(json("{}"));
    const rules: Proxy["rules"] = [{ effect: "deny", body: [{ jsonPath: "\\.pin$" }] }];
    const filters = [trial("pin", { on: "request" }), destroy("ssn", { on: "request" })];
    const { guarded, records } = gateFor(server.origin, filters, { rules });
    await expect(guarded(server.origin, post('{"pin":1}'))).rejects.toMatchObject({
      decision: { code: "rule" },
    });
    await guarded(server.origin, post('{"ssn":1}'));
    expect(server.seen).toMatchObject([{ body: "{}" }]);
    expect((await records())[0].filters).toMatchObject([
      { filterId: "no-ssn", nodes: 0, on: "request" },
      { filterId: "no-pin", nodes: 1, on: "request", mode: "observe" },
    ]);
  });

  it("takes nothing of a stream that it cannot read before the call is sent", async () => {
    let taken = 0;
    const body = new ReadableStream({
      pull: (controller) => {
        taken++;
        controller.enqueue(new Uint8Array(1));
      },
    });
    // A stream takes one chunk ahead of its reader.
    await new Promise((resolve) => setImmediate(resolve));
    const before = taken;
    const transport: Transport = async () => {
      expect(taken).toBe(before);
      return Response.json({});
    };
    const policy = documentFor("https://api.example", { filters: [trial("ssn", { on: "request" })] });
    const { guarded } = openGate(policy, { transport });
    const headers = { "content-type": "text/plain" };
    const init = { method: "POST", body, headers, duplex: "half" } as RequestInit;
    expect((await guarded("https://api.example/", init)).status).toBe(200);
  });

  it("leaves a stream to flow that it cannot read, or not to its end", async () => {
    const server = await startServer(json("{}"));
    const { guarded, records } = gateFor(
      server.origin,
      [trial("ssn", { on: "request" })],
      {},
      {
        maxFilterBufferBytes: 1024,
      },
    );
    for (const type of ["text/plain", "application/json"]) {
      const body = ReadableStream.from([Buffer.alloc(2000, " "), Buffer.from("1")]);
      const headers = { "content-type": type };
      await guarded(server.origin, { method: "POST", body, headers, duplex: "half" } as RequestInit);
    }
    expect(server.seen.map(({ body }) => body.length)).toEqual([2001, 2001]);
    expect((await records()).map(({ outcome }) => outcome.message)).toEqual([
      "request filter `no-ssn` of proxy `p` applies: the body is `text/plain`, not JSON",
      "request filter `no-ssn` of proxy `p` applies: the body is larger than `maxFilterBufferBytes`",
    ]);
  });
});
