/** Rules that look at the request's body: what was decided on is what is sent. */
import type { PolicyDocument, RequestDeniedError } from "@sallyport/core";
import { describe, expect, it } from "vitest";
import { documentFor, openGate, rejection } from "./gate.js";
import { json, startServer } from "./loopback-server.js";

type Rule = NonNullable<NonNullable<PolicyDocument["proxies"]>[string]["rules"]>[number];

const noAdmins: Rule = {
  id: "no-admins",
  effect: "deny",
  body: [{ jsonPath: "\\.role$", matchValue: "^admin$" }],
};

const inspecting = (origin: string, settings: PolicyDocument["settings"] = {}) =>
  documentFor(origin, { rules: [noAdmins] }, { settings });

/** A stream that says how far it was read and whether it was cancelled. */
function watchedStream(chunks: readonly unknown[]) {
  const watched = { pulls: 0, cancelled: false };
  const stream = new ReadableStream({
    pull(controller) {
      const chunk = chunks[watched.pulls++];
      if (chunk instanceof Error) controller.error(chunk);
      else if (chunk === undefined) controller.close();
      else controller.enqueue(chunk);
    },
    cancel() {
      watched.cancelled = true;
    },
  });
  return Object.assign(watched, { stream });
}

const bytes = (text: string) => new TextEncoder().encode(text);
const post = (body: unknown) => ({ method: "POST", body, duplex: "half" }) as RequestInit;

describe("a body that a rule looks at", () => {
  it.each<[string, () => unknown]>([
    ["a string", () => '{"role":"admin"}'],
    ["bytes", () => bytes('{"role":"admin"}')],
    ["a blob", () => new Blob(['{"role":"admin"}'])],
    ["a stream", () => new Blob(['{"role":', '"admin"}']).stream()],
    [
      "an iterable",
      () =>
        (async function* () {
          yield bytes('{"role":"admin"}');
        })(),
    ],
  ])("denies the call when it is given as %s, and nothing is sent", async (_, body) => {
    const server = await startServer(json("{}"));
    const { guarded } = openGate(inspecting(server.origin));
    const error = (await rejection(guarded(server.origin, post(body())))) as RequestDeniedError;
    expect(error.decision).toMatchObject({ code: "rule", ruleId: "no-admins" });
    expect(server.seen).toEqual([]);
  });

  it("denies the call when it is that of a `Request`", async () => {
    const server = await startServer(json("{}"));
    const { guarded } = openGate(inspecting(server.origin));
    const request = new Request(server.origin, post('{"role":"admin"}'));
    expect(await rejection(guarded(request))).toMatchObject({ decision: { ruleId: "no-admins" } });
    expect(server.seen).toEqual([]);
  });

  it("is sent as it was looked at, with its length, a stream too", async () => {
    const server = await startServer(json("{}"));
    const { guarded } = openGate(inspecting(server.origin));
    await guarded(server.origin, post(watchedStream([bytes('{"role":'), bytes('"guest"}')]).stream));
    expect(server.seen).toMatchObject([{ body: '{"role":"guest"}', headers: { "content-length": "16" } }]);
  });

  it("is none where there is none", async () => {
    const server = await startServer(json("{}"));
    const { guarded } = openGate(inspecting(server.origin));
    expect((await guarded(server.origin)).status).toBe(200);
  });

  it("is read no further than it may be looked at, and given up when the call is denied", async () => {
    const server = await startServer(json("{}"));
    const { guarded } = openGate(inspecting(server.origin, { maxRequestInspectBytes: 1024 }));
    const endless = watchedStream(Array(1000).fill(bytes(" ".repeat(512))));
    const error = (await rejection(guarded(server.origin, post(endless.stream)))) as RequestDeniedError;
    expect(error.decision.reason).toBe(
      "rule `no-admins` of proxy `p` denies it, as its `body` cannot be evaluated: " +
        "the body is larger than `maxRequestInspectBytes`",
    );
    expect(endless.pulls).toBeLessThan(10);
    expect(endless.cancelled).toBe(true);
  });

  it("is sent whole when it is too large and no rule denies it", async () => {
    const server = await startServer(json("{}"));
    const elsewhere: Rule = { ...noAdmins, path: "^/admin" };
    const policy = documentFor(
      server.origin,
      { rules: [elsewhere] },
      { settings: { maxRequestInspectBytes: 1024 } },
    );
    const { guarded } = openGate(policy);
    const { stream } = watchedStream([bytes("a".repeat(3000)), bytes("b".repeat(3000))]);
    await guarded(server.origin, post(stream));
    expect(server.seen[0]?.body).toBe("a".repeat(3000) + "b".repeat(3000));
  });

  it("is asked for no earlier than a rule in force needs it", async () => {
    const server = await startServer(json("{}"));
    const policy = documentFor(server.origin, { rules: [{ effect: "deny", path: "^/denied" }] });
    const { guarded } = openGate(policy);
    const watched = watchedStream([bytes("a")]);
    await rejection(guarded(`${server.origin}/denied`, post(watched.stream)));
    // Making the `Request` pulls the first chunk.
    expect(watched.pulls).toBeLessThan(2);
    expect(watched.cancelled).toBe(false);
  });

  it("is looked at for a rule of the proxy credential in force only", async () => {
    const server = await startServer(json("{}"));
    const policy = documentFor(
      server.origin,
      { proxyCredential: "intern", inProcess: "skip-proxy-credential" },
      { credentials: { intern: { type: "proxy", authType: "none", rules: [noAdmins] } } },
    );
    const { guarded } = openGate(policy);
    const init = post('{"role":"admin"}');
    expect((await guarded(server.origin, init)).status).toBe(200);
    const asIntern = guarded.with({ proxyCredential: "intern" });
    expect((await asIntern(server.origin, post('{"role":"guest"}'))).status).toBe(200);
    expect(await rejection(asIntern(server.origin, init))).toMatchObject({
      decision: { scope: "proxyCredential", ruleId: "no-admins" },
    });
  });

  it("is looked at again where a redirect carries it on", async () => {
    const server = await startServer((request, response) => {
      const location = request.target === "/first" ? "/second" : undefined;
      response.writeHead(location === undefined ? 200 : 307, location && { location }).end();
    });
    const policy = documentFor(server.origin, { rules: [{ ...noAdmins, path: "^/second" }] });
    const { guarded } = openGate(policy);
    expect(await rejection(guarded(`${server.origin}/first`, post('{"role":"admin"}')))).toMatchObject({
      decision: { ruleId: "no-admins", hop: 1 },
    });
    expect((await guarded(`${server.origin}/first`, post('{"role":"guest"}'))).status).toBe(200);
  });

  it("is none behind a redirect that drops it", async () => {
    const server = await startServer((request, response) => {
      const location = request.target === "/first" ? "/second" : undefined;
      response.writeHead(location === undefined ? 200 : 303, location && { location }).end();
    });
    const policy = documentFor(server.origin, { rules: [{ ...noAdmins, path: "^/second" }] });
    const { guarded } = openGate(policy);
    expect((await guarded(`${server.origin}/first`, post('{"role":"admin"}'))).status).toBe(200);
  });
});

