import type { ServerResponse } from "node:http";
import { expect } from "vitest";
import { rejection } from "../gate.js";
import { theme } from "./fidelity-case.js";
import { begin, hold } from "./open-answers.js";

/** A promise that nobody handles must not count as an unhandled rejection. */
function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

/** Where nothing was being read when it came, not every platform keeps the reason. */
function expectAbort(error: unknown, reason: unknown): void {
  if (error instanceof DOMException) expect(error.name).toBe("AbortError");
  else expect(error).toBe(reason);
}

theme("abort signals", [
  {
    name: "of one call leaves another alone",
    async run(fetch, server) {
      const answers: ServerResponse[] = [];
      const both = new Promise<void>((resolve) => {
        server.answer((_, response) => {
          answers.push(response);
          if (answers.length === 2) resolve();
        });
      });
      const controller = new AbortController();
      const ended = quiet(fetch(server.url(), { signal: controller.signal }));
      const other = fetch(server.url());
      await both;
      controller.abort("enough");
      expect(await rejection(ended)).toBe("enough");
      for (const answer of answers) answer.setHeader("content-type", "application/json").end("{}");
      expect(await (await other).text()).toBe("{}");
    },
  },
  {
    name: "by one signal ends all its calls",
    async run(fetch, server) {
      let held = 0;
      const all = new Promise<void>((resolve) => server.listen(() => ++held === 5 && resolve()));
      const controller = new AbortController();
      const calls = Array.from({ length: 5 }, () =>
        quiet(fetch(server.url(), { signal: controller.signal })),
      );
      await all;
      controller.abort("enough");
      expect(await Promise.all(calls.map(rejection))).toEqual(Array(5).fill("enough"));
    },
  },
  {
    name: "by the time rejects with a `TimeoutError`",
    async run(fetch, server) {
      hold(server);
      const error = await rejection(fetch(server.url(), { signal: AbortSignal.timeout(20) }));
      expect(error).toBeInstanceOf(DOMException);
      expect(error).toMatchObject({ name: "TimeoutError", code: 23 });
    },
  },
  {
    name: "by the time, within the body, rejects with a `TimeoutError`",
    async run(fetch, server) {
      begin(server, "{}\n");
      const signal = AbortSignal.timeout(100);
      const call = fetch(server.url(), { signal }).then((response) => response.text());
      expect(await rejection(call)).toBe(signal.reason);
    },
  },
  {
    name: "by any of several signals has the reason of that one",
    async run(fetch, server) {
      const held = hold(server);
      const controllers = [new AbortController(), new AbortController()] as const;
      const signal = AbortSignal.any(controllers.map((one) => one.signal));
      const call = quiet(fetch(server.url(), { signal }));
      await held;
      controllers[1].abort("the second");
      expect(await rejection(call)).toBe("the second");
    },
  },
  {
    name: "by the signal of a `Request` rejects with its reason",
    async run(fetch, server) {
      const held = hold(server);
      const controller = new AbortController();
      const call = quiet(fetch(new Request(server.url(), { signal: controller.signal })));
      await held;
      controller.abort("enough");
      expect(await rejection(call)).toBe("enough");
    },
  },
  {
    name: "by the signal of a `Request`, within the body, rejects with its reason",
    async run(fetch, server) {
      const begun = begin(server, "{}\n");
      const controller = new AbortController();
      const response = await fetch(new Request(server.url(), { signal: controller.signal }));
      await begun;
      controller.abort("enough");
      expectAbort(await rejection(response.text()), "enough");
    },
  },
  {
    name: "by the signal of `init` counts, that of a `Request` does not",
    async run(fetch, server) {
      const held = hold(server);
      const [ofRequest, ofInit] = [new AbortController(), new AbortController()];
      const request = new Request(server.url(), { signal: ofRequest.signal });
      const call = quiet(fetch(request, { signal: ofInit.signal }));
      await held;
      ofRequest.abort("of the request");
      ofInit.abort("of init");
      expect(await rejection(call)).toBe("of init");
    },
  },
  {
    name: "of a `Request` is waived by `null` in `init`",
    async run(fetch, server) {
      const request = new Request(server.url(), { signal: AbortSignal.abort() });
      expect((await fetch(request, { signal: null })).status).toBe(200);
    },
  },
  {
    name: "of a `Request` holds where `init` says `undefined`",
    async run(fetch, server) {
      const request = new Request(server.url(), { signal: AbortSignal.abort("enough") });
      const init = { signal: undefined } as unknown as RequestInit;
      expect(await rejection(fetch(request, init))).toBe("enough");
    },
  },
]);
