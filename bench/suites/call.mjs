// Whole calls over loopback, with everything on: beside bare clients, in the processor's time, denied, and streamed.
import { strict as assert } from "node:assert";
import { fetchTransport } from "sallyport";
import { fetch as undiciFetch } from "undici";
import { allowedUrl, documentOf, guardedFetchTo, RULES, TOKEN } from "../calling.mjs";
import { listDocument, SENSITIVE } from "../documents.mjs";
import { kilobytes } from "../filtering.mjs";
import { consume, cpuMs, inFlight } from "../harness.mjs";
import { answeringFromMemory } from "../in-memory.mjs";
import { memoryOf, startLongDocuments } from "../memory.mjs";
import { naiveDestroy } from "../naive.mjs";
import { httpClients } from "../peers/http-clients.mjs";
import { startServer } from "../server.mjs";

const KIBIBYTE = 1024;
const MEBIBYTE = 1024 * KIBIBYTE;
const IN_FLIGHT = 50;

/** A run must be long beside the 50 calls that it waits for at its end. */
const WEIGHT = 2.5;

/** The garbage of a run is collected within it for the most part. */
const CPU_WEIGHT = 5;

const SIZES = [
  { size: "1KB", bytes: KIBIBYTE },
  { size: "10KB", bytes: 10 * KIBIBYTE },
  { size: "100KB", bytes: 100 * KIBIBYTE },
];

/** @param {{ streamedMebibytes?: number }} [options] how long the streamed document is; tests take less */
export async function open({ streamedMebibytes = 200 } = {}) {
  const [upstreams, long] = await Promise.all([Promise.all(SIZES.map(startUpstream)), startLongDocuments()]);
  const [, tenKilobytes] = upstreams;
  return {
    contests: [
      ...upstreams.map(besideFetch),
      ...besideClients(tenKilobytes),
      byTransportOverFetch(tenKilobytes),
      cpu(tenKilobytes),
      denied(tenKilobytes),
    ],
    probes: [streamMemory(long, streamedMebibytes)],
    close: async () => {
      await Promise.all([...upstreams, long].map(({ stop }) => stop()));
    },
  };
}

/** A server of one document, who asks it, and what all of them should get. */
async function startUpstream({ size, bytes }) {
  const body = listDocument({ bytes, isDirty: true, seed: 1 });
  const { origin, stop } = await startServer({ token: TOKEN, body });
  const whole = JSON.parse(body.toString());
  const left = JSON.parse(naiveDestroy(body, new RegExp(SENSITIVE.pattern, SENSITIVE.flags)).toString());
  assert.notDeepEqual(left, whole);
  const clients = httpClients(allowedUrl(origin), { connections: IN_FLIGHT });
  return { size, body, origin, stop, whole, left, clients, guard: guardTo(origin) };
}

/** Guarded calls to one upstream, and runs of them; each run has a store of its own. */
function guardTo(origin, transport) {
  const { guarded, records, renew } = guardedFetchTo(origin, { transport });
  const get = async () => documentOf(await guarded(allowedUrl(origin)));
  return {
    guarded,
    running: (operation, options) => (ms) => {
      renew();
      return inFlight(IN_FLIGHT, operation, options)(ms);
    },
    get,
    async assertGuarded(left) {
      renew();
      assert.deepEqual(await get(), left);
      assert.equal((await records()).length, 1, "the call left no record");
    },
    async assertDenied(call) {
      renew();
      await assert.rejects(call, { code: "ERR_REQUEST_DENIED" });
      assert.equal((await records()).length, 1, "the denied call left no record");
    },
  };
}

const counting = (get) => async () => consume((await get()).data.length);

const bareRun = ({ get }, options) => inFlight(IN_FLIGHT, counting(get), options);

const guardedRun = ({ get, running }, options) => running(counting(get), options);

function besideFetch({ size, body, whole, left, clients, guard }) {
  const { fetch, undiciFetch } = clients;
  return {
    title: `Calls: ${kilobytes(body)} of JSON over loopback, ${IN_FLIGHT} in flight, ${RULES} rules, a credential, a filter and a record`,
    unit: "req/s",
    weight: WEIGHT,
    async verify() {
      for (const { get } of [fetch, undiciFetch]) assert.deepEqual(await get(), whole);
      await guard.assertGuarded(left);
    },
    baselines: {
      global: { words: fetch.words, run: bareRun(fetch) },
      undici: { words: undiciFetch.words, run: bareRun(undiciFetch) },
    },
    candidates: [{ figure: `call.vs.fetch.${size}`, words: "guarded", run: guardedRun(guard) }],
  };
}

