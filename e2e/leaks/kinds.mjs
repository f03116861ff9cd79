// The calls of the leak test, each with what must come of it: it ends as said, or throws.
import assert from "node:assert/strict";

const REASON = new Error("the caller has seen enough");

/** An expectation of how a promise rejects. */
async function rejects(promise, expected) {
  let value;
  try {
    value = await promise;
  } catch (error) {
    if (typeof expected === "function" ? expected(error) : error === expected) return;
    throw new Error("a call failed in another way than it should", { cause: error });
  }
  throw new Error(`a call that should fail gave ${value}`);
}

const isNetworkError = (error) => error instanceof TypeError;
const isTimeout = (error) => error.name === "TimeoutError";
const isDenied = (error) => error.code === "ERR_REQUEST_DENIED";
const isWithheld = (error) => error.code === "ERR_RESPONSE_WITHHELD";

const filtered = { id: 1, name: "Ada" };

/** Resolves after some turns of the event loop, or milliseconds. */
const later = (ms) => new Promise((resolve) => (ms < 1 ? setImmediate(resolve) : setTimeout(resolve, ms)));

async function firstChunk(response) {
  const reader = response.body.getReader();
  const { done } = await reader.read();
  assert.equal(done, false);
  return reader;
}

function aborted(run) {
  return async (call) => {
    const controller = new AbortController();
    const ended = run({ ...call, init: { signal: controller.signal } }, controller);
    await rejects(ended, REASON);
  };
}

/** @param end - what gives the next chunk; `undefined` for a body that comes to nothing any more */
function uploaded(end) {
  let chunks = 0;
  return {
    method: "POST",
    duplex: "half",
    body: new ReadableStream({
      pull(controller) {
        if (chunks++ < 3) controller.enqueue(new Uint8Array(1000));
        else return end?.(controller) ?? new Promise(() => {});
      },
    }),
  };
}

const closing = (controller) => {
  controller.close();
  return true;
};

/**
 * Each with how often it comes. `url` is of the path, `init` has the signal that outlives all calls, or none; `number` is
 * the call's own; `random` gives 0 to 1.
 */
