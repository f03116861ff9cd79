/** Slack's SDK over a guarded fetch: version 8 takes a `fetch`, version 7 an adapter of axios. */
import { LogLevel, retryPolicies, WebClient, WebClientEvent } from "@slack/web-api";
import axios, { type InternalAxiosRequestConfig } from "axios";
import type { GuardedFetchOptions } from "sallyport";
import { LogLevel as LogLevel7, WebClient as WebClient7 } from "slack-web-api-7";
import { describe, expect, it } from "vitest";
import { guardedBy, guardedFor, isDenied, json, KEY, policyFor, type Rules, startApi } from "./sdk-api.js";

const rules: Rules = [
  { effect: "allow", methods: ["POST"], path: "^/(chat\\.postMessage|users\\.list|files\\.[a-zA-Z]+)$" },
];

/** A client that makes no noise and loses no time between its tries. */
const quiet = { logLevel: LogLevel.ERROR, retryConfig: { ...retryPolicies.rapidRetryPolicy, retries: 2 } };

const outcomesOf = (records: readonly string[]) =>
  records.map((text) => JSON.parse(text)).map(({ outcome }) => outcome.category ?? outcome.result);

describe("Slack 8", () => {
  it("posts a form, with the real token in place of its dummy, and reads a filtered answer", async () => {
    const { origin, seen } = await startApi((_, response) => {
      response.setHeader("x-oauth-scopes", "chat:write, users:read");
      json(response, { ok: true, channel: "C1", ts: "1.2", user: { id: "U1", email: "a@example.com" } });
    });
    const { guarded, records } = guardedFor(`${origin}/api`, rules);
    const slack = new WebClient("xoxb-dummy", { ...quiet, slackApiUrl: `${origin}/api/`, fetch: guarded });
    const posted = await slack.chat.postMessage({ channel: "C1", text: "a & b", blocks: [] });
    expect(posted).toMatchObject({ ok: true, ts: "1.2", user: { id: "U1" } });
    expect(posted).not.toHaveProperty("user.email");
    expect(posted.response_metadata?.scopes).toEqual(["chat:write", "users:read"]);
    expect(seen[0]).toMatchObject({ request: "POST /api/chat.postMessage" });
    expect(seen[0]?.headers).toMatchObject({
      authorization: `Bearer ${KEY}`,
      "content-type": "application/x-www-form-urlencoded",
    });
    expect(seen[0]?.body.toString()).toBe("channel=C1&text=a%20%26%20b&blocks=%5B%5D");
    const recorded = (await records()).join();
    for (const secret of [KEY, "xoxb-dummy", "a@example.com"]) expect(recorded).not.toContain(secret);
  });

  it("pages by cursors, each page a call that is decided and recorded", async () => {
    const { origin, seen } = await startApi(({ body }, response) => {
      const isFirst = !body.includes("cursor=");
      const members = [{ id: isFirst ? "U1" : "U2", profile: { email: "a@example.com" } }];
      json(response, { ok: true, members, response_metadata: { next_cursor: isFirst ? "more" : "" } });
    });
    const { guarded, records } = guardedFor(`${origin}/api`, rules);
    const slack = new WebClient("xoxb-dummy", { ...quiet, slackApiUrl: `${origin}/api/`, fetch: guarded });
    const pages: unknown[] = [];
    for await (const page of slack.paginate("users.list", { limit: 1 })) pages.push(page);
    expect(pages).toEqual(
      ["U1", "U2"].map((id) => expect.objectContaining({ members: [{ id, profile: {} }] })),
    );
    expect(seen.map(({ body }) => body.toString())).toEqual(["limit=1", "limit=1&cursor=more"]);
    expect(outcomesOf(await records())).toEqual(["success", "success"]);
  });

  it("uploads to the address that the API names, if a target covers it, and without the API's token", async () => {
    const files = await startApi((_, response) => response.end("OK - 5"));
    const { origin, seen } = await startApi(({ request }, response) =>
      json(
        response,
        request.endsWith("getUploadURLExternal")
          ? { ok: true, upload_url: `${files.origin}/upload/v1/abc`, file_id: "F1" }
          : { ok: true, files: [{ id: "F1" }] },
      ),
    );
    const policy = policyFor(`${origin}/api`, rules);
    const covered = {
      ...policy,
      credentials: { ...policy.credentials, nothing: { type: "target", authType: "none" } },
      targets: { ...policy.targets, files: { baseUrl: `${files.origin}/upload` } },
      proxies: {
        ...policy.proxies,
        files: {
          target: "files",
          targetCredential: "nothing",
          rules: [{ effect: "allow", methods: ["POST"] }],
        },
      },
    } as const;
    const upload = ({ guarded }: ReturnType<typeof guardedBy>) =>
      new WebClient("xoxb-dummy", {
        ...{ ...quiet, retryConfig: { retries: 0 } },
        ...{ slackApiUrl: `${origin}/api/`, fetch: guarded },
      }).files.uploadV2({ filename: "a.txt", file: Buffer.from("hello") });
    expect(await upload(guardedBy(covered))).toMatchObject({ ok: true });
    expect(files.seen[0]).toMatchObject({ request: "POST /upload/v1/abc" });
    expect(files.seen[0]?.headers).not.toHaveProperty("authorization");
    expect(files.seen[0]?.headers["content-type"]).toMatch(/^multipart\/form-data; boundary=/);
    expect(files.seen[0]?.body.toString()).toContain("hello");
    expect(seen.map(({ headers }) => headers.authorization)).toEqual([`Bearer ${KEY}`, `Bearer ${KEY}`]);
    const refused = await upload(guardedBy(policy)).catch((caught: unknown) => caught);
    expect(isDenied((refused as Error).cause)).toBe(true);
    expect(files.seen).toHaveLength(1);
  });

  it("waits as long as a rate limit says, and asks again", async () => {
    let answers = 0;
    const { origin } = await startApi((_, response) => {
      answers += 1;
      if (answers === 1) response.writeHead(429, { "retry-after": "1" }).end();
      else json(response, { ok: true });
    });
    const { guarded, records } = guardedFor(`${origin}/api`, rules);
    const slack = new WebClient("xoxb-dummy", { ...quiet, slackApiUrl: `${origin}/api/`, fetch: guarded });
    const waits: number[] = [];
    slack.on(WebClientEvent.RATE_LIMITED, (seconds) => waits.push(seconds));
    expect(await slack.chat.postMessage({ channel: "C1", text: "hi" })).toMatchObject({ ok: true });
    expect(waits).toEqual([1]);
    expect(outcomesOf(await records())).toEqual(["upstream_4xx", "success"]);
  });

  it("ends a call whose time is up", async () => {
    const { origin } = await startApi(() => {});
    const { guarded, records } = guardedFor(`${origin}/api`, rules);
    const options = { ...quiet, timeout: 50, retryConfig: { retries: 0 } };
    const slack = new WebClient("xoxb-dummy", { ...options, slackApiUrl: `${origin}/api/`, fetch: guarded });
    const error = await slack.chat
      .postMessage({ channel: "C1", text: "hi" })
      .catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: "slack_webapi_request_error", cause: { name: "TimeoutError" } });
    expect(outcomesOf(await records())).toEqual(["aborted"]);
  });

  it.each([
    ["rejects", "throw", { code: "slack_webapi_request_error" }],
    ["is answered", "respond", { code: "slack_webapi_http_error", statusCode: 403 }],
  ] as const)("tries again a denial that %s", async (_, onDeny, expected) => {
    const { origin, seen } = await startApi((_, response) => json(response, { ok: true }));
    const { guarded, records } = guardedFor(`${origin}/api`, rules, { onDeny });
    const slack = new WebClient("xoxb-dummy", { ...quiet, slackApiUrl: `${origin}/api/`, fetch: guarded });
    const error = await slack.conversations.list().catch((caught: unknown) => caught);
    expect(error).toMatchObject(expected);
    expect(isDenied((error as Error).cause)).toBe(onDeny === "throw");
    expect([seen.length, (await records()).length]).toEqual([0, 3]);
  });

  it("does not follow a redirect", async () => {
    const { origin, seen } = await startApi((_, response) =>
      response.writeHead(307, { location: "/api/chat.postMessage" }).end(),
    );
    const { guarded } = guardedFor(`${origin}/api`, rules);
    const options = { ...quiet, retryConfig: { retries: 0 }, slackApiUrl: `${origin}/api/` };
    const slack = new WebClient("xoxb-dummy", { ...options, fetch: guarded });
    const error = await slack.chat
      .postMessage({ channel: "C1", text: "hi" })
      .catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: "slack_webapi_request_error", cause: { name: "TypeError" } });
    expect(seen).toHaveLength(1);
  });
});

