import { expect } from "vitest";
import { rejection } from "../gate.js";
import { type Fetch, type FidelityCase, theme } from "./fidelity-case.js";
import type { FidelityServer } from "./server.js";

type Input = Parameters<Fetch>[0];

class OwnRequest extends Request {}
class OwnUrl extends URL {}

/** All of these name the same path. */
const inputs: Record<string, (url: string) => unknown> = {
  "a text": (url) => url,
  "a `URL`": (url) => new URL(url),
  "a `Request`": (url) => new Request(url),
  "a subclass of `Request`": (url) => new OwnRequest(url),
  "a subclass of `URL`": (url) => new OwnUrl(url),
  "a list of one text": (url) => [url],
  "an object with a text": (url) => ({ toString: () => url }),
  "a `String` object": (url) => new String(url),
  "a clone of a `Request`": (url) => new Request(url).clone(),
  "a `Request` of a `Request`": (url) => new Request(new Request(url)),
  "a text with white space around it": (url) => ` ${url}\n`,
  "a text with the scheme in capitals": (url) => url.replace("http", "HTTP"),
  "a text with a tab in it": (url) => url.replace("/x", "/\tx"),
  "a text with a fragment": (url) => `${url}#part`,
  "a text with the host as a number": (url) => url.replace("127.0.0.1", "2130706433"),
  "a text with the host in hexadecimal": (url) => url.replace("127.0.0.1", "0x7f.1"),
};

const noUrls = ["", "/x", "x", "http://", "//127.0.0.1/", "?x", "http://a b/", null, undefined, 1, {}, []];

/** Members of `init`, none of them of the right kind. */
const wrong: Record<string, readonly unknown[]> = {
  signal: [{}, "x", 1, true, new AbortController()],
  headers: ["x", 1, true, [["a"]], [1], { "a b": "1" }, null],
  method: [Symbol("x")],
  redirect: ["x", Symbol("x")],
  duplex: ["full", "x", 1],
  cache: ["x", 1],
  credentials: ["x", 1],
  mode: ["x", "navigate", 1],
  referrerPolicy: ["x", 1],
  window: ["x", 1, {}],
};

const noInits = [1, "x", true, Symbol("x"), 1n];

async function seenWith(fetch: Fetch, server: FidelityServer, input: unknown, init?: unknown) {
  await fetch(input as Input, init as RequestInit);
  const { method, target, text, headers } = server.last;
  return { method, target, text, headers };
}

