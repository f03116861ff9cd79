import { expect } from "vitest";
import { rejection } from "../gate.js";
import { type FidelityCase, theme } from "./fidelity-case.js";
import { begin, closed, hold, LINES } from "./open-answers.js";

class OwnError extends Error {}

/** Given to `abort`, and read from the signal afterwards. */
const reasons: Record<string, () => unknown> = {
  "an error of the caller's": () => new OwnError("enough"),
  "a text": () => "enough",
  "a number": () => 0,
  "`null`": () => null,
  "`false`": () => false,
  "an object": () => ({ why: "enough" }),
  "a `DOMException`": () => new DOMException("enough", "TimeoutError"),
};

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

theme("abort", [
  ...Object.entries(reasons).flatMap(([name, make]): FidelityCase[] => [
    {
      name: `before the call rejects with its reason: ${name}`,
      async run(fetch, server) {
        const reason = make();
        expect(await rejection(fetch(server.url(), { signal: AbortSignal.abort(reason) }))).toBe(reason);
        expect(server.seen).toEqual([]);
      },
    },
    {
      name: `before the headers rejects with its reason: ${name}`,
      async run(fetch, server) {
        const reason = make();
        const held = hold(server);
        const controller = new AbortController();
        const call = quiet(fetch(server.url(), { signal: controller.signal }));
        const { socket } = await held;
        controller.abort(reason);
        expect(await rejection(call)).toBe(reason);
        await closed(socket);
      },
    },
  ]),
  ...Object.entries(reasons).flatMap(([name, make]): FidelityCase[] => [
    {
      name: `within the body rejects the read with its reason: ${name}`,
      async run(fetch, server) {
        const reason = make();
        const begun = begin(server, "{}\n");
        const controller = new AbortController();
        const response = await fetch(server.url(), { signal: controller.signal });
        const reader = response.body?.getReader();
        await reader?.read();
        const read = quiet<unknown>(reader?.read() ?? Promise.resolve());
        const { socket } = await begun;
        controller.abort(reason);
        const error = await rejection(read);
        // A platform may take such a reason for none.
        if (reason) expect(error).toBe(reason);
        else expectAbort(error, reason);
        expect(await rejection(reader?.closed ?? Promise.resolve())).toBe(error);
        await closed(socket);
      },
    },
  ]),
  {
    name: "without a reason rejects with an `AbortError`",
    async run(fetch, server) {
      const error = await rejection(fetch(server.url(), { signal: AbortSignal.abort() }));
      expect(error).toBeInstanceOf(DOMException);
      expect(error).toMatchObject({ name: "AbortError", code: 20 });
    },
  },
  {
    name: "within the call, without a reason, rejects with that of the signal",
    async run(fetch, server) {
      const held = hold(server);
      const controller = new AbortController();
      const call = quiet(fetch(server.url(), { signal: controller.signal }));
      await held;
      controller.abort();
      const error = await rejection(call);
      expect(error).toBe(controller.signal.reason);
      expect(error).toMatchObject({ name: "AbortError" });
    },
  },
  {
    name: "right after the call sends nothing",
    async run(fetch, server) {
      const controller = new AbortController();
      const call = quiet(fetch(server.url(), { signal: controller.signal }));
      controller.abort("at once");
      expect(await rejection(call)).toBe("at once");
      expect(server.seen).toEqual([]);
    },
  },
  {
    name: "while it connects rejects with its reason",
    async run(fetch, server) {
      const controller = new AbortController();
      const call = quiet(fetch(server.silent, { signal: controller.signal }));
      await server.dialled;
      controller.abort("enough");
      expect(await rejection(call)).toBe("enough");
    },
  },
  {
    name: "after the body was read changes nothing",
    async run(fetch, server) {
      server.reply(200, LINES, "{}\n");
      const controller = new AbortController();
      const response = await fetch(server.url(), { signal: controller.signal });
      const text = await response.text();
      controller.abort();
      expect([text, response.status]).toEqual(["{}\n", 200]);
      expect((await fetch(server.url())).status).toBe(200);
    },
  },
  {
    name: "after a response without a body changes nothing",
    async run(fetch, server) {
      server.reply(204);
      const controller = new AbortController();
      const response = await fetch(server.url(), { signal: controller.signal });
      controller.abort();
      expect([response.status, response.body]).toEqual([204, null]);
      expect((await fetch(server.url())).status).toBe(204);
    },
  },
  ...(["text", "json", "arrayBuffer", "blob"] as const).map(
    (reader): FidelityCase => ({
      name: `within the body rejects \`${reader}()\` with its reason`,
      async run(fetch, server) {
        const begun = begin(server, "{}\n");
        const controller = new AbortController();
        const response = await fetch(server.url(), { signal: controller.signal });
        await begun;
        const read = quiet(response[reader]());
        controller.abort("enough");
        expect(await rejection(read)).toBe("enough");
      },
    }),
  ),
  {
    name: "of a body that nobody reads hangs up, and a later read rejects with its reason",
    async run(fetch, server) {
      const begun = begin(server, "{}\n");
      const controller = new AbortController();
      const response = await fetch(server.url(), { signal: controller.signal });
      const { socket } = await begun;
      controller.abort("enough");
      await closed(socket);
      expectAbort(await rejection(response.text()), "enough");
    },
  },
  {
    name: "ends both branches of a clone",
    async run(fetch, server) {
      const begun = begin(server, "{}\n");
      const controller = new AbortController();
      const response = await fetch(server.url(), { signal: controller.signal });
      const both = [response.clone(), response].map((one) => quiet(one.text()));
      await begun;
      controller.abort("enough");
      expect(await Promise.all(both.map(rejection))).toEqual(["enough", "enough"]);
    },
  },
  {
    name: "ends a stream that is sent",
    async run(fetch, server) {
      const controller = new AbortController();
      let pulled: () => void;
      const read = new Promise<void>((resolve) => {
        pulled = resolve;
      });
      const body = new ReadableStream<Uint8Array>({
        pull(stream) {
          stream.enqueue(Buffer.from("[1]"));
          pulled();
          return new Promise(() => {});
        },
      });
      const init = { method: "POST", body, duplex: "half", signal: controller.signal } as RequestInit;
      const call = quiet(fetch(server.url(), init));
      await read;
      controller.abort("enough");
      expect(await rejection(call)).toBe("enough");
    },
  },
  {
    name: "ends a stream that is sent without an end",
    async run(fetch, server) {
      const held = hold(server);
      const controller = new AbortController();
      const body = new ReadableStream<Uint8Array>({
        async pull(stream) {
          await new Promise((resolve) => setTimeout(resolve, 1));
          stream.enqueue(new Uint8Array(65_536));
        },
      });
      const init = { method: "POST", body, duplex: "half", signal: controller.signal } as RequestInit;
      const call = quiet(fetch(server.url(), init));
      const { socket } = await held;
      controller.abort("enough");
      expect(await rejection(call)).toBe("enough");
      await closed(socket);
    },
  },
  {
    name: "before the call reads nothing of a stream",
    async run(fetch, server) {
      let pulled = 0;
      const body = new ReadableStream<Uint8Array>(
        {
          pull(stream) {
            pulled++;
            stream.enqueue(Buffer.from("x"));
          },
        },
        { highWaterMark: 0 },
      );
      const init = { method: "POST", body, duplex: "half", signal: AbortSignal.abort("no") } as RequestInit;
      expect(await rejection(fetch(server.url(), init))).toBe("no");
      expect(pulled).toBe(0);
    },
  },
  {
    name: "of a large text that is sent rejects with its reason",
    async run(fetch, server) {
      const held = hold(server);
      const controller = new AbortController();
      const init = { method: "POST", body: "x".repeat(2 ** 20), signal: controller.signal };
      const call = quiet(fetch(server.url(), init));
      const { socket } = await held;
      controller.abort("enough");
      expect(await rejection(call)).toBe("enough");
      await closed(socket);
    },
  },
  {
    name: "between a redirect and its answer rejects with its reason",
    async run(fetch, server) {
      const controller = new AbortController();
      server.answer((request, response) => {
        if (request.target === "/") response.writeHead(302, { location: "/to" }).end();
        else controller.abort("enough");
      });
      expect(await rejection(fetch(server.url(), { signal: controller.signal }))).toBe("enough");
      expect(server.seen.map(({ target }) => target)).toEqual(["/", "/to"]);
    },
  },
]);