describe("axios, and Slack 7 upon it", () => {
  function axiosOf(origin: string, options: Partial<GuardedFetchOptions> = {}) {
    const { guarded, records } = guardedFor(`${origin}/api`, rules, options);
    return {
      client: axios.create({ baseURL: `${origin}/api`, adapter: "fetch", env: { fetch: guarded } }),
      records,
    };
  }

  it("sends JSON, forms and streams its answers", async () => {
    const { origin, seen } = await startApi((_, response) =>
      json(response, { ok: true, email: "a@example.com" }),
    );
    const { client } = axiosOf(origin);
    const headers = { authorization: "Bearer dummy" };
    expect((await client.post("/chat.postMessage", { text: "hi" }, { headers })).data).toEqual({ ok: true });
    const multipart = { headers: { "content-type": "multipart/form-data" } };
    const form = new FormData();
    form.append("file", new Blob(["hello"]), "a.txt");
    expect((await client.post("/files.upload", form, multipart)).status).toBe(200);
    const { data } = await client.post("/users.list", undefined, { responseType: "stream" });
    expect(await new Response(data).text()).toBe('{"ok":true}');
    expect(seen.map((one) => one.headers.authorization)).toEqual(Array(3).fill(`Bearer ${KEY}`));
    expect(seen[0]?.body.toString()).toBe('{"text":"hi"}');
    expect(seen[1]?.headers["content-type"]).toMatch(/^multipart\/form-data; boundary=/);
    expect(seen[1]?.body.toString()).toContain('filename="a.txt"');
  });

  it("has a denial as the cause of its error, or as a 403", async () => {
    const { origin, seen } = await startApi((_, response) => json(response, {}));
    const thrown = await axiosOf(origin)
      .client.get("/users.list")
      .catch((caught: unknown) => caught);
    expect(isDenied((thrown as Error).cause)).toBe(true);
    const answered = axiosOf(origin, { onDeny: "respond" }).client.get("/users.list");
    await expect(answered).rejects.toMatchObject({ response: { status: 403, data: { code: "denied" } } });
    expect(seen).toHaveLength(0);
  });

  it("is aborted by a signal", async () => {
    const { origin } = await startApi(() => {});
    const { client, records } = axiosOf(origin);
    const call = client.post("/users.list", undefined, { signal: AbortSignal.timeout(50) });
    await expect(call).rejects.toMatchObject({ code: "ERR_CANCELED" });
    expect(outcomesOf(await records())).toEqual(["aborted"]);
  });

  it("is what version 7 of Slack's SDK goes through", async () => {
    const { origin, seen } = await startApi((_, response) =>
      json(response, { ok: true, ts: "1.2", email: "a@example.com" }),
    );
    const { guarded, records } = guardedFor(`${origin}/api`, rules);
    const slack = new WebClient7("xoxb-dummy", {
      slackApiUrl: `${origin}/api/`,
      logLevel: LogLevel7.ERROR,
      retryConfig: { retries: 0 },
      adapter: (config: InternalAxiosRequestConfig) => {
        const own = { ...config, env: { ...config.env, fetch: guarded } };
        return axios.getAdapter("fetch", own)(own);
      },
    });
    const posted = await slack.chat.postMessage({ channel: "C1", text: "hi" });
    expect(posted).toMatchObject({ ok: true, ts: "1.2" });
    expect(posted).not.toHaveProperty("email");
    expect(seen[0]?.headers.authorization).toBe(`Bearer ${KEY}`);
    expect(seen[0]?.body.toString()).toBe("channel=C1&text=hi");
    const denied = await slack.conversations.list().catch((caught: unknown) => caught);
    expect(isDenied((denied as { original?: Error }).original?.cause)).toBe(true);
    expect(seen).toHaveLength(1);
    expect(outcomesOf(await records())).toEqual(["success", "policy_denied"]);
  });
});
