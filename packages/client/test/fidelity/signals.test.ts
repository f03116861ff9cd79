/** What a guarded call does better than the platform's `fetch`, which keeps listeners, forgets signals and leaves streams open. */
import { getEventListeners } from "node:events";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { rejection } from "../gate.js";
import { begin, hold } from "./open-answers.js";
import { FidelityServer } from "./server.js";
import { SUBJECTS } from "./subjects.js";

/** As it is, and where another stream stands before that of the transport. */
const guarded = SUBJECTS.filter(({ setting }) =>
  ["transparent", "a filter that matches no node"].includes(setting),
);

describe.for(guarded.map((one) => [one.name, one] as const))("signals: %s", ([, subject]) => {
  it("one that lives long has no listener of each of 1,000 calls that are over", async () => {
    const server = await FidelityServer.start();
    const { fetch, close } = subject.open(server);
    const { signal } = new AbortController();
    let most = 0;
    const warnings: Error[] = [];
    const onWarning = (warning: Error) => void warnings.push(warning);
    process.on("warning", onWarning);
    for (let call = 0; call < 50; call++) {
      const all = Array.from({ length: 20 }, async () => (await fetch(server.url(), { signal })).text());
      await Promise.all(all);
      most = Math.max(most, getEventListeners(signal, "abort").length);
    }
    process.off("warning", onWarning);
    expect(server.seen).toHaveLength(1000);
    // One for all, where the platform would keep those that it is given.
    expect(most).toBeLessThanOrEqual(1);
    expect(warnings).toEqual([]);
    await close();
    await server.close();
  });

  it("one that fires cancels, with its reason, a stream that waits to be sent", async () => {
    const server = await FidelityServer.start();
    const { fetch, close } = subject.open(server);
    const controller = new AbortController();
    const cancelled = new Promise((resolve) => {
      const body = new ReadableStream<Uint8Array>({
        start: (stream) => stream.enqueue(Buffer.from("[1]")),
        cancel: (reason) => resolve(reason),
      });
      const init = { method: "POST", body, duplex: "half", signal: controller.signal } as RequestInit;
      rejection(fetch(server.url(), init)).then(() => {});
    });
    controller.abort("enough");
    expect(await cancelled).toBe("enough");
    await close();
    await server.close();
  });

  it.each(["before the answer", "within its body"])(
    "that of a `Request` which nobody holds fires %s, though garbage was collected",
    async (when) => {
      const server = await FidelityServer.start();
      const { fetch, close } = subject.open(server);
      const controller = new AbortController();
      const call = () => fetch(new Request(server.url(), { signal: controller.signal }));
      let ended: Promise<unknown>;
      if (when === "before the answer") {
        const arrived = hold(server);
        ended = rejection(call());
        await arrived;
      } else {
        void begin(server, "1\n");
        ended = rejection((await call()).text());
      }
      for (let round = 0; round < 5; round++) {
        await new Promise((resolve) => setTimeout(resolve, 10));
        collect();
      }
      const reason = new Error("enough");
      controller.abort(reason);
      expect(await ended).toBe(reason);
      await close();
      await server.close();
    },
  );
});

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;
