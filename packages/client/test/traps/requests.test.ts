import { expect } from "vitest";
import { rejection } from "../gate.js";
import { trap } from "./traps.js";

type Input = Parameters<typeof fetch>[0];

const noAdmins = {
  id: "no-admins",
  effect: "deny" as const,
  body: [{ jsonPath: "\\.role$", matchValue: "^admin$" }],
};
const noSecrets = { id: "no-secrets", effect: "deny" as const, path: "^/secret" };

const user = '{"role":"user"}';
const admin = '{"role":"admin"}';

trap("two bodies", {
  async bare(server) {
    const request = new Request(server.url(), { method: "POST", body: user });
    await fetch(request, { body: admin });
    expect(server.last.text).toBe(admin);
  },
  async guarded(server, open) {
    const { guarded } = open({ rules: [noAdmins] });
    const request = (body: string) => new Request(server.url(), { method: "POST", body });
    const error = await rejection(guarded(request(user), { body: admin }));
    expect(error).toMatchObject({ code: "ERR_REQUEST_DENIED", decision: { ruleId: "no-admins" } });
    expect(server.seen).toEqual([]);
    await guarded(request(admin), { body: user });
    expect(server.last.text).toBe(user);
  },
});

trap("a URL in a list", {
  async bare(server) {
    await fetch([server.url("/listed")] as unknown as Input);
    expect(server.last.target).toBe("/listed");
  },
  async guarded(server, open) {
    const { guarded, records } = open({ rules: [noSecrets] });
    await guarded([server.url("/listed")] as unknown as Input);
    expect(server.last.target).toBe("/listed");
    const denied = { code: "ERR_REQUEST_DENIED", decision: { ruleId: "no-secrets" } };
    expect(await rejection(guarded([server.url("/secret")] as unknown as Input))).toMatchObject(denied);

    // One that says something else each time is asked once: what was decided on is what is sent.
    const texts = [server.url("/open"), server.url("/secret")];
    await guarded({ toString: () => texts.shift() } as unknown as Input);
    expect([texts.length, server.seen.map(({ target }) => target)]).toEqual([1, ["/listed", "/open"]]);
    expect(await records()).toHaveLength(3);
  },
});

trap("a `content-length` that is too large", {
  async bare(server) {
    const error = await rejection(
      fetch(server.url(), { method: "POST", body: "x", headers: { "content-length": "5" } }),
    );
    expect(error).toMatchObject({
      message: "fetch failed",
      cause: { name: "RequestContentLengthMismatchError" },
    });
  },
  async guarded(server, open) {
    const headers = { "content-length": "5" };
    await open().guarded(server.url(), { method: "POST", body: "x", headers });
    expect([server.last.headers["content-length"], server.last.text]).toEqual(["1", "x"]);
    // Also where the guard itself makes the body shorter.
    const operations = [{ effect: "destroy" as const, jsonPath: "\\.role$" }];
    const filters = [{ on: "request" as const, operations }];
    const length = `${admin.length}`;
    await open({ filters }).guarded(server.url(), {
      method: "POST",
      body: admin,
      headers: { "content-type": "application/json", "content-length": length },
    });
    expect([server.last.headers["content-length"], server.last.text]).toEqual(["2", "{}"]);
  },
});

trap("a `content-length` that is too small", {
  async bare(server) {
    const controller = new AbortController();
    let isOver = false;
    const call = fetch(server.url("/small"), {
      method: "POST",
      body: "12345",
      headers: { "content-length": "1" },
      signal: controller.signal,
    });
    const ended = rejection(call).finally(() => {
      isOver = true;
    });
    // Calls that were made later are over, and this one is not.
    for (let later = 0; later < 20; later++) await (await fetch(server.url("/later"))).text();
    expect([isOver, server.seen.filter(({ target }) => target === "/small")]).toEqual([false, []]);
    controller.abort("given up");
    expect(await ended).toBe("given up");
  },
  async guarded(server, open) {
    const { guarded } = open();
    await guarded(server.url(), { method: "POST", body: "12345", headers: { "content-length": "1" } });
    expect([server.last.headers["content-length"], server.last.text]).toEqual(["5", "12345"]);
    await guarded(
      new Request(server.url(), { method: "PUT", body: "12345", headers: { "content-length": "1" } }),
    );
    expect([server.last.headers["content-length"], server.last.text]).toEqual(["5", "12345"]);
  },
});

const unsupported = { message: "fetch failed", cause: { message: "expect header not supported" } };

trap("an `expect` header", {
  async bare(server) {
    const init = { method: "POST", body: "x", headers: { expect: "100-continue" } };
    expect(await rejection(fetch(server.url(), init))).toMatchObject(unsupported);
  },
  async guarded(server, open) {
    const init = { method: "POST", body: "x", headers: { expect: "100-continue" } };
    const { guarded, records } = open();
    expect(await rejection(guarded(server.url(), init))).toMatchObject(unsupported);
    expect(server.seen).toEqual([]);
    // Refused, it is on the record; a policy can say it in its own words.
    expect((await records())[0].outcome).toMatchObject({ result: "failure" });
    const rules = [{ id: "no-expect", effect: "deny" as const, headers: [{ name: "^expect$" }] }];
    const error = await rejection(open({ rules }).guarded(server.url(), init));
    expect(error).toMatchObject({ code: "ERR_REQUEST_DENIED", decision: { ruleId: "no-expect" } });
  },
});

const stream = (mebibytes: number) => new Blob([new Uint8Array(mebibytes * 2 ** 20)]).stream();

trap("a stream without `duplex`", {
  async bare(server) {
    const error = await rejection(fetch(server.url(), { method: "POST", body: stream(1) }));
    expect(error).toBeInstanceOf(TypeError);
    expect(String(error)).toContain("duplex");
  },
  async guarded(server, open) {
    const { guarded } = open();
    const error = await rejection(guarded(server.url(), { method: "POST", body: stream(1) }));
    expect(error).toBeInstanceOf(TypeError);
    expect(String(error)).toContain("duplex");
    expect(server.seen).toEqual([]);

    // Where a stream is the guard's own making, it thinks of it: of a large `Request`, and of one whose beginning was read.
    const looking = { rules: [{ ...noAdmins, path: "^/elsewhere" }] };
    const settings = { settings: { maxRequestInspectBytes: 1024 } };
    for (const one of [guarded, open(looking, settings).guarded])
      await one(new Request(server.url(), { method: "POST", body: new Uint8Array(3 * 2 ** 20) }));
    expect(server.seen.map(({ bytes }) => bytes.length)).toEqual([3 * 2 ** 20, 3 * 2 ** 20]);
  },
});
