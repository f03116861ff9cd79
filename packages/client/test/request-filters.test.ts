/** Filters with `on: "request"`: what was decided on is what is sent, and what cannot be read is not sent. */
import { type PolicyDocument, PolicyError } from "@sallyport/core";
import { describe, expect, it } from "vitest";
import { CANARY, documentFor, openGate, rejection } from "./gate.js";
import { json, startServer } from "./loopback-server.js";

type Proxy = NonNullable<PolicyDocument["proxies"]>[string];
type Filters = NonNullable<Proxy["filters"]>;

const noSsn: Filters[number] = {
  id: "no-ssn",
  on: "request",
  operations: [{ effect: "destroy", jsonPath: "\\.ssn$" }],
};

const post = (body: NonNullable<RequestInit["body"]>, headers: Record<string, string> = {}) => ({
  method: "POST",
  body,
  headers: { "content-type": "application/json", ...headers },
});

async function gateWith(proxy: Partial<Proxy>, more: Parameters<typeof documentFor>[2] = {}) {
  const server = await startServer(json("{}"));
  return { server, url: `${server.origin}/people`, ...openGate(documentFor(server.origin, proxy, more)) };
}

describe("a request filter", () => {
  it("takes out of the body what it names, and every other byte is sent as it came", async () => {
    const { server, url, guarded, records } = await gateWith({ filters: [noSsn] });
    await guarded(url, post(`{ "n": 12345678901234567890, "ssn": "${CANARY}", "a": 1.0 }`));
    expect(server.seen).toMatchObject([{ body: '{ "n": 12345678901234567890, "a": 1.0 }' }]);
    const [record] = await records();
    expect(record.filters).toEqual([
      {
        scope: "proxy",
        entityId: "p",
        filterId: "no-ssn",
        operationId: "operations/0",
        effect: "destroy",
        nodes: 1,
        paths: ["$.ssn"],
        on: "request",
      },
    ]);
    expect(JSON.stringify(record)).not.toContain(CANARY);
  });

  it("runs before the rules, which see what it left", async () => {
    const rules: Proxy["rules"] = [
      { id: "no-ssn-at-all", effect: "deny", body: [{ jsonPath: "\\.ssn$" }] },
      { id: "no-role", effect: "deny", body: [{ jsonPath: "\\.role$" }] },
    ];
    const { server, url, guarded } = await gateWith({ filters: [noSsn], rules });
    await guarded(url, post('{"ssn":1,"a":2}'));
    expect(server.seen).toMatchObject([{ body: '{"a":2}' }]);
    expect(await rejection(guarded(url, post('{"ssn":1,"role":2}')))).toMatchObject({
      decision: { ruleId: "no-role", scope: "proxy" },
    });
    expect(server.seen).toHaveLength(1);
  });

  it("runs innermost scope first", async () => {
    const retain = (jsonPath: string): Filters => [
      { on: "request", operations: [{ effect: "retain", jsonPath }] },
    ];
    const server = await startServer(json("{}"));
    const order: Filters = [{ on: "request", operations: [{ effect: "destroy", select: "$[0]" }] }];
    const { guarded, records } = openGate({
      ...documentFor(server.origin, { filters: order, targetCredential: "key", proxyCredential: "caller" }),
      targets: { api: { baseUrl: server.origin, filters: retain("\\[0\\]") } },
      credentials: {
        key: { type: "target", authType: "none", filters: retain("\\[[01]\\]") },
        caller: { type: "proxy", authType: "none", filters: retain("\\[[012]\\]") },
      },
    });
    await guarded.with({ proxyCredential: "caller" })(server.origin, post("[0,1,2,3,4]"));
    expect(server.seen).toMatchObject([{ body: "[1]" }]);
    expect((await records())[0].filters.map(({ scope }: { scope: string }) => scope)).toEqual([
      "proxy",
      "proxyCredential",
      "target",
      "targetCredential",
    ]);
  });

  it("leaves responses alone, and a response filter leaves requests alone", async () => {
    const server = await startServer(json('{"ssn":1,"pin":2}'));
    const noPin: Filters[number] = { operations: [{ effect: "destroy", jsonPath: "\\.pin$" }] };
    const { guarded } = openGate(documentFor(server.origin, { filters: [noSsn, noPin] }));
    const response = await guarded(server.origin, post('{"ssn":1,"pin":2}'));
    expect(await response.text()).toBe('{"ssn":1}');
    expect(server.seen).toMatchObject([{ body: '{"pin":2}' }]);
  });

  it("applies where its conditions hold", async () => {
    const { server, url, guarded } = await gateWith({ filters: [{ ...noSsn, path: "^/people$" }] });
    await guarded(url, post('{"ssn":1}'));
    await guarded(`${url}/2`, post("<ssn>1</ssn>", { "content-type": "text/xml" }));
    expect(server.seen.map(({ body }) => body)).toEqual(["{}", "<ssn>1</ssn>"]);
  });

  it("filters a line of JSON at a time where there are lines", async () => {
    const { server, url, guarded, records } = await gateWith({ filters: [noSsn] });
    await guarded(url, post('{"ssn":1}\n{"a":1}\n', { "content-type": "application/x-ndjson" }));
    expect(server.seen).toMatchObject([{ body: '{}\n{"a":1}\n' }]);
    expect((await records())[0].filters).toMatchObject([{ nodes: 1, on: "request" }]);
  });

  it.each([
    [
      "a stream",
      () => ReadableStream.from([new TextEncoder().encode('{"ssn":1'), new TextEncoder().encode(',"a":2}')]),
    ],
    ["bytes", () => new TextEncoder().encode('{"ssn":1,"a":2}')],
    ["a Blob", () => new Blob(['{"ssn":1,"a":2}'])],
  ])("reads the whole of %s, and sends it with its length", async (_, body) => {
    const { server, url, guarded } = await gateWith({ filters: [noSsn] });
    await guarded(url, { ...post(body()), duplex: "half" } as RequestInit);
    expect(server.seen).toMatchObject([{ body: '{"a":2}', headers: { "content-length": "7" } }]);
  });

  it("drops what described the bytes that came, for rules, on the wire and in the record", async () => {
    const { server, url, guarded, records } = await gateWith({
      filters: [noSsn],
      rules: [
        { effect: "deny", headers: [{ name: "^(digest|content-.*(digest|md5|encoding|length)|repr-.*)$" }] },
      ],
    });
    const digests = { digest: "x", "content-digest": "x", "repr-digest": "x", "content-md5": "x" };
    await guarded(
      url,
      post('{"ssn":1}', { ...digests, "content-length": "9", "content-encoding": "identity" }),
    );
    const [seen] = server.seen;
    expect(Object.keys(seen?.headers ?? {}).filter((name) => /digest|md5|encoding$/.test(name))).toEqual([
      "accept-encoding",
    ]);
    expect(seen?.headers["content-length"]).toBe("2");
    expect((await records())[0].http.request.headers).not.toHaveProperty("content-length");
  });

  it("leaves all headers where there is no body, and passes it", async () => {
    const { server, url, guarded, records } = await gateWith({ filters: [noSsn] });
    await guarded(url, { headers: { digest: "x" } });
    await guarded(url, post("", { "content-type": "text/plain" }));
    await guarded(url, { method: "DELETE", body: ReadableStream.from([]), duplex: "half" } as RequestInit);
    expect(server.seen.map(({ body, headers }) => [body, headers.digest])).toEqual([
      ["", "x"],
      ["", undefined],
      ["", undefined],
    ]);
    expect((await records()).map(({ filters }) => filters)).toEqual([[], [], []]);
  });

  it("masks and hashes under the policy's key", async () => {
    const keyring = { primary: "k", get: () => new Uint8Array(32).fill(1) };
    const server = await startServer(json("{}"));
    const filters: Filters = [
      {
        on: "request",
        operations: [
          { effect: "hash", jsonPath: "\\.customer$" },
          { effect: "mask", jsonPath: "\\.card$", mask: { keepLast: 4 } },
        ],
      },
    ];
    const { guarded } = openGate(documentFor(server.origin, { filters }), { keyring });
    await guarded(server.origin, post('{"customer":"c-1024","card":"4242424242424242"}'));
    expect(server.seen).toMatchObject([
      { body: '{"customer":"h1:ugKHWt0qhUfFI4w-FNonIY","card":"[REDACTED]4242"}' },
    ]);
  });
});

