import { gzipSync } from "node:zlib";
import type { PolicyDocument } from "@sallyport/core";
import { describe, expect, it } from "vitest";
import { CANARY, documentFor, openGate, rejection } from "./gate.js";
import { json, startServer } from "./loopback-server.js";

type Filter = NonNullable<NonNullable<PolicyDocument["proxies"]>[string]["filters"]>[number];

const noSsn: Filter = { id: "no-ssn", operations: [{ effect: "destroy", jsonPath: "\\.ssn$" }] };

const withFilter = (origin: string, filter: Filter = noSsn, settings: PolicyDocument["settings"] = {}) =>
  documentFor(origin, { filters: [filter] }, { settings });

describe("a filtered response", () => {
  it("lacks what was destroyed, keeps every other byte, and has a receipt on the record", async () => {
    const server = await startServer(
      json('{"n":12345678901234567890, "ssn":"1", "list":[{"ssn":2,"k":1.0}]}', 200, { etag: '"x"' }),
    );
    const { guarded, records } = openGate(withFilter(server.origin));
    const response = await guarded(`${server.origin}/x`);
    expect(await response.clone().text()).toBe('{"n":12345678901234567890, "list":[{"k":1.0}]}');
    expect([
      response.url,
      response.type,
      response.headers.get("etag"),
      response.headers.get("content-length"),
    ]).toEqual([`${server.origin}/x`, "basic", null, null]);
    const [record] = await records();
    expect(record.filters).toEqual([
      {
        scope: "proxy",
        entityId: "p",
        filterId: "no-ssn",
        operationId: "operations/0",
        effect: "destroy",
        nodes: 2,
        paths: ["$.ssn", "$.list[*].ssn"],
      },
    ]);
    expect(record.http.response.bodyBytes).toBe(46);
  });

  it("keeps its length and tag only if every byte of it comes out as it came", async () => {
    const server = await startServer((request, response) => {
      const text =
        request.target === "/same" ? '{"a":1}' : request.target === "/mark" ? "\ufeff{}" : '{"ssn":1}';
      const length = Buffer.byteLength(text);
      response.writeHead(200, { "content-type": "application/json", "content-length": length, etag: '"x"' });
      response.end(text);
    });
    const { guarded } = openGate(withFilter(server.origin));
    const headersOf = async (path: string) => {
      const { headers } = await guarded(server.origin + path);
      return [headers.get("content-length"), headers.get("etag")];
    };
    expect(await headersOf("/same")).toEqual(["7", '"x"']);
    expect(await headersOf("/mark")).toEqual([null, null]);
    expect(await headersOf("/less")).toEqual([null, null]);
  });

  it("is decoded first", async () => {
    const server = await startServer((_, response) => {
      response.writeHead(200, { "content-type": "application/json", "content-encoding": "gzip" });
      response.end(gzipSync('{"ssn":1,"a":2}'));
    });
    const { guarded } = openGate(withFilter(server.origin));
    const response = await guarded(server.origin);
    expect([await response.text(), response.headers.get("content-encoding")]).toEqual(['{"a":2}', null]);
  });

  it("keeps each `set-cookie`", async () => {
    const server = await startServer((_, response) => {
      response.setHeader("set-cookie", ["a=1", "b=2"]);
      response.setHeader("content-type", "application/json");
      response.end("{}");
    });
    const { guarded } = openGate(withFilter(server.origin));
    expect((await guarded(server.origin)).headers.getSetCookie()).toEqual(["a=1", "b=2"]);
  });

  it("is asked for whole", async () => {
    const server = await startServer(json("{}"));
    const { guarded } = openGate(withFilter(server.origin));
    await guarded(server.origin, { headers: { range: "bytes=0-1" } });
    expect(server.seen[0]?.headers.range).toBeUndefined();
  });
});

