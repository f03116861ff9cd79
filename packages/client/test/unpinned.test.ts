/** Transports that do not keep to the network guard (docs/spec/transport.md, "The port"). */

import { memoryStore } from "@sallyport/adapters-memory";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createGuardedFetch, fetchTransport, type Transport } from "../src/index.js";
import { CANARY, documentFor, openGate, rejection } from "./gate.js";
import { startServer } from "./loopback-server.js";

const credentials = {
  key: { type: "target" as const, authType: "bearer" as const, secret: { env: "API_KEY" } },
};
const environment = { API_KEY: CANARY };
const credentialed = (baseUrl: string) => documentFor(baseUrl, { targetCredential: "key" }, { credentials });

/** A foreign `fetch`, and what it was called with. */
function foreignFetch() {
  const seen: { url: string; authorization: string | null }[] = [];
  const fetch = async (input: unknown, init?: RequestInit) => {
    seen.push({ url: String(input), authorization: new Headers(init?.headers).get("authorization") });
    return new Response("mocked");
  };
  return { fetch: fetch as typeof globalThis.fetch, seen };
}

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("a foreign `fetch`", () => {
  it("is called without credential, and the record says that the address was not checked", async () => {
    const { fetch, seen } = foreignFetch();
    const { guarded, records } = openGate(documentFor("https://api.test"), {
      transport: fetchTransport(fetch),
    });
    expect(await (await guarded("https://api.test/a")).text()).toBe("mocked");
    expect(seen).toHaveLength(1);
    expect((await records())[0].net).toEqual({ address: "unpinned" });
  });

  it("gets no credential, which is not even opened", async () => {
    const { fetch, seen } = foreignFetch();
    const opened = vi.fn(() => CANARY);
    const { guarded } = openGate(credentialed("https://api.test"), {
      transport: fetchTransport(fetch),
      environment: {
        get API_KEY() {
          return opened();
        },
      },
    });
    const error = await rejection(guarded("https://api.test/a"));
    expect(error).toMatchObject({ code: "ERR_REQUEST_DENIED", decision: { code: "network" } });
    expect((error as { help: string }).help).toContain("allowUnpinned");
    expect([seen, opened.mock.calls.length]).toEqual([[], 0]);
  });

  it("gets it with `allowUnpinned`, and for a target on loopback", async () => {
    const { fetch, seen } = foreignFetch();
    const waived = fetchTransport(fetch, { allowUnpinned: true });
    await openGate(credentialed("https://api.test"), { transport: waived, environment }).guarded(
      "https://api.test/a",
    );
    await openGate(credentialed("http://127.0.0.1:1"), {
      transport: fetchTransport(fetch),
      environment,
    }).guarded("http://127.0.0.1:1/a");
    expect(seen.map(({ authorization }) => authorization)).toEqual([`Bearer ${CANARY}`, `Bearer ${CANARY}`]);
  });

  it("gets none for a name below `localhost`, which its resolver may lead anywhere", async () => {
    const { fetch, seen } = foreignFetch();
    const call = (host: string) =>
      openGate(credentialed(`http://${host}:1`), { transport: fetchTransport(fetch), environment }).guarded(
        `http://${host}:1/a`,
      );
    for (const host of ["api.localhost", "localhost.localhost"])
      expect(await rejection(call(host))).toMatchObject({ decision: { code: "network" } });
    expect(seen).toEqual([]);
    for (const host of ["localhost", "127.0.0.2", "[::1]"]) await call(host);
    expect(seen.map(({ authorization }) => authorization)).toEqual(Array(3).fill(`Bearer ${CANARY}`));
  });

  it("is not called for a literal address that the guard refuses", async () => {
    const { fetch, seen } = foreignFetch();
    const transport = fetchTransport(fetch, { allowUnpinned: true });
    const { guarded } = openGate(documentFor("https://10.0.0.1"), { transport });
    expect(await rejection(guarded("https://10.0.0.1/a"))).toMatchObject({ decision: { code: "network" } });
    expect(seen).toEqual([]);
  });

  it("that takes the place of the global one while the credential is opened gets nothing", async () => {
    const { fetch, seen } = foreignFetch();
    const { guarded } = openGate(credentialed("https://api.test"), {
      transport: fetchTransport(),
      environment: {
        get API_KEY() {
          vi.stubGlobal("fetch", fetch);
          return CANARY;
        },
      },
    });
    expect(await rejection(guarded("https://api.test/a"))).toMatchObject({ decision: { code: "network" } });
    expect(seen).toEqual([]);
  });
});

