import { inspect } from "node:util";
import type { RequestDeniedError } from "@sallyport/core";
import { describe, expect, it } from "vitest";
import type { Transport } from "../src/index.js";
import { CANARY, documentFor, openGate, rejection } from "./gate.js";
import { json, startServer } from "./loopback-server.js";

describe("an allowed call", () => {
  it("gives the platform's own response, untouched where no filter applies", async () => {
    const server = await startServer(json('{"a":1}', 201, { "x-more": "1" }));
    const { guarded } = openGate(documentFor(server.origin));
    const response = await guarded(`${server.origin}/v1/things?b=2`);
    expect(response).toBeInstanceOf(Response);
    expect([response.status, response.url, response.redirected, response.headers.get("x-more")]).toEqual([
      201,
      `${server.origin}/v1/things?b=2`,
      false,
      "1",
    ]);
    expect(await response.text()).toBe('{"a":1}');
  });

  it("sends method, headers and body as they were given", async () => {
    const server = await startServer(json("{}"));
    const { guarded } = openGate(documentFor(server.origin));
    await guarded(`${server.origin}/x`, { method: "patch", headers: { "X-One": "1" }, body: '{"n":1}' });
    const [seen] = server.seen;
    expect([seen?.method, seen?.headers["x-one"], seen?.headers["content-length"], seen?.body]).toEqual([
      "PATCH",
      "1",
      "7",
      '{"n":1}',
    ]);
  });

  it.each<[what: string, headers: NonNullable<RequestInit["headers"]>, message: string]>([
    [
      "a value in a record",
      { accept: "a\u0001b", authorization: `${CANARY}\n1` },
      "header `authorization` has a value that no header can have",
    ],
    [
      "a value in a list",
      [["x-key", `${CANARY}\u0000`]],
      "header `x-key` has a value that no header can have",
    ],
    [
      "a value in a map",
      new Map([["x-key", `${CANARY}\n1`]]) as never,
      "`init.headers` has a name or a value that no header can have",
    ],
    [
      "a name",
      { accept: "a", [`authorization: ${CANARY}`]: "" },
      "`init.headers`: number 2 has no name that a header can have",
    ],
    ["what is no pair", [CANARY] as never, "`init.headers`: number 1 is no pair of a name and a value"],
  ])("refuses %s that cannot be sent without showing it", async (_, headers, message) => {
    const { guarded } = openGate(documentFor("http://127.0.0.1:9"));
    const error = (await rejection(guarded("http://127.0.0.1:9", { headers }))) as Error;
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toBe(message);
    expect(inspect(error)).not.toContain(CANARY);
  });

  it("says so when a transport gives no response", async () => {
    const { guarded, records } = openGate(documentFor("https://api.example"), {
      transport: async () => "200 OK",
    } as object);
    expect(await rejection(guarded("https://api.example"))).toMatchObject({
      code: "ERR_CONFIG_INVALID",
      message: "option `transport`: it gave something that is no `Response`",
    });
    expect((await records())[0].outcome).toMatchObject({ result: "failure", category: "internal" });
  });

  it.each([
    ["a string", () => "ä=1", "text/plain;charset=UTF-8"],
    ["bytes", () => new TextEncoder().encode("ä=1"), undefined],
    ["form fields", () => new URLSearchParams({ ä: "1" }), "application/x-www-form-urlencoded;charset=UTF-8"],
    ["a blob", () => new Blob(["ä=1"], { type: "text/x" }), "text/x"],
  ])("sends %s with its length and type", async (_, body, type) => {
    const server = await startServer(json("{}"));
    const { guarded } = openGate(documentFor(server.origin));
    await guarded(server.origin, { method: "POST", body: body() });
    const [seen] = server.seen;
    expect(seen?.headers["content-type"]).toBe(type);
    expect(Number(seen?.headers["content-length"])).toBe(Buffer.byteLength(seen?.body ?? ""));
    expect(seen?.body).not.toBe("");
  });

  it("sends a form whose type and body agree on the boundary", async () => {
    const server = await startServer(json("{}"));
    const { guarded } = openGate(documentFor(server.origin));
    const form = new FormData();
    form.set("field", "value");
    await guarded(server.origin, { method: "POST", body: form });
    const [seen] = server.seen;
    const boundary = /boundary=(.+)$/.exec(seen?.headers["content-type"] ?? "")?.[1];
    expect(boundary).toBeDefined();
    expect(seen?.body).toContain(`--${boundary}--`);
    expect(seen?.body).toContain("value");
  });

  it("streams a stream", async () => {
    const server = await startServer(json("{}"));
    const { guarded } = openGate(documentFor(server.origin));
    const body = new Blob(["a".repeat(100_000)]).stream();
    await guarded(server.origin, { method: "POST", body, duplex: "half" });
    expect(server.seen[0]?.body.length).toBe(100_000);
    expect(server.seen[0]?.headers["transfer-encoding"]).toBe("chunked");
  });

  it("takes a `Request`, its `init` winning over it, and sends one request", async () => {
    const server = await startServer(json("{}"));
    const { guarded } = openGate(documentFor(server.origin));
    const request = new Request(`${server.origin}/r`, {
      method: "POST",
      body: "first",
      headers: { "x-a": "1" },
    });
    await guarded(request, { body: "second" });
    expect(server.seen.map(({ method, body }) => [method, body])).toEqual([["POST", "second"]]);
    expect(server.seen[0]?.headers["x-a"]).toBe("1");
  });

  it("keeps the body and length of a `Request`", async () => {
    const server = await startServer(json("{}"));
    const { guarded } = openGate(documentFor(server.origin));
    await guarded(new Request(server.origin, { method: "PUT", body: "body" }));
    expect([server.seen[0]?.body, server.seen[0]?.headers["content-length"]]).toEqual(["body", "4"]);
  });

  it("passes a large body of a `Request` on as a stream, whole", async () => {
    const server = await startServer(json("{}"));
    const { guarded } = openGate(documentFor(server.origin));
    await guarded(new Request(server.origin, { method: "PUT", body: "a".repeat(3_000_000) }));
    expect(server.seen[0]?.body.length).toBe(3_000_000);
  });

  it("sends the canonical URL that was decided on", async () => {
    const server = await startServer(json("{}"));
    const { guarded } = openGate(documentFor(server.origin));
    await guarded(`${server.origin}/a/%7euser/%c3%a9?q=%7e`);
    expect(server.seen[0]?.target).toBe("/a/~user/%C3%A9?q=%7e");
  });

  it("hands the transport neither a host nor a length of the caller's", async () => {
    const seen: string[] = [];
    const transport: Transport = async ({ headers }) => {
      seen.push(...headers.keys());
      return new Response("{}");
    };
    const { guarded } = openGate(documentFor("http://127.0.0.1:9"), { transport });
    const headers = { host: "evil.example", "content-length": "1", "x-kept": "1" };
    await guarded("http://127.0.0.1:9/", { method: "POST", body: "abc", headers });
    expect(seen).toEqual(["content-type", "x-kept"]);
  });

  it("passes no header of the guard's own on, and records none", async () => {
    const server = await startServer(json("{}"));
    const { guarded, records } = openGate(documentFor(server.origin));
    const names = ["X-RR-Credential-ID", "x-rr-other", "X_RR_Proxy_ID", "Sallyport-Code", "sallyport_x"];
    const headers = { ...Object.fromEntries(names.map((name) => [name, "forged"])), "x-rrr": "kept" };
    await guarded(server.origin, { headers });
    expect(Object.values(server.seen[0]?.headers ?? {})).toContain("kept");
    expect(JSON.stringify([server.seen[0]?.headers, await records()])).not.toMatch(
      /forged|x[-_]rr[-_]|sallyport[-_]/,
    );
  });

  it("never lets the caller choose the host header", async () => {
    const server = await startServer(json("{}"));
    const { guarded } = openGate(documentFor(server.origin));
    await guarded(server.origin, { headers: { host: "evil.example" } });
    expect(`http://${server.seen[0]?.headers.host}`).toBe(server.origin);
  });
});

