/** What is thrown away does not keep its connection, and a signal still ends what goes on, over each transport. */
import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { fetchTransport, undiciTransport } from "../src/index.js";
import { collectUntil } from "./collecting.js";
import { documentFor, openGate } from "./gate.js";
import { startServer } from "./loopback-server.js";

const TRANSPORTS = { undici: () => undiciTransport(), fetch: () => fetchTransport() };

interface Body {
  readonly target?: object;
  readonly proxy?: object;
  readonly settings?: object;
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly bytes?: Uint8Array;
}

const bytes = randomBytes(200_000);
const gzip = { headers: { "content-encoding": "gzip" }, bytes: gzipSync(bytes) };
const limited = { limits: { maxResponseBytes: 10_000_000 } };
const filtered = { filters: [{ operations: [{ effect: "destroy", jsonPath: "ssn" }] }] };
const events = Buffer.from('data: {"ssn":1}\n\n'.repeat(10_000));

/** Of each kind of body that the guard makes another one of, beside one that it does not; none of them ends. */
const BODIES: readonly [what: string, body: Body][] = [
  ["as it is", {}],
  ["that is coded", gzip],
  ["with a limit", { target: limited }],
  ["that is coded, with a limit", { ...gzip, target: limited }],
  ["that a filter leaves alone", { proxy: filtered, status: 500, settings: { filterStatuses: "success" } }],
  [
    "that a filter streams",
    { proxy: filtered, headers: { "content-type": "text/event-stream" }, bytes: events },
  ],
];

function trigger() {
  let pull = () => {};
  const pulled = new Promise<void>((resolve) => {
    pull = resolve;
  });
  return { pull, pulled };
}

describe.each(Object.entries(TRANSPORTS))("over the transport of %s", (_name, transportOf) => {
  it.each(BODIES)("a body %s is hung up on", async (_what, body) => {
    const { target, proxy, settings, status = 200, headers = {} } = body;
    const hungUp = trigger();
    const { origin } = await startServer((_, response) => {
      response.on("close", hungUp.pull);
      response.writeHead(status, headers);
      response.write(body.bytes ?? bytes);
    });
    const policy = documentFor(origin, proxy, {
      targets: { api: { baseUrl: origin, ...target } },
      ...(settings && { settings }),
    });
    const { guarded } = openGate(policy, { transport: transportOf() });
    expect((await guarded(origin)).status).toBe(status);
    await collectUntil(hungUp.pulled);
  });

  it("a call whose signal only its caller holds is hung up on when that fires", async () => {
    const [asked, hungUp] = [trigger(), trigger()];
    const { origin } = await startServer((_, response) => {
      response.on("close", hungUp.pull);
      asked.pull();
    });
    const { guarded } = openGate(documentFor(origin), { transport: transportOf() });
    const controller = new AbortController();
    const call = guarded(origin, { signal: controller.signal }).catch((error) => error);
    await asked.pulled;
    await collectUntil(delay(200));
    controller.abort("enough");
    expect(await call).toBe("enough");
    await hungUp.pulled;
  });
});
