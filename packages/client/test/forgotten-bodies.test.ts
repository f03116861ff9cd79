/** A response that is thrown away unread does not keep its connection, over each transport. */
import { randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { fetchTransport, undiciTransport } from "../src/index.js";
import { collectUntil } from "./collecting.js";
import { documentFor, openGate } from "./gate.js";
import { startServer } from "./loopback-server.js";

const TRANSPORTS = { undici: () => undiciTransport(), fetch: () => fetchTransport() };

/** Of each kind of body that the guard makes another one of, beside one that it does not; none of them ends. */
const BODIES: readonly [what: string, coding: string | undefined, target: object][] = [
  ["as it is", undefined, {}],
  ["that is coded", "gzip", {}],
  ["with a limit", undefined, { limits: { maxResponseBytes: 10_000_000 } }],
  ["that is coded, with a limit", "gzip", { limits: { maxResponseBytes: 10_000_000 } }],
];

describe.each(Object.entries(TRANSPORTS))("over the transport of %s", (_name, transportOf) => {
  it.each(BODIES)("a body %s is hung up on", async (_what, coding, target) => {
    let closed = () => {};
    const hungUp = new Promise<void>((resolve) => {
      closed = resolve;
    });
    const bytes = randomBytes(200_000);
    const { origin } = await startServer((_, response) => {
      response.on("close", closed);
      response.writeHead(200, coding === undefined ? {} : { "content-encoding": coding });
      response.write(coding === undefined ? bytes : gzipSync(bytes));
    });
    const policy = documentFor(origin, {}, { targets: { api: { baseUrl: origin, ...target } } });
    const { guarded } = openGate(policy, { transport: transportOf() });
    expect((await guarded(origin)).status).toBe(200);
    await collectUntil(hungUp);
  });
});
