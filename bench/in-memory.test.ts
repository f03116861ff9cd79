import { type Dispatcher, fetch } from "undici";
import { describe, expect, it } from "vitest";
import { answeringFromMemory } from "./in-memory.mjs";

describe("the upstream in memory", () => {
  it("answers undici's fetch over and over, before the event loop has turned", async () => {
    const dispatcher = answeringFromMemory(Buffer.from('{"a":1}')) as Dispatcher;
    let hasTurned = false;
    const turning = setImmediate(() => {
      hasTurned = true;
    });
    for (let call = 0; call < 3; call++) {
      const response = await fetch("http://in-memory.invalid/", { dispatcher });
      expect(response.status).toBe(200);
      expect(response.headers.get("content-type")).toBe("application/json");
      expect(await response.json()).toEqual({ a: 1 });
    }
    clearImmediate(turning);
    expect(hasTurned).toBe(false);
  });
});
