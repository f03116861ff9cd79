import { afterEach, describe, expect, it, vi } from "vitest";
import {
  applicableFilters,
  canonicalRequest,
  compilePolicy,
  credentialBinding,
  decide,
  definePolicy,
  encodeRecord,
  explain,
  filterResponse,
  matchInputOf,
  openCredential,
  policyJsonSchema,
  routeByUrl,
  scopesOf,
  sealCredential,
  uuidV7,
} from "./index.js";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

/** Everything through which a clock, randomness, the network or the environment could come in. */
function forbidTheWorld(): void {
  const forbidden = (name: string) => () => {
    throw new Error(`core used ${name}`);
  };
  class FrozenDate extends Date {
    constructor(value?: number | string) {
      if (value === undefined) throw new Error("core read the clock");
      super(value);
    }
    static override now = forbidden("Date.now");
  }
  vi.stubGlobal("Date", FrozenDate);
  vi.stubGlobal("performance", { now: forbidden("performance.now") });
  vi.stubGlobal("crypto", { getRandomValues: forbidden("randomness"), randomUUID: forbidden("randomness") });
  vi.stubGlobal("fetch", forbidden("fetch"));
  for (const name of ["setTimeout", "setInterval", "setImmediate", "queueMicrotask"])
    vi.stubGlobal(name, forbidden(name));
  vi.spyOn(Math, "random").mockImplementation(forbidden("Math.random"));
  vi.stubGlobal("process", new Proxy({}, { get: (_, name) => forbidden(`process.${String(name)}`)() }));
}

describe("core", () => {
  it("needs neither clock nor randomness nor network: one call from policy to record runs without them", () => {
    const { process } = globalThis;
    forbidTheWorld();
    const document = {
      clientId: "acme",
      region: "eu-west-1",
      targets: { t: { baseUrl: "https://api.example.com" } },
      credentials: { k: { type: "target", authType: "bearer", expiresAt: "2030-01-01T00:00:00Z" } },
      proxies: {
        p: {
          target: "t",
          targetCredential: "k",
          rules: [
            {
              effect: "allow",
              path: { pattern: "^/é", flags: "i", presence: "absent" },
              when: { from: "22:00", to: "06:00", days: ["wed", "thu"], timeZone: "Europe/Berlin" },
              token: [{ claim: "org.role", matchValue: "^admin$" }],
              actor: [{ name: "^claims\\.team$" }],
              body: [{ jsonPath: "\\.a$", matchValue: "^1$" }],
            },
          ],
          filters: [
            {
              variables: [{ name: "id", source: "responseBody", key: "$..id", record: "core" }],
              operations: [{ effect: "destroy", jsonPath: "\\.{{id}}$" }],
            },
          ],
        },
      },
    } as const;
    const key = new Uint8Array(32).fill(1);
    const binding = credentialBinding(document as never, "k");
    const sealed = sealCredential(new Uint8Array([1]), { key, kid: "k1", iv: new Uint8Array(16), binding });
    expect(openCredential(sealed, { key, binding })).toEqual(new Uint8Array([1]));

    const policy = definePolicy({
      ...document,
      credentials: { k: { ...document.credentials.k, secret: { sealed } } },
    } as never);
    const compiled = compilePolicy(policy);
    const request = canonicalRequest({ url: "https://api.example.com/x?y=1", headers: [["a", "b"]] });
    if (request === undefined) throw new Error("the URL parses");
    expect(routeByUrl(compiled, request)).toEqual({ kind: "routed", proxyId: "p" });
    const context = {
      ...{ now: 0, token: { org: { role: "admin" } } },
      actor: { type: "user", id: "ann", claims: { team: ["a"] } },
      body: { kind: "bytes", bytes: new TextEncoder().encode('{"a":1}') },
    } as const;
    const decision = decide(compiled, "p", request, context);
    expect(explain(compiled, "p", request, context).decision).toEqual(decision);
    expect(decision.effect).toBe("allow");

    const proxy = compiled.proxies.get("p");
    const input = proxy && matchInputOf(proxy, request);
    if (proxy === undefined || input === undefined) throw new Error("the proxy covers the URL");
    const outcome = filterResponse(
      applicableFilters(scopesOf(proxy, undefined), input, { on: "response" }),
      {
        status: 200,
        headers: new Map([["content-type", "application/json"]]),
        body: new TextEncoder().encode('{"id":"a","a":1}'),
      },
      { input, own: { credentialId: undefined, proxyId: "p", requestId: "r" }, vars: {} },
      policy.settings,
    );
    expect(outcome.kind === "filtered" && new TextDecoder().decode(outcome.body)).toBe('{"id":"a"}');

    const record = encodeRecord({
      id: uuidV7(1, new Uint8Array(10)),
      nonce: new Uint8Array(16),
      compiled,
      hops: [{ request, decision, status: 200 }],
      injectedHeaders: new Set(["authorization"]),
      hasRequestBody: false,
      receipts: [],
      variables: outcome.variables,
      outcome: { result: "success" },
      startedAt: 1,
      endedAt: 2,
      timings: { policyUs: 1, totalUs: 2 },
    });
    expect(record.length).toBeGreaterThan(100);
    expect(Object.keys(policyJsonSchema())).toContain("properties");
    // The test runner wants it back before the test ends.
    vi.stubGlobal("process", process);
  });
});
