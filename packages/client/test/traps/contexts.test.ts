import { AsyncLocalStorage } from "node:async_hooks";
import { getEventListeners } from "node:events";
import { Agent, Client, type Dispatcher, fetch as npmFetch } from "undici";
import { expect, onTestFinished } from "vitest";
import { fetchTransport } from "../../src/index.js";
import type { FidelityServer } from "../fidelity/server.js";
import { rejection } from "../gate.js";
import { trap } from "./traps.js";

const CALLERS = Array.from({ length: 50 }, (_, index) => `caller-${index}`);

/** Records what a call was made for, as it is known when the answer is filtered. */
const identifying = {
  paths: { record: "core" as const },
  filters: [
    {
      variables: [{ name: "who", source: "vars" as const, key: "who", record: "core" as const }],
      operations: [],
    },
  ],
};

/** Counts the connections that are made to it. */
function countConnections(server: FidelityServer): { readonly count: number } {
  const sockets = new Set();
  server.answer((_, response) => {
    sockets.add(response.socket);
    response.end("{}");
  });
  return {
    get count() {
      return sockets.size;
    },
  };
}

trap("ambient context in callbacks", {
  // With undici from npm: only there may one give a handler.
  async bare(server) {
    const connections = countConnections(server);
    const caller = new AsyncLocalStorage<string>();
    const client = new Client(server.origin);
    onTestFinished(() => client.close());
    const seen = CALLERS.map((own) =>
      caller.run(
        own,
        () =>
          new Promise<boolean>((resolve, reject) => {
            let isOwn = false;
            const handler: Dispatcher.DispatchHandler = {
              onRequestStart() {},
              onResponseStart() {
                isOwn = caller.getStore() === own;
              },
              onResponseData() {},
              onResponseEnd: () => resolve(isOwn),
              onResponseError: (_, error) => reject(error),
            };
            client.dispatch({ path: "/", method: "GET" }, handler);
          }),
      ),
    );
    const own = (await Promise.all(seen)).filter((isOwn) => isOwn);
    expect(connections.count).toBe(1);
    expect(own.length).toBeLessThan(CALLERS.length / 2);
  },
  async guarded(server, open) {
    const connections = countConnections(server);
    const caller = new AsyncLocalStorage<string>();
    const one = new Agent({ connections: 1 });
    onTestFinished(() => one.close());
    const single = (url: unknown, init: object) => npmFetch(url as string, { ...init, dispatcher: one });
    const overOne = fetchTransport(single as unknown as typeof fetch, { allowUnpinned: true });
    // The transport of this test, and one whose calls all take one connection.
    for (const options of [{}, { transport: overOne }]) {
      const gate = open(identifying, {}, options);
      const callAs = (name: string) =>
        caller.run(name, async () => {
          const bound = gate.guarded.with({ vars: { who: name } });
          await (await bound(server.url(`/${name}`))).text();
          expect(caller.getStore()).toBe(name);
        });
      const before = connections.count;
      await Promise.all(CALLERS.map(callAs));
      const opened = connections.count - before;
      // Once more, over connections that another one's call has opened.
      await Promise.all(CALLERS.toReversed().map(callAs));
      expect(connections.count - before).toBeLessThan(opened + CALLERS.length / 2);
      if (options.transport !== undefined) expect(connections.count - before).toBe(1);
      const records = await gate.records();
      const named = records.map(({ http, vars }) => [http.url.path, vars.who]);
      expect(named.toSorted()).toEqual([...CALLERS, ...CALLERS].map((id) => [`/${id}`, id]).toSorted());
    }
  },
});

trap("listeners on a signal", {
  bare: "up to Node 24 it leaves hundreds, until garbage is collected, from Node 26 on one",
  async guarded(server, open) {
    const controller = new AbortController();
    const { signal } = controller;
    const { guarded } = open();
    // None, or one for all.
    expect(await mostListeners(guarded, server, signal)).toBeLessThanOrEqual(1);
    expect(server.seen).toHaveLength(1000);
    // The next one hears of it all the same, with the very reason.
    server.answer((_, response) => response.write("{"));
    const reason = new Error("mine");
    const reading = rejection(guarded(server.url(), { signal }).then((response) => response.text()));
    await expect.poll(() => server.seen.length).toBe(1001);
    controller.abort(reason);
    expect(await reading).toBe(reason);
  },
});

/** Of 1,000 calls with one signal, 20 at a time: the listeners that were left on it at most when none was under way. */
async function mostListeners(
  call: typeof fetch,
  server: FidelityServer,
  signal: AbortSignal,
): Promise<number> {
  let most = 0;
  for (let round = 0; round < 50; round++) {
    const calls = Array.from({ length: 20 }, async () => (await call(server.url(), { signal })).text());
    // While they are under way there may be one or two for each.
    expect(getEventListeners(signal, "abort").length).toBeLessThanOrEqual(2 * calls.length);
    await Promise.all(calls);
    most = Math.max(most, getEventListeners(signal, "abort").length);
  }
  return most;
}
