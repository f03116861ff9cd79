// Guarded calls with everything on: 1,000 rules, a credential, the network guard, a filter, and a record of each.
import { createGuardedFetch, definePolicy, memoryStore } from "sallyport";
import { SENSITIVE } from "./documents.mjs";
import { rulesOf } from "./rule-sets.mjs";

/** What the servers of calls ask for, and only the guard adds by itself. */
export const TOKEN = "tok_benchBenchBenchBench";

/** The header as a caller without a guard sends it. */
export const AUTHORIZATION = `Bearer ${TOKEN}`;

export const RULES = 1000;

/** Destroys what is sensitive in every answer. */
export const FILTERS = [{ id: "no-secrets", operations: [{ effect: "destroy", jsonPath: SENSITIVE }] }];

/** What one of the rules allows with `GET`, and none with another method. @param {string} origin */
export function allowedUrl(origin) {
  return `${origin}/v1/res7/u42`;
}

/** The document of a response that is none without it. @param {Response | import("undici").Response} response */
export async function documentOf(response) {
  if (response.status !== 200) throw new Error(`the server answered ${response.status}`);
  return response.json();
}

/**
 * A guarded fetch to one origin, as the public function makes it. It holds its connections from run to run, as its
 * peers do, and its records only until `renew`: they would fill the memory.
 *
 * @param {string} origin
 * @param {{ filters?: readonly object[], transport?: import("sallyport").Transport }} [options]
 * @returns {{ guarded: import("sallyport").GuardedFetch, records: () => Promise<readonly object[]>, renew: () => void }}
 */
export function guardedFetchTo(origin, { filters = FILTERS, transport } = {}) {
  const emptyStore = () => memoryStore({ maxBytes: 2 ** 30 });
  let current = emptyStore();
  const store = {
    ...current,
    log: { ...current.log, putRecord: (record) => current.log.putRecord(record) },
  };
  const policy = definePolicy(policyFor(origin, manyRules(), filters));
  return {
    guarded: createGuardedFetch({ policy, transport, store }),
    records: async () => (await current.log.listRecords()).records,
    renew: () => {
      current = emptyStore();
    },
  };
}

/**
 * The document of a policy: one API behind one proxy, with a credential.
 *
 * @param {string} origin
 * @param {readonly object[]} rules
 * @param {readonly object[]} filters
 */
export function policyFor(origin, rules, filters) {
  return {
    clientId: "bench",
    region: "eu-west-1",
    targets: { shop: { baseUrl: origin } },
    credentials: {
      "shop-token": { type: "target", authType: "bearer", secret: { inline: { token: TOKEN } } },
    },
    proxies: { "shop-api": { target: "shop", targetCredential: "shop-token", rules, filters } },
  };
}

function manyRules() {
  return [
    ...rulesOf({ count: RULES - 1, shape: "typical" }).map((rule) => ({ ...rule, effect: "allow" })),
    { id: "read", effect: "allow", methods: ["GET"], path: { pattern: "^/v1/res7/" } },
  ];
}
