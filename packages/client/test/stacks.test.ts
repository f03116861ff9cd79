/** The stack of an error leads to whoever called, as that of `fetch` does. */
import { once } from "node:events";
import { createServer } from "node:net";
import { ConfigError } from "@sallyport/core";
import { describe, expect, it } from "vitest";
import { fetchTransport, undiciTransport } from "../src/index.js";
import { documentFor, openGate, rejection } from "./gate.js";
import { startServer } from "./loopback-server.js";

/** One that refuses connections. */
async function unusedOrigin(): Promise<string> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return `http://127.0.0.1:${port}`;
}

async function silentServer(): Promise<{ origin: string; asked: Promise<void> }> {
  let ask = () => {};
  const asked = new Promise<void>((resolve) => {
    ask = resolve;
  });
  const { origin } = await startServer(() => ask());
  return { origin, asked };
}

async function stackOf(call: () => Promise<unknown>): Promise<string | undefined> {
  async function calledFromHere() {
    await call();
  }
  return ((await rejection(calledFromHere())) as Error).stack;
}

const LEADS_HERE = /\n {4}at (?:async )?calledFromHere /;

describe.each([
  ["undici", undiciTransport],
  ["fetch", fetchTransport],
])("over the transport of %s", (name, transportOf) => {
  it.each<[what: string, proxy: object]>([
    ["a denied call", { defaultRuleEffect: "deny" }],
    ["a refused connection", {}],
  ])("%s", async (_what, proxy) => {
    const origin = await unusedOrigin();
    const { guarded } = openGate(documentFor(origin, proxy), { transport: transportOf() });
    expect(await stackOf(() => guarded(origin))).toMatch(LEADS_HERE);
  });

  it("a limit of time that has passed", async () => {
    const { origin } = await silentServer();
    const targets = { api: { baseUrl: origin, limits: { totalTimeoutMs: 50 } } };
    const { guarded } = openGate(documentFor(origin, {}, { targets }), { transport: transportOf() });
    expect(await stackOf(() => guarded(origin))).toMatch(LEADS_HERE);
  });

  it.each([
    new TypeError("enough"),
    new TypeError("fetch failed", { cause: new Error("of another call") }),
    Object.freeze(new ConfigError("option", "of the caller's")),
  ])("an abort keeps its reason as it is: %s", async (reason) => {
    const { stack } = reason;
    const { origin, asked } = await silentServer();
    const { guarded } = openGate(documentFor(origin), { transport: transportOf() });
    const controller = new AbortController();
    const call = rejection(guarded(origin, { signal: controller.signal }));
    await asked;
    controller.abort(reason);
    expect(await call).toBe(reason);
    // The platform gives it a stack of its own.
    if (name === "undici") expect(reason.stack).toBe(stack);
  });
});

it("a credential that cannot be opened, however deep that is found out", async () => {
  const credentials = {
    key: { type: "target" as const, authType: "bearer" as const, secret: { env: "NOT_THERE" } },
  };
  const policy = documentFor("http://127.0.0.1:9", { targetCredential: "key" }, { credentials });
  const { guarded } = openGate(policy, { environment: {} });
  expect(await stackOf(() => guarded("http://127.0.0.1:9"))).toMatch(LEADS_HERE);
});

it("an `init` that is refused", async () => {
  const { guarded } = openGate(documentFor("http://127.0.0.1:9"));
  const init = { dispatcher: {} } as object;
  expect(await stackOf(() => guarded("http://127.0.0.1:9", init))).toMatch(LEADS_HERE);
});
