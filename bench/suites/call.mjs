// Whole calls over loopback: what a guarded one costs beside the bare one, with everything on.
import { strict as assert } from "node:assert";
import { createGuardedFetch, definePolicy, fetchTransport, memoryStore } from "sallyport";
import { fetch as undiciFetch, request as undiciRequest } from "undici";
import { listDocument, SENSITIVE } from "../documents.mjs";
import { kilobytes } from "../filtering.mjs";
import { consume, inFlight } from "../harness.mjs";
import { naiveDestroy } from "../naive.mjs";
import { rulesOf } from "../rule-sets.mjs";
import { startServer } from "../server.mjs";

const TOKEN = "tok_benchBenchBenchBench";
const IN_FLIGHT = 50;
const RULES = 1000;
const AUTHORIZATION = `Bearer ${TOKEN}`;

const SIZES = [
  { size: "1KB", bytes: 1024 },
  { size: "10KB", bytes: 10 * 1024 },
  { size: "100KB", bytes: 100 * 1024 },
];

/** @returns {Promise<{ contests: import("../harness.mjs").Contest[], close: () => Promise<void> }>} */
export async function open() {
  const servers = await Promise.all(
    SIZES.map(async ({ size, bytes }) => {
      const body = listDocument({ bytes, isDirty: true, seed: 1 });
      return { size, body, server: await startServer({ token: TOKEN, body }) };
    }),
  );
  const tenKilobytes = servers[1];
  return {
    contests: [
      ...servers.map(againstFetch),
      againstUndici(tenKilobytes, "request", requested, {
        "call.vs.request.10KB": ["guarded", guardedBy(tenKilobytes)],
      }),
      againstUndici(tenKilobytes, "fetch", undiciFetched, {
        "call.fetchTransport.10KB": [
          "guarded by `fetchTransport()`",
          guardedBy(tenKilobytes, fetchTransport()),
        ],
      }),
      denied(tenKilobytes),
    ],
    close: async () => {
      await Promise.all(servers.map(({ server }) => server.stop()));
    },
  };
}

const urlOf = ({ server }) => `${server.origin}/v1/res7/u42`;

const json = async (response) => {
  if (response.status !== 200) throw new Error(`the server answered ${response.status}`);
  return response.json();
};

const bare = (one) => async () =>
  json(await fetch(urlOf(one), { headers: { authorization: AUTHORIZATION } }));

const undiciFetched = (one) => async () =>
  json(await undiciFetch(urlOf(one), { headers: { authorization: AUTHORIZATION } }));

const requested = (one) => async () => {
  const { statusCode, body } = await undiciRequest(urlOf(one), { headers: { authorization: AUTHORIZATION } });
  if (statusCode !== 200) throw new Error(`the server answered ${statusCode}`);
  return body.json();
};

/**
 * One guarded fetch for all runs, so that its connections are kept as those of the bare peers are, over a new store for
 * each: records are kept, so memory would grow with the rounds.
 */
function guardedBy(one, transport) {
  let current = memoryStore({ maxBytes: 2 ** 30 });
  const store = {
    ...current,
    log: { ...current.log, putRecord: (record) => current.log.putRecord(record) },
  };
  const policy = definePolicy(policyFor(one.server.origin));
  const guarded = createGuardedFetch({ policy, transport, store });
  const url = urlOf(one);
  return {
    call: async () => json(await guarded(url)),
    guarded,
    renew: () => {
      current = memoryStore({ maxBytes: 2 ** 30 });
    },
  };
}

const counting = (call) => async () => consume((await call()).data.length);

const guardedRun =
  ({ call, renew }) =>
  (ms) => {
    renew();
    return inFlight(IN_FLIGHT, counting(call))(ms);
  };

async function verifyAll(one, baseline, guardeds) {
  const whole = JSON.parse(one.body.toString());
  const left = JSON.parse(naiveDestroy(one.body, new RegExp(SENSITIVE.pattern, SENSITIVE.flags)).toString());
  assert.notDeepEqual(left, whole);
  assert.deepEqual(await baseline(), whole);
  for (const { call } of guardeds) assert.deepEqual(await call(), left);
}

function againstFetch(one) {
  const guarded = guardedBy(one);
  return {
    title: `Calls: ${kilobytes(one.body)} of JSON over loopback, ${IN_FLIGHT} in flight, ${RULES} rules, a credential, a filter and a record`,
    unit: "req/s",
    weight: 2.5,
    verify: () => verifyAll(one, bare(one), [guarded]),
    baseline: { words: "the bare global fetch", run: inFlight(IN_FLIGHT, counting(bare(one))) },
    candidates: [{ figure: `call.vs.fetch.${one.size}`, words: "guarded", run: guardedRun(guarded) }],
  };
}

function againstUndici(one, name, peer, candidates) {
  const guardeds = Object.values(candidates).map(([, guarded]) => guarded);
  return {
    title: `The same, beside undici's \`${name}\``,
    unit: "req/s",
    weight: 2.5,
    verify: () => verifyAll(one, peer(one), guardeds),
    baseline: { words: `bare undici.${name}`, run: inFlight(IN_FLIGHT, counting(peer(one))) },
    candidates: Object.entries(candidates).map(([figure, [words, guarded]]) => ({
      ...{ figure, words },
      run: guardedRun(guarded),
    })),
  };
}

/** No rule allows the method, so nothing is sent; the record is made and stored all the same. */
function denied(one) {
  const { guarded, renew } = guardedBy(one);
  const call = () =>
    guarded(urlOf(one), { method: "OPTIONS" }).then(
      () => assert.fail("it was allowed"),
      (error) => error,
    );
  return {
    title: "A denied call, with its record",
    unit: "cost",
    better: "lower",
    weight: 2.5,
    async verify() {
      assert.equal((await call()).code, "ERR_REQUEST_DENIED");
    },
    baseline: { words: "bare undici.fetch", run: inFlight(IN_FLIGHT, counting(undiciFetched(one))) },
    candidates: [
      {
        figure: "call.denied",
        words: "denied",
        run: (ms) => {
          renew();
          return inFlight(IN_FLIGHT, async () => consume((await call()).code.length))(ms);
        },
      },
    ],
  };
}

function policyFor(origin) {
  return {
    clientId: "bench",
    region: "eu-west-1",
    targets: { shop: { baseUrl: origin } },
    credentials: {
      "shop-token": { type: "target", authType: "bearer", secret: { inline: { token: TOKEN } } },
    },
    proxies: {
      "shop-api": {
        target: "shop",
        targetCredential: "shop-token",
        rules: [
          ...rulesOf({ count: RULES - 1, shape: "typical" }).map((rule) => ({ ...rule, effect: "allow" })),
          { id: "read", effect: "allow", methods: ["GET"], path: { pattern: "^/v1/res7/" } },
        ],
        filters: [{ id: "no-secrets", operations: [{ effect: "destroy", jsonPath: SENSITIVE }] }],
      },
    },
  };
}
