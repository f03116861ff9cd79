/** Proxies with `mode: "observe"`: what the policy says is recorded, and calls go on all the same. */
import type { PolicyDocument } from "@sallyport/core";
import { afterEach, describe, expect, it, vi } from "vitest";
import { documentFor, openGate, rejection } from "./gate.js";
import { json, startServer } from "./loopback-server.js";

type Proxy = NonNullable<PolicyDocument["proxies"]>[string];

const observing = (
  origin: string,
  proxy: Partial<Proxy> = {},
  more: Parameters<typeof documentFor>[2] = {},
) => documentFor(origin, { mode: "observe", defaultRuleEffect: "deny", ...proxy }, more);

const warnings = vi.spyOn(process, "emitWarning").mockImplementation(() => {});

afterEach(() => {
  warnings.mockClear();
});

describe("a call that an observing proxy denies", () => {
  it("is sent, and the record says what would have happened", async () => {
    const server = await startServer(json('{"a":1}'));
    const { guarded, records } = openGate(observing(server.origin));
    const response = await guarded(`${server.origin}/x`, { method: "POST", body: "{}" });
    expect(await response.text()).toBe('{"a":1}');
    expect(server.seen).toMatchObject([{ method: "POST", body: "{}" }]);
    expect(await records()).toMatchObject([
      {
        policy: { decision: "deny", mode: "observe", code: "default" },
        outcome: {
          result: "success",
          observed: "policy_denied",
          message: "no rule of proxy `p` allows this `POST` request, and its default is deny",
        },
      },
    ]);
  });

  it("carries the target's credential, and not the caller's", async () => {
    const server = await startServer(json("{}"));
    const { guarded } = openGate(
      observing(
        server.origin,
        { targetCredential: "key" },
        { credentials: { key: { type: "target", authType: "bearer", secret: { env: "TOKEN" } } } },
      ),
      { environment: { TOKEN: "t0ken" } },
    );
    await guarded(server.origin, { headers: { authorization: "Bearer mine", cookie: "a=b" } });
    expect(server.seen[0]?.headers).toMatchObject({ authorization: "Bearer t0ken" });
    expect(server.seen[0]?.headers.cookie).toBeUndefined();
  });

  it("is sent with an ambiguous path below the base URL, and not with one that may lead out of it", async () => {
    const server = await startServer(json("{}"));
    const { guarded } = openGate(observing(`${server.origin}/v1`));
    await guarded(`${server.origin}/v1/a%2Fb`);
    expect(server.seen.map(({ target }) => target)).toEqual(["/v1/a%2Fb"]);
    expect(await rejection(guarded(`${server.origin}/v1/..%2Fadmin`))).toMatchObject({
      decision: { code: "path_ambiguous" },
    });
    expect(server.seen).toHaveLength(1);
  });

  it.each<[string, Partial<Proxy>, string]>([
    ["is switched off", { active: false }, "inactive"],
    ["is in another region", { region: "us-east-1" }, "unrouted"],
    ["needs a proxy credential", { proxyCredential: "caller" }, "credential"],
  ])("is not sent when the proxy %s", async (_, proxy, code) => {
    const server = await startServer(json("{}"));
    const region = proxy.region === undefined ? {} : { region: proxy.region };
    const { guarded } = openGate({
      ...observing(server.origin, proxy),
      targets: { api: { baseUrl: server.origin, ...region } },
      credentials: { caller: { type: "proxy", authType: "none", ...region } },
    });
    expect(await rejection(guarded(server.origin))).toMatchObject({ decision: { code } });
    expect(server.seen).toEqual([]);
  });

  it("is not sent while records cannot be stored, or once the guarded fetch is closed", async () => {
    const server = await startServer(json("{}"));
    const { guarded } = openGate(observing(server.origin));
    await guarded.close();
    expect(await rejection(guarded(server.origin))).toMatchObject({
      decision: { code: "audit_unavailable" },
    });
    expect(server.seen).toEqual([]);
  });

  it("fails as it fails, with the denial beside the failure", async () => {
    const { guarded, records } = openGate(observing("https://api.example"), {
      transport: async () => {
        throw new TypeError("fetch failed");
      },
    });
    await rejection(guarded("https://api.example/x"));
    expect((await records())[0].outcome).toMatchObject({
      result: "failure",
      category: "network",
      observed: "policy_denied",
    });
  });
});

