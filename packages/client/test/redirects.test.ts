import type { PolicyDocument, RequestDeniedError } from "@sallyport/core";
import { describe, expect, it } from "vitest";
import { CANARY, documentFor, openGate, rejection } from "./gate.js";
import { json, type LoopbackServer, type SeenRequest, startServer } from "./loopback-server.js";

/** `/to?url=…&status=…` redirects; everything else answers. */
const redirecting = () =>
  startServer((request, response) => {
    const url = new URL(request.target, "http://x");
    const location = url.searchParams.get("url");
    if (url.pathname !== "/to" || location === null) return json('{"ssn":1}')(request, response);
    response.writeHead(Number(url.searchParams.get("status") ?? 302), { location }).end("elsewhere");
  });

const to = (server: LoopbackServer, url: string, status = 302) =>
  `${server.origin}/to?status=${status}&url=${encodeURIComponent(url)}`;

/** Proxy `a` with a credential on one server, `b` with another on a second. */
function twoTargets(a: LoopbackServer, b: LoopbackServer, mayEnter: string[] = []): PolicyDocument {
  const credential = (key: string) => ({
    type: "target" as const,
    authType: "apiKey" as const,
    secret: { inline: { key } },
  });
  return {
    clientId: "acme",
    region: "eu-west-1",
    targets: { a: { baseUrl: a.origin }, b: { baseUrl: b.origin } },
    credentials: { "key-a": credential("secret-of-a"), "key-b": credential("secret-of-b") },
    proxies: {
      a: { target: "a", targetCredential: "key-a", defaultRuleEffect: "allow", redirects: { mayEnter } },
      b: {
        target: "b",
        targetCredential: "key-b",
        defaultRuleEffect: "allow",
        rules: [{ id: "closed", effect: "deny", path: "^/closed" }],
      },
    },
  };
}

const keyOf = (request: SeenRequest | undefined) => request?.headers["x-api-key"];

