/** Anthropic's SDK over a guarded fetch: its key in a header of its own, streams of named events, retries. */
import type { ServerResponse } from "node:http";
import Anthropic from "@anthropic-ai/sdk";
import { type GuardedFetchOptions, ResponseWithheldError } from "sallyport";
import { describe, expect, it } from "vitest";
import { guardedBy, isDenied, json, KEY, policyFor, startApi } from "./sdk-api.js";

const question: Anthropic.MessageCreateParamsNonStreaming = {
  model: "small",
  max_tokens: 16,
  messages: [{ role: "user", content: "hi" }],
};

/** The API's answer; `email` is what a filter takes out. */
const message = {
  id: "msg_1",
  type: "message",
  role: "assistant",
  model: "small",
  content: [{ type: "text", text: "hello", email: "a@example.com" }],
  stop_reason: "end_turn",
  stop_sequence: null,
  usage: { input_tokens: 1, output_tokens: 2 },
};

const begin = [
  { type: "message_start", message: { ...message, content: [], email: "a@example.com" } },
  { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
  { type: "ping" },
  delta("hel"),
];
const rest = [
  delta("lo"),
  { type: "content_block_stop", index: 0 },
  { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 2 } },
  { type: "message_stop" },
];

function delta(text: string) {
  return { type: "content_block_delta", index: 0, delta: { type: "text_delta", text, phone: "1" } };
}

function send(
  response: ServerResponse,
  events: readonly { type: string; [member: string]: unknown }[],
): void {
  if (!response.headersSent) response.writeHead(200, { "content-type": "text/event-stream" });
  for (const event of events) response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
}

function clientOf(origin: string, options: Partial<GuardedFetchOptions> = {}) {
  const policy = policyFor(
    origin,
    [{ effect: "allow", methods: ["POST"], path: "^/v1/messages$" }],
    "apiKey",
  );
  const { guarded, records } = guardedBy(policy, options);
  const anthropic = new Anthropic({ baseURL: origin, apiKey: "dummy", fetch: guarded });
  return { anthropic, records };
}

const endOf = (records: readonly string[]) =>
  records.map((text) => JSON.parse(text)).find(({ type }) => type === "http.stream.end");

