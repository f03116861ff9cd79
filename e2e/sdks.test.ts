/** Real SDKs over a guarded fetch and its default transport, against servers that play their APIs. */
import { Octokit } from "@octokit/core";
import OpenAI, { toFile } from "openai";
import Stripe from "stripe";
import { describe, expect, it } from "vitest";
import { guardedFor, isDenied, json, KEY, type Rules, startApi } from "./sdk-api.js";

describe("Octokit", () => {
  it("reads through filters, pages by links, and finds a denial behind its own error", async () => {
    const { origin, seen } = await startApi((_, response) => {
      response.setHeader("link", `<${origin}/user/repos?page=2>; rel="next"`);
      json(response, [{ full_name: "a/b", owner: { login: "a", email: "a@example.com" } }]);
    });
    const { guarded, records } = guardedFor(origin, [{ effect: "allow", methods: ["GET"] }]);
    const octokit = new Octokit({ baseUrl: origin, auth: "dummy", request: { fetch: guarded } });
    const { data, headers } = await octokit.request("GET /user/repos", { per_page: 1 });
    expect(data).toEqual([{ full_name: "a/b", owner: { login: "a" } }]);
    expect(headers.link).toContain("page=2");
    expect(seen[0]).toMatchObject({ request: "GET /user/repos?per_page=1" });
    expect(seen[0]?.headers.authorization).toBe(`Bearer ${KEY}`);
    const error = await octokit.request("DELETE /user/repos").catch((caught) => caught);
    expect(isDenied(error.cause)).toBe(true);
    expect(seen).toHaveLength(1);
    const recorded = await records();
    expect(recorded).toHaveLength(2);
    expect(recorded.join()).not.toContain(KEY);
  });
});

describe("OpenAI", () => {
  const rules: Rules = [{ effect: "allow", methods: ["POST"], path: "^/(chat/completions|files)$" }];

  it("completes, with the real key in place of its dummy", async () => {
    const { origin, seen } = await startApi((_, response) =>
      json(response, {
        id: "c-1",
        object: "chat.completion",
        choices: [{ index: 0, message: { role: "assistant", content: "hello", email: "a@example.com" } }],
      }),
    );
    const { guarded } = guardedFor(`${origin}/v1`, rules);
    const openai = new OpenAI({ baseURL: `${origin}/v1`, apiKey: "dummy", fetch: guarded });
    const completion = await openai.chat.completions.create({
      model: "small",
      messages: [{ role: "user", content: "hi" }],
    });
    expect(completion.choices[0]?.message).toEqual({ role: "assistant", content: "hello" });
    expect(seen[0]?.headers.authorization).toBe(`Bearer ${KEY}`);
    expect(JSON.parse(seen[0]?.body.toString() ?? "")).toMatchObject({ model: "small" });
  });

  it("streams through a filter, event by event", async () => {
    const { origin } = await startApi((_, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      for (const content of ["hel", "lo"])
        response.write(`data: ${JSON.stringify({ choices: [{ delta: { content, phone: "1" } }] })}\n\n`);
      response.end("data: [DONE]\n\n");
    });
    const { guarded } = guardedFor(`${origin}/v1`, rules);
    const openai = new OpenAI({ baseURL: `${origin}/v1`, apiKey: "dummy", fetch: guarded });
    const stream = await openai.chat.completions.create({
      model: "small",
      messages: [{ role: "user", content: "hi" }],
      stream: true,
    });
    const deltas: unknown[] = [];
    for await (const chunk of stream) deltas.push(chunk.choices[0]?.delta);
    expect(deltas).toEqual([{ content: "hel" }, { content: "lo" }]);
  });

  it("uploads a form as a form", async () => {
    const { origin, seen } = await startApi((_, response) =>
      json(response, { id: "file-1", object: "file" }),
    );
    const { guarded } = guardedFor(`${origin}/v1`, rules);
    const openai = new OpenAI({ baseURL: `${origin}/v1`, apiKey: "dummy", fetch: guarded });
    const file = await openai.files.create({
      purpose: "batch",
      file: await toFile(Buffer.from('{"a":1}\n'), "batch.jsonl"),
    });
    expect(file.id).toBe("file-1");
    expect(seen[0]?.headers["content-type"]).toMatch(/^multipart\/form-data; boundary=/);
    expect(seen[0]?.body.toString()).toContain('filename="batch.jsonl"');
    expect(seen[0]?.body.toString()).not.toContain("[object");
  });

  it("gives up at once on a denial that is answered, and does not take it for the network's failure", async () => {
    const { origin, seen } = await startApi((_, response) => json(response, {}));
    const { guarded, records } = guardedFor(`${origin}/v1`, rules, { onDeny: "respond" });
    const openai = new OpenAI({ baseURL: `${origin}/v1`, apiKey: "dummy", fetch: guarded, maxRetries: 2 });
    const error = await openai.models.list().catch((caught) => caught);
    expect(error).toMatchObject({ status: 403 });
    expect([seen.length, (await records()).length]).toEqual([0, 1]);
  });

  it("keeps the reason of an abort", async () => {
    const { origin } = await startApi(() => {});
    const { guarded } = guardedFor(`${origin}/v1`, rules);
    const openai = new OpenAI({ baseURL: `${origin}/v1`, apiKey: "dummy", fetch: guarded, maxRetries: 0 });
    const controller = new AbortController();
    const call = openai.chat.completions
      .create({ model: "small", messages: [{ role: "user", content: "hi" }] }, { signal: controller.signal })
      .catch((caught) => caught);
    setTimeout(() => controller.abort(), 50);
    expect(await call).toBeInstanceOf(OpenAI.APIUserAbortError);
  });
});

describe("Stripe", () => {
  it("posts forms, reads errors of the API, and carries its own headers", async () => {
    const { origin, seen } = await startApi(({ request }, response) => {
      if (request.startsWith("POST /v1/customers")) {
        json(response, { id: "cus_1", object: "customer", email: "a@example.com", phone: "1" });
        return;
      }
      response.writeHead(402, { "content-type": "application/json", "request-id": "req_1" });
      response.end('{"error":{"type":"card_error","code":"card_declined","message":"declined"}}');
    });
    const { guarded } = guardedFor(origin, [
      { effect: "allow", methods: ["POST"], path: "^/v1/(customers|charges)$" },
    ]);
    const { hostname, port } = new URL(origin);
    const stripe = new Stripe("sk_test_dummy", {
      ...{ host: hostname, port, protocol: "http", telemetry: false, maxNetworkRetries: 0 },
      httpClient: Stripe.createFetchHttpClient(guarded),
    });
    const customer = await stripe.customers.create({ email: "a@example.com" });
    expect(customer).toMatchObject({ id: "cus_1", object: "customer" });
    expect(customer).not.toHaveProperty("email");
    expect(seen[0]?.headers.authorization).toBe(`Bearer ${KEY}`);
    expect(seen[0]?.headers["content-type"]).toContain("application/x-www-form-urlencoded");
    expect(seen[0]?.body.toString()).toBe("email=a%40example.com");
    const declined = await stripe.charges.create({ amount: 100, currency: "eur" }).catch((caught) => caught);
    expect(declined).toMatchObject({ type: "StripeCardError", statusCode: 402, requestId: "req_1" });
    const denied = await stripe.balance.retrieve().catch((caught) => caught);
    expect(denied).toMatchObject({ type: "StripeConnectionError" });
    expect(isDenied(denied.detail)).toBe(true);
  });
});