describe("`init`", () => {
  it("may give its members through a prototype, as a `Request` does", async () => {
    const server = await startServer(json("{}"));
    const { guarded } = openGate(documentFor(server.origin));
    const request = new Request(server.origin, { method: "POST", body: "hello", headers: { "x-a": "1" } });
    await guarded(server.origin, request);
    const [seen] = server.seen;
    expect([seen?.method, seen?.body, seen?.headers["x-a"]]).toEqual(["POST", "hello", "1"]);
  });

  it("is read once: what was checked is what is used", async () => {
    let reads = 0;
    const init = {
      get dispatcher() {
        return reads++ === 0 ? undefined : {};
      },
    };
    const extras: object[] = [];
    const transport: Transport = async (request) => {
      extras.push(request.extras);
      return new Response("{}");
    };
    await openGate(documentFor("http://127.0.0.1:9"), { transport }).guarded(
      "http://127.0.0.1:9/",
      init as object,
    );
    expect(extras).toEqual([{}]);
  });

  it.each([
    ["init", "http://127.0.0.1:9/", { integrity: "sha256-AAA=" }],
    ["a Request", new Request("http://127.0.0.1:9/", { integrity: "sha256-AAA=" }), {}],
  ])("with `integrity` in %s is refused rather than ignored", async (_, input, init) => {
    const { guarded } = openGate(documentFor("http://127.0.0.1:9"));
    expect(await rejection(guarded(input, init))).toMatchObject({
      path: "init.integrity",
    });
  });

  it("that `fetch` does not take rejects before anything is decided or recorded", async () => {
    const server = await startServer(json("{}"));
    const { guarded, records } = openGate(documentFor(server.origin));
    for (const init of [1, "x", { signal: {} }, { signal: "x" }, { headers: 1 }, { method: Symbol("x") }])
      expect(await rejection(guarded(server.origin, init as RequestInit))).toBeInstanceOf(TypeError);
    expect([server.seen, await records()]).toEqual([[], []]);
  });

  it("with a signal ends a call whose body never ends", async () => {
    const server = await startServer(json("{}"));
    const { guarded, records } = openGate(documentFor(server.origin));
    const body = new ReadableStream({ pull: () => new Promise(() => {}) });
    const request = new Request(server.origin, { method: "POST", body, duplex: "half" });
    const reason = new Error("too slow");
    const controller = new AbortController();
    setTimeout(() => controller.abort(reason), 20);
    expect(await rejection(guarded(request, { signal: controller.signal }))).toBe(reason);
    expect((await records())[0].outcome.category).toBe("aborted");
  });
});

