/** A call that fails when its response is there already hangs up on it. */
import { hashKeyId, InternalError, type Keyring, type PolicyDocument } from "@sallyport/core";
import { afterEach, describe, expect, it, vi } from "vitest";
import { fetchTransport, undiciTransport } from "../src/index.js";
import { documentFor, openGate, rejection } from "./gate.js";
import { startServer } from "./loopback-server.js";

const failing = vi.hoisted(() => ({ isOn: false }));

vi.mock(import("@sallyport/core"), async (original) => {
  const core = await original();
  return {
    ...core,
    filterResponse: (...given) => {
      if (failing.isOn) throw new core.InternalError("planted by a test");
      return core.filterResponse(...given);
    },
  };
});

afterEach(() => {
  failing.isOn = false;
});

const HASH_KEY = hashKeyId("acme");
const hashed: PolicyDocument["proxies"] = {
  p: {
    target: "api",
    defaultRuleEffect: "allow",
    filters: [{ operations: [{ effect: "hash", jsonPath: "\\.ssn$" }] }],
  },
};

/** A keyring that answers as told when it is asked for the key of hashes. */
function keyringOf(answer: () => Promise<Uint8Array | undefined>): Keyring {
  return { primary: "k", get: (kid) => (kid === HASH_KEY ? answer() : undefined) };
}

/** A server whose answer is longer than what has come of it. */
async function startOpen(type: string) {
  let close = () => {};
  const closed = new Promise<void>((resolve) => {
    close = resolve;
  });
  const { origin } = await startServer((_, response) => {
    response.on("close", close);
    response.writeHead(200, { "content-type": type }).write('{"ssn":1}\n'.repeat(200));
  });
  return { origin, closed };
}

describe.each([
  ["undici", () => undiciTransport()],
  ["fetch", () => fetchTransport()],
])("over the transport of %s", (_name, transportOf) => {
  it("because the key of hashes cannot be had", async () => {
    const { origin, closed } = await startOpen("application/json");
    const failure = new Error("the vault is closed");
    const { guarded, records } = openGate(documentFor(origin, {}, { proxies: hashed }), {
      transport: transportOf(),
      keyring: keyringOf(() => Promise.reject(failure)),
    });
    expect(await rejection(guarded(origin))).toBe(failure);
    await closed;
    expect((await records()).length).toBe(1);
  });

  it("because it was aborted while the key of hashes was waited for", async () => {
    const { origin, closed } = await startOpen("application/json");
    const { guarded, records } = openGate(documentFor(origin, {}, { proxies: hashed }), {
      transport: transportOf(),
      keyring: keyringOf(() => new Promise(() => {})),
    });
    expect(await rejection(guarded(origin, { signal: AbortSignal.timeout(100) }))).toMatchObject({
      name: "TimeoutError",
    });
    await closed;
    expect((await records())[0].outcome).toMatchObject({ result: "failure", category: "aborted" });
  });

  it.each([
    ["unread", "text/plain", {}],
    ["of which the beginning was read", "application/json", { maxFilterBufferBytes: 1024 }],
    ["with a limit", "text/plain", {}],
  ])("because a filter failed, over a body %s", async (what, type, settings) => {
    const { origin, closed } = await startOpen(type);
    const limits = what === "with a limit" ? { maxResponseBytes: 10_000 } : {};
    const policy = documentFor(
      "",
      { filters: [{ operations: [{ effect: "destroy", jsonPath: "\\.ssn$" }] }] },
      { settings, targets: { api: { baseUrl: origin, limits } } },
    );
    const { guarded } = openGate(policy, { transport: transportOf() });
    failing.isOn = true;
    expect(await rejection(guarded(origin))).toBeInstanceOf(InternalError);
    await closed;
  });
});