function besideClients({ body, whole, left, clients, guard }) {
  const beside = (client, figure, expected = whole) => ({
    title: `Clients: the same ${kilobytes(body)} beside ${client.words}`,
    unit: "req/s",
    weight: WEIGHT,
    async verify() {
      assert.deepEqual(await client.get(), expected);
      await guard.assertGuarded(left);
    },
    baseline: { words: client.words, run: bareRun(client) },
    candidates: [{ figure, words: "guarded", run: guardedRun(guard) }],
  });
  return [
    beside(clients.undiciRequest, "call.vs.request.10KB"),
    beside(clients.ky, "call.vs.ky"),
    beside(clients.got, "call.vs.got"),
    beside(clients.axios, "call.vs.axios"),
    beside(clients.naive, "call.vs.naive", left),
  ];
}

function byTransportOverFetch({ origin, body, whole, left, clients }) {
  const guard = guardTo(origin, fetchTransport());
  const { undiciFetch } = clients;
  return {
    title: `Transport: the same ${kilobytes(body)} by the transport over the platform's fetch`,
    unit: "req/s",
    weight: WEIGHT,
    async verify() {
      assert.deepEqual(await undiciFetch.get(), whole);
      await guard.assertGuarded(left);
    },
    baseline: { words: undiciFetch.words, run: bareRun(undiciFetch) },
    candidates: [
      {
        figure: "call.fetchTransport.10KB",
        words: "guarded by `fetchTransport()`",
        run: guardedRun(guard),
      },
    ],
  };
}

/** The server has a process of its own, so what this one uses is the client's. */
function cpu({ body, whole, left, clients, guard }) {
  const { undiciFetch } = clients;
  return {
    title: `Processor: the client's time for the same ${kilobytes(body)}, garbage collection included`,
    unit: "req/CPU s",
    better: "lower",
    weight: CPU_WEIGHT,
    async verify() {
      assert.deepEqual(await undiciFetch.get(), whole);
      await guard.assertGuarded(left);
    },
    baseline: { words: undiciFetch.words, run: bareRun(undiciFetch, { spentMs: cpuMs }) },
    candidates: [{ figure: "call.cpu.10KB", words: "guarded", run: guardedRun(guard, { spentMs: cpuMs }) }],
  };
}

/** No rule allows the method, so nothing is sent; the record is made and stored all the same. */
function denied({ origin, guard }) {
  const { guarded, running, assertDenied } = guard;
  const call = () => guarded(allowedUrl(origin), { method: "OPTIONS" });
  const deniedCall = () =>
    call().then(
      () => assert.fail("it was allowed"),
      ({ code }) => consume(code.length),
    );
  const body = listDocument({ bytes: KIBIBYTE, isDirty: true, seed: 1 });
  const dispatcher = answeringFromMemory(body);
  const get = async () => documentOf(await undiciFetch(allowedUrl(origin), { dispatcher }));
  return {
    title: `A denied call, with its record, beside ${kilobytes(body)} that come from memory`,
    unit: "/s",
    better: "lower",
    weight: WEIGHT,
    async verify() {
      assert.deepEqual(await get(), JSON.parse(body.toString()));
      await assertDenied(call);
    },
    baseline: { words: "bare undici.fetch without a network", run: bareRun({ get }) },
    candidates: [{ figure: "call.denied", words: "denied", run: running(deniedCall) }],
  };
}

/** @returns {import("../probes.mjs").Probe} */
function streamMemory(long, mebibytes) {
  // Less than this cannot be told from what the process does besides.
  const growthOf = ({ growth }) => Math.max(growth, MEBIBYTE);
  return {
    figure: "call.stream.memory",
    words: `growth of the resident set over ${mebibytes} MiB that no filter touches, guarded ÷ bare`,
    unit: "ratio",
    better: "lower",
    async verify() {
      const { read, left } = await memoryOf("guarded", long, 1);
      assert.ok(read > MEBIBYTE && left === read, "the guard changed what no filter touches");
    },
    async sample() {
      const bare = await memoryOf("unfiltered", long, mebibytes);
      const guarded = await memoryOf("guarded", long, mebibytes);
      assert.equal(guarded.read, bare.read);
      return growthOf(guarded) / growthOf(bare);
    },
  };
}