describe("a named proxy", () => {
  it("takes paths below its target's base URL, by id, by alias and per call", async () => {
    const server = await startServer(json("{}"));
    const { guarded } = openGate(documentFor(`${server.origin}/base`, { alias: "nick" }));
    await guarded.proxy("p")("/one?x=1");
    await guarded.proxy("nick")("/two");
    await guarded("/three", { sallyport: { proxy: "p" } });
    expect(server.seen.map(({ target }) => target)).toEqual(["/base/one?x=1", "/base/two", "/base/three"]);
  });

  it.each(["//evil.example/x", "/../escape", "https://evil.example/x", "@evil.example", "/%2e%2e/escape"])(
    "denies %s, which would leave the base URL, and sends nothing",
    async (path) => {
      const server = await startServer(json("{}"));
      const { guarded } = openGate(documentFor(`${server.origin}/base`));
      const error = await rejection(guarded.proxy("p")(path));
      expect(
        error instanceof TypeError ||
          ["unrouted", "path_ambiguous"].includes((error as RequestDeniedError).decision.code),
      ).toBe(true);
      expect(server.seen).toEqual([]);
    },
  );

  it("that does not exist is an error in the code, and names the one that was meant", async () => {
    const { guarded, records } = openGate(documentFor("http://127.0.0.1:9", { alias: "payroll" }));
    expect(() => guarded.proxy("payrol")).toThrow(
      "option `proxy`: the policy has no proxy `payrol`, did you mean `payroll`?",
    );
    const error = await rejection(guarded("/x", { sallyport: { proxy: "q" } }));
    expect(error).toMatchObject({
      code: "ERR_CONFIG_INVALID",
      path: "init.sallyport.proxy",
      help: "it has `p`, `payroll`",
    });
    expect(await records()).toEqual([]);
  });

  it.each([
    [{ proxi: "p" }, "option `init.sallyport.proxi`: unknown option, did you mean `proxy`?"],
    ["p", "option `init.sallyport`: expected an object such as `{ proxy }`"],
  ])("misspelt as %j sends nothing", async (sallyport, message) => {
    const server = await startServer(json("{}"));
    const { guarded } = openGate(documentFor(server.origin));
    expect(await rejection(guarded(server.origin, { sallyport } as object))).toMatchObject({ message });
    expect(server.seen).toEqual([]);
  });

  it("is asked for where a path stands alone", async () => {
    const { guarded } = openGate(documentFor("http://127.0.0.1:9"));
    expect(await rejection(guarded("/x"))).toMatchObject({
      message: "Failed to parse URL: a path needs a proxy, call `guarded.proxy(id)`",
    });
    expect(await rejection(guarded.proxy("p")("x"))).toMatchObject({
      message: "Failed to parse URL: below a proxy a path begins with `/`",
    });
  });
});

