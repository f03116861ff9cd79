// The quick look: one guarded call, one filtered document, one decision, each beside what it would be without us.
import { strict as assert } from "node:assert";
import { canonicalRequest, compilePolicy, decide } from "@sallyport/core";
import { createGuardedFetch, definePolicy, memoryStore } from "sallyport";
import { AUTHORIZATION, documentOf, FILTERS, policyFor, TOKEN } from "../calling.mjs";
import { listDocument, SENSITIVE } from "../documents.mjs";
import { filtering, kilobytes } from "../filtering.mjs";
import { consume, cycled, inFlight } from "../harness.mjs";
import { naiveDecide, naiveDestroy, naiveRules } from "../naive.mjs";
import { startServer } from "../server.mjs";

const IN_FLIGHT = 50;

/** @returns {Promise<{ contests: import("../harness.mjs").Contest[], close: () => Promise<void> }>} */
export async function open() {
  const body = listDocument({ bytes: 1024, isDirty: true, seed: 1 });
  const server = await startServer({ token: TOKEN, body });
  return {
    contests: [
      calls(server.origin, body),
      filtering({ kind: "dirty", size: "10KB", bytes: 10 * 1024 }),
      filtering({ kind: "clean", size: "10KB", bytes: 10 * 1024 }),
      decisions(),
    ],
    close: server.stop,
  };
}

/** (1) Calls over loopback: what a whole guarded call costs beside the `fetch` inside it. */
function calls(origin, body) {
  const url = `${origin}/v1/customers?limit=1`;
  const headers = { authorization: AUTHORIZATION };
  const bare = async () => documentOf(await fetch(url, { headers }));
  const guardedBy = (policy) => {
    const guarded = createGuardedFetch({ policy, store: memoryStore({ maxBytes: 2 ** 30 }) });
    return { call: async () => documentOf(await guarded(url)), close: () => guarded.close() };
  };
  const filtered = definePolicy(policyFor(origin, CALL_RULES, FILTERS));
  const unfiltered = definePolicy(policyFor(origin, CALL_RULES, []));
  const counting = (call) => async () => consume((await call()).data.length);
  // A guarded fetch and store of its own for each run: records are kept, so memory would grow with the rounds.
  const guardedRun = (policy) => (ms) => {
    const { call, close } = guardedBy(policy);
    return inFlight(IN_FLIGHT, counting(call), { finish: close })(ms);
  };
  return {
    title: `Calls: ${kilobytes(body)} of JSON over loopback, ${IN_FLIGHT} in flight, read with .json()`,
    unit: "req/s",
    weight: 2.5,
    async verify() {
      const whole = JSON.parse(body.toString());
      const left = JSON.parse(naiveDestroy(body, nativeSensitive()).toString());
      assert.deepEqual(await bare(), whole);
      assert.deepEqual(await guardedBy(unfiltered).call(), whole);
      assert.deepEqual(await guardedBy(filtered).call(), left);
      assert.notDeepEqual(left, whole);
    },
    baseline: { words: "the bare global fetch", run: inFlight(IN_FLIGHT, counting(bare)) },
    candidates: [
      {
        figure: "fetch.1KB.c50",
        words: "guarded: rules, credential, filter, record",
        run: guardedRun(filtered),
      },
      {
        figure: "fetch.1KB.c50.unfiltered",
        words: "guarded, without the filter",
        run: guardedRun(unfiltered),
      },
    ],
  };
}

const CALL_RULES = [
  { id: "read-customers", effect: "allow", methods: ["GET"], path: { pattern: "^/v1/customers(/|$)" } },
  { id: "read-orders", effect: "allow", methods: ["GET"], path: { pattern: "^/v1/orders/[0-9]+$" } },
  { id: "no-deletes", effect: "deny", methods: ["DELETE"] },
  { id: "no-admin", effect: "deny", path: { pattern: "/admin(/|$)", flags: "i" } },
];