describe("a body that a request filter cannot read", () => {
  const named = "request filter `no-ssn` of proxy `p` applies: ";

  it.each<[string, RequestInit, string]>([
    [
      "is a form",
      { method: "POST", body: new URLSearchParams({ ssn: CANARY }) },
      "the body is `application/x-www-form-urlencoded`, not JSON",
    ],
    ["is multipart", { method: "POST", body: formOf(CANARY) }, "the body is `multipart/form-data`, not JSON"],
    ["is text by its type", { method: "POST", body: '{"ssn":1}' }, "the body is `text/plain`, not JSON"],
    [
      "has no type",
      { method: "POST", body: new Uint8Array([123, 125]) },
      "the body is of no known type, not JSON",
    ],
    ["is broken", post(`{"ssn":"${CANARY}"`), "the body is not JSON: the text ends too early, near byte 33"],
    [
      "is in another charset",
      post("{}", { "content-type": "application/json; charset=utf-16" }),
      "the body is JSON in another charset than UTF-8",
    ],
    ["is encoded", post("{}", { "content-encoding": "gzip" }), "the body is encoded"],
    ["is a part", post("{}", { "content-range": "bytes 0-1/2" }), "a part of a body cannot be filtered"],
    [
      "has a line that is not JSON",
      post("{}\nx\n", { "content-type": "application/jsonl" }),
      "line 2: the body is not JSON: a value is missing, near byte 1",
    ],
    [
      "is too large",
      post(JSON.stringify({ pad: "x".repeat(2000) })),
      "the body is larger than `maxFilterBufferBytes`",
    ],
    [
      "is a stream that is too large",
      { ...post(ReadableStream.from([new Uint8Array(2000).fill(32)])), duplex: "half" } as RequestInit,
      "the body is larger than `maxFilterBufferBytes`",
    ],
    [
      "is a stream of another type",
      { method: "POST", body: ReadableStream.from([new Uint8Array(1)]), duplex: "half" } as RequestInit,
      "the body is of no known type, not JSON",
    ],
  ])("and %s is not sent", async (_, init, reason) => {
    const { server, url, guarded, records } = await gateWith(
      { filters: [noSsn] },
      { settings: { maxFilterBufferBytes: 1024 } },
    );
    const error = await rejection(guarded(url, init));
    expect(error).toMatchObject({
      code: "ERR_REQUEST_DENIED",
      decision: { code: "unevaluable", reason: named + reason },
    });
    expect(server.seen).toEqual([]);
    const [record] = await records();
    expect(record.policy).toMatchObject({ decision: "deny", code: "unevaluable" });
    expect(`${JSON.stringify(record)}${error}`).not.toContain(CANARY);
  });

  it("is not waited for once it is known that it cannot be, and its stream is given up", async () => {
    const { url, guarded } = await gateWith({ filters: [noSsn] });
    let reason: unknown;
    const endless = new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(1)),
      cancel: (why) => {
        reason = why ?? "cancelled";
      },
    });
    await rejection(guarded(url, { method: "POST", body: endless, duplex: "half" } as RequestInit));
    expect(reason).toBe("cancelled");
  });

  it("passes a filter that only captures variables", async () => {
    const filters: Filters = [
      {
        on: "request",
        variables: [{ name: "who", source: "query", key: "who", record: "core" }],
        operations: [],
      },
    ];
    const { server, url, guarded, records } = await gateWith({ filters });
    await guarded(`${url}?who=ada`, { method: "POST", body: "text" });
    expect(server.seen).toMatchObject([{ body: "text" }]);
    expect((await records())[0].vars).toEqual({ who: "ada" });
  });
});

