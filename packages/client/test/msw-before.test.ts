/** msw started before our package was loaded: there is no platform `fetch` left to compare with. */
import { HttpResponse, http } from "msw";
import { setupServer } from "msw/node";
import { afterAll, expect, it } from "vitest";

const server = setupServer(
  http.get("https://api.test/a", () => HttpResponse.json({ secret: 1, name: "mocked" })),
);
server.listen({ onUnhandledRequest: "error" });
const { fetchTransport } = await import("../src/index.js");
const { documentFor, openGate, rejection } = await import("./gate.js");

afterAll(() => server.close());

const filters = [{ operations: [{ effect: "destroy" as const, jsonPath: "secret" }] }];
const policy = documentFor(
  "https://api.test",
  { targetCredential: "key", filters },
  { credentials: { key: { type: "target", authType: "bearer", secret: { env: "API_KEY" } } } },
);
const environment = { API_KEY: "key" };

it("is called through `fetchTransport`, with the whole policy in force", async () => {
  const transport = fetchTransport(undefined, { allowUnpinned: true });
  const { guarded, records } = openGate(policy, { transport, environment });
  expect(await (await guarded("https://api.test/a")).json()).toEqual({ name: "mocked" });
  expect((await records())[0].net).toEqual({ address: "unpinned" });
});

it("gets no credential without `allowUnpinned`", async () => {
  const { guarded } = openGate(policy, { transport: fetchTransport(), environment });
  expect(await rejection(guarded("https://api.test/a"))).toMatchObject({ decision: { code: "network" } });
});