describe("a denied call", () => {
  const denyDeletes = { rules: [{ id: "no-deletes", effect: "deny" as const, methods: ["DELETE"] }] };

  it("rejects with the decision, sends nothing and is on the record", async () => {
    const server = await startServer(json("{}"));
    const { guarded, records } = openGate(documentFor(server.origin, denyDeletes));
    const error = (await rejection(
      guarded(`${server.origin}/x`, { method: "delete" }),
    )) as RequestDeniedError;
    expect([error.code, error.decision.code, error.decision.ruleId]).toEqual([
      "ERR_REQUEST_DENIED",
      "rule",
      "no-deletes",
    ]);
    expect(server.seen).toEqual([]);
    const [record] = await records();
    expect([record.policy.decision, record.outcome.result, record.http.status]).toEqual([
      "deny",
      "denied",
      undefined,
    ]);
  });

  it('answers 403 with a problem document under `onDeny: "respond"`', async () => {
    const { guarded } = openGate(documentFor("http://127.0.0.1:9", denyDeletes), { onDeny: "respond" });
    const response = await guarded("http://127.0.0.1:9/x", { method: "DELETE" });
    expect([
      response.status,
      response.headers.get("sallyport-code"),
      response.headers.get("content-type"),
    ]).toEqual([403, "denied", "application/problem+json; charset=utf-8"]);
    expect(await response.json()).toMatchObject({
      status: 403,
      message: "rule `no-deletes` of proxy `p` denies it",
      error: { code: "denied", message: "rule `no-deletes` of proxy `p` denies it" },
      reasonCode: "rule",
      ruleId: "no-deletes",
      scope: "proxy",
    });
  });

  it("whose reason no header can carry is answered all the same", async () => {
    const { guarded } = openGate(documentFor("http://127.0.0.1:9"), { onDeny: "respond" });
    const response = await guarded.with({ proxyCredential: "☃\n" })("http://127.0.0.1:9/");
    expect([response.status, response.headers.get("sallyport-message")]).toEqual([
      403,
      "proxy `p` does not accept proxy credential `??`",
    ]);
  });

  it("of a URL with a password quotes it nowhere", async () => {
    const { guarded, records } = openGate(documentFor("http://127.0.0.1:9"));
    const error = await rejection(guarded("http://user:hunter2@127.0.0.1:9/"));
    expect((error as RequestDeniedError).decision.code).toBe("unevaluable");
    expect(inspect(error, { depth: 9 }) + JSON.stringify(await records())).not.toContain("hunter2");
  });

  it.each(["TRACE", "CONNECT", "track"])("covers the method %s, whatever the rules say", async (method) => {
    const { guarded } = openGate(documentFor("http://127.0.0.1:9"));
    const error = await rejection(guarded("http://127.0.0.1:9/", { method }));
    expect((error as RequestDeniedError).decision).toMatchObject({ effect: "deny", code: "unevaluable" });
  });

  it.each(["data:text/plain,x", "blob:nodedata:1", "file:///etc/passwd"])("covers %s", async (url) => {
    const { guarded } = openGate(documentFor("http://127.0.0.1:9"));
    const error = await rejection(guarded(url));
    expect((error as RequestDeniedError).decision.reason).toBe(
      "only `http:` and `https:` URLs can be called",
    );
  });
});

describe("options that choose the connection", () => {
  it.each(["dispatcher", "agent", "socketPath"])("are refused: %s", async (option) => {
    const { guarded } = openGate(documentFor("http://127.0.0.1:9"));
    const error = await rejection(guarded("http://127.0.0.1:9/", { [option]: {} }));
    expect(error).toMatchObject({ code: "ERR_TRANSPORT_OPTION_REFUSED", path: `init.${option}` });
  });

  it("may be present and undefined, as SDKs pass them", async () => {
    const server = await startServer(json("{}"));
    const { guarded } = openGate(documentFor(server.origin));
    const init = { dispatcher: undefined, body: undefined, signal: undefined, redirect: undefined };
    expect((await guarded(server.origin, init as object)).status).toBe(200);
  });
});

