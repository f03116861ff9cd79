import { Agent, type buildConnector, fetch as npmFetch } from "undici";
import { expect, onTestFinished } from "vitest";
import { fetchTransport, type Lookup, undiciTransport } from "../../src/index.js";
import { CANARY, rejection } from "../gate.js";
import { bothOrigins, trap } from "./traps.js";

const DENIED = { code: "ERR_REQUEST_DENIED" };

trap("credentials across origins", {
  async bare(server) {
    server.redirect({ "/from": [302, `${server.other}/to`] });
    const names = ["authorization", "cookie", "proxy-authorization", "x-api-key"];
    const headers = Object.fromEntries(names.map((name) => [name, CANARY]));
    await fetch(server.url("/from"), { headers });
    const { origin, headers: sent } = server.last;
    expect([origin, names.filter((name) => name in sent)]).toEqual([server.other, ["x-api-key"]]);
  },
  async guarded(server, open) {
    server.redirect({ "/from": [302, `${server.other}/to`] });
    const { targets, proxies } = bothOrigins(server);
    const { guarded, records } = open(
      {},
      {
        targets,
        credentials: {
          key: { type: "target", authType: "apiKey", secret: { env: "API_KEY" } },
        },
        proxies: { ...proxies, p: { ...proxies.p, targetCredential: "key" } },
      },
      { environment: { API_KEY: CANARY } },
    );
    const headers = {
      ...{ authorization: "a", cookie: "b=c", "proxy-authorization": "d" },
      // In its place stands the guard's, as long as that may go along.
      ...{ "x-api-key": "of the caller", "x-mine": "e" },
    };
    expect((await guarded(server.url("/from"), { headers })).status).toBe(200);
    const [first, second] = server.seen;
    expect(first?.headers["x-api-key"]).toBe(CANARY);
    expect(second?.origin).toBe(server.other);
    expect(second?.headers).toMatchObject({ "x-mine": "e" });
    for (const name of ["authorization", "cookie", "proxy-authorization", "x-api-key"])
      expect(second?.headers).not.toHaveProperty(name);
    expect(JSON.stringify(second)).not.toContain(CANARY);
    expect((await records())[0].http.redirects).toMatchObject([{ decision: "allow", status: 200 }]);
  },
});

trap("a body replayed to another origin", {
  async bare(server) {
    server.redirect({ "/from": [307, `${server.other}/to`] });
    await fetch(server.url("/from"), { method: "POST", body: "for the first" });
    expect(server.last).toMatchObject({ origin: server.other, method: "POST", text: "for the first" });
  },
  async guarded(server, open) {
    server.redirect({ "/from": [307, `${server.other}/to`], "/near": [307, "/to"] });
    const { guarded } = open({}, bothOrigins(server));
    const init = { method: "POST", body: "for the first" };
    const error = await rejection(guarded(server.url("/from"), init));
    expect(error).toMatchObject({ ...DENIED, decision: { code: "redirect", hop: 1 } });
    expect(server.seen.map(({ origin }) => origin)).toEqual([server.origin]);
    // Within the origin it is sent again, as the platform does.
    expect((await guarded(server.url("/near"), init)).status).toBe(200);
    expect(server.last).toMatchObject({ target: "/to", text: "for the first" });
  },
});

trap("a location without a scheme", {
  async bare(server) {
    server.redirect({ "/from": [302, `${server.other.replace("http:", "")}/to`] });
    const { url, redirected } = await fetch(server.url("/from"));
    expect([url, redirected]).toEqual([`${server.other}/to`, true]);
  },
  async guarded(server, open) {
    server.redirect({ "/from": [302, `${server.other.replace("http:", "")}/to`] });
    const unrouted = await rejection(open().guarded(server.url("/from")));
    expect(unrouted).toMatchObject({ ...DENIED, decision: { code: "unrouted", hop: 1 } });
    expect(server.seen.map(({ origin }) => origin)).toEqual([server.origin]);

    const { url } = await open({}, bothOrigins(server)).guarded(server.url("/from"));
    expect(url).toBe(`${server.other}/to`);

    // Of the caller's, below a proxy, such a text is a path, never a host.
    const below = open({ paths: { ambiguous: "allow" } }).guarded.proxy("p");
    await below(server.other.replace("http:", ""));
    expect(server.last.origin).toBe(server.origin);
  },
});