describe.each<[string, (fetch: () => Promise<Response>) => Transport]>([
  ["foreign `fetch`", (fetch) => fetchTransport(fetch)],
  ["transport of one's own", (transport) => transport],
])("a %s that heeds no signal", (_name, transportOf) => {
  it("is not waited for when that has fired, and its late answer is hung up on", async () => {
    const cancel = vi.fn();
    let answer = (_: Response) => {};
    const late = () =>
      new Promise<Response>((resolve) => {
        answer = resolve;
      });
    const { guarded, records } = openGate(documentFor("https://api.test"), { transport: transportOf(late) });
    const controller = new AbortController();
    const call = guarded("https://api.test/a", { signal: controller.signal });
    setTimeout(() => controller.abort("enough"), 10);
    expect(await rejection(call)).toBe("enough");
    expect((await records())[0].outcome).toMatchObject({ result: "failure", category: "aborted" });
    answer(new Response(new ReadableStream({ cancel })));
    await expect.poll(() => cancel).toHaveBeenCalledOnce();
  });
});

describe("a body of a foreign `fetch` that heeds no signal", () => {
  /** Gives a part, and then none until it is cancelled. */
  function deafFetch() {
    let parts = 0;
    const cancel = vi.fn();
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) =>
        parts++ === 0 ? controller.enqueue(Buffer.from("begun")) : new Promise(() => {}),
      cancel,
    });
    return { fetch: async () => new Response(body, { headers: { "x-mine": "1" } }), cancel };
  }

  async function begun(limits: object, signal?: AbortSignal) {
    const { fetch, cancel } = deafFetch();
    const policy = documentFor("", {}, { targets: { api: { baseUrl: "https://api.test", limits } } });
    const { guarded } = openGate(policy, { transport: fetchTransport(fetch) });
    const response = await guarded("https://api.test/a", signal === undefined ? {} : { signal });
    expect([response.url, response.headers.get("x-mine")]).toEqual(["https://api.test/a", "1"]);
    const reader = response.body?.getReader() as ReadableStreamDefaultReader<Uint8Array>;
    expect(new TextDecoder().decode((await reader.read()).value)).toBe("begun");
    return { reader, cancel };
  }

  it("ends when `totalTimeoutMs` is over, and is hung up on", async () => {
    const { reader, cancel } = await begun({ totalTimeoutMs: 50 });
    const error = await rejection(reader.read());
    expect(error).toMatchObject({ name: "TimeoutError" });
    expect(cancel).toHaveBeenCalledExactlyOnceWith(error);
  });

  it("ends with the reason of the signal, read or not", async () => {
    const controller = new AbortController();
    const { reader, cancel } = await begun({}, controller.signal);
    controller.abort("enough");
    await Promise.resolve();
    expect(cancel).toHaveBeenCalledExactlyOnceWith("enough");
    expect(await rejection(reader.read())).toBe("enough");
  });

  it("is cancelled with its reader's reason", async () => {
    const { reader, cancel } = await begun({}, new AbortController().signal);
    await reader.cancel("enough");
    expect(cancel).toHaveBeenCalledExactlyOnceWith("enough");
  });
});

describe("a transport of one's own", () => {
  const answer = async () => new Response("mine");

  it("gets no credential unless it says that it keeps to the guard", async () => {
    const call = (transport: Transport) =>
      openGate(credentialed("https://api.test"), { transport, environment }).guarded("https://api.test/a");
    expect(await rejection(call(answer))).toMatchObject({ decision: { code: "network" } });
    expect((await call(Object.assign(() => answer(), { pinning: () => "pinned" as const }))).status).toBe(
      200,
    );
  });
});

describe("the default transport", () => {
  it("warns once that a replaced global `fetch` is passed by", async () => {
    const { origin, seen } = await startServer((_, response) => response.end("real"));
    const { fetch, seen: mocked } = foreignFetch();
    const warn = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
    vi.stubGlobal("fetch", fetch);
    const guarded = createGuardedFetch({ policy: documentFor(origin), store: memoryStore() });
    for (const path of ["/a", "/b"]) expect(await (await guarded(`${origin}${path}`)).text()).toBe("real");
    expect([seen.length, mocked.length]).toEqual([2, 0]);
    const warnings = warn.mock.calls
      .map(([text]) => String(text))
      .filter((text) => text.includes("global `fetch`"));
    expect(warnings).toEqual([expect.stringContaining("fetchTransport(undefined, { allowUnpinned: true })")]);
    warn.mockRestore();
  });
});