describe("Anthropic", () => {
  it("asks, with the real key in the header where its dummy was", async () => {
    const { origin, seen } = await startApi((_, response) => json(response, message));
    const { anthropic, records } = clientOf(origin);
    const answer = await anthropic.messages.create(question);
    expect(answer.content).toEqual([{ type: "text", text: "hello" }]);
    expect(seen).toMatchObject([{ request: "POST /v1/messages", headers: { "x-api-key": KEY } }]);
    expect(seen[0]?.headers).toHaveProperty("anthropic-version");
    expect(seen[0]?.headers).not.toHaveProperty("authorization");
    expect(JSON.parse(seen[0]?.body.toString() ?? "")).toEqual(question);
    const recorded = (await records()).join();
    expect(recorded).toContain('"effect":"allow"');
    for (const secret of [KEY, "a@example.com", "hello"]) expect(recorded).not.toContain(secret);
  });

  it("streams named events through a filter, each as it comes", async () => {
    let goOn = () => {};
    const { origin } = await startApi((_, response) => {
      send(response, begin);
      goOn = () => {
        send(response, rest);
        response.end();
      };
    });
    const { anthropic, records } = clientOf(origin);
    const stream = await anthropic.messages.create({ ...question, stream: true });
    const events: unknown[] = [];
    for await (const event of stream) {
      events.push(event);
      // Had the filter waited for more, this would never be reached.
      if (event.type === "content_block_delta" && events.length === 3) goOn();
    }
    const withoutPii = [...begin, ...rest].filter(({ type }) => type !== "ping");
    expect(events).toEqual(
      JSON.parse(JSON.stringify(withoutPii, (key, value) => (/email|phone/.test(key) ? undefined : value))),
    );
    expect(endOf(await records())).toMatchObject({ outcome: { result: "success" } });
  });

  it("puts a message together from a stream", async () => {
    const { origin } = await startApi((_, response) => {
      send(response, [...begin, ...rest]);
      response.end();
    });
    const { anthropic } = clientOf(origin);
    const texts: string[] = [];
    const stream = anthropic.messages.stream(question).on("text", (text) => texts.push(text));
    const { content, stop_reason } = await stream.finalMessage();
    expect(content).toEqual([{ type: "text", text: "hello" }]);
    expect([texts, stop_reason]).toEqual([["hel", "lo"], "end_turn"]);
  });

  it.each(["the stream's own", "the caller's"])("ends a stream on an abort by %s signal", async (whose) => {
    let hungUp = () => {};
    const serverSawIt = new Promise<void>((resolve) => {
      hungUp = resolve;
    });
    const { origin } = await startApi((_, response) => {
      response.on("close", hungUp);
      send(response, begin);
    });
    const { anthropic, records } = clientOf(origin);
    const caller = new AbortController();
    const stream = await anthropic.messages.create({ ...question, stream: true }, { signal: caller.signal });
    const types: string[] = [];
    for await (const event of stream) {
      types.push(event.type);
      if (event.type === "content_block_delta")
        (whose === "the caller's" ? caller : stream.controller).abort();
    }
    expect(types).toEqual(["message_start", "content_block_start", "content_block_delta"]);
    await serverSawIt;
    await expect
      .poll(async () => endOf(await records()))
      .toMatchObject({
        outcome: { result: "failure", category: "aborted" },
      });
  });

  it("hands on an error that the API puts into a stream", async () => {
    const error = { type: "overloaded_error", message: "busy" };
    const { origin } = await startApi((_, response) => {
      send(response, [...begin, { type: "error", error }]);
      response.end();
    });
    const { anthropic } = clientOf(origin);
    const read = async () => {
      for await (const _ of await anthropic.messages.create({ ...question, stream: true }));
    };
    const caught = await read().catch((one: unknown) => one);
    expect(caught).toBeInstanceOf(Anthropic.APIError);
    expect(caught).toMatchObject({ type: "overloaded_error", error: { error } });
  });

  it("ends a stream at an event that cannot be filtered, before anything of it is seen", async () => {
    const { origin } = await startApi((_, response) => {
      send(response, begin);
      response.end('event: content_block_delta\ndata: {"email": a@example.com}\n\n');
    });
    const { anthropic } = clientOf(origin);
    const stream = await anthropic.messages.create({ ...question, stream: true });
    const events: unknown[] = [];
    const read = async () => {
      for await (const event of stream) events.push(event);
    };
    await expect(read()).rejects.toBeInstanceOf(ResponseWithheldError);
    expect(events).toHaveLength(3);
    expect(JSON.stringify(events)).not.toContain("@example.com");
  });

  it("tries again what the API asks it to, and each try is on the record", async () => {
    let answers = 0;
    const { origin, seen } = await startApi((_, response) => {
      answers += 1;
      if (answers === 3) json(response, message);
      else response.writeHead(answers === 1 ? 529 : 429, { "retry-after-ms": "1" }).end();
    });
    const { anthropic, records } = clientOf(origin);
    expect(await anthropic.messages.create(question)).toMatchObject({ id: "msg_1" });
    expect(seen.map(({ headers }) => headers["x-stainless-retry-count"])).toEqual(["0", "1", "2"]);
    const statuses = (await records()).map((text) => JSON.parse(text).http.status);
    expect(statuses).toEqual([529, 429, 200]);
  });

  it("takes a denial for a failure of the network and tries again, with the denial as the cause at the end", async () => {
    const { origin, seen } = await startApi((_, response) => json(response, {}));
    const { anthropic, records } = clientOf(origin);
    const error = await anthropic.models.list({}, { maxRetries: 1 }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(Anthropic.APIConnectionError);
    expect(isDenied((error as Error).cause)).toBe(true);
    expect([seen.length, (await records()).length]).toEqual([0, 2]);
  });

  it("gives up at once on a denial that is answered, and says why", async () => {
    const { origin, seen } = await startApi((_, response) => json(response, {}));
    const { anthropic, records } = clientOf(origin, { onDeny: "respond" });
    const error = await anthropic.models.list().catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(Anthropic.PermissionDeniedError);
    expect((error as Error).message).toContain("no rule of proxy `api` allows this `GET` request");
    expect([seen.length, (await records()).length]).toEqual([0, 1]);
  });
});
