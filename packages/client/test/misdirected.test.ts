/** Node's `fetch` sends a request again by itself when the answer is 421. */
import { describe, expect, it } from "vitest";
import { fetchTransport, undiciTransport } from "../src/index.js";
import { documentFor, openGate } from "./gate.js";
import { json, startServer } from "./loopback-server.js";

describe.each([
  ["undici", undiciTransport],
  ["fetch", fetchTransport],
])("a 421 over the transport of %s", (_name, transportOf) => {
  it.each<[what: string, proxy: object, left: object]>([
    ["is given", {}, { ssn: 1, first: 1 }],
    ["is filtered", { filters: [{ operations: [{ effect: "destroy", jsonPath: "ssn" }] }] }, { first: 1 }],
  ])("%s to the caller, and nothing is sent again", async (_what, proxy, left) => {
    const { origin, seen } = await startServer(json('{"ssn":1,"first":1}', 421));
    const { guarded, records } = openGate(documentFor(origin, proxy), { transport: transportOf() });
    for (const init of [{}, { method: "POST", body: "pay" }]) {
      const response = await guarded(origin, init);
      expect([response.status, response.ok, response.url]).toEqual([421, false, `${origin}/`]);
      expect(await response.json()).toEqual(left);
    }
    expect(seen.map(({ method }) => method)).toEqual(["GET", "POST"]);
    expect((await records()).map(({ http }) => http.status)).toEqual([421, 421]);
  });
});
