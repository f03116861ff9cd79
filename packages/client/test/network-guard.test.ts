/** The address that was checked is the address that is dialled (docs/spec/transport.md, "The network guard"). */
import { buildConnector } from "undici";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { fetchTransport, type GuardedFetchOptions, type Lookup, undiciTransport } from "../src/index.js";
import { guardedConnector } from "../src/network/guarded-connector.js";
import { denialBehind } from "../src/network/network-denial.js";
import { CANARY, documentFor, openGate, rejection } from "./gate.js";
import { guardFor } from "./guard.js";
import { startServer } from "./loopback-server.js";

const TRANSPORTS = {
  undici: (lookup: Lookup) => undiciTransport({ lookup }),
  fetch: (lookup: Lookup) => fetchTransport(undefined, { lookup }),
};

/** Answers in turn, the last one again and again; `asked` are the names. */
function lookupOf(...answers: readonly (readonly string[])[]): Lookup & { readonly asked: string[] } {
  const asked: string[] = [];
  const lookup: Lookup = (hostname, _options, callback) => {
    const addresses = answers[Math.min(asked.length, answers.length - 1)] ?? [];
    asked.push(hostname);
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
    );
  };
  return Object.assign(lookup, { asked });
}

/** A target by name whose server is on loopback, which the policy opens for it. */
function policyFor(origin: string, network: object = { allowPrivate: ["127.0.0.1/32"] }) {
  const { port } = new URL(origin);
  return documentFor(
    "",
    {},
    {
      targets: {
        api: { baseUrl: `http://api.test:${port}`, network: { allowInsecure: true, ...network } },
      },
    },
  );
}

function raise(error: unknown): never {
  throw error;
}

const DENIED = { code: "ERR_REQUEST_DENIED", decision: { code: "network", proxyId: "p" } };

