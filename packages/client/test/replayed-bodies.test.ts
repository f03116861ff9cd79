/** Redirects that send the body again: what was filtered stays filtered, and each hop's own request filters run. */
import type { PolicyDocument } from "@sallyport/core";
import { describe, expect, it } from "vitest";
import { openGate, rejection } from "./gate.js";
import { startServer } from "./loopback-server.js";

type Filters = NonNullable<NonNullable<NonNullable<PolicyDocument["proxies"]>[string]>["filters"]>;

const destroy = (member: string, more: Partial<Filters[number]> = {}): Filters[number] => ({
  id: `no-${member}`,
  on: "request",
  operations: [{ effect: "destroy", jsonPath: `\\.${member}$` }],
  ...more,
});

/** `/a` and `/b` are targets of their own, with the filters given; `/a…` redirects to what `to` says. */
async function setUp(
  filters: { readonly a: Filters; readonly b?: Filters },
  to: readonly string[],
  status = 307,
) {
  const locations = [...to];
  const server = await startServer((_, response) => {
    const location = locations.shift();
    response
      .writeHead(location === undefined ? 200 : status, location === undefined ? {} : { location })
      .end();
  });
  const gate = openGate({
    clientId: "acme",
    region: "eu-west-1",
    targets: { a: { baseUrl: `${server.origin}/a` }, b: { baseUrl: `${server.origin}/b` } },
    proxies: {
      a: { target: "a", defaultRuleEffect: "allow", filters: filters.a },
      b: { target: "b", defaultRuleEffect: "allow", filters: filters.b ?? [] },
    },
  });
  const send = (body: string, type = "application/json") =>
    gate.guarded(`${server.origin}/a`, { method: "POST", body, headers: { "content-type": type } });
  return { ...gate, server, send };
}

const bodies = ({ seen }: { readonly seen: readonly { readonly body: string }[] }) =>
  seen.map(({ body }) => body);

describe("a body that a redirect sends again", () => {
  it.each([307, 308])("is the filtered one, after %i", async (status) => {
    const { server, send } = await setUp({ a: [destroy("ssn")] }, ["/a/2", "/b"], status);
    await send('{"ssn":1,"x":2}');
    expect(bodies(server)).toEqual(['{"x":2}', '{"x":2}', '{"x":2}']);
  });

  it("goes through the request filters of another proxy too, and both have receipts", async () => {
    const { server, send, records } = await setUp({ a: [destroy("ssn")], b: [destroy("pin")] }, ["/b"]);
    await send('{"ssn":1,"pin":2,"x":3}');
    expect(bodies(server)).toEqual(['{"pin":2,"x":3}', '{"x":3}']);
    expect((await records())[0].filters).toMatchObject([
      { filterId: "no-ssn", on: "request", nodes: 1 },
      { filterId: "no-pin", on: "request", nodes: 1, hop: 1 },
    ]);
  });

  it("is filtered where only the proxy of the next hop filters", async () => {
    const { server, send } = await setUp({ a: [], b: [destroy("ssn")] }, ["/b"]);
    await send('{"ssn":1,"x":2}');
    expect(bodies(server)).toEqual(['{"ssn":1,"x":2}', '{"x":2}']);
  });

  it("is filtered by a filter that applies to the next path only", async () => {
    const { server, send } = await setUp({ a: [destroy("ssn", { path: "^/2$" })] }, ["/a/2"]);
    await send('{"ssn":1,"x":2}');
    expect(bodies(server)).toEqual(['{"ssn":1,"x":2}', '{"x":2}']);
  });

  it("is not filtered twice in the same way: positions and hashes are those of the first time", async () => {
    const first: Filters = [{ on: "request", operations: [{ effect: "destroy", select: "$[0]" }] }];
    const { server, send, records } = await setUp({ a: first }, ["/a/2", "/b", "/a/3"]);
    await send("[1,2,3]");
    expect(bodies(server)).toEqual(["[2,3]", "[2,3]", "[2,3]", "[2,3]"]);
    expect((await records())[0].filters).toHaveLength(1);
  });

  it("is filtered again where a variable has another value by then", async () => {
    const own = destroy("x", {
      variables: [{ name: "path", source: "path" }],
      operations: [{ effect: "destroy", jsonPath: "^\\$\\.{{path}}$" }],
    });
    const { server, send } = await setUp({ a: [own] }, ["/a/2"]);
    await send('{"/":1,"/2":2,"x":3}');
    expect(bodies(server)).toEqual(['{"/2":2,"x":3}', '{"x":3}']);
  });

  it("is not sent on where a filter of the next hop cannot read it", async () => {
    const { server, send, records } = await setUp({ a: [], b: [destroy("ssn")] }, ["/b"]);
    expect(await rejection(send("ssn=1", "text/plain"))).toMatchObject({
      decision: { code: "unevaluable", proxyId: "b", hop: 1 },
    });
    expect(bodies(server)).toEqual(["ssn=1"]);
    expect((await records())[0]).toMatchObject({
      policy: { decision: "deny", code: "unevaluable" },
      http: { redirects: [{ decision: "deny", code: "unevaluable" }] },
    });
  });

  it("loses what described it before the next hop filtered it", async () => {
    const { server, guarded } = await setUp({ a: [], b: [destroy("ssn")] }, ["/b"]);
    await guarded(`${server.origin}/a`, {
      method: "POST",
      body: '{"ssn":1}',
      headers: { "content-type": "application/json", digest: "x" },
    });
    expect(server.seen.map(({ headers }) => headers.digest)).toEqual(["x", undefined]);
  });

  it("is not there any more where the method becomes GET", async () => {
    const { server, send } = await setUp({ a: [], b: [destroy("ssn")] }, ["/b"], 303);
    await send("ssn=1", "text/plain");
    expect(server.seen).toMatchObject([{ method: "POST" }, { method: "GET", body: "" }]);
  });
});
