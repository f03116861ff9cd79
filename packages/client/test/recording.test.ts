import { memoryStore } from "@sallyport/adapters-memory";
import { type RequestDeniedError, type StorageAdapter, StorageCorruptError } from "@sallyport/core";
import { describe, expect, it } from "vitest";
import { documentFor, openGate, rejection } from "./gate.js";
import { json, startServer } from "./loopback-server.js";

/** A real store whose writes can be made to fail. */
function breakableStore(): StorageAdapter & { broken: boolean } {
  const store = memoryStore();
  const wrapped = {
    ...store,
    broken: false,
    log: {
      ...store.log,
      putRecord: async (record: Parameters<typeof store.log.putRecord>[0]) => {
        if (wrapped.broken) throw new Error("disk on fire");
        await store.log.putRecord(record);
      },
    },
  };
  return wrapped;
}

describe("the record of a call", () => {
  it("has times that are numbers and not below zero, whatever the clock says", async () => {
    const server = await startServer(json("{}"));
    for (const odd of [Number.NaN, Number.POSITIVE_INFINITY, -1e9, "1", undefined]) {
      let readings = 0;
      const monotonicMs = () => (readings++ < 2 ? 5 : (odd as number));
      const { guarded, records } = openGate(documentFor(server.origin), { world: { monotonicMs } });
      await (await guarded(server.origin)).text();
      expect(readings).toBeGreaterThan(4);
      expect((await records())[0].timings).toEqual({ policyUs: 0, waitUs: 0, totalUs: 0 });
    }
  });

  it("says who, what, why and how long, and holds neither path nor header value", async () => {
    const server = await startServer(json("{}", 404, { "x-personal": "alice" }));
    const { guarded, records } = openGate(documentFor(`${server.origin}/v1`));
    await guarded(`${server.origin}/v1/people/alice?email=alice`, {
      headers: { authorization: "alice", "x-who": "alice", accept: "a/b" },
    });
    const [record] = await records();
    expect(record).toMatchObject({
      v: "1.0",
      type: "http.request",
      region: "eu-west-1",
      tenant: { clientId: "acme", proxyId: "p" },
      target: { id: "api" },
      http: {
        method: "GET",
        status: 404,
        url: { scheme: "http", host: "127.0.0.1", template: "/v1/{+path}", queryNames: ["email"] },
        request: { headers: { accept: "a/b" } },
      },
      policy: { decision: "allow", mode: "enforce" },
      outcome: { result: "failure", category: "upstream_4xx" },
    });
    expect(record.sanitization).toContainEqual({
      pointer: "/http/request/headers/authorization",
      action: "drop",
      class: "secret",
    });
    expect(JSON.stringify(record)).not.toContain("alice");
    expect(Number.isInteger(record.timings.totalUs)).toBe(true);
  });

  it("holds the path where the policy says so", async () => {
    const server = await startServer(json("{}"));
    const { guarded, records } = openGate(documentFor(server.origin, { paths: { record: "core" } }));
    await guarded(`${server.origin}/public`);
    expect((await records())[0].http.url.path).toBe("/public");
  });

  it("is there when the response is", async () => {
    const server = await startServer(json("{}"));
    const { guarded, records } = openGate(documentFor(server.origin));
    await Promise.all(Array.from({ length: 50 }, () => guarded(server.origin)));
    const all = await records();
    expect(new Set(all.map(({ id }) => id)).size).toBe(50);
  });
});

describe("a store that fails after the call was sent", () => {
  it("changes nothing for its caller, lets no further call out, and gets the record when it is back", async () => {
    const server = await startServer(json('{"a":1}'));
    const store = breakableStore();
    const failures: { recordId: string; lost: boolean }[] = [];
    const { guarded, records } = openGate(documentFor(server.origin), {
      store,
      onAuditFailure: (failure) => failures.push(failure),
    });
    await guarded(server.origin);
    store.broken = true;
    expect(await (await guarded(server.origin)).text()).toBe('{"a":1}');
    expect(failures).toMatchObject([{ lost: false }]);

    const error = (await rejection(guarded(server.origin))) as RequestDeniedError;
    expect(error.decision).toMatchObject({ code: "audit_unavailable" });
    expect(server.seen).toHaveLength(2);

    store.broken = false;
    await guarded(server.origin);
    expect((await records()).map((record) => record.policy.code)).toEqual([
      undefined,
      undefined,
      "audit_unavailable",
      undefined,
    ]);
  });

  it("is waited for by `close`, which says what is missing and can be tried again", async () => {
    const server = await startServer(json("{}"));
    const store = breakableStore();
    const { guarded, records } = openGate(documentFor(server.origin), { store, onAuditFailure: () => {} });
    await guarded(server.origin);
    store.broken = true;
    await guarded(server.origin);
    expect(await rejection(guarded.close())).toMatchObject({
      code: "ERR_STORAGE_UNAVAILABLE",
      message: "records that could not be stored: 1",
    });
    store.broken = false;
    await guarded.close();
    expect(await records()).toHaveLength(2);
  });
});

