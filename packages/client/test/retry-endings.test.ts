/** What the caller and the record get of a call that was, or could have been, sent again. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { fetchTransport, undiciTransport } from "../src/index.js";
import { rejection } from "./gate.js";
import { gateFor } from "./retry-gate.js";

describe.each([
  ["undiciTransport", () => undiciTransport()],
  ["fetchTransport", () => fetchTransport()],
])("the end of a repeated call over %s", (_, transport) => {
  it("is recorded without the peer of an earlier attempt", async () => {
    const server = createServer((_, response) => {
      server.close();
      response.writeHead(503, { connection: "close" }).end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { guarded, records } = gateFor({ origin }, { maxAttempts: 2, delayMs: 100 }, transport());
    expect(await rejection(guarded(origin))).toMatchObject({ cause: { code: "ECONNREFUSED" } });
    const [record] = await records();
    expect(record.http.attempts).toMatchObject([{ status: 503 }]);
    expect(record.http).not.toHaveProperty("status");
    expect(record).not.toHaveProperty("net");
  });
});