/** (2) One decision, beside native RegExps in a loop over the same rules. */
function decisions() {
  const rules = tenRules();
  const compiled = compilePolicy(definePolicy(policyFor("https://api.example.com", rules, [])));
  const naive = naiveRules(rules);
  const requests = REQUESTS.map(([method, path, headers = []]) =>
    canonicalRequest({ url: `https://api.example.com${path}`, method, headers }),
  );
  const ours = (request) => decide(compiled, "shop-api", request, { now: 1_750_000_000_000 });
  const overRequests = (decideOne) =>
    cycled(requests, (request) => {
      consume(decideOne(request).effect.length);
      return 1;
    });
  return {
    title: `Decisions: ${rules.length} rules with path and header patterns, ${requests.length} different requests`,
    unit: "/s",
    verify() {
      for (const request of requests) {
        const { effect, scopes } = ours(request);
        const { ruleId } = scopes.find(({ scope }) => scope === "proxy");
        assert.deepEqual({ effect, ruleId }, naiveDecide(naive, request));
      }
      const effects = new Set(requests.map((request) => ours(request).effect));
      assert.deepEqual(effects, new Set(["allow", "deny"]));
    },
    baseline: {
      words: "native RegExps over the same rules, a deny wins",
      run: overRequests((request) => naiveDecide(naive, request)),
    },
    candidates: [
      {
        figure: "decide.10rules",
        words: "decide: four scopes, every matching rule named",
        run: overRequests(ours),
      },
    ],
  };
}

function tenRules() {
  const allow = (id, methods, pattern) => ({ id, effect: "allow", methods, path: { pattern } });
  return [
    allow("read-customers", ["GET"], "^/v1/customers(/[A-Za-z0-9_]+)?$"),
    allow("write-customers", ["POST", "PATCH"], "^/v1/customers(/[A-Za-z0-9_]+)?$"),
    allow("read-orders", ["GET"], "^/v1/orders/[0-9]{1,12}(/items)?$"),
    allow("create-orders", ["POST"], "^/v1/orders$"),
    allow("read-invoices", ["GET"], "^/v1/invoices/.*\\.(pdf|json)$"),
    allow("search", ["GET", "POST"], "^/v[12]/search/(customers|orders|invoices)$"),
    { id: "no-deletes", effect: "deny", methods: ["DELETE"] },
    { id: "no-admin", effect: "deny", path: { pattern: "/(admin|internal)(/|$)", flags: "i" } },
    { id: "no-exports", effect: "deny", path: { pattern: "/export$" } },
    {
      id: "no-preview",
      effect: "deny",
      headers: [
        { name: { pattern: "^x-api-version$" }, matchValue: { pattern: "preview|beta", flags: "i" } },
      ],
    },
  ];
}

const USUAL = [
  ["accept", "application/json"],
  ["content-type", "application/json"],
  ["user-agent", "shop/4.2"],
  ["x-api-version", "2024-11-01"],
];

const REQUESTS = [
  ["GET", "/v1/customers?limit=20", USUAL],
  ["GET", "/v1/customers/cus_9f2c41d07be6a358", USUAL],
  ["PATCH", "/v1/customers/cus_9f2c41d07be6a358", USUAL],
  ["GET", "/v1/orders/481516/items", USUAL],
  ["POST", "/v1/orders", USUAL],
  ["GET", "/v1/invoices/2024/11/inv-20391.pdf", USUAL],
  ["POST", "/v2/search/orders", USUAL],
  ["DELETE", "/v1/customers/cus_9f2c41d07be6a358", USUAL],
  ["GET", "/v1/Admin/keys", USUAL],
  ["GET", "/v1/customers", [["x-api-version", "2025-01-01-Preview"]]],
  ["PUT", "/v1/orders/481516", USUAL],
  ["GET", "/v1/reports/monthly/2024/11", USUAL],
];

function nativeSensitive() {
  return new RegExp(SENSITIVE.pattern, SENSITIVE.flags);
}