describe("a redirect", () => {
  it("inside the target is followed with the credential, and shows in the response and the record", async () => {
    const server = await redirecting();
    const { guarded, records } = openGate(twoTargets(server, await redirecting()));
    const response = await guarded(to(server, "/end#part"));
    expect([response.status, response.url, response.redirected]).toEqual([200, `${server.origin}/end`, true]);
    expect(response.clone().url).toBe(response.url);
    expect(server.seen.map(keyOf)).toEqual(["secret-of-a", "secret-of-a"]);
    const all = await records();
    expect(all).toHaveLength(1);
    expect(all[0].http.redirects).toMatchObject([{ hop: 1, proxyId: "a", decision: "allow", status: 200 }]);
  });

  it("to another target carries no credential of any target and none of the caller's", async () => {
    const [a, b] = [await redirecting(), await redirecting()];
    const { guarded } = openGate(twoTargets(a, b));
    await guarded(to(a, `${b.origin}/end`), { headers: { "x-other": "kept" } });
    const [seen] = b.seen;
    expect([
      keyOf(seen),
      seen?.headers.authorization,
      seen?.headers.cookie,
      seen?.headers["x-other"],
    ]).toEqual([undefined, undefined, undefined, "kept"]);
  });

  it("to another target picks up its credential only where the first proxy says it may enter", async () => {
    const [a, b] = [await redirecting(), await redirecting()];
    const { guarded } = openGate(twoTargets(a, b, ["b"]));
    await guarded(to(a, `${b.origin}/end`));
    expect(keyOf(b.seen[0])).toBe("secret-of-b");
  });

  it("drops the caller's own credentials at another origin", async () => {
    const [a, b] = [await redirecting(), await redirecting()];
    const { credentials: _, proxies, ...policy } = twoTargets(a, b);
    const bare = Object.entries(proxies ?? {}).map(([id, { targetCredential: __, ...proxy }]) => [id, proxy]);
    const { guarded } = openGate({ ...policy, proxies: Object.fromEntries(bare) });
    const headers = { authorization: CANARY, cookie: CANARY, "proxy-authorization": CANARY };
    await guarded(to(a, `${b.origin}/end`), { headers });
    expect(JSON.stringify(a.seen[0])).toContain(CANARY);
    expect(JSON.stringify(b.seen[0])).not.toContain(CANARY);
  });

  it("is decided again: a rule of the next proxy denies it, with the hop's index", async () => {
    const [a, b] = [await redirecting(), await redirecting()];
    const { guarded, records } = openGate(twoTargets(a, b));
    const error = (await rejection(guarded(to(a, `${b.origin}/closed/x`)))) as RequestDeniedError;
    expect(error.decision).toMatchObject({ proxyId: "b", code: "rule", ruleId: "closed", hop: 1 });
    expect(b.seen).toEqual([]);
    expect((await records())[0].policy).toMatchObject({ decision: "deny", code: "rule" });
  });

  it("to where no target leads is denied", async () => {
    const a = await redirecting();
    const { guarded } = openGate(documentFor(a.origin));
    for (const url of ["http://127.0.0.1:9/x", "//evil.example/x", "data:text/plain,x"]) {
      const error = (await rejection(guarded(to(a, url)))) as RequestDeniedError;
      expect([url, error.decision.code]).toEqual([url, url.startsWith("data:") ? "unevaluable" : "unrouted"]);
    }
  });

  it("that would send the body to another origin is denied", async () => {
    const [a, b] = [await redirecting(), await redirecting()];
    const { guarded, records } = openGate(twoTargets(a, b));
    const error = (await rejection(
      guarded(to(a, `${b.origin}/end`, 307), { method: "POST", body: "data" }),
    )) as RequestDeniedError;
    expect(error.decision).toMatchObject({ code: "redirect", hop: 1 });
    expect(b.seen).toEqual([]);
    expect((await records())[0].http.redirects).toMatchObject([
      { hop: 1, decision: "deny", code: "redirect" },
    ]);
  });

  it("sends the body again inside the origin with 307, and not with 303", async () => {
    const server = await redirecting();
    const { guarded } = openGate(documentFor(server.origin));
    await guarded(to(server, "/again", 307), { method: "POST", body: "data" });
    await guarded(to(server, "/once", 303), { method: "POST", body: "data" });
    const ends = server.seen.filter(({ target }) => !target.startsWith("/to"));
    expect(ends.map(({ method, body, headers }) => [method, body, headers["content-type"]])).toEqual([
      ["POST", "data", "text/plain;charset=UTF-8"],
      ["GET", "", undefined],
    ]);
  });

  it("that needs a streamed body again is denied", async () => {
    const server = await redirecting();
    const { guarded } = openGate(documentFor(server.origin));
    const body = new Blob(["data"]).stream();
    const error = await rejection(
      guarded(to(server, "/again", 308), { method: "POST", body, duplex: "half" }),
    );
    expect(error).toMatchObject({ decision: { code: "redirect" } });
  });

  it("is given to the caller under `manual`, and an error under `error`", async () => {
    const server = await redirecting();
    const { guarded } = openGate(documentFor(server.origin));
    const response = await guarded(to(server, "/end"), { redirect: "manual" });
    expect([response.status, response.headers.get("location")]).toEqual([302, "/end"]);
    expect(await rejection(guarded(to(server, "/end"), { redirect: "error" }))).toBeInstanceOf(TypeError);
  });

  it("is followed at most 20 times", async () => {
    const server = await startServer((_, response) => response.writeHead(302, { location: "/again" }).end());
    const { guarded, records } = openGate(documentFor(server.origin));
    const error = (await rejection(guarded(server.origin))) as TypeError;
    expect([error.message, (error.cause as Error).message, server.seen.length]).toEqual([
      "fetch failed",
      "redirect count exceeded",
      21,
    ]);
    expect(await records()).toHaveLength(1);
  });

  it("inside a target that was entered without its credential gets none on the next hop either", async () => {
    const [a, b] = [await redirecting(), await redirecting()];
    const { guarded } = openGate(twoTargets(a, b));
    await guarded(to(a, to(b, "/end")));
    expect(b.seen.map(keyOf)).toEqual([undefined, undefined]);
  });

  it("is entered on the word of the first proxy, not of one on the way", async () => {
    const [a, b, c] = [await redirecting(), await redirecting(), await redirecting()];
    const policy = twoTargets(a, b);
    const credential = {
      type: "target",
      authType: "apiKey",
      secret: { inline: { key: "secret-of-c" } },
    } as const;
    const { guarded } = openGate({
      ...policy,
      targets: { ...policy.targets, c: { baseUrl: c.origin } },
      credentials: { ...policy.credentials, "key-c": credential },
      proxies: {
        ...policy.proxies,
        b: { target: "b", defaultRuleEffect: "allow", redirects: { mayEnter: ["c"] } },
        c: { target: "c", targetCredential: "key-c", defaultRuleEffect: "allow" },
      },
    });
    await guarded(to(a, to(b, `${c.origin}/end`)));
    expect(c.seen.map(keyOf)).toEqual([undefined]);
  });

  it("shows rules the header of a credential only where the credential goes along", async () => {
    const [a, b] = [await redirecting(), await redirecting()];
    const policy = (mayEnter: string[]) => {
      const two = twoTargets(a, b, mayEnter);
      const rules = [{ id: "with-key", effect: "allow" as const, headers: [{ name: "^x-api-key$" }] }];
      const { defaultRuleEffect: _, ...proxy } = two.proxies?.b ?? { target: "b" };
      return { ...two, proxies: { ...two.proxies, b: { ...proxy, rules } } };
    };
    const url = to(a, `${b.origin}/end`);
    expect((await openGate(policy(["b"])).guarded(url)).status).toBe(200);
    expect(await rejection(openGate(policy([])).guarded(url))).toMatchObject({
      decision: { code: "default" },
    });
    expect(b.seen.map(keyOf)).toEqual(["secret-of-b"]);
  });

  it.each([
    "https://./",
    "http://./",
    "data:<x>",
    "urn:a:b",
    "http://[",
    "http://a b/",
    "//",
    "\\\\evil.example",
  ])("to %j leaves exactly one record, and nothing else is called", async (location) => {
    const server = await startServer((_, response) => response.writeHead(302, { location }).end());
    const { guarded, records } = openGate(documentFor(server.origin));
    expect(await rejection(guarded(server.origin))).toBeInstanceOf(Error);
    expect([await records(), server.seen]).toMatchObject([{ length: 1 }, { length: 1 }]);
  });

  it("to a path in UTF-8 goes where `fetch` would go", async () => {
    const server = await startServer((request, response) => {
      if (request.target !== "/") return json("{}")(request, response);
      response.writeHead(302, { location: Buffer.from("/café").toString("latin1") }).end();
    });
    await openGate(documentFor(server.origin)).guarded(server.origin);
    await fetch(server.origin);
    expect(server.seen.map(({ target }) => target)).toEqual(["/", "/caf%C3%A9", "/", "/caf%C3%A9"]);
  });
});
