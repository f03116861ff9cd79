import { memoryStore } from "@sallyport/adapters-memory";
import { afterEach, expect, it, vi } from "vitest";
import { createGuardedFetch } from "./index.js";

afterEach(() => {
  vi.unstubAllGlobals();
});

/** As test environments of browsers have it: not one of Node's, which knows nothing of limits. */
class ForeignController {
  readonly signal = {
    aborted: false,
    reason: undefined,
    addEventListener() {},
    removeEventListener() {},
  };

  abort() {}
}

it("a guarded fetch is built and called where the signals are not Node's", async () => {
  vi.stubGlobal("AbortController", ForeignController);
  const guarded = createGuardedFetch({
    policy: {
      clientId: "acme",
      region: "eu-west-1",
      targets: { api: { baseUrl: "https://api.example" } },
      proxies: { p: { target: "api", defaultRuleEffect: "allow" } },
    },
    store: memoryStore(),
    transport: async () => new Response("{}"),
  });
  const { signal } = new AbortController();
  expect(await (await guarded("https://api.example/a", { signal })).text()).toBe("{}");
  await guarded.close();
});