describe("a body that cannot be read", () => {
  it("fails the call as it would fail `fetch`, and the failure is on the record", async () => {
    const server = await startServer(json("{}"));
    const { guarded, records } = openGate(inspecting(server.origin));
    const cause = new Error("disk on fire");
    const error = await rejection(guarded(server.origin, post(watchedStream([cause]).stream)));
    expect(error).toMatchObject({ name: "TypeError", message: "fetch failed" });
    expect((error as Error).cause).toBe(cause);
    expect(server.seen).toEqual([]);
    expect(await records()).toMatchObject([
      { policy: { decision: "deny", code: "rule" }, outcome: { result: "failure", category: "network" } },
    ]);
  });

  it("rejects with the reason when it is aborted", async () => {
    const server = await startServer(json("{}"));
    const { guarded, records } = openGate(inspecting(server.origin));
    const controller = new AbortController();
    const never = new ReadableStream({ pull: () => new Promise(() => {}) });
    const call = guarded(server.origin, { ...post(never), signal: controller.signal });
    const reason = new Error("enough");
    controller.abort(reason);
    expect(await rejection(call)).toBe(reason);
    expect(await records()).toMatchObject([{ outcome: { category: "aborted" } }]);
  });

  it("is refused when it is a stream of anything but bytes", async () => {
    const server = await startServer(json("{}"));
    const { guarded } = openGate(inspecting(server.origin));
    const error = await rejection(guarded(server.origin, post(watchedStream(["text"]).stream)));
    expect(error).toBeInstanceOf(TypeError);
    expect(server.seen).toEqual([]);
  });
});
