/** Requests and bodies of classes that are not the platform's: those of undici from npm, of node-fetch, and worse. */
import { getEventListeners } from "node:events";
import NpmFormData from "form-data";
import * as nodeFetch from "node-fetch";
import * as undici from "undici";
import * as undici6 from "undici-6";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { FidelityServer } from "./fidelity/server.js";
import { TRANSPORTS } from "./fidelity/subjects.js";
import { documentFor, openGate, rejection } from "./gate.js";

type Body = NonNullable<RequestInit["body"]>;
type Input = Parameters<typeof fetch>[0];

/** Anything goes: they are no classes of the platform's. */
// biome-ignore lint/suspicious/noExplicitAny: each library has types of its own
const libraries: Record<string, any> = { "undici 6": undici6, "undici 7": undici, "node-fetch": nodeFetch };

/** What says that it is of a class, and has these members. */
function branded(brand: string, members: object): object {
  return Object.assign(Object.create({ [Symbol.toStringTag]: brand }), members);
}

describe.each(Object.entries(TRANSPORTS))("over %s", (_, transport) => {
  async function open(proxy: Parameters<typeof documentFor>[1] = {}) {
    const server = await FidelityServer.start();
    const gate = openGate(documentFor(server.origin, proxy), { transport: transport() });
    onTestFinished(async () => {
      await gate.guarded.close();
      await server.close();
    });
    return { server, ...gate };
  }

  /** What the server takes a form for. */
  async function formOf({ last }: FidelityServer): Promise<[string, unknown][]> {
    const type = last.headers["content-type"] ?? "";
    const form = await new Response(last.bytes, { headers: { "content-type": type } }).formData();
    const entries = [...form].map(async ([name, value]): Promise<[string, unknown]> => {
      if (typeof value === "string") return [name, value];
      return [name, { name: value.name, type: value.type, text: await value.text() }];
    });
    return Promise.all(entries);
  }

  const post = (body: unknown, more: RequestInit = {}) => ({ method: "POST", body: body as Body, ...more });

  describe.each(Object.entries(libraries))("of %s", (_name, library) => {
    it("a form is sent as a form, its files with name and type, in order", async () => {
      const { server, guarded } = await open();
      const form = new library.FormData();
      const Files = library.File ?? File;
      form.append("text", 'é "quoted"');
      form.append("file", new Files(["in a file"], "f.txt", { type: "text/x-own" }));
      form.append("text", "again");
      form.append("blob", new Blob(["in a blob"]));
      await guarded(server.url(), post(form));
      expect(server.last.headers["content-length"]).toBe(String(server.last.bytes.length));
      expect(await formOf(server)).toEqual([
        ["text", 'é "quoted"'],
        ["file", { name: "f.txt", type: "text/x-own", text: "in a file" }],
        ["text", "again"],
        ["blob", { name: "blob", type: "application/octet-stream", text: "in a blob" }],
      ]);
    });

    it("a request is where the call goes, with its method, headers and body", async () => {
      const { server, guarded, records } = await open();
      const init = { method: "PUT", body: "é", headers: { "x-a": "1", "content-type": "text/x-own" } };
      const response = await guarded(new library.Request(server.url("/x?y=1"), init));
      expect(response.url).toBe(server.url("/x?y=1"));
      const { method, target, text, headers } = server.last;
      expect([method, target, text]).toEqual(["PUT", "/x?y=1", "é"]);
      expect(headers).toMatchObject({ "x-a": "1", "content-type": "text/x-own", "content-length": "2" });
      await guarded(new library.Request(server.url("/get")));
      expect(server.last).toMatchObject({ method: "GET", target: "/get", text: "" });
      expect((await records()).map(({ outcome }) => outcome.result)).toEqual(["success", "success"]);
    });

    it("a request is merged with `init`, which wins", async () => {
      const { server, guarded } = await open();
      const request = () =>
        new library.Request(server.url(), { method: "PUT", body: "its own", headers: { "x-a": "1" } });
      await guarded(request(), { method: "PATCH", headers: { "x-b": "2" } });
      expect(server.last).toMatchObject({ method: "PATCH", text: "its own", headers: { "x-b": "2" } });
      expect(server.last.headers).not.toHaveProperty("x-a");
      const used = request();
      await used.text();
      await guarded(used, { body: "another" });
      expect(server.last).toMatchObject({ method: "PUT", text: "another", headers: { "x-a": "1" } });
    });

    it("a request that was read rejects, and nothing is sent", async () => {
      const { server, guarded } = await open();
      const request = new library.Request(server.url(), { method: "POST", body: "once" });
      await guarded(request);
      const error = await rejection(guarded(request));
      expect(error).toBeInstanceOf(TypeError);
      expect(String(error)).toContain("was read already");
      expect(server.seen).toHaveLength(1);
    });

    it("a request's body of 3 MiB streams, and its `redirect` is heeded", async () => {
      const { server, guarded } = await open();
      server.redirect({ "/from": [302, "/to"] });
      const body = new Uint8Array(3 * 2 ** 20);
      const init = { method: "POST", body, redirect: "manual" };
      expect((await guarded(new library.Request(server.url("/from"), init))).status).toBe(302);
      expect(server.seen.map(({ bytes }) => bytes.length)).toEqual([body.length]);
    });

    it("a request is decided on as it is sent", async () => {
      const admins = [{ jsonPath: "\\.role$", matchValue: "^admin$" }];
      const { server, guarded } = await open({ rules: [{ id: "no", effect: "deny", body: admins }] });
      const headers = { "content-type": "application/json" };
      const request = new library.Request(server.url(), {
        method: "POST",
        body: '{"role":"admin"}',
        headers,
      });
      expect(await rejection(guarded(request))).toMatchObject({ decision: { ruleId: "no" } });
      expect(server.seen).toEqual([]);
    });

    it("a request's signal ends the call with its reason, and at most one listener is left on it", async () => {
      const { server, guarded } = await open();
      const controller = new AbortController();
      const request = () => new library.Request(server.url(), { signal: controller.signal });
      await (await guarded(request())).text();
      const held = request();
      await (await guarded(held)).text();
      expect(getEventListeners(held.signal, "abort").length).toBeLessThanOrEqual(1);
      const arrived = new Promise<void>((resolve) => server.answer(() => resolve()));
      const call = rejection(guarded(request()));
      await arrived;
      const reason = new Error("mine");
      controller.abort(reason);
      expect(await call).toBe(reason);
      expect(await rejection(guarded(request()))).toBe(reason);
    });

    it("headers are taken for headers", async () => {
      const { server, guarded } = await open();
      await guarded(server.url(), { headers: new library.Headers({ "x-a": "1" }) });
      expect(server.last.headers["x-a"]).toBe("1");
    });
  });

  it("a `Blob` of another library is sent with its length, and its type unless the caller gives one", async () => {
    const { server, guarded } = await open();
    const blob = () => new nodeFetch.Blob(["é"], { type: "text/x-own" });
    await guarded(server.url(), post(blob()));
    expect(server.last).toMatchObject({
      text: "é",
      headers: { "content-type": "text/x-own", "content-length": "2" },
    });
    await guarded(server.url(), post(blob(), { headers: { "content-type": "text/mine" } }));
    expect(server.last).toMatchObject({ text: "é", headers: { "content-type": "text/mine" } });
    await guarded(new Request(server.url(), { method: "PUT" }), {
      body: new nodeFetch.Blob(["no type"]) as Blob,
    });
    expect(server.last).toMatchObject({ method: "PUT", text: "no type" });
    expect(server.last.headers).not.toHaveProperty("content-type");
  });

  it("a body of another realm's class is what it says it is", async () => {
    const { server, guarded } = await open();
    await guarded(server.url(), post(branded("URLSearchParams", { toString: () => "a=1&b=%C3%A9" })));
    expect(server.last).toMatchObject({
      text: "a=1&b=%C3%A9",
      headers: { "content-type": "application/x-www-form-urlencoded;charset=UTF-8" },
    });
    const stream = new Blob(["in parts"]).stream();
    const foreign = branded("ReadableStream", { getReader: () => stream.getReader() });
    expect(await rejection(guarded(server.url(), post(foreign)))).toBeInstanceOf(TypeError);
    const another = branded("ReadableStream", {
      getReader: () => new Blob(["in parts"]).stream().getReader(),
    });
    await guarded(server.url(), post(another, { duplex: "half" } as RequestInit));
    expect(server.last.text).toBe("in parts");
  });

  const unreadable = (brand: string, cause: unknown) =>
    branded(brand, { name: "f", type: "", arrayBuffer: () => Promise.reject(cause) });

  it("a file that fails while it is read fails the call, which is decided on and recorded", async () => {
    const { server, guarded, records } = await open();
    const cause = new Error("the disk is gone");
    const entries = [
      ["fails", unreadable("File", cause)],
      ["fails, too", unreadable("Blob", cause)],
    ];
    for (const body of [
      unreadable("File", cause),
      branded("FormData", { [Symbol.iterator]: () => entries.values() }),
    ]) {
      const error = await rejection(guarded(server.url(), post(body)));
      expect(error).toMatchObject({ name: "TypeError", message: "fetch failed", cause });
    }
    const expected = { policy: { decision: "allow" }, outcome: { result: "failure", category: "network" } };
    expect(await records()).toMatchObject([expected, expected]);
    expect(server.seen).toEqual([]);
  });

  it("a file that is being read is waited for no longer than the signal lasts", async () => {
    const { server, guarded, records } = await open();
    const controller = new AbortController();
    const file = branded("File", { arrayBuffer: () => new Promise(() => {}) });
    const call = rejection(guarded(server.url(), post(file, { signal: controller.signal })));
    controller.abort("enough");
    expect(await call).toBe("enough");
    expect(getEventListeners(controller.signal, "abort")).toEqual([]);
    expect((await records())[0].outcome).toMatchObject({ result: "failure", category: "aborted" });
  });

  const NO_ENTRIES = "whose entries cannot be read: make it with the platform's `FormData`";
  const NO_BYTES = "as it has no `arrayBuffer()`: make it with the platform's `File`";
  const early = vi.fn(() => Promise.resolve(new ArrayBuffer(1)));
  const refused: Record<string, readonly [body: () => unknown, message: string]> = {
    "a form of `form-data`": [
      () => {
        const form = new NpmFormData();
        form.append("a", "1");
        return form;
      },
      NO_ENTRIES,
    ],
    "a form of an older `form-data`": [
      () => ({ append() {}, getHeaders() {}, toString: () => "[object FormData]" }),
      NO_ENTRIES,
    ],
    "a file without `arrayBuffer`": [() => branded("File", { name: "f" }), NO_BYTES],
    "a form with such a file behind one that can be read": [
      () => {
        const entries = [
          ["a", branded("File", { arrayBuffer: early })],
          ["b", branded("File", {})],
        ];
        return branded("FormData", { [Symbol.iterator]: () => entries.values() });
      },
      NO_BYTES,
    ],
  };

  it.each(Object.entries(refused))("%s is refused, in words", async (_name, [body, message]) => {
    const { server, guarded } = await open();
    const error = await rejection(guarded(server.url(), post(body())));
    expect(error).toBeInstanceOf(TypeError);
    expect(String(error)).toContain(message);
    expect(early).not.toHaveBeenCalled();
    expect(server.seen).toEqual([]);
  });

  it("a form in a request of `node-fetch` that cannot be read is refused, in words", async () => {
    const { server, guarded } = await open();
    const form = new NpmFormData();
    form.append("a", "1");
    const request = new nodeFetch.Request(server.url(), { method: "POST", body: form as never });
    const error = await rejection(guarded(request as unknown as Input));
    expect(String(error)).toContain("is no stream that can be read: make it with the platform's `Request`");
    expect(server.seen).toEqual([]);
  });

  it("a form is refused where the global `FormData` is not that of `Request`", async () => {
    const { server, guarded } = await open();
    class Replaced {
      readonly entries: [string, unknown][] = [];
      get [Symbol.toStringTag]() {
        return "FormData";
      }
      append(...entry: [string, unknown]) {
        this.entries.push(entry);
      }
      [Symbol.iterator]() {
        return this.entries.values();
      }
    }
    vi.stubGlobal("FormData", Replaced);
    onTestFinished(() => void vi.unstubAllGlobals());
    const form = new Replaced();
    form.append("a", "1");
    const error = await rejection(guarded(server.url(), post(form)));
    expect(String(error)).toContain("the global `FormData` is not that of the global `Request`");
    expect(server.seen).toEqual([]);
  });

  it("a request that says that it was read rejects, whatever its body is", async () => {
    const { server, guarded } = await open();
    const members = { url: server.url(), method: "POST", body: new Uint8Array(1), bodyUsed: true };
    const error = await rejection(guarded(branded("Request", members) as unknown as Input));
    expect(String(error)).toContain("was read already");
    await guarded(branded("Request", { ...members, bodyUsed: false }) as unknown as Input);
    expect(server.seen.map(({ bytes }) => bytes.length)).toEqual([1]);
  });

  it("a request with `integrity` is refused as any is", async () => {
    const { server, guarded } = await open();
    const request = branded("Request", { url: server.url(), method: "GET", integrity: "sha256-x" });
    const error = await rejection(guarded(request as unknown as Input));
    expect(error).toMatchObject({ code: "ERR_CONFIG_INVALID" });
    expect(server.seen).toEqual([]);
  });

  it("what only looks like a request has no URL, and rejects as any object does", async () => {
    const { server, guarded } = await open();
    for (const input of [branded("Request", {}), branded("Request", { url: 1, method: "GET" })]) {
      const error = await rejection(guarded(input as unknown as Input));
      expect(error).toBeInstanceOf(TypeError);
      expect(String(error)).toContain("Failed to parse URL");
    }
    const secret = branded("Request", { url: "/secret", method: "GET" }) as unknown as Input;
    const error = await rejection(guarded(secret));
    expect(error).toBeInstanceOf(TypeError);
    expect(JSON.stringify([error, String(error), { ...(error as object) }])).not.toContain("secret");
    expect(server.seen).toEqual([]);
  });
});