trap("a manual redirect", {
  async bare(server) {
    server.redirect({ "/from": [302, "/to"] });
    const { status, headers, type } = await fetch(server.url("/from"), { redirect: "manual" });
    // Node's own way: in a browser it would be opaque.
    expect([status, headers.get("location"), type]).toEqual([302, "/to", "basic"]);
  },
  async guarded(server, open) {
    server.redirect({ "/from": [302, "/to"] });
    const { guarded } = open();
    const { status, headers } = await guarded(server.url("/from"), { redirect: "manual" });
    expect([status, headers.get("location"), server.seen.length]).toEqual([302, "/to", 1]);

    // On which it stands that each hop is decided.
    const rules = [{ id: "no", effect: "deny" as const, path: "^/to$" }];
    const error = await rejection(open({ rules }).guarded(server.url("/from")));
    expect(error).toMatchObject({ ...DENIED, decision: { ruleId: "no", hop: 1 } });
    expect(server.seen.map(({ target }) => target)).toEqual(["/from", "/from"]);
  },
});

/** Of whatever is asked: this machine. */
function lookupHere(): Lookup & { readonly asked: string[] } {
  const asked: string[] = [];
  const lookup: Lookup = (hostname, _, callback) => {
    asked.push(hostname);
    callback(null, [{ address: "127.0.0.1", family: 4 }]);
  };
  return Object.assign(lookup, { asked });
}

trap("a redirect to an address", {
  // With undici from npm: only a dispatcher takes a resolver.
  async bare(server) {
    server.redirect({ "/from": [302, `${server.other}/to`] });
    const lookup = lookupHere();
    const dispatcher = new Agent({ connect: { lookup } as buildConnector.BuildOptions });
    onTestFinished(() => dispatcher.close());
    const { port } = new URL(server.origin);
    await (await npmFetch(`http://api.test:${port}/from`, { dispatcher })).text();
    // A check that stands in the resolver has not seen where the call went.
    expect([lookup.asked, server.last.origin]).toEqual([["api.test"], server.other]);
  },
  async guarded(server, open) {
    const { port } = new URL(server.origin);
    const metadata = "http://169.254.169.254";
    server.redirect({
      "/routed": [302, `${metadata}/to`],
      "/unrouted": [302, `${server.other}/to`],
    });
    const network = { allowInsecure: true, allowPrivate: ["127.0.0.1/32"] };
    const more = {
      targets: {
        api: { baseUrl: `http://api.test:${port}`, network },
        metadata: { baseUrl: metadata, network: { allowInsecure: true } },
      },
      proxies: {
        p: { target: "api", defaultRuleEffect: "allow" as const },
        q: { target: "metadata", defaultRuleEffect: "allow" as const },
      },
    };
    for (const make of [undiciTransport, (options: object) => fetchTransport(undefined, options)]) {
      const lookup = lookupHere();
      const { guarded } = open({}, more, { transport: make({ lookup }) });
      for (const [path, code] of [
        ["/routed", "network"],
        ["/unrouted", "unrouted"],
      ]) {
        const error = await rejection(guarded(`http://api.test:${port}${path}`));
        expect(error).toMatchObject({ ...DENIED, decision: { code, hop: 1 } });
      }
      expect(new Set(lookup.asked)).toEqual(new Set(["api.test"]));
    }
    expect(server.seen.map(({ origin }) => origin)).not.toContain(server.other);
  },
});

const stream = () => new Blob(["in parts"]).stream();

trap("a stream that is needed again", {
  async bare(server) {
    server.redirect({ "/from": [307, "/to"] });
    const init = { method: "POST", body: stream(), duplex: "half" } as RequestInit;
    expect(await rejection(fetch(server.url("/from"), init))).toBeInstanceOf(TypeError);
    expect(server.seen).toHaveLength(1);
  },
  async guarded(server, open) {
    server.redirect({ "/from": [307, "/to"] });
    const { guarded, records } = open({ retry: { maxAttempts: 3, delayMs: 1, methods: ["PUT"] } });
    const init = { method: "POST", body: stream(), duplex: "half" } as RequestInit;
    const error = await rejection(guarded(server.url("/from"), init));
    expect(error).toMatchObject({ ...DENIED, decision: { code: "redirect", hop: 1 } });
    expect(String(error)).toContain("stream");
    // Nor is it sent again where a retry would send it: it is gone by then.
    server.reply(503);
    expect((await guarded(server.url("/"), { ...init, method: "PUT", body: stream() })).status).toBe(503);
    expect(server.seen.map(({ text }) => text)).toEqual(["in parts", "in parts"]);
    expect((await guarded(server.url("/"), { method: "PUT", body: "whole" })).status).toBe(503);
    expect(server.seen).toHaveLength(2 + 3);
    expect(await records()).toHaveLength(3);
  },
});
