// Makes calls of all kinds and says, at each quarter of the way, what is left of them:
// `node --expose-gc --no-opt calls.mjs TRANSPORT COUNT [plant]`. With `plant`, things are left on purpose.
import { fork } from "node:child_process";
import { getEventListeners, once } from "node:events";
import { connect } from "node:net";
import { setTimeout as delay, setImmediate as turn } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { getHeapCodeStatistics } from "node:v8";
import { createGuardedFetch, fetchTransport, memoryStore, undiciTransport } from "sallyport";
import { KINDS } from "./kinds.mjs";

const [transportName, countText, plant] = process.argv.slice(2);
const count = Number(countText);
/** Calls at a time. */
const WIDTH = 16;
const WARM_UP_CALLS = 800;
const SEED = 20_000;
/** Longer than it takes undici to give up an idle connection; what was left on purpose ends never. */
const GIVE_UP_MS = plant === undefined ? 10_000 : 1000;

const server = fork(fileURLToPath(new URL("server.mjs", import.meta.url)));
const [[origin, elsewhere]] = await once(server, "message");
// Only calls shall keep this process.
server.channel.unref();

let records = 0;
const memory = memoryStore();
const store = {
  ...memory,
  log: {
    ...memory.log,
    // What it keeps is no leak, and would look like one.
    putRecord: async () => {
      records++;
    },
  },
};

const target = (path, limits = {}) => ({ baseUrl: `${origin}${path}`, limits });
const allowed = { targetCredential: "key", rules: [{ effect: "allow", methods: ["GET", "HEAD", "POST"] }] };
const guarded = createGuardedFetch({
  store,
  transport: { undici: undiciTransport, fetch: fetchTransport }[transportName](),
  policy: {
    clientId: "acme",
    region: "eu-west-1",
    credentials: { key: { type: "target", authType: "bearer", secret: { env: "API_KEY" } } },
    targets: {
      api: target("/"),
      limited: target("/limited", { maxResponseBytes: 100_000, totalTimeoutMs: 60_000 }),
      timed: target("/timed", { totalTimeoutMs: 20 }),
      elsewhere: { baseUrl: elsewhere },
    },
    proxies: {
      api: {
        target: "api",
        ...allowed,
        rules: [...allowed.rules, { effect: "deny", path: "^/denied/" }],
        filters: [{ path: "^/filtered/", operations: [{ effect: "destroy", jsonPath: "\\.ssn$" }] }],
        retry: { maxAttempts: 2, delayMs: 1 },
      },
      limited: { target: "limited", ...allowed },
      timed: { target: "timed", ...allowed },
      elsewhere: { target: "elsewhere", rules: allowed.rules },
    },
  },
  environment: { API_KEY: "a-key-for-the-leak-test" },
});

/** Outlives all calls. */
const { signal } = new AbortController();

/** Each call leaves some 200 bytes, and one in a hundred what is no memory. */
const leftOnPurpose = [];
function leave() {
  leftOnPurpose.push(new Array(22).fill(0));
  if (leftOnPurpose.length % 100 !== 1) return;
  signal.addEventListener("abort", () => {});
  setInterval(() => {}, 1_000_000);
  connect(Number(new URL(origin).port), "127.0.0.1").write("GET /silent HTTP/1.1\r\nhost: a\r\n\r\n");
}

/** Mulberry32: the same calls each time. */
function randomOf(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const random = randomOf(SEED);
const names = Object.entries(KINDS).flatMap(([name, [weight]]) => Array(weight).fill(name));
const made = Object.fromEntries(Object.keys(KINDS).map((name) => [name, 0]));
let number = 0;

async function call() {
  const name = names[Math.floor(random() * names.length)];
  const own = number++;
  const init = random() < 0.7 ? { signal } : {};
  try {
    await KINDS[name][1]({ guarded, url: (path) => `${origin}${path}`, init, number: own, random });
  } catch (cause) {
    throw new Error(`call ${own}, \`${name}\``, { cause });
  }
  made[name]++;
  if (plant !== undefined) leave();
}

async function makeCalls(calls) {
  const end = number + calls;
  const worker = async () => {
    while (number < end) await call();
  };
  await Promise.all(Array.from({ length: WIDTH }, worker));
}

async function connections(closesIdle) {
  server.send({ closesIdle });
  const [left] = await once(server, "message");
  return left;
}

/** What was thrown away is hung up on when it is collected, which takes turns of the event loop. */
async function collect() {
  for (let round = 0; round < 2; round++) {
    globalThis.gc();
    await turn();
  }
}

/**
 * When all that ends has ended, or after too long.
 *
 * @param {boolean} closesIdle whether the server ends idle connections; else undici does, in four seconds
 */
async function measure(closesIdle) {
  const giveUpAt = performance.now() + GIVE_UP_MS;
  let left = Number.POSITIVE_INFINITY;
  while (left > 0 && performance.now() < giveUpAt) {
    await collect();
    await delay(closesIdle ? 20 : 250);
    left = await connections(closesIdle);
  }
  // What one thing held that was thrown away is collected a round later.
  let heapBytes = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 5; round++) {
    await collect();
    heapBytes = Math.min(heapBytes, heldBytes());
  }
  return {
    calls: number,
    heapBytes,
    connections: left,
    listeners:
      getEventListeners(signal, "abort").length +
      process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0),
    timers: process.getActiveResourcesInfo().filter((type) => type === "Timeout").length,
  };
}

/** Without code: V8 goes on compiling for thousands of calls. */
function heldBytes() {
  const { heapUsed, external } = process.memoryUsage();
  const { code_and_metadata_size: code, bytecode_and_metadata_size: bytecode } = getHeapCodeStatistics();
  return heapUsed + external - code - bytecode;
}

await makeCalls(WARM_UP_CALLS);
const measures = [await measure(true)];
for (let quarter = 0; quarter < 4; quarter++) {
  await makeCalls(count / 4);
  measures.push(await measure(quarter < 3));
}
console.log(JSON.stringify({ records, made, measures }));
process.exit(0);