describe("a listener that throws", () => {
  it("changes neither the response nor what is stored later", async () => {
    const server = await startServer(json('{"a":1}'));
    const store = breakableStore();
    const onAuditFailure = () => {
      throw new Error("listener bug");
    };
    const { guarded, records } = openGate(documentFor(server.origin), { store, onAuditFailure });
    store.broken = true;
    expect(await (await guarded(server.origin)).text()).toBe('{"a":1}');
    store.broken = false;
    await guarded(server.origin);
    expect(await records()).toHaveLength(2);
  });
});

describe("a record that the store will never take", () => {
  it("is given up as one gap, and later calls go on", async () => {
    const server = await startServer(json("{}"));
    const inner = memoryStore();
    let refusals = 2;
    const putRecord: typeof inner.log.putRecord = async (record) => {
      if (refusals > 0 && refusals--) throw new StorageCorruptError("the item is too large");
      await inner.log.putRecord(record);
    };
    const failures: boolean[] = [];
    const { guarded, store } = openGate(documentFor(server.origin), {
      store: { ...inner, log: { ...inner.log, putRecord } },
      onAuditFailure: ({ lost }) => failures.push(lost),
    });
    for (let n = 0; n < 3; n++) await guarded(server.origin);
    const { records } = await store.log.listRecords();
    const types = records.map(({ bytes }) => JSON.parse(new TextDecoder().decode(bytes)));
    expect(types.map(({ type, lost }) => [type, lost])).toEqual([
      ["audit.gap", 1],
      ["http.request", undefined],
      ["http.request", undefined],
    ]);
    expect(failures).toEqual([false, true]);
  });
});

describe("a store that does not answer", () => {
  it("holds a call up for a second, then denies it; an abort ends it at once", async () => {
    const server = await startServer(json("{}"));
    const store = { ...memoryStore(), claimRegion: () => new Promise<void>(() => {}) };
    const { guarded } = openGate(documentFor(server.origin), { store, onAuditFailure: () => {} });
    const reason = new Error("enough");
    expect(await rejection(guarded(server.origin, { signal: AbortSignal.abort(reason) }))).toBe(reason);
    expect(await rejection(guarded(server.origin))).toMatchObject({
      decision: { code: "audit_unavailable" },
    });
    expect(server.seen).toEqual([]);
  });
});

describe("a write that is never answered", () => {
  it("does not hold up the calls after it, nor `close`, once the store answers again", async () => {
    const server = await startServer(json("{}"));
    const inner = memoryStore();
    let unanswered = 2;
    const putRecord: typeof inner.log.putRecord = (record) =>
      unanswered-- > 0 ? new Promise(() => {}) : inner.log.putRecord(record);
    const store = { ...inner, log: { ...inner.log, putRecord } };
    const { guarded, records } = openGate(documentFor(server.origin), { store, onAuditFailure: () => {} });
    expect((await guarded(server.origin)).status).toBe(200);
    expect(await rejection(guarded(server.origin))).toMatchObject({
      decision: { code: "audit_unavailable" },
    });
    expect((await guarded(server.origin)).status).toBe(200);
    await guarded.close();
    expect(await records()).toHaveLength(3);
  });
});

describe("a store of another region", () => {
  it("lets no call out", async () => {
    const server = await startServer(json("{}"));
    const { guarded } = openGate(documentFor(server.origin), {
      store: memoryStore({ region: "us-east-1" }),
      onAuditFailure: () => {},
    });
    expect(await rejection(guarded(server.origin))).toMatchObject({
      code: "ERR_CONFIG_INVALID",
      message: "option `store`: the store belongs to region `us-east-1`, the policy to `eu-west-1`",
    });
    expect(server.seen).toEqual([]);
  });
});

describe("a closed guarded fetch", () => {
  it("waits for calls under way and denies later ones", async () => {
    const server = await startServer((request, response) =>
      setTimeout(() => json("{}")(request, response), 50),
    );
    const { guarded, records } = openGate(documentFor(server.origin));
    const call = guarded(server.origin);
    while (server.seen.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await guarded.close();
    expect(await records()).toHaveLength(1);
    expect((await call).status).toBe(200);
    expect(await rejection(guarded(server.origin))).toMatchObject({
      decision: { code: "audit_unavailable", reason: "the guarded fetch is closed" },
    });
  });

  it("is closed for everyone who closes it, however many calls still come", async () => {
    const answers: (() => void)[] = [];
    const server = await startServer((request, response) => {
      answers.push(() => json("{}")(request, response));
    });
    const { guarded } = openGate(documentFor(server.origin));
    const call = guarded(server.origin);
    await expect.poll(() => answers).toHaveLength(1);
    let isOpen = true;
    const closed = Promise.all([guarded.close(), guarded.close()]).then(() => {
      isOpen = false;
    });
    const calling = Array.from({ length: 2 }, async () => {
      while (isOpen) {
        await rejection(guarded(server.origin));
        await new Promise(setImmediate);
      }
    });
    await new Promise(setImmediate);
    expect(isOpen).toBe(true);
    answers[0]?.();
    await closed;
    await Promise.all(calling);
    expect((await call).status).toBe(200);
    await guarded.close();
  });
});
