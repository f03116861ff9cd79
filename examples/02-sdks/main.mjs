// Two SDKs that take a `fetch`, behind one policy: what each shows of an allowed, a streamed, a denied and a withheld
// call.
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import OpenAI from "openai";
import { createGuardedFetch, definePolicy, memoryStore } from "sallyport";
import Stripe from "stripe";

// 1. Both APIs on loopback. They answer 401 to anything but the key that the policy injects.
const requests = [];
const answers = {
  "POST /v1/chat/completions": {
    id: "c1",
    choices: [{ message: { content: "a guarded gate" } }],
    user: "alice@example.com",
  },
  "GET /v1/customers/cus_1": { id: "cus_1", object: "customer", email: "alice@example.com", name: "Alice" },
};
const words = ["a ", "guarded ", "gate"].map((content) => ({
  id: "c2",
  choices: [{ index: 0, delta: { content } }],
  user: "alice@example.com",
}));
const server = createServer(async (request, response) => {
  const call = `${request.method} ${request.url}`;
  requests.push(call);
  const body = await text(request);
  if (request.headers.authorization !== "Bearer the-real-key") return response.writeHead(401).end("{}");
  if (body.includes('"stream":true')) {
    response.setHeader("content-type", "text/event-stream");
    for (const word of words) response.write(`data: ${JSON.stringify(word)}\n\n`);
    return response.end("data: [DONE]\n\n");
  }
  if (request.url === "/v1/balance")
    return response.setHeader("content-type", "text/html").end("<p>maintenance</p>");
  response.setHeader("content-type", "application/json").end(JSON.stringify(answers[call] ?? {}));
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const { port } = server.address();
const origin = `http://127.0.0.1:${port}`;

// 2. One policy. The SDKs get keys that open nothing: the real one is set on the way out.
const policy = definePolicy({
  clientId: "sdks",
  region: "eu-west-1",
  targets: { api: { baseUrl: `${origin}/v1` } },
  credentials: { key: { type: "target", authType: "bearer", secret: { inline: { token: "the-real-key" } } } },
  proxies: {
    api: {
      target: "api",
      targetCredential: "key",
      rules: [
        { id: "chat", effect: "allow", methods: ["POST"], path: "^/chat/completions$" },
        { id: "read", effect: "allow", methods: ["GET"] },
      ],
      filters: [{ id: "no-email", operations: [{ effect: "destroy", jsonPath: "\\.(email|user)$" }] }],
    },
  },
});
// `respond`, because SDKs take a rejected `fetch` for a network failure and try again.
const store = memoryStore();
const guarded = createGuardedFetch({ policy, store, onDeny: "respond" });

const openai = new OpenAI({ apiKey: "unused", baseURL: `${origin}/v1`, fetch: guarded });
const stripe = new Stripe("sk_unused", {
  host: "127.0.0.1",
  port,
  protocol: "http",
  httpClient: Stripe.createFetchHttpClient(guarded),
});

const question = { model: "any", messages: [{ role: "user", content: "What is a sally port?" }] };
await show("openai: an allowed question", () => openai.chat.completions.create(question));
await show("openai: the same, streamed and filtered", async () => {
  const chunks = [];
  for await (const chunk of await openai.chat.completions.create({ ...question, stream: true }))
    chunks.push(chunk);
  return chunks;
});
await show("openai: a denied deletion", () => openai.files.delete("file-1"));
await show("stripe: an allowed read, filtered", () => stripe.customers.retrieve("cus_1"));
await show("stripe: a denied refund", () => stripe.refunds.create({ charge: "ch_1" }));
await show("stripe: a withheld answer", () => stripe.balance.retrieve());

await guarded.close();
server.close();
const { records } = await store.log.listRecords();
const types = records.map(({ bytes }) => JSON.parse(new TextDecoder().decode(bytes)).type);
const count = (type) => types.filter((one) => one === type).length;
console.log(
  `${requests.length} requests reached the APIs, ${count("http.request")} calls and ${count("http.stream.end")} end of a stream are on the record`,
);

async function show(title, call) {
  console.log(title);
  try {
    console.log(`  ${JSON.stringify(await call())}`);
  } catch (error) {
    console.log(`  ${error.constructor.name}: ${error.message}`);
  }
}
