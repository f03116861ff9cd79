// Makes calls with a secret in each URL's query, and says which of the URLs are still in the heap when all is over:
// `node --expose-gc urls.mjs`. Nothing but the calls puts such a URL together.
import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { getHeapSnapshot } from "node:v8";
import { createGuardedFetch, memoryStore } from "sallyport";

const server = createServer((_, response) => response.end("{}"));
await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
const origin = `http://127.0.0.1:${server.address().port}`;

const memory = memoryStore();
const guarded = createGuardedFetch({
  store: { ...memory, log: { ...memory.log, putRecord: async () => {} } },
  policy: {
    clientId: "acme",
    region: "eu-west-1",
    targets: { api: { baseUrl: origin }, other: { baseUrl: "http://127.0.0.1:9" } },
    proxies: {
      api: { target: "api", rules: [{ effect: "allow", path: "^/sent" }] },
      other: { target: "other" },
    },
  },
});

/** @param {string} url @param {string} encoded what keeps a URL from being a plain one, if it does */
async function call(url, encoded) {
  const response = await guarded(`${url}?access_token=${randomBytes(16).toString("hex")}${encoded}`).catch(
    () => undefined,
  );
  await response?.text();
}

for (const encoded of ["", "%20"]) {
  for (const url of [
    `${origin}/sent`,
    `${origin}/denied`,
    "http://127.0.0.1:9/x",
    "https://unknown.example/x",
  ]) {
    for (let count = 0; count < 3; count++) await call(url, encoded);
  }
}
// What engine and stack remember of the last one is this one, in which the guard finds nothing new.
for (let count = 0; count < 3; count++) await guarded("https://unknown.example/x").catch(() => {});
await delay(10);
globalThis.gc();
let text = "";
for await (const chunk of getHeapSnapshot()) text += chunk;
const found = text.match(/[^"]{0,80}access_token=[0-9a-f]{32}[^"]{0,8}/g) ?? [];
console.log(JSON.stringify(found));
process.exit(0);