theme("input", [
  ...Object.entries(inputs).map(
    ([name, make]): FidelityCase => ({
      name: `${name} is where the call goes`,
      async run(fetch, server) {
        const response = await fetch(make(server.url("/x?y=1")) as Input);
        expect([server.last.method, server.last.target]).toEqual(["GET", "/x?y=1"]);
        expect(response.url).toBe(server.url("/x?y=1"));
      },
    }),
  ),
  ...noUrls.map(
    (input): FidelityCase => ({
      name: `${input === undefined ? "`undefined`" : JSON.stringify(input)} is no URL, and rejects`,
      async run(fetch, server) {
        const error = await rejection(fetch(input as unknown as Input));
        expect(error).toBeInstanceOf(TypeError);
        expect((error as Error).message).toMatch(/^Failed to parse URL/);
        expect(server.seen).toEqual([]);
      },
    }),
  ),
  {
    name: "nothing at all rejects",
    async run(fetch) {
      expect(await rejection((fetch as unknown as () => Promise<Response>)())).toBeInstanceOf(TypeError);
    },
  },
  {
    name: "a symbol rejects",
    async run(fetch) {
      expect(await rejection(fetch(Symbol("x") as unknown as Input))).toBeInstanceOf(TypeError);
    },
  },
  {
    name: "a URL with a user and password rejects",
    async run(fetch, server) {
      const url = server.url().replace("//", "//user:secret@");
      expect(await rejection(fetch(url))).toBeInstanceOf(TypeError);
      expect(server.seen).toEqual([]);
    },
  },
  ...noInits.map(
    (init): FidelityCase => ({
      name: `${String(init)} is no \`init\` (${typeof init}), and rejects`,
      async run(fetch, server) {
        const error = await rejection(fetch(server.url(), init as unknown as RequestInit));
        expect(error).toBeInstanceOf(TypeError);
        expect(server.seen).toEqual([]);
      },
    }),
  ),
  ...[null, undefined, {}, [], () => {}, new Date(0)].map(
    (init, index): FidelityCase => ({
      name: `${String(init)} (${index}) is an empty \`init\``,
      async run(fetch, server) {
        expect((await seenWith(fetch, server, server.url(), init)).method).toBe("GET");
      },
    }),
  ),
  ...Object.entries(wrong).flatMap(([member, values]) =>
    values.map(
      (value, index): FidelityCase => ({
        name: `\`${member}\` of a wrong kind (${index}) rejects`,
        async run(fetch, server) {
          const init = { [member]: value } as RequestInit;
          expect(await rejection(fetch(server.url(), init))).toBeInstanceOf(TypeError);
          expect(server.seen).toEqual([]);
        },
      }),
    ),
  ),
  {
    name: "a stream without `duplex` rejects",
    async run(fetch, server) {
      const init = { method: "POST", body: new Blob(["x"]).stream() };
      expect(await rejection(fetch(server.url(), init))).toBeInstanceOf(TypeError);
      expect(server.seen).toEqual([]);
    },
  },
  ...["locked", "disturbed"].map(
    (state): FidelityCase => ({
      name: `a stream that is ${state} rejects`,
      async run(fetch, server) {
        const body = new Blob(["x"]).stream();
        const reader = body.getReader();
        await reader.read();
        if (state === "disturbed") reader.releaseLock();
        const init = { method: "POST", body, duplex: "half" } as RequestInit;
        expect(await rejection(fetch(server.url(), init))).toBeInstanceOf(TypeError);
        expect(server.seen).toEqual([]);
      },
    }),
  ),
  ...[new Error("broken"), "broken", undefined].map(
    (reason): FidelityCase => ({
      name: `a stream that fails with ${String(reason)} rejects as \`fetch failed\`, with an error as the cause`,
      async run(fetch, server) {
        const body = new ReadableStream<Uint8Array>({ pull: () => Promise.reject(reason) });
        const init = { method: "POST", body, duplex: "half" } as RequestInit;
        const error = await rejection(fetch(server.url(), init));
        expect(error).toBeInstanceOf(TypeError);
        expect(error).toMatchObject({ message: "fetch failed" });
        if (reason instanceof Error) expect((error as Error).cause).toBe(reason);
      },
    }),
  ),
  ...[1, null, {}, new ArrayBuffer(1)].map(
    (chunk, index): FidelityCase => ({
      name: `a stream of what is no bytes (${index}) rejects`,
      async run(fetch, server) {
        const body = new ReadableStream({
          start(stream) {
            stream.enqueue(chunk);
            stream.close();
          },
        });
        const init = { method: "POST", body, duplex: "half" } as RequestInit;
        expect(await rejection(fetch(server.url(), init))).toBeInstanceOf(TypeError);
      },
    }),
  ),
  {
    name: "`init` counts before a `Request`, member by member",
    async run(fetch, server) {
      const request = new Request(server.url("/x"), {
        method: "POST",
        body: "of the request",
        headers: { "x-a": "of the request", "x-b": "1" },
      });
      const seen = await seenWith(fetch, server, request, { body: "of init", headers: { "x-a": "of init" } });
      expect(seen).toMatchObject({
        method: "POST",
        target: "/x",
        text: "of init",
        headers: { "x-a": "of init" },
      });
      expect(seen.headers).not.toHaveProperty("x-b");
    },
  },
  {
    name: "a `Request` counts where `init` says nothing",
    async run(fetch, server) {
      const request = new Request(server.url("/x"), {
        method: "PUT",
        body: "a body",
        headers: { "x-a": "1" },
      });
      const seen = await seenWith(fetch, server, request, {});
      expect(seen).toMatchObject({ method: "PUT", target: "/x", text: "a body", headers: { "x-a": "1" } });
    },
  },
  {
    name: "members of `init` that are `undefined` say nothing",
    async run(fetch, server) {
      const request = new Request(server.url("/x"), {
        method: "PUT",
        body: "a body",
        headers: { "x-a": "1" },
      });
      const init = { method: undefined, body: undefined, headers: undefined, redirect: undefined };
      const seen = await seenWith(fetch, server, request, init);
      expect(seen).toMatchObject({ method: "PUT", text: "a body", headers: { "x-a": "1" } });
    },
  },
  {
    name: "the type of a body in `init` is not that of the `Request`'s headers",
    async run(fetch, server) {
      const request = new Request(server.url(), {
        method: "POST",
        body: "x",
        headers: { "content-type": "a/b" },
      });
      const { headers, text } = await seenWith(fetch, server, request, { body: new URLSearchParams("a=1") });
      expect([headers["content-type"], text]).toEqual(["a/b", "a=1"]);
    },
  },
  {
    name: "a `Request` in place of `init` is read",
    async run(fetch, server) {
      const init = new Request(server.url("/elsewhere"), { method: "DELETE", headers: { "x-a": "1" } });
      const seen = await seenWith(fetch, server, server.url("/x"), init);
      expect(seen).toMatchObject({ method: "DELETE", target: "/x", headers: { "x-a": "1" } });
    },
  },
  {
    name: "inherited members of `init` are read",
    async run(fetch, server) {
      const seen = await seenWith(fetch, server, server.url(), Object.create({ method: "PUT" }));
      expect(seen.method).toBe("PUT");
    },
  },
  {
    name: "unknown members of `init` are passed over",
    async run(fetch, server) {
      expect((await seenWith(fetch, server, server.url(), { next: 1, retries: 3 })).method).toBe("GET");
    },
  },
  {
    name: "what a getter of `init` throws is what the call rejects with",
    async run(fetch, server) {
      const error = new Error("of the getter");
      const init = Object.defineProperty({}, "method", {
        enumerable: true,
        get() {
          throw error;
        },
      });
      expect(await rejection(fetch(server.url(), init))).toBe(error);
    },
  },
  {
    name: "the body of a `Request` is used after the call",
    async run(fetch, server) {
      const request = new Request(server.url(), { method: "POST", body: "x" });
      await fetch(request);
      expect(request.bodyUsed).toBe(true);
      expect(await rejection(request.text())).toBeInstanceOf(TypeError);
    },
  },
  {
    name: "a `Request` with a body cannot be sent twice",
    async run(fetch, server) {
      const request = new Request(server.url(), { method: "POST", body: "x" });
      await fetch(request);
      expect(await rejection(fetch(request))).toBeInstanceOf(TypeError);
      expect(server.seen).toHaveLength(1);
    },
  },
  {
    name: "a `Request` with a body is sent twice where it was cloned",
    async run(fetch, server) {
      const request = new Request(server.url(), { method: "POST", body: "x" });
      await fetch(request.clone());
      await fetch(request);
      expect(server.seen.map(({ text }) => text)).toEqual(["x", "x"]);
    },
  },
  {
    name: "a `Request` without a body is sent twice",
    async run(fetch, server) {
      const request = new Request(server.url());
      await fetch(request);
      await fetch(request);
      expect(server.seen).toHaveLength(2);
    },
  },
  {
    name: "a `Request` whose body was read rejects, unless `init` has another",
    async run(fetch, server) {
      const request = new Request(server.url(), { method: "POST", body: "x" });
      await request.text();
      expect(await rejection(fetch(request))).toBeInstanceOf(TypeError);
    },
  },
  {
    name: "a large body of a `Request` is sent",
    async run(fetch, server) {
      const body = "x".repeat(3 * 2 ** 20);
      await fetch(new Request(server.url(), { method: "POST", body }));
      expect(server.last.text === body).toBe(true);
    },
  },
  {
    name: "is a function of two parameters that returns a promise, also for what is wrong",
    async run(fetch, server) {
      const call = fetch("no URL");
      expect(call).toBeInstanceOf(Promise);
      expect(await rejection(call)).toBeInstanceOf(TypeError);
      expect((await fetch.call(undefined, server.url())).status).toBe(200);
    },
  },
]);
