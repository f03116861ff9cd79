/** The stack of an error leads to whoever called, as that of `fetch` does. */
import { once } from "node:events";
import { createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { fetchTransport, undiciTransport } from "../src/index.js";
import { documentFor, openGate, rejection } from "./gate.js";

/** One that refuses connections. */
async function unusedOrigin(): Promise<string> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return `http://127.0.0.1:${port}`;
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
])("over the transport of %s", (_name, transportOf) => {
  it.each<[what: string, proxy: object]>([
    ["a denied call", { defaultRuleEffect: "deny" }],
    ["a refused connection", {}],
  ])("%s", async (_what, proxy) => {
    const origin = await unusedOrigin();
    const { guarded } = openGate(documentFor(origin, proxy), { transport: transportOf() });
    expect(await stackOf(() => guarded(origin))).toMatch(LEADS_HERE);
  });

  it("an abort keeps the reason as it is", async () => {
    const { guarded } = openGate(documentFor("http://127.0.0.1:9"), { transport: transportOf() });
    const reason = new TypeError("enough");
    const { stack } = reason;
    const error = await rejection(guarded("http://127.0.0.1:9", { signal: AbortSignal.abort(reason) }));
    expect(error).toBe(reason);
    expect((error as Error).stack).toBe(stack);
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
