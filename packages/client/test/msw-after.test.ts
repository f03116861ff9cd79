/** msw started after our package was loaded, and after a guarded fetch was made and used. */
import { HttpResponse, http } from "msw";
import { setupServer } from "msw/node";
import { expect, it, onTestFinished } from "vitest";
import { fetchTransport } from "../src/index.js";
import { documentFor, openGate } from "./gate.js";
import { startServer } from "./loopback-server.js";

it("is called through `fetchTransport` from then on, until it stops", async () => {
  const { origin } = await startServer((_, response) => response.end("real"));
  const { guarded, records } = openGate(documentFor(origin), { transport: fetchTransport() });
  const text = async () => (await guarded(`${origin}/a`)).text();
  expect(await text()).toBe("real");
  const server = setupServer(http.get(`${origin}/a`, () => HttpResponse.text("mocked")));
  server.listen();
  onTestFinished(() => server.close());
  expect(await text()).toBe("mocked");
  server.close();
  expect(await text()).toBe("real");
  const nets = (await records()).map(({ net }) => net.address);
  expect(nets.sort()).toEqual(["pinned", "pinned", "unpinned"]);
});