export const KINDS = {
  json: [
    24,
    async ({ guarded, url, init }) =>
      assert.deepEqual(await (await guarded(url("/filtered/json"), init)).json(), filtered),
  ],
  "unfiltered json": [
    8,
    async ({ guarded, url, init }) =>
      assert.equal((await (await guarded(url("/limited/json"), init)).json()).ssn, "078-05-1120"),
  ],
  posted: [
    6,
    async ({ guarded, url, init }) => {
      const sent = { ...init, method: "POST", body: JSON.stringify({ number: 1 }) };
      assert.deepEqual(await (await guarded(url("/filtered/json"), sent)).json(), filtered);
    },
  ],
  "posted as a stream": [
    3,
    async ({ guarded, url, init }) =>
      assert.equal(
        (await (await guarded(url("/plain/json"), { ...init, ...uploaded(closing) })).json()).id,
        1,
      ),
  ],
  coded: [
    5,
    async ({ guarded, url, init }) =>
      assert.deepEqual(await (await guarded(url("/filtered/gzip"), init)).json(), filtered),
  ],
  head: [
    2,
    async ({ guarded, url, init }) =>
      assert.equal((await guarded(url("/plain/json"), { ...init, method: "HEAD" })).status, 200),
  ],
  events: [
    5,
    async ({ guarded, url, init }) =>
      assert.ok(!(await (await guarded(url("/filtered/events"), init)).text()).includes("ssn")),
  ],
  cloned: [
    3,
    async ({ guarded, url, init, random }) => {
      const response = await guarded(url(random() < 0.5 ? "/plain/json" : "/filtered/json"), init);
      const clone = response.clone();
      assert.equal(await clone.text(), await response.text());
    },
  ],
  "cloned and left": [
    2,
    async ({ guarded, url, init }) => (await guarded(url("/plain/json"), init)).clone().text(),
  ],
  "hop within the origin": [
    4,
    async ({ guarded, url, init }) =>
      assert.deepEqual(await (await guarded(url("/filtered/hop"), init)).json(), filtered),
  ],
  "hop to another origin": [
    4,
    async ({ guarded, url, init }) => {
      const response = await guarded(url("/plain/away"), init);
      assert.deepEqual([response.redirected, (await response.json()).id], [true, 1]);
    },
  ],
  "too many hops": [
    1,
    ({ guarded, url, init }) => rejects(guarded(url("/plain/around"), init), isNetworkError),
  ],
  "hop not to be followed": [
    1,
    ({ guarded, url, init }) =>
      rejects(guarded(url("/plain/hop"), { ...init, redirect: "error" }), isNetworkError),
  ],
  denied: [4, ({ guarded, url, init }) => rejects(guarded(url("/denied/json"), init), isDenied)],
  "sent again": [
    4,
    async ({ guarded, url, init, number }) =>
      assert.deepEqual(await (await guarded(url(`/filtered/busy?${number}`), init)).json(), filtered),
  ],
  reset: [4, ({ guarded, url, init }) => rejects(guarded(url("/plain/reset"), init), isNetworkError)],
  "broken off": [
    3,
    async ({ guarded, url, init }) =>
      rejects((await guarded(url("/plain/broken"), init)).text(), isNetworkError),
  ],
  "refused for its size": [
    2,
    async ({ guarded, url, init }) => {
      assert.equal((await guarded(url("/limited/large"), init)).status, 422);
      await rejects((await guarded(url("/limited/coded"), init)).text(), isWithheld);
    },
  ],
  "in time for nothing": [
    3,
    ({ guarded, url, init }) => rejects(guarded(url("/timed/silent"), init), isTimeout),
  ],
  "timed out by its caller": [
    2,
    ({ guarded, url }) =>
      rejects(guarded(url("/plain/silent"), { signal: AbortSignal.timeout(5) }), isTimeout),
  ],
  "aborted before": [
    3,
    ({ guarded, url }) => rejects(guarded(url("/plain/json"), { signal: AbortSignal.abort(REASON) }), REASON),
  ],
  "aborted while it waits": [
    5,
    aborted(async ({ guarded, url, init, random }, controller) => {
      const answer = guarded(url("/plain/silent"), init);
      // From before anything is sent to long after.
      later(Math.floor(random() * 4)).then(() => controller.abort(REASON));
      return answer;
    }),
  ],
  "aborted in its body": [
    5,
    aborted(async ({ guarded, url, init, random }, controller) => {
      const reader = await firstChunk(
        await guarded(url(random() < 0.5 ? "/plain/open" : "/filtered/open-events"), init),
      );
      later(0).then(() => controller.abort(REASON));
      return reader.read();
    }),
  ],
  "aborted in its upload": [
    2,
    aborted(async ({ guarded, url, init }, controller) => {
      const answer = guarded(url("/plain/silent"), { ...init, ...uploaded() });
      later(2).then(() => controller.abort(REASON));
      return answer;
    }),
  ],
  cancelled: [
    4,
    async ({ guarded, url, init, random }) => {
      const paths = ["/plain/large", "/plain/coded", "/limited/coded", "/filtered/open-events"];
      const response = await guarded(url(paths[Math.floor(random() * paths.length)]), init);
      await response.body.cancel();
    },
  ],
  "cancelled when it was begun": [
    3,
    async ({ guarded, url, init, random }) => {
      const paths = ["/plain/large", "/plain/coded", "/filtered/open-events"];
      const reader = await firstChunk(await guarded(url(paths[Math.floor(random() * paths.length)]), init));
      await reader.cancel(REASON);
    },
  ],
  "left unread": [
    2,
    async ({ guarded, url, init, random }) => {
      const paths = [
        "/plain/json",
        "/plain/large",
        "/plain/coded",
        "/limited/coded",
        "/filtered/open-events",
      ];
      const response = await guarded(url(paths[Math.floor(random() * paths.length)]), init);
      assert.equal(response.status, 200);
    },
  ],
};
