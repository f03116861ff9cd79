/** A guarded fetch that sends again, for tests, and a server that gives it reason to. */
import type { ProxyDocument } from "@sallyport/core";
import type { Transport, World } from "../src/index.js";
import { documentFor, openGate, type TestGate } from "./gate.js";
import { type LoopbackServer, startServer } from "./loopback-server.js";

export type Retry = NonNullable<ProxyDocument["retry"]>;

/** Short waits. */
export const QUICK: Retry = { delayMs: 10, maxDelayMs: 2000 };

/** No chance in the waits. */
export const world = { random: (length: number) => new Uint8Array(length).fill(255) };

/** A status, which may come with `retry-after`. */
export type Answer = number | readonly [status: number, retryAfter: string];

/** Answers with these in turn, the last one for good. */
export function answering(...answers: readonly Answer[]): Promise<LoopbackServer> {
  let count = 0;
  return startServer((_, response) => {
    const answer = answers[Math.min(count++, answers.length - 1)] ?? 200;
    const [status, retryAfter] = typeof answer === "number" ? [answer] : answer;
    if (retryAfter !== undefined) response.setHeader("retry-after", retryAfter);
    response.writeHead(status, { "content-type": "text/plain" }).end(`answer ${count}`);
  });
}

export function gateFor(
  server: Pick<LoopbackServer, "origin">,
  retry: Retry | undefined,
  transport?: Transport,
  limits: object = {},
  clock: Partial<World> = {},
): TestGate {
  const proxy = retry === undefined ? {} : { retry: { ...QUICK, ...retry } };
  const targets = { api: { baseUrl: server.origin, limits } };
  return openGate(documentFor(server.origin, proxy, { targets }), {
    transport,
    world: { ...world, ...clock },
  });
}