describe("a variable of a request filter", () => {
  const own: Filters = [
    {
      id: "own",
      on: "request",
      variables: [{ name: "user", source: "vars", key: "user" }],
      operations: [{ effect: "destroy", jsonPath: "^\\$\\.{{user}}$" }],
    },
  ];

  it("is matched as a literal", async () => {
    const { server, url, guarded } = await gateWith({ filters: own });
    await guarded.with({ vars: { user: "a.b" } })(url, post('{"a.b":1,"axb":2}'));
    expect(server.seen).toMatchObject([{ body: '{"axb":2}' }]);
  });

  it.each(["destroy", "mask", "hash"] as const)(
    "keeps a %s that misses it from being sent",
    async (effect) => {
      const filters = own.map((filter) => ({
        ...filter,
        operations: [{ effect, jsonPath: "^\\$\\.{{user}}$" }],
      }));
      const server = await startServer(json("{}"));
      const keyring = { primary: "k", get: () => new Uint8Array(32) };
      const { guarded } = openGate(documentFor(server.origin, { filters }), { keyring });
      expect(await rejection(guarded(server.origin, post("{}")))).toMatchObject({
        decision: {
          code: "unevaluable",
          reason: "request filter `own` of proxy `p` applies: variable `user` of a filter has no value",
        },
      });
      expect(server.seen).toEqual([]);
    },
  );

  it.each(["responseHeaders", "responseBody", "responseStatus"] as const)(
    "is not read from `%s`",
    (source) => {
      const filters: Filters = [
        { on: "request", variables: [{ name: "v", source, key: "$.a" }], operations: [] },
      ];
      const load = () => openGate(documentFor("https://api.example", { filters }));
      expect(load).toThrow(PolicyError);
      try {
        load();
      } catch (error) {
        expect((error as PolicyError).issues).toEqual([
          {
            pointer: "/proxies/p/filters/0/variables/0/source",
            message: `a request filter runs before there is a response, so it has no \`${source}\``,
            help: "use `headers`, `query`, `token`, `method`, `path` or `vars`",
            kind: "invalid",
          },
        ]);
      }
    },
  );

  it("is not shared with response filters", () => {
    const filters: Filters = [{ operations: [{ effect: "retain", jsonPath: "{{user}}$" }] }];
    const target = { baseUrl: "https://api.example", filters: own };
    const load = () =>
      openGate({ ...documentFor("https://api.example", { filters }), targets: { api: target } });
    expect(load).toThrow(PolicyError);
  });
});

function formOf(ssn: string): FormData {
  const form = new FormData();
  form.set("ssn", ssn);
  return form;
}
