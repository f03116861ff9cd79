/**
 * Traps of the platform: what `fetch` and its relatives do that a guard must not rely on, one name each. All were measured
 * on Node 20, 22 and 24 first. The table in docs/spec/transport.md says the same in words.
 */
import { describe, it, onTestFinished } from "vitest";
import type { GuardedFetchOptions, Transport } from "../../src/index.js";
import { FidelityServer } from "../fidelity/server.js";
import { TRANSPORTS } from "../fidelity/subjects.js";
import { documentFor, openGate, type TestGate } from "../gate.js";

/** In the order of the table. */
export const TRAPS = [
  "credentials across origins",
  "a body replayed to another origin",
  "a location without a scheme",
  "a manual redirect",
  "a redirect to an address",
  "a stream that is needed again",
  "two bodies",
  "a URL in a list",
  "a `content-length` that is too large",
  "a `content-length` that is too small",
  "an `expect` header",
  "a stream without `duplex`",
  "bodies that decode to much more",
  "coded bytes",
  "a clone to record",
  "numbers in JSON",
  "ambient context in callbacks",
  "listeners on a signal",
  "a `Request` of another class",
  "a `Response` of another class",
  "a `FormData` of another class",
  "the dispatcher of another undici",
] as const;

export type TrapName = (typeof TRAPS)[number];

export interface TrapTest {
  /** What the bare platform does; a text, where that differs from Node to Node and is not tested. */
  readonly bare: string | ((server: FidelityServer) => Promise<void>);
  /** What a guarded fetch does instead, over each transport. */
  readonly guarded: (server: FidelityServer, open: OpenGate) => Promise<void>;
}

/** A gate whose policy is made of what it is given, as `documentFor` makes it, for the origin of the server. */
export type OpenGate = (
  proxy?: Parameters<typeof documentFor>[1],
  more?: Parameters<typeof documentFor>[2],
  options?: Partial<GuardedFetchOptions>,
) => TestGate;

/** Makes the tests of one trap. */
export function trap(name: TrapName, { bare, guarded }: TrapTest): void {
  describe(typeof bare === "string" ? `${name} (${bare})` : name, () => {
    if (typeof bare !== "string") it("on the platform", async () => bare(await startServer()));

    it.each(Object.entries(TRANSPORTS))("guarded, over %s", async (_, transport) => {
      const server = await startServer();
      await guarded(server, openerFor(server, transport));
    });
  });
}

async function startServer(): Promise<FidelityServer> {
  const server = await FidelityServer.start();
  onTestFinished(() => server.close());
  return server;
}

function openerFor({ origin }: FidelityServer, transport: () => Transport): OpenGate {
  return (proxy, more, options) => {
    const gate = openGate(documentFor(origin, proxy, more), { transport: transport(), ...options });
    onTestFinished(() => gate.guarded.close());
    return gate;
  };
}

/** Targets for both origins of a server, and a proxy that allows everything for each. */
export function bothOrigins({ origin, other }: FidelityServer) {
  return {
    targets: { api: { baseUrl: origin }, elsewhere: { baseUrl: other } },
    proxies: {
      p: { target: "api", defaultRuleEffect: "allow" as const },
      q: { target: "elsewhere", defaultRuleEffect: "allow" as const },
    },
  };
}
