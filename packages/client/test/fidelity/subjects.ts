/** What the fidelity suite runs over: the platform's `fetch`, and ours over each transport in settings that change nothing. */
import { memoryStore } from "@sallyport/adapters-memory";
import type { PolicyDocument } from "@sallyport/core";
import { vi } from "vitest";
import { createGuardedFetch, fetchTransport, type Transport, undiciTransport } from "../../src/index.js";
import type { FidelityServer } from "./server.js";

export interface Subject {
  readonly name: string;
  readonly transport: string;
  readonly setting: string;
  /** Whether a response with a body that is no JSON document is withheld. */
  readonly needsJson: boolean;
  open(server: FidelityServer): OpenSubject;
}

export interface OpenSubject {
  readonly fetch: typeof fetch;
  close(): Promise<void>;
}

type Proxy = NonNullable<PolicyDocument["proxies"]>[string];

/** Another transport is one more entry. */
export const TRANSPORTS: Readonly<Record<string, () => Transport>> = {
  fetchTransport: () => fetchTransport(),
  undiciTransport: () => undiciTransport(),
};

const noNode = [{ effect: "destroy" as const, jsonPath: "\\.no-node-has-this-path$" }];

/** What each setting adds to a proxy that allows everything. */
const SETTINGS: Readonly<Record<string, Partial<Proxy>>> = {
  transparent: {},
  "body inspection": {
    rules: [{ id: "looks", effect: "allow", body: [{ jsonPath: "\\.no-node-has-this-path$" }] }],
  },
  "a filter that never applies": {
    filters: [{ id: "elsewhere", path: "^/none-of-it$", operations: noNode }],
  },
  "a filter that matches no node": { filters: [{ id: "nothing", operations: noNode }] },
  "a filter that observes": { filters: [{ id: "observes", mode: "observe", operations: noNode }] },
};

const bare: Subject = {
  name: "bare fetch",
  transport: "none",
  setting: "none",
  needsJson: false,
  open: () => ({ fetch: globalThis.fetch, close: async () => {} }),
};

export const SUBJECTS: readonly Subject[] = [
  bare,
  ...Object.entries(TRANSPORTS).flatMap(([transport, make]) =>
    Object.entries(SETTINGS).map(([setting, proxy]) => guarded(transport, make, setting, proxy)),
  ),
];

function guarded(transport: string, make: () => Transport, setting: string, proxy: Partial<Proxy>): Subject {
  return {
    name: `guarded over ${transport}, ${setting}`,
    transport,
    setting,
    needsJson: setting === "a filter that matches no node",
    open(server) {
      // That a filter only observes is meant here.
      const warning = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
      const fetch = createGuardedFetch({
        policy: policyFor(server, proxy),
        store: memoryStore(),
        transport: make(),
      });
      warning.mockRestore();
      return { fetch, close: () => fetch.close() };
    },
  };
}

/** Allows everything, through one proxy for each origin that a case may call. */
function policyFor(server: FidelityServer, proxy: Partial<Proxy>): PolicyDocument {
  const { origin, other, closed, blocked, silent } = server;
  const origins = Object.entries({ origin, other, closed, blocked, silent });
  return {
    clientId: "acme",
    region: "eu-west-1",
    targets: Object.fromEntries(origins.map(([id, baseUrl]) => [id, { baseUrl }])),
    proxies: Object.fromEntries(
      origins.map(([target]) => [
        target,
        { target, defaultRuleEffect: "allow", paths: { ambiguous: "allow" }, ...proxy },
      ]),
    ),
  };
}