describe("the header that a credential will set", () => {
  const credentials = {
    key: { type: "target", authType: "bearer", secret: { inline: { token: CANARY } } },
  } as const;
  const filtered = async (origin: string, proxy: object) => {
    const { guarded, records } = openGate(documentFor(origin, proxy, { credentials }));
    const response = await guarded(origin);
    return { text: await response.text(), all: JSON.stringify(await records()) };
  };

  it("is there for the condition of a filter, and may have any value", async () => {
    const server = await startServer(json('{"ssn":1}'));
    const withKey = { targetCredential: "key" };
    const on = (header: object) => ({ filters: [{ ...noSsn, headers: [header] }] });
    const any = on({ name: "^authorization$" });
    expect((await filtered(server.origin, { ...withKey, ...any })).text).toBe("{}");
    expect((await filtered(server.origin, any)).text).toBe('{"ssn":1}');
    const basic = on({ name: "^authorization$", matchValue: "^Basic " });
    expect((await filtered(server.origin, { ...withKey, ...basic })).text).toBe("{}");
  });

  it("is no value of a variable", async () => {
    const server = await startServer(json("{}"));
    const variables = [{ name: "auth", source: "headers", key: "authorization" }];
    const operations = [{ effect: "destroy", jsonPath: "\\.{{auth}}$" }];
    const filters = [{ variables, operations }];
    const { text, all } = await filtered(server.origin, { targetCredential: "key", filters });
    expect(text).toContain("variable `auth` of a filter has no value");
    expect(text + all).not.toContain(CANARY);
  });
});

describe("a response that cannot be filtered", () => {
  const html = `<p>${CANARY}</p>`;

  it.each([
    ["not JSON", "text/html", html],
    ["JSON by its type only", "application/json", html],
    ["without a type", undefined, `{"ssn":"${CANARY}"}`],
    ["a stream of another kind", "application/json-seq", `\x1e{"ssn":"${CANARY}"}\n`],
    ["in another charset", "application/json; charset=utf-16", `{"ssn":"${CANARY}"}`],
  ])("is withheld with 422 when it is %s", async (_, type, body) => {
    const server = await startServer((_request, response) => {
      if (type !== undefined) response.setHeader("content-type", type);
      response.end(body);
    });
    const { guarded, records } = openGate(withFilter(server.origin));
    const response = await guarded(server.origin);
    expect([response.status, response.headers.get("sallyport-code")]).toEqual([422, "response-withheld"]);
    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject({ status: 422, code: "response-withheld" });
    const [record] = await records();
    expect(record.outcome).toMatchObject({ result: "failure", category: "withheld" });
    expect(text + JSON.stringify(record)).not.toContain(CANARY);
  });

  it("keeps a status that is no success", async () => {
    const server = await startServer((_, response) =>
      response.writeHead(503, { "content-type": "text/html", "retry-after": "7" }).end(html),
    );
    const { guarded } = openGate(withFilter(server.origin));
    const response = await guarded(server.origin);
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, "7"]);
    expect(await response.text()).not.toContain(CANARY);
  });

  it("is not waited for when it is a stream that no filter can read, and the upstream is hung up on", async () => {
    let hangUp = () => {};
    const hungUp = new Promise<void>((resolve) => {
      hangUp = resolve;
    });
    const server = await startServer((_, response) => {
      response.writeHead(200, { "content-type": "multipart/x-mixed-replace; boundary=x" });
      response.write("--x\n");
      response.on("close", hangUp);
    });
    const { guarded } = openGate(withFilter(server.origin));
    expect((await guarded(server.origin)).status).toBe(422);
    await hungUp;
  });

  it("passes when there is nothing in it", async () => {
    const server = await startServer((request, response) =>
      response.writeHead(request.target === "/204" ? 204 : 200).end(),
    );
    const { guarded } = openGate(withFilter(server.origin));
    expect((await guarded(`${server.origin}/204`)).status).toBe(204);
    expect((await guarded(server.origin, { method: "HEAD" })).status).toBe(200);
    expect(await (await guarded(server.origin)).text()).toBe("");
  });

  it("that breaks off rejects as the platform does", async () => {
    const server = await startServer((_, response) => {
      response.writeHead(200, { "content-type": "application/json", "content-length": "100" });
      response.write('{"a":');
      setTimeout(() => response.destroy(), 20);
    });
    const { guarded, records } = openGate(withFilter(server.origin));
    expect(await rejection(guarded(server.origin))).toBeInstanceOf(TypeError);
    expect((await records())[0].outcome).toMatchObject({ result: "failure", category: "network" });
  });
});

