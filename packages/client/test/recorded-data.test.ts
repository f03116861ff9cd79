/** What calls and documents carry in places that a record shows: detectors see it first, and every act leaves a mark. */
import { describe, expect, it } from "vitest";
import { documentFor, openGate } from "./gate.js";
import { json, startServer } from "./loopback-server.js";

const MAIL = "canary.ada@example.com";
const CARD = "4242424242424242";
const KEY = `ghp_${"a1B2".repeat(9)}`;

async function recordOf(answer: string, more: Record<string, unknown> = {}) {
  const server = await startServer(json(answer));
  const { guarded, records } = openGate(
    documentFor(server.origin, {
      paths: { record: "core" },
      filters: [
        {
          variables: [
            { name: "who", source: "query", key: "who", record: "core" },
            { name: "card", source: "responseBody", key: "$.card", record: "core" },
          ],
          operations: [{ effect: "mask", jsonPath: "\\.pin$" }],
        },
        { on: "request", operations: [{ effect: "destroy", jsonPath: "\\.pin$" }] },
      ],
    }),
  );
  const url = `${server.origin}/users/${encodeURIComponent(MAIL)}/keys/${KEY}?who=${MAIL}&${KEY}=1`;
  await guarded(url, {
    method: "POST",
    body: JSON.stringify({ [MAIL]: { pin: 1 }, "ada2@example.com": { pin: 2 } }),
    headers: { "content-type": "application/json", "user-agent": `bot (${MAIL})` },
    ...more,
  });
  return (await records())[0];
}

describe("a record", () => {
  it("holds no address, card or key that a path, a name, a variable, a header or a document's key has", async () => {
    const record = await recordOf(
      JSON.stringify({ card: CARD, users: { [MAIL]: { pin: 1 }, [KEY]: { pin: 2 } } }),
    );
    const text = JSON.stringify(record);
    for (const canary of ["canary", "ada2", "example.com", CARD, KEY.slice(0, 12)])
      expect(text).not.toContain(canary);
    expect(record.http.url).toMatchObject({
      path: "/users/[REDACTED:email]/keys/[REDACTED:api-key]",
      queryNames: ["[REDACTED:api-key]", "who"],
    });
    expect(record.http.request.headers["user-agent"]).toBe("bot ([REDACTED:email])");
    expect(record.vars).toEqual({ who: "[REDACTED:email]", card: "[REDACTED:payment-card]" });
    const marks = record.sanitization.filter(({ action }: { action: string }) => action === "redact");
    expect(marks).toEqual(
      expect.arrayContaining([
        { pointer: "/http/url/path", action: "redact", class: "pii" },
        { pointer: "/http/url/path", action: "redact", class: "secret" },
        { pointer: "/http/url/queryNames", action: "redact", class: "secret" },
        { pointer: "/http/request/headers/user-agent", action: "redact", class: "pii" },
        { pointer: "/vars/who", action: "redact", class: "pii" },
        { pointer: "/vars/card", action: "redact", class: "pan" },
        { pointer: "/filters/0/paths", action: "redact", class: "pii", count: 2 },
        { pointer: "/filters/1/paths", action: "redact", class: "pii" },
        { pointer: "/filters/1/paths", action: "redact", class: "secret" },
      ]),
    );
  });

  it("holds no half of what stands where a path was cut", async () => {
    const long = `${"x".repeat(236)} canary-${MAIL}`;
    const record = await recordOf(JSON.stringify({ [long]: { pin: 1 } }));
    expect(record.filters.at(-1)).toMatchObject({ nodes: 1, paths: ["$"] });
    expect(JSON.stringify(record)).not.toContain("canary");
  });
});
