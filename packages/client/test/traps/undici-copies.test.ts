import * as undici7 from "undici";
import { Agent, type Dispatcher, getGlobalDispatcher, setGlobalDispatcher } from "undici";
import * as undici6 from "undici-6";
import { expect, it, onTestFinished, vi } from "vitest";
import { rejection } from "../gate.js";
import { trap } from "./traps.js";

/** It needs a later Node than the oldest one that is supported. */
const undici8 = await import("undici-8").catch(() => undefined);

// biome-ignore lint/suspicious/noExplicitAny: each has types of its own
const copies: readonly any[] = [undici6, undici7, ...(undici8 === undefined ? [] : [undici8])];

it("there are three copies of undici from Node 22 on", () => {
  const isOld = Number.parseInt(process.versions.node, 10) < 22;
  expect(copies).toHaveLength(isOld ? 2 : 3);
});

trap("a `Request` of another class", {
  async bare(server) {
    for (const copy of copies) {
      const theirs = rejection(copy.fetch(new Request(server.url())));
      const ours = rejection(fetch(new copy.Request(server.url())));
      for (const error of await Promise.all([theirs, ours]))
        expect(error).toMatchObject({ name: "TypeError", cause: { message: "Invalid URL" } });
    }
    expect(server.seen).toEqual([]);
  },
  async guarded(server, open) {
    const { guarded } = open({ rules: [{ id: "no-secrets", effect: "deny", path: "^/secret" }] });
    for (const copy of copies) {
      const init = { method: "PUT", body: "its own", headers: { "x-a": "1" } };
      await guarded(new copy.Request(server.url("/open"), init));
      expect(server.last).toMatchObject({ method: "PUT", target: "/open", text: "its own" });
      expect(server.last.headers["x-a"]).toBe("1");
      const error = await rejection(guarded(new copy.Request(server.url("/secret"), init)));
      expect(error).toMatchObject({ code: "ERR_REQUEST_DENIED", decision: { ruleId: "no-secrets" } });
    }
    expect(server.seen).toHaveLength(copies.length);
  },
});

trap("a `Response` of another class", {
  async bare(server) {
    for (const copy of copies) expect((await copy.fetch(server.url())) instanceof Response).toBe(false);
  },
  async guarded(server, open) {
    const operations = [{ effect: "destroy" as const, jsonPath: "\\.no-such-node$" }];
    for (const proxy of [{}, { filters: [{ operations }] }]) {
      const response = await open(proxy).guarded(server.url());
      expect(response instanceof Response).toBe(true);
      expect(response.clone() instanceof Response).toBe(true);
      expect(response.headers instanceof Headers).toBe(true);
    }
  },
});

trap("a `FormData` of another class", {
  // The other way round it depends on Node: up to 22 a form of theirs is one, from 24 on it is this text as well.
  async bare(server) {
    for (const copy of copies.slice(1)) {
      const form = new FormData();
      form.append("a", "1");
      await copy.fetch(server.url(), { method: "POST", body: form });
      expect(server.last.headers["content-type"]).toBe("text/plain;charset=UTF-8");
      expect(server.last.text).toBe("[object FormData]");
    }
  },
  async guarded(server, open) {
    const { guarded } = open();
    for (const { FormData: Form } of [...copies, globalThis]) {
      const form = new Form();
      form.append("a", "1");
      form.append("f", new File(["in a file"], "f.txt", { type: "text/x-own" }));
      await guarded(server.url(), { method: "POST", body: form });
      const { headers, bytes } = server.last;
      expect(headers["content-length"]).toBe(`${bytes.length}`);
      const sent = new Response(bytes, { headers: { "content-type": headers["content-type"] ?? "" } });
      const [[, text], [, file]] = [...(await sent.formData())] as [[string, string], [string, File]];
      expect([text, file.name, file.type, await file.text()]).toEqual([
        "1",
        "f.txt",
        "text/x-own",
        "in a file",
      ]);
    }
  },
});

/** Counts what is sent through it. */
class CountingAgent extends Agent {
  count = 0;
  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    this.count++;
    return super.dispatch(options as Agent.DispatchOptions, handler);
  }
}

function globalAgent(): CountingAgent {
  const before = getGlobalDispatcher();
  const agent = new CountingAgent();
  setGlobalDispatcher(agent);
  onTestFinished(async () => {
    setGlobalDispatcher(before);
    await agent.close();
  });
  return agent;
}

trap("the dispatcher of another undici", {
  // One in `init` is not as portable: that of a later undici fails ("invalid onRequestStart method") up to Node 24.
  async bare(server) {
    const agent = globalAgent();
    await (await fetch(server.url())).text();
    expect(agent.count).toBe(1);
  },
  async guarded(server, open) {
    const agent = globalAgent();
    const warn = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
    onTestFinished(() => warn.mockRestore());
    const { guarded } = open();
    await (await guarded(server.url())).text();
    // Neither used nor replaced.
    expect([agent.count, getGlobalDispatcher() === agent, server.seen.length]).toEqual([0, true, 1]);
    const error = await rejection(guarded(server.url(), { dispatcher: agent } as unknown as RequestInit));
    expect(error).toMatchObject({ code: "ERR_TRANSPORT_OPTION_REFUSED" });
    expect([agent.count, server.seen.length]).toEqual([0, 1]);
  },
});