describe("the guard's own headers", () => {
  it.each([undefined, noSsn])("are not taken from an upstream (filter %j)", async (filter) => {
    const server = await startServer(json("{}", 403, { "sallyport-code": "denied", "x-kept": "1" }));
    const policy = filter === undefined ? documentFor(server.origin) : withFilter(server.origin, filter);
    const response = await openGate(policy).guarded(server.origin);
    expect([response.status, response.headers.get("sallyport-code"), response.headers.get("x-kept")]).toEqual(
      [403, null, "1"],
    );
    expect(await response.text()).toBe("{}");
  });
});

describe("`filterStatuses`", () => {
  it("`all` filters errors too, `success` passes them on as they are", async () => {
    const server = await startServer(json('{"ssn":1}', 500));
    const all = await openGate(withFilter(server.origin)).guarded(server.origin);
    const success = await openGate(withFilter(server.origin, noSsn, { filterStatuses: "success" })).guarded(
      server.origin,
    );
    expect([all.status, await all.text(), success.status, await success.text()]).toEqual([
      500,
      "{}",
      500,
      '{"ssn":1}',
    ]);
  });
});

describe("a variable", () => {
  it("from the calling code picks the caller's own entry", async () => {
    const server = await startServer(json('{"users":{"u1":{"n":1},"u12":{"n":2}}}'));
    const filter: Filter = {
      variables: [{ name: "user", source: "vars", key: "userId" }],
      operations: [{ effect: "retain", jsonPath: "^\\$\\.users\\.{{user}}$" }],
    };
    const { guarded } = openGate(withFilter(server.origin, filter));
    expect(await (await guarded.with({ vars: { userId: "u1" } })(server.origin)).text()).toBe(
      '{"users":{"u1":{"n":1}}}',
    );
    expect(await (await guarded(server.origin)).text()).toBe("{}");
  });

  it("that a destroy needs and that is missing withholds the response", async () => {
    const server = await startServer(json('{"a":1}'));
    const filter: Filter = {
      variables: [{ name: "field", source: "responseHeaders", key: "x-field" }],
      operations: [{ effect: "destroy", jsonPath: "\\.{{field}}$" }],
    };
    expect((await openGate(withFilter(server.origin, filter)).guarded(server.origin)).status).toBe(422);
  });

  it("is recorded where the policy says so, from what is left of the body", async () => {
    const server = await startServer(json('{"ssn":"secret","id":"i1"}'));
    const filter: Filter = {
      ...noSsn,
      variables: [
        { name: "id", source: "responseBody", key: "$.id", record: "core" },
        { name: "ssn", source: "responseBody", key: "$.ssn", record: "core" },
        { name: "request", source: "headers", key: "X-RR-Request-ID", record: "core" },
        { name: "quiet", source: "responseStatus" },
      ],
    };
    const { guarded, records } = openGate(withFilter(server.origin, filter));
    await guarded(server.origin);
    const [record] = await records();
    expect(record.vars).toEqual({ id: "i1", ssn: null, request: record.id });
    expect(record.sanitization).toContainEqual({ pointer: "/vars/quiet", action: "drop", class: "pii" });
  });

  it("of a filter without operations leaves the body to stream", async () => {
    const text = JSON.stringify({ id: "i1", more: "x".repeat(100_000) });
    const server = await startServer(json(text));
    const filter: Filter = {
      variables: [{ name: "id", source: "responseBody", key: "$.id", record: "core" }],
      operations: [],
    };
    const { guarded, records } = openGate(withFilter(server.origin, filter, { maxFilterBufferBytes: 4096 }));
    expect(await (await guarded(server.origin)).text()).toBe(text);
    expect((await records())[0].vars).toEqual({ id: null });
  });
});