describe("a response through an observing proxy", () => {
  const filters: Proxy["filters"] = [
    { id: "no-ssn", operations: [{ effect: "destroy", jsonPath: "\\.ssn$" }] },
  ];

  it("keeps what a filter would remove, and the receipts are on the record", async () => {
    const server = await startServer(json('{"ssn":1,"a":2}', 200, { etag: '"x"' }));
    const { guarded, records } = openGate(observing(server.origin, { filters, defaultRuleEffect: "allow" }));
    const response = await guarded(server.origin);
    expect([await response.text(), response.headers.get("etag")]).toEqual(['{"ssn":1,"a":2}', '"x"']);
    const [record] = await records();
    expect(record.filters).toMatchObject([{ filterId: "no-ssn", nodes: 1, paths: ["$.ssn"] }]);
    expect(record.policy).toMatchObject({ decision: "allow", mode: "observe" });
    expect(record.outcome).toEqual({ result: "success" });
    expect(record.http.response).not.toHaveProperty("bodyBytes");
  });

  it("comes through where a filter would withhold it, and the record says why it would", async () => {
    const server = await startServer((_, response) => response.end("<p>hello</p>"));
    const { guarded, records } = openGate(observing(server.origin, { filters, defaultRuleEffect: "allow" }));
    const response = await guarded(server.origin);
    expect([response.status, await response.text()]).toEqual([200, "<p>hello</p>"]);
    expect((await records())[0].outcome).toEqual({
      result: "success",
      observed: "withheld",
      message: "filter `no-ssn` of proxy `p` applies: the body is of no known type, not JSON",
    });
  });

  it("is not waited for where no filter can read it", async () => {
    const server = await startServer((_, response) => {
      response.writeHead(200, { "content-type": "text/plain" });
      response.flushHeaders();
    });
    const { guarded, records } = openGate(observing(server.origin, { filters }));
    const response = await guarded(server.origin);
    expect((await records())[0].outcome).toEqual({
      result: "success",
      observed: "policy_denied",
      message: "no rule of proxy `p` allows this `GET` request, and its default is deny",
    });
    await response.body?.cancel();
  });

  it("is empty where it is", async () => {
    const server = await startServer((_, response) => response.writeHead(200, { "content-length": 0 }).end());
    const { guarded, records } = openGate(observing(server.origin, { filters, defaultRuleEffect: "allow" }));
    expect(await (await guarded(server.origin)).text()).toBe("");
    expect((await records())[0].outcome).toEqual({ result: "success" });
  });

  it("comes through whole where it is larger than what a filter reads", async () => {
    const text = JSON.stringify({ pad: "x".repeat(5000) });
    const server = await startServer(json(text));
    const { guarded } = openGate(
      observing(
        server.origin,
        { filters, defaultRuleEffect: "allow" },
        { settings: { maxFilterBufferBytes: 1024 } },
      ),
    );
    expect(await (await guarded(server.origin)).text()).toBe(text);
  });

  it("may be a part of a document", async () => {
    const server = await startServer(json("{}"));
    const { guarded } = openGate(observing(server.origin, { filters }));
    await guarded(server.origin, { headers: { range: "bytes=0-1" } });
    expect(server.seen[0]?.headers.range).toBe("bytes=0-1");
  });
});

describe("a redirect", () => {
  const redirecting = () =>
    startServer((request, response) => {
      const location = request.target === "/first" ? "/second" : undefined;
      response.writeHead(location === undefined ? 200 : 302, location && { location }).end();
    });

  it("is followed by an observing proxy, each hop with its decision", async () => {
    const server = await redirecting();
    const { guarded, records } = openGate(observing(server.origin));
    expect((await guarded(`${server.origin}/first`)).status).toBe(200);
    expect(await records()).toMatchObject([
      {
        policy: { decision: "deny", mode: "observe" },
        http: { redirects: [{ decision: "deny", mode: "observe", code: "default", status: 200 }] },
        outcome: { observed: "policy_denied" },
      },
    ]);
  });

  it("into a proxy that enforces is denied there", async () => {
    const server = await redirecting();
    const { guarded, records } = openGate({
      ...observing(`${server.origin}/first`),
      targets: { api: { baseUrl: `${server.origin}/first` }, all: { baseUrl: server.origin } },
      proxies: {
        p: { target: "api", mode: "observe" },
        strict: { target: "all" },
      },
    });
    expect(await rejection(guarded(`${server.origin}/first`))).toMatchObject({
      decision: { code: "default", hop: 1, proxyId: "strict" },
    });
    expect((await records())[0]).toMatchObject({
      policy: { decision: "deny", mode: "enforce" },
      outcome: { result: "denied" },
    });
  });
});

describe("a guarded fetch", () => {
  it("warns of the proxies that only observe when it is built, once", async () => {
    openGate({
      ...documentFor("https://api.example"),
      proxies: {
        a: { target: "api", mode: "observe" },
        b: { target: "api" },
        c: { target: "api", mode: "observe" },
      },
    });
    expect(warnings.mock.calls).toEqual([
      [
        "only observing, so that calls which the policy denies are sent and responses are not filtered: `a`, `c`",
        "SallyportWarning",
      ],
    ]);
  });

  it("warns of the filters that only observe, each once, wherever they stand", async () => {
    const operations = [{ effect: "destroy", jsonPath: "\\.ssn$" }] as const;
    const trial = (id: string) => ({ id, mode: "observe" as const, operations });
    openGate({
      ...documentFor("https://api.example"),
      targets: {
        api: { baseUrl: "https://api.example", filters: [trial("no-ssn"), { id: "enforced", operations }] },
        other: { baseUrl: "https://other.example", filters: [trial("of-no-proxy-that-enforces")] },
      },
      credentials: {
        key: { type: "target", authType: "none", filters: [trial("no-ssn")] },
        caller: {
          type: "proxy",
          authType: "none",
          filters: [trial("no-ssn"), { ...trial("off"), mode: "off" }],
        },
      },
      proxies: {
        a: { target: "api", targetCredential: "key", proxyCredential: "caller" },
        b: {
          target: "api",
          filters: [
            { mode: "observe", on: "request", operations },
            { id: "captures", mode: "observe", operations: [] },
          ],
        },
        c: { target: "other", mode: "observe" },
      },
    });
    expect(warnings.mock.calls.slice(1)).toEqual([
      [
        "only observing, so that what they would take out stays in: filter `no-ssn` of target credential `key`, " +
          "filter `no-ssn` of target `api`, filter `no-ssn` of proxy credential `caller`, " +
          "filter `filters/0` of proxy `b`",
        "SallyportWarning",
      ],
    ]);
  });

  it("has nothing to warn of where every proxy and filter enforces", async () => {
    const filters = [{ operations: [{ effect: "destroy", jsonPath: "\\.ssn$" }] }] as const;
    openGate(documentFor("https://api.example", { filters }));
    expect(warnings).not.toHaveBeenCalled();
  });
});
