import { memoryStore } from "@sallyport/adapters-memory";
import { describe, expect, it } from "vitest";
import { createGuardedFetch, type GuardedFetchOptions } from "../src/index.js";
import { documentFor } from "./gate.js";

const policy = documentFor("http://127.0.0.1:9");

describe("createGuardedFetch", () => {
  it.each([
    [{ policy }, "option `store`: expected a store for the records"],
    [
      { policy, store: memoryStore(), transprot: 1 },
      "option `transprot`: unknown option, did you mean `transport`?",
    ],
    [{ policy, store: memoryStore(), onDeny: "ignore" }, "option `onDeny`: expected `throw` or `respond`"],
    [{ policy, store: memoryStore(), transport: {} }, "option `transport`: expected a function"],
    [{ policy, store: memoryStore(), keyring: {} }, "option `keyring`: expected an object with `get(kid)`"],
    [
      { policy, store: memoryStore(), transport: fetch },
      "option `transport`: expected a transport, and got a `fetch`",
    ],
    [{ store: memoryStore() }, "option `policy`: expected a policy"],
    [{ policy: "policy.json", store: memoryStore() }, "option `policy`: expected a policy, and got a text"],
    [undefined, "option `options`: expected an object"],
  ])("refuses %j: %s", (options, message) => {
    expect(() => createGuardedFetch(options as unknown as GuardedFetchOptions)).toThrow(message);
  });

  it.each<[world: unknown, message: string]>([
    [null, "option `world`: expected an object"],
    [{ monotonic: () => 0 }, "option `world.monotonic`: unknown option, did you mean `monotonicMs`?"],
    [
      { monotonicMs: () => Number.NaN },
      "option `world.monotonicMs`: expected a function that gives a finite",
    ],
    [{ monotonicMs: () => 1n }, "option `world.monotonicMs`"],
    [{ now: 1 }, "option `world.now`: expected a function that gives epoch ms"],
    [{ random: () => [1] }, "option `world.random`: expected a function that gives so many random bytes"],
  ])("refuses a world that cannot be told by: %#", (world, message) => {
    expect(() => createGuardedFetch({ policy, store: memoryStore(), world: world as object })).toThrow(
      message,
    );
  });

  it("refuses an identity with a field that means nothing", () => {
    const guarded = createGuardedFetch({ policy, store: memoryStore() });
    expect(() => guarded.with({ proxyCredental: "x" } as object)).toThrow(
      "option `with.proxyCredental`: unknown option, did you mean `proxyCredential`?",
    );
  });

  it("gives something that can stand wherever a fetch can", () => {
    const guarded: typeof fetch = createGuardedFetch({ policy, store: memoryStore() });
    expect(typeof guarded).toBe("function");
  });
});