describe.each(Object.entries(TRANSPORTS))("over the transport of %s", (_name, transportOf) => {
  const open = (policy: GuardedFetchOptions["policy"], lookup: Lookup, more = {}) =>
    openGate(policy as never, { transport: transportOf(lookup), ...more });

  it("dials an address that the policy opens, and records it", async () => {
    const { origin, seen } = await startServer((_, response) => response.end("here"));
    const lookup = lookupOf(["127.0.0.1"]);
    const { guarded, records } = open(policyFor(origin), lookup);
    const { port } = new URL(origin);
    expect(await (await guarded(`http://api.test:${port}/a`)).text()).toBe("here");
    expect(lookup.asked).toEqual(["api.test"]);
    expect(seen).toHaveLength(1);
    const [record] = await records();
    expect(record.net).toEqual({ address: "pinned", peer: { address: "127.0.0.1", port: Number(port) } });
    expect(record.tls).toBeUndefined();
  });

  it.each([
    ["127.0.0.1"],
    ["10.0.0.1"],
    ["192.168.1.1"],
    ["169.254.169.254"],
    ["100.64.0.1"],
    ["0.0.0.0"],
    ["::1"],
    ["::ffff:10.0.0.1"],
    ["64:ff9b::a00:1"],
    ["fd00::1"],
    ["fe80::1"],
    ["ff02::1"],
  ])("denies a name that leads to %s", async (address) => {
    const { origin, seen } = await startServer((_, response) => response.end());
    const { guarded, records } = open(policyFor(origin, {}), lookupOf([address]));
    const url = `http://api.test:${new URL(origin).port}/a`;
    expect(await rejection(guarded(url))).toMatchObject(DENIED);
    expect(seen).toEqual([]);
    const [record] = await records();
    expect(record).toMatchObject({
      policy: { decision: "deny", code: "network" },
      outcome: { result: "denied", category: "policy_denied" },
    });
    expect(record.net).toBeUndefined();
  });

  it("denies a name of which one address of several is refused, wherever it stands", async () => {
    const { origin, seen } = await startServer((_, response) => response.end());
    const url = `http://api.test:${new URL(origin).port}/a`;
    for (const answer of [
      ["127.0.0.1", "10.0.0.1"],
      ["10.0.0.1", "127.0.0.1"],
      ["127.0.0.1", "fd00::1"],
    ]) {
      expect(await rejection(open(policyFor(origin), lookupOf(answer)).guarded(url))).toMatchObject(DENIED);
    }
    expect(seen).toEqual([]);
  });

  it("denies a name without an address", async () => {
    const { origin } = await startServer((_, response) => response.end());
    const { guarded } = open(policyFor(origin), lookupOf([]));
    const error = await rejection(guarded(`http://api.test:${new URL(origin).port}/a`));
    expect(error).toMatchObject(DENIED);
  });

  it("never connects when an answer changes between two calls", async () => {
    const { origin, seen } = await startServer((_, response) => {
      response.setHeader("connection", "close");
      response.end();
    });
    const url = `http://api.test:${new URL(origin).port}/a`;
    let rounds = 0;
    const lookup: Lookup = (_hostname, _options, callback) => {
      const address = rounds++ % 2 === 0 ? "127.0.0.1" : "127.0.0.2";
      callback(null, [{ address, family: 4 }]);
    };
    const { guarded } = open(policyFor(origin), lookup);
    const outcomes = { allowed: 0, denied: 0 };
    for (let call = 0; call < 100; call++) {
      const result = await guarded(url).then(
        (response) => response.text().then(() => "allowed" as const),
        (error) => {
          expect(error).toMatchObject(DENIED);
          return "denied" as const;
        },
      );
      outcomes[result]++;
    }
    expect(outcomes).toEqual({ allowed: 50, denied: 50 });
    expect(seen).toHaveLength(50);
  });

  it("denies a literal address before the credential is opened, and asks no resolver", async () => {
    const lookup = lookupOf(["127.0.0.1"]);
    let opened = 0;
    const environment = {
      get API_KEY() {
        opened++;
        return CANARY;
      },
    };
    const policy = documentFor(
      "https://10.0.0.1",
      { targetCredential: "key" },
      { credentials: { key: { type: "target", authType: "bearer", secret: { env: "API_KEY" } } } },
    );
    const { guarded } = open(policy, lookup, { environment });
    for (const url of ["https://10.0.0.1/a", "https://0x0a.1/a", "https://167772161/a"])
      expect(await rejection(guarded(url))).toMatchObject(DENIED);
    expect([opened, lookup.asked]).toEqual([0, []]);
  });

  it("denies `localhost` that leads elsewhere", async () => {
    const { origin, seen } = await startServer((_, response) => response.end());
    const local = origin.replace("127.0.0.1", "localhost");
    const { guarded } = open(documentFor(local), lookupOf(["10.0.0.1"]));
    expect(await rejection(guarded(`${local}/a`))).toMatchObject(DENIED);
    expect(seen).toEqual([]);
  });

  it("denies a redirect to a refused address, with the index of its hop", async () => {
    const { origin } = await startServer((_, response) => {
      response.writeHead(302, { location: `http://inner.test:${new URL(origin).port}/b` }).end();
    });
    const { port } = new URL(origin);
    const policy = documentFor(
      origin,
      {},
      {
        targets: {
          api: { baseUrl: origin },
          inner: { baseUrl: `http://inner.test:${port}`, network: { allowInsecure: true } },
        },
        proxies: {
          p: { target: "api", defaultRuleEffect: "allow" },
          q: { target: "inner", defaultRuleEffect: "allow" },
        },
      },
    );
    const { guarded, records } = open(policy, lookupOf(["127.0.0.1"]));
    const error = await rejection(guarded(`${origin}/a`));
    expect(error).toMatchObject({ decision: { code: "network", proxyId: "q", hop: 1 } });
    const [record] = await records();
    expect(record.net).toMatchObject({ address: "pinned" });
    expect(record.http.redirects).toMatchObject([{ proxyId: "q", decision: "deny", code: "network" }]);
  });

  it.each<[string, unknown[], unknown]>([
    ["one object", [[null, { address: "127.0.0.1", family: 4 }]], "here"],
    ["no error at all", [[undefined, [{ address: "127.0.0.1", family: 6 }]]], "here"],
    ["twice", [1, 2].map(() => [null, [{ address: "127.0.0.1", family: 4 }]]), "here"],
    ["nothing", [[null, undefined]], DENIED],
    ["no addresses", [[null, [null, {}, 1]]], DENIED],
  ])("takes a late answer of %s from a resolver of the user's", async (_what, answers, expected) => {
    const { origin } = await startServer((_, response) => response.end("here"));
    const lookup = ((_hostname: string, _options: object, callback: (...answer: unknown[]) => void) => {
      setTimeout(() => {
        for (const answer of answers) callback(...(answer as unknown[]));
      }, 1);
    }) as unknown as Lookup;
    const { guarded } = open(policyFor(origin), lookup);
    const call = guarded(`http://api.test:${new URL(origin).port}/`);
    if (expected === "here") expect(await (await call).text()).toBe(expected);
    else expect(await rejection(call)).toMatchObject(expected as object);
  });

  it("lets a resolver's own failure through as `fetch` does", async () => {
    const { origin } = await startServer((_, response) => response.end());
    const failure = Object.assign(new Error("no such name"), { code: "ENOTFOUND" });
    const lookup: Lookup = (_hostname, _options, callback) => callback(failure, "", 0);
    const error = await rejection(
      open(policyFor(origin), lookup).guarded(`http://api.test:${new URL(origin).port}/`),
    );
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({ message: "fetch failed", cause: failure });
  });

  it.each<[string, () => unknown, object]>([
    [
      "rejects",
      () => Promise.reject(Object.assign(new Error("no"), { code: "ENOTFOUND" })),
      { code: "ENOTFOUND" },
    ],
    ["throws", () => raise(Object.assign(new Error("no"), { code: "ENOTFOUND" })), { code: "ENOTFOUND" }],
    ["rejects with nothing", () => Promise.reject(), { message: "the resolver failed" }],
    ["throws what is no error", () => raise("no"), { message: "the resolver failed", cause: "no" }],
  ])("fails as the network does with a resolver of the user's that %s", async (_what, answer, cause) => {
    const { origin } = await startServer((_, response) => response.end());
    const unhandled = vi.fn();
    process.on("unhandledRejection", unhandled);
    onTestFinished(() => void process.off("unhandledRejection", unhandled));
    const { guarded } = open(policyFor(origin), answer as unknown as Lookup);
    const error = await rejection(guarded(`http://api.test:${new URL(origin).port}/`));
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({ message: "fetch failed", cause });
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(unhandled).not.toHaveBeenCalled();
  });

  it("keeps the connections of one target and policy apart from all others", async () => {
    const ports = new Set<number | undefined>();
    const { origin } = await startServer((_, response) => {
      ports.add(response.req.socket.remotePort);
      response.end();
    });
    const { port } = new URL(origin);
    const network = { allowInsecure: true, allowPrivate: ["127.0.0.1/32"] };
    const policy = {
      ...policyFor(origin),
      targets: {
        api: { baseUrl: `http://api.test:${port}/api`, network },
        other: { baseUrl: `http://api.test:${port}/other`, network },
      },
      proxies: {
        p: { target: "api", defaultRuleEffect: "allow" as const },
        q: { target: "other", defaultRuleEffect: "allow" as const },
      },
    };
    const transport = transportOf(lookupOf(["127.0.0.1"]));
    const call = async (guarded: typeof fetch, path: string) => {
      await (await guarded(`http://api.test:${port}${path}`)).text();
      // undici leaves a connection alone for one turn of the event loop.
      await new Promise((resolve) => setTimeout(resolve, 20));
    };
    const { guarded } = openGate(policy, { transport });
    for (const path of ["/api/1", "/api/2", "/api/3"]) await call(guarded, path);
    expect(ports.size).toBe(1);
    await call(guarded, "/other/1");
    expect(ports.size).toBe(2);
    await call(openGate(policy, { transport }).guarded, "/api/1");
    expect(ports.size).toBe(3);
  });
});

describe("a connection whose other end is not what was asked for", () => {
  it("is refused before anything is sent", async () => {
    const { origin, seen } = await startServer((_, response) => response.end());
    const { port } = new URL(origin);
    // A resolver hook below ours, which answers behind our back.
    const build = (options: buildConnector.BuildOptions) =>
      buildConnector({ ...options, lookup: lookupOf(["127.0.0.1"]) });
    const connect = guardedConnector(build as typeof buildConnector, guardFor(), lookupOf(["93.184.215.14"]));
    const error = await new Promise((resolve) =>
      connect({ hostname: "api.test", protocol: "http:", port }, (...[failure]) => resolve(failure)),
    );
    expect(denialBehind(error)).toMatchObject({ code: "network" });
    expect(seen).toEqual([]);
  });
});
