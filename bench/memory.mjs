// How much memory a long document takes on its way through: each mode in a process of its own, fed over loopback.
import { strict as assert } from "node:assert";
import { createServer } from "node:http";
import { Readable } from "node:stream";
import { AUTHORIZATION, allowedUrl, guardedFetchTo } from "./calling.mjs";
import { listDocument, SENSITIVE } from "./documents.mjs";
import { destroying } from "./filtering.mjs";
import { answerOf, answerWhenAsked } from "./own-process.mjs";
import { stream } from "./streaming.mjs";

const MEBIBYTE = 2 ** 20;

const bareFetch = (url) => fetch(url, { headers: { authorization: AUTHORIZATION } });

const drop = async (chunks, onBytes) => {
  for await (const chunk of chunks) onBytes(chunk);
};

/**
 * Reads the document and drops it: bare, with a filter that destroys something in every record, or through a guarded
 * fetch that has everything but a filter.
 */
const MODES = {
  unfiltered: () => ({ get: bareFetch, read: drop }),
  filtered: () => ({
    get: bareFetch,
    read: (chunks, onBytes) => stream(chunks, destroying([SENSITIVE]), onBytes),
  }),
  guarded: ({ origin }) => ({ get: guardedFetchTo(origin, { filters: [] }).guarded, read: drop }),
};

/**
 * Starts a server of long documents, in this process, for those who have the token.
 *
 * @returns {Promise<{ url: (mebibytes: number) => string, stop: () => Promise<void> }>}
 */
export async function startLongDocuments() {
  const server = createServer((request, response) => {
    if (request.headers.authorization !== AUTHORIZATION) return response.writeHead(401).end();
    const mebibytes = Number(new URL(request.url, "http://localhost").searchParams.get("mebibytes"));
    response.writeHead(200, { "content-type": "application/json" });
    Readable.from(longDocument(mebibytes * MEBIBYTE)).pipe(response);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${server.address().port}`;
  return {
    url: (mebibytes) => `${allowedUrl(origin)}?mebibytes=${mebibytes}`,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A list of customers of at least so many bytes, the same hundred over and over. */
function* longDocument(bytes) {
  const page = listDocument({ bytes: 75_000, isDirty: true, seed: 5 }).toString();
  const records = page.slice(page.indexOf("[{") + 1, page.lastIndexOf("]}"));
  const repeated = Buffer.from(`${records},`);
  yield Buffer.from('{"object":"list","data":[');
  for (let sent = 0; sent < bytes; sent += repeated.length) yield repeated;
  yield Buffer.from(`${records}]}`);
}

/**
 * Reads one long document in a new process.
 *
 * @param {keyof typeof MODES} mode
 * @param {{ url: (mebibytes: number) => string }} documents
 * @param {number} mebibytes
 * @returns {Promise<{ read: number, left: number, growth: number }>} bytes; `growth` is the highest resident set size,
 *   looked at each 20 ms, less the one before the document and after a short one
 */
export function memoryOf(mode, documents, mebibytes) {
  const urls = [documents.url(1), documents.url(mebibytes)];
  return answerOf(import.meta.url, [mode, ...urls], { execArgv: ["--expose-gc"] });
}

const SAMPLED_EACH_MS = 20;

async function measure(mode, warmUp, url) {
  const reader = MODES[mode](new URL(url));
  await readAll(reader, warmUp);
  globalThis.gc();
  const before = process.memoryUsage.rss();
  let peak = before;
  const sampling = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss());
  }, SAMPLED_EACH_MS);
  const { read, left } = await readAll(reader, url);
  clearInterval(sampling);
  peak = Math.max(peak, process.memoryUsage.rss());
  return { read, left, growth: peak - before };
}

async function readAll({ get, read }, url) {
  const { status, body } = await get(url);
  assert.equal(status, 200);
  let total = 0;
  let left = 0;
  async function* counted() {
    for await (const chunk of body) {
      total += chunk.length;
      yield chunk;
    }
  }
  await read(counted(), (bytes) => {
    left += bytes.length;
  });
  return { read: total, left };
}

await answerWhenAsked(import.meta.url, measure);