describe("failures", () => {
  it("of the network pass through untouched and are recorded by type", async () => {
    const thrown = new TypeError("fetch failed", {
      cause: Object.assign(new Error("secret detail"), { code: "ECONNREFUSED" }),
    });
    const { guarded, records } = openGate(documentFor("http://127.0.0.1:9"), {
      transport: () => Promise.reject(thrown),
    });
    expect(await rejection(guarded("http://127.0.0.1:9/"))).toBe(thrown);
    const [record] = await records();
    expect(record.outcome).toEqual({ result: "failure", category: "network", errorType: "ECONNREFUSED" });
    expect(JSON.stringify(record)).not.toContain("secret detail");
  });

  it("keep the identity of an abort's reason", async () => {
    const server = await startServer(() => {});
    const { guarded, records } = openGate(documentFor(server.origin));
    const reason = new Error("changed my mind");
    const controller = new AbortController();
    const call = guarded(server.origin, { signal: controller.signal });
    setTimeout(() => controller.abort(reason), 20);
    expect(await rejection(call)).toBe(reason);
    expect((await records())[0].outcome.category).toBe("aborted");
  });

  it("of a URL that does not parse quote nothing of it", async () => {
    const { guarded } = openGate(documentFor("http://127.0.0.1:9"));
    const error = (await rejection(guarded("http://[secret-token"))) as Error;
    expect([error instanceof TypeError, error.message]).toEqual([true, "Failed to parse URL"]);
  });
});

describe("identity", () => {
  it("brings the rules of a proxy credential into force, and only for the binding", async () => {
    const server = await startServer(json("{}"));
    const credentials = {
      reader: {
        type: "proxy" as const,
        authType: "none" as const,
        rules: [{ id: "read", effect: "deny" as const, methods: ["POST"] }],
      },
    };
    const { guarded, records } = openGate(
      documentFor(server.origin, { proxyCredential: "reader" }, { credentials }),
    );
    const asReader = guarded.with({ proxyCredential: "reader" });
    expect((await asReader(server.origin)).status).toBe(200);
    expect(await rejection(asReader(server.origin, { method: "POST" }))).toMatchObject({
      decision: { scope: "proxyCredential", ruleId: "read" },
    });
    expect(await rejection(guarded(server.origin))).toMatchObject({ decision: { code: "credential" } });
    expect((await records()).map((record) => record.actor.credentialId)).toEqual([
      "reader",
      "reader",
      undefined,
    ]);
  });

  it("names the actor by a keyed pseudonym, and not at all without a key", async () => {
    const server = await startServer(json("{}"));
    const actor = { type: "user" as const, id: "alice@example.com" };
    const key = new Uint8Array(32).fill(7);
    const keyring = { get: (kid: string) => (kid === "pseudonym:acme" ? key : undefined) };
    const keyed = openGate(documentFor(server.origin), { keyring });
    await keyed.guarded.with({ actor })(server.origin);
    const bare = openGate(documentFor(server.origin));
    await bare.guarded.with({ actor })(server.origin);
    const [first] = await keyed.records();
    const [second] = await bare.records();
    expect(first.actor.ref).toMatch(/^h1:[A-Za-z0-9_-]{22}$/);
    expect(second.actor).toEqual({ type: "user" });
    expect(JSON.stringify([first, second])).not.toContain("alice");
  });
});

describe("a region", () => {
  it("other than the policy's is not called from this process", async () => {
    const policy = {
      clientId: "acme",
      region: "eu-west-1",
      targets: { api: { baseUrl: "http://127.0.0.1:9", region: "us-east-1" } },
      proxies: { p: { target: "api", region: "us-east-1", defaultRuleEffect: "allow" as const } },
    };
    const error = (await rejection(openGate(policy).guarded("http://127.0.0.1:9/"))) as RequestDeniedError;
    expect(error.decision).toMatchObject({
      code: "unrouted",
      reason: "proxy `p` is in region `us-east-1`, this process in `eu-west-1`",
    });
  });
});
