import { expect } from "vitest";
import { rejection } from "../gate.js";
import { type FidelityCase, theme } from "./fidelity-case.js";

const statuses = [301, 302, 303, 307, 308];
const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

/** The method of the second request (Fetch standard, HTTP-redirect fetch). */
function methodAfter(status: number, method: string): string {
  if (status === 303) return method === "HEAD" ? "HEAD" : "GET";
  return status <= 302 && method === "POST" ? "GET" : method;
}

/** What `location` says on `/a/b?c`, and where it leads within the origin. */
const locations: Record<string, string> = {
  "/to": "/to",
  to: "/a/to",
  "./to": "/a/to",
  "../to": "/to",
  "../../../to": "/to",
  "/to?a=1&b=%20": "/to?a=1&b=%20",
  "/to#part": "/to",
  "/a b": "/a%20b",
  "/a%2Fb": "/a%2Fb",
  "\\to": "/to",
  "/to/": "/to/",
  "/to//x": "/to//x",
  "/%C3%A9": "/%C3%A9",
};

const invalid = ["http://", "http://[", "http://a b/", "http://x:99999/"];

theme("redirects", [
  ...statuses.flatMap((status) =>
    methods.map(
      (method): FidelityCase => ({
        name: `${status} to \`${method}\` is followed with \`${methodAfter(status, method)}\``,
        async run(fetch, server) {
          server.redirect({ "/from": [status, "/to"] });
          const response = await fetch(server.url("/from"), { method });
          expect(server.seen.map((one) => [one.method, one.target])).toEqual([
            [method, "/from"],
            [methodAfter(status, method), "/to"],
          ]);
          expect([response.status, response.url, response.redirected]).toEqual([
            200,
            server.url("/to"),
            true,
          ]);
        },
      }),
    ),
  ),
  ...statuses.flatMap((status) =>
    ["POST", "PUT", "PATCH"].map(
      (method): FidelityCase => ({
        name: `${status} to \`${method}\` with a body sends it again only where the method stays`,
        async run(fetch, server) {
          server.redirect({ "/from": [status, "/to"] });
          const headers = { "content-type": "application/x-own", "content-language": "gsw", "x-a": "1" };
          await fetch(server.url("/from"), { method, body: "a body", headers });
          const stays = methodAfter(status, method) === method;
          expect(server.last.text).toBe(stays ? "a body" : "");
          expect(server.last.headers["content-type"]).toBe(stays ? "application/x-own" : undefined);
          expect(server.last.headers["content-language"]).toBe(stays ? "gsw" : undefined);
          expect(server.last.headers["content-length"]).toBe(stays ? "6" : undefined);
          expect(server.last.headers["x-a"]).toBe("1");
        },
      }),
    ),
  ),
  ...statuses.flatMap((status): FidelityCase[] => [
    {
      name: `${status} is the response under \`manual\``,
      async run(fetch, server) {
        server.redirect({ "/from": [status, "/to"] });
        const response = await fetch(server.url("/from"), { redirect: "manual" });
        expect([response.status, response.headers.get("location")]).toEqual([status, "/to"]);
        expect([response.url, response.redirected, response.ok]).toEqual([server.url("/from"), false, false]);
        expect(server.seen).toHaveLength(1);
      },
    },
    {
      name: `${status} rejects under \`error\``,
      async run(fetch, server) {
        server.redirect({ "/from": [status, "/to"] });
        const error = await rejection(fetch(server.url("/from"), { redirect: "error" }));
        expect(error).toMatchObject({ name: "TypeError", message: "fetch failed", cause: expect.any(Error) });
        expect(server.seen).toHaveLength(1);
      },
    },
    {
      name: `${status} without a location is the response`,
      async run(fetch, server) {
        server.reply(status, { "content-type": "application/json" }, "[1]");
        const response = await fetch(server.url("/from"));
        expect([response.status, response.redirected, await response.text()]).toEqual([status, false, "[1]"]);
      },
    },
  ]),
  ...[300, 304, 305, 306, 200, 404].map(
    (status): FidelityCase => ({
      name: `${status} with a location is no redirect`,
      async run(fetch, server) {
        server.reply(status, { location: "/to", "content-type": "application/json" });
        const response = await fetch(server.url("/from"));
        expect([response.status, response.redirected]).toEqual([status, false]);
        expect(server.seen).toHaveLength(1);
      },
    }),
  ),
  ...Object.entries(locations).map(
    ([location, to]): FidelityCase => ({
      name: `the location ${JSON.stringify(location)} leads to ${to}`,
      async run(fetch, server) {
        server.redirect({ "/a/b": [302, location] });
        const response = await fetch(server.url("/a/b?c"));
        expect(server.last.target).toBe(to);
        expect(response.url.split("#")[0]).toBe(server.url(to));
      },
    }),
  ),
  {
    name: "a location may name the whole URL",
    async run(fetch, server) {
      server.redirect({ "/from": [302, server.url("/to")] });
      expect((await fetch(server.url("/from"))).url).toBe(server.url("/to"));
    },
  },
  {
    name: "a location may leave out the scheme, and lead to another origin",
    async run(fetch, server) {
      server.redirect({ "/from": [302, `${server.other.replace("http:", "")}/to`] });
      const response = await fetch(server.url("/from"));
      expect([response.url, response.redirected]).toEqual([`${server.other}/to`, true]);
      expect(server.last.origin).toBe(server.other);
    },
  },
  {
    name: "a location of no characters leads to the same URL again",
    async run(fetch, server) {
      server.answer((_, response) => {
        if (server.seen.length > 1) response.setHeader("content-type", "application/json").end("{}");
        else response.writeHead(302, { location: "" }).end();
      });
      expect((await fetch(server.url("/a?b"))).status).toBe(200);
      expect(server.last.target).toBe("/a?b");
    },
  },
  {
    name: "a location in UTF-8 is read as such",
    async run(fetch, server) {
      server.answer((request, response) => {
        if (request.target !== "/") response.setHeader("content-type", "application/json").end("{}");
        else
          response.socket?.write(
            Buffer.from("HTTP/1.1 302 Found\r\nlocation: /é\r\ncontent-length: 0\r\n\r\n"),
          );
      });
      expect((await fetch(server.url())).url).toBe(server.url("/%C3%A9"));
    },
  },
  ...invalid.map(
    (location): FidelityCase => ({
      name: `the location ${JSON.stringify(location)} is no URL, and rejects`,
      async run(fetch, server) {
        server.redirect({ "/from": [302, location] });
        const error = await rejection(fetch(server.url("/from")));
        expect(error).toMatchObject({ name: "TypeError", message: "fetch failed", cause: expect.any(Error) });
      },
    }),
  ),
  ...["data:,x", "file:///etc/hostname", "blob:null/x", "ftp://127.0.0.1/", "javascript:1"].map(
    (location): FidelityCase => ({
      name: `the location ${JSON.stringify(location)} is not followed`,
      async run(fetch, server) {
        server.redirect({ "/from": [302, location] });
        const error = await rejection(fetch(server.url("/from")));
        expect(error).toMatchObject({ name: "TypeError", message: "fetch failed" });
      },
    }),
  ),
  ...[19, 20].map(
    (hops): FidelityCase => ({
      name: `${hops} redirects are followed`,
      async run(fetch, server) {
        const table = Array.from({ length: hops }, (_, hop) => [`/${hop}`, [302, `/${hop + 1}`]] as const);
        server.redirect(Object.fromEntries(table));
        expect((await fetch(server.url("/0"))).url).toBe(server.url(`/${hops}`));
      },
    }),
  ),
  {
    name: "21 redirects reject",
    async run(fetch, server) {
      const table = Array.from({ length: 21 }, (_, hop) => [`/${hop}`, [302, `/${hop + 1}`]] as const);
      server.redirect(Object.fromEntries(table));
      expect(await rejection(fetch(server.url("/0")))).toMatchObject({
        message: "fetch failed",
        cause: { message: "redirect count exceeded" },
      });
      expect(server.seen).toHaveLength(21);
    },
  },
  {
    name: "a redirect to itself rejects, after 20 times",
    async run(fetch, server) {
      server.redirect({ "/from": [307, "/from"] });
      expect(await rejection(fetch(server.url("/from")))).toBeInstanceOf(TypeError);
      expect(server.seen).toHaveLength(21);
    },
  },
  {
    name: "the body of a redirect is passed over",
    async run(fetch, server) {
      server.answer((request, response) => {
        if (request.target === "/") response.writeHead(302, { location: "/to" }).end("x".repeat(100_000));
        else response.setHeader("content-type", "application/json").end("{}");
      });
      expect(await (await fetch(server.url())).text()).toBe("{}");
    },
  },
  {
    name: "the body of a redirect is there under `manual`",
    async run(fetch, server) {
      server.reply(302, { location: "/to", "content-type": "application/json" }, "[1]");
      expect(await (await fetch(server.url(), { redirect: "manual" })).text()).toBe("[1]");
    },
  },
  {
    name: "cookies of a redirect are not those of the response, and are not sent",
    async run(fetch, server) {
      server.answer((request, response) => {
        if (request.target === "/") response.writeHead(302, { location: "/to", "set-cookie": "a=1" }).end();
        else response.setHeader("content-type", "application/json").end("{}");
      });
      expect((await fetch(server.url())).headers.getSetCookie()).toEqual([]);
      expect(server.last.headers).not.toHaveProperty("cookie");
    },
  },
  {
    name: "within an origin the caller's headers go along",
    async run(fetch, server) {
      const headers = {
        authorization: "Bearer x",
        cookie: "a=1",
        "proxy-authorization": "y",
        "x-api-key": "z",
      };
      server.redirect({ "/from": [302, "/to"] });
      await fetch(server.url("/from"), { headers });
      expect(server.last.headers).toMatchObject(headers);
    },
  },
  {
    name: "to another origin those of the caller's headers go along that are no credentials",
    async run(fetch, server) {
      const headers = {
        authorization: "Bearer x",
        cookie: "a=1",
        "proxy-authorization": "y",
        "x-api-key": "z",
      };
      server.redirect({ "/from": [302, `${server.other}/to`] });
      await fetch(server.url("/from"), { headers });
      expect(server.last.headers["x-api-key"]).toBe("z");
      for (const name of ["authorization", "cookie", "proxy-authorization"])
        expect(server.last.headers).not.toHaveProperty(name);
      expect(server.last.headers.host).toBe(new URL(server.other).host);
    },
  },
  {
    name: "to another origin and back, credentials do not come back",
    async run(fetch, server) {
      server.redirect({ "/from": [302, `${server.other}/on`], "/on": [302, server.url("/to")] });
      await fetch(server.url("/from"), { headers: { authorization: "Bearer x" } });
      expect([server.last.origin, server.last.headers.authorization]).toEqual([server.origin, undefined]);
    },
  },
  ...[307, 308].map(
    (status): FidelityCase => ({
      name: `${status} to another origin sends the body there`,
      async run(fetch, server) {
        server.redirect({ "/from": [status, `${server.other}/to`] });
        await fetch(server.url("/from"), { method: "POST", body: "a body" });
        expect([server.last.origin, server.last.text]).toEqual([server.other, "a body"]);
      },
    }),
  ),
  {
    name: "303 to another origin is followed without the body",
    async run(fetch, server) {
      server.redirect({ "/from": [303, `${server.other}/to`] });
      await fetch(server.url("/from"), { method: "POST", body: "a body" });
      expect([server.last.origin, server.last.method, server.last.text]).toEqual([server.other, "GET", ""]);
    },
  },
  ...statuses.map(
    (status): FidelityCase => ({
      name: `${status} with a stream as body ${methodAfter(status, "POST") === "GET" && status === 303 ? "is followed" : "rejects"}`,
      async run(fetch, server) {
        server.redirect({ "/from": [status, "/to"] });
        const body = new Blob(["a body"]).stream();
        const call = fetch(server.url("/from"), { method: "POST", body, duplex: "half" } as RequestInit);
        if (status === 303) expect((await call).url).toBe(server.url("/to"));
        else expect(await rejection(call)).toMatchObject({ name: "TypeError", message: "fetch failed" });
      },
    }),
  ),
  {
    name: "the mode of a `Request` counts",
    async run(fetch, server) {
      server.redirect({ "/from": [302, "/to"] });
      const request = new Request(server.url("/from"), { redirect: "manual" });
      expect((await fetch(request)).status).toBe(302);
    },
  },
  {
    name: "the mode of `init` counts before that of a `Request`",
    async run(fetch, server) {
      server.redirect({ "/from": [302, "/to"] });
      const request = new Request(server.url("/from"), { redirect: "error" });
      expect((await fetch(request, { redirect: "follow" })).status).toBe(200);
    },
  },
  ...["", "Follow", "none", null, 1].map(
    (redirect): FidelityCase => ({
      name: `${JSON.stringify(redirect)} is no mode, and rejects`,
      async run(fetch, server) {
        const init = { redirect } as unknown as RequestInit;
        expect(await rejection(fetch(server.url(), init))).toBeInstanceOf(TypeError);
        expect(server.seen).toEqual([]);
      },
    }),
  ),
]);
