import { describe, expect, it } from "vitest";
import { decodeUtf8 } from "../bytes.js";
import { canonicalRequest } from "../http/canonical-request.js";
import { compilePolicy } from "../policy/compile.js";
import { decide } from "../policy/decide.js";
import { definePolicy } from "../policy/parse-policy.js";
import type { PolicyDocument } from "../policy/schema.js";
import type { CallFacts } from "./call-facts.js";
import { canonicalJson } from "./canonical-json.js";
import type { ConnectionFacts } from "./connection-facts.js";
import { encodeRecord } from "./http-record.js";
import { httpRecord } from "./http-record.reference.js";

const CANARY = "canary-31";

function factsOf(paths: NonNullable<PolicyDocument["proxies"]>[string]["paths"] = {}): CallFacts {
  const compiled = compilePolicy(
    definePolicy({
      clientId: "acme",
      region: "eu-west-1",
      targets: { people: { baseUrl: "https://api.example:8443/v1", name: "People" } },
      credentials: {
        upstream: { type: "target", authType: "bearer", secret: { inline: { token: CANARY } } },
      },
      proxies: {
        payroll: {
          name: "Payroll",
          target: "people",
          targetCredential: "upstream",
          rules: [{ id: "reads", effect: "allow", methods: ["GET"], priority: 5 }],
          paths,
        },
      },
    }),
  );
  const request = canonicalRequest({
    url: `https://api.example:8443/v1/people/${CANARY}?name=${CANARY}&Authorization=${CANARY}&name=2`,
    headers: [
      ["authorization", CANARY],
      ["x-injected", CANARY],
      ["x-other", CANARY],
      ["accept", "*/*"],
    ],
  });
  if (request === undefined) throw new Error("the URL is absolute");
  return {
    id: "0190a0a0-0000-7000-8000-000000000000",
    nonce: new Uint8Array(16),
    compiled,
    hops: [{ request, decision: decide(compiled, "payroll", request, { now: 0 }), status: 200 }],
    injectedHeaders: new Set(["x-injected"]),
    hasRequestBody: true,
    responseHeaders: new Map([
      ["content-type", "application/json"],
      ["set-cookie", CANARY],
    ]),
    responseBodyBytes: 12,
    receipts: [],
    variables: [],
    outcome: { result: "success" },
    startedAt: 1_765_517_217_621,
    endedAt: 1_765_517_219_616,
    timings: { policyUs: 40, waitUs: 1_200, totalUs: 1_995_000 },
  };
}

const recordOf = (facts: CallFacts) => JSON.parse(decodeUtf8(encodeRecord(facts)) ?? "");

describe("a record", () => {
  it("says who called what, in which region, under which rule, and how it ended", () => {
    const facts = factsOf();
    expect(recordOf(facts)).toMatchObject({
      v: "1.0",
      type: "http.request",
      id: facts.id,
      nonce: "AAAAAAAAAAAAAAAAAAAAAA",
      region: "eu-west-1",
      tenant: { clientId: "acme", proxyId: "payroll", proxyName: "Payroll" },
      target: { id: "people", service: "People", credentialId: "upstream" },
      time: { start: "2025-12-12T05:26:57.621Z", end: "2025-12-12T05:26:59.616Z" },
      http: { method: "GET", status: 200, url: { scheme: "https", host: "api.example", port: 8443 } },
      policy: {
        decision: "allow",
        bundle: { sha256: facts.compiled.hash },
        rules: [{ scope: "proxy", id: "reads", effect: "allow", priority: 5 }],
      },
      outcome: { result: "success" },
    });
  });

  it("holds no secret, no path, no query value and no header that is not on the list", () => {
    expect(decodeUtf8(encodeRecord(factsOf()))).not.toContain(CANARY);
  });

  it("names the query's parameters, `Authorization` aside, and takes the path's template from the policy", () => {
    const { url } = recordOf(factsOf()).http;
    expect(url).toMatchObject({ queryNames: ["name"], template: "/v1/{+path}" });
    expect(url).not.toHaveProperty("path");
  });

  it("holds the path where the policy says `record: core`, and still no query value", () => {
    const record = recordOf(factsOf({ record: "core" }));
    expect(record.http.url.path).toBe(`/v1/people/${CANARY}`);
    expect(JSON.stringify(record).split(CANARY)).toHaveLength(2);
  });

  it("marks all that it leaves out", () => {
    const { sanitization } = recordOf(factsOf());
    expect(sanitization).toEqual([
      { pointer: "/http/request/headers/authorization", action: "drop", class: "secret" },
      { pointer: "/http/request/headers/x-injected", action: "drop", class: "secret" },
      { pointer: "/http/request/headers", action: "drop", class: "pii", count: 1 },
      { pointer: "/http/request/body", action: "drop", class: "pii" },
      { pointer: "/http/response/headers/set-cookie", action: "drop", class: "secret" },
      { pointer: "/http/response/body", action: "drop", class: "pii" },
      { pointer: "/http/url/path", action: "drop", class: "pii" },
      { pointer: "/http/url/query", action: "drop", class: "pii", count: 3 },
    ]);
    expect(recordOf(factsOf({ record: "core" })).sanitization).toHaveLength(sanitization.length - 1);
  });

  it("has whole numbers only, and is the canonical JSON of its value", () => {
    const text = decodeUtf8(encodeRecord(factsOf())) ?? "";
    const numbers: number[] = [];
    JSON.parse(text, (_, value) => (typeof value === "number" ? numbers.push(value) : value));
    expect(numbers.length).toBeGreaterThan(5);
    expect(numbers.filter((value) => !Number.isSafeInteger(value))).toEqual([]);
    expect(text).not.toMatch(/\s"|undefined/);
  });

  it("says `null` for a number that JSON does not have, and is a record all the same", () => {
    const timings = { policyUs: Number.NaN, totalUs: Number.POSITIVE_INFINITY };
    expect(recordOf({ ...factsOf(), timings }).timings).toEqual({ policyUs: null, totalUs: null });
  });

  it("holds captured variables that may be recorded, and a mark for each other one", () => {
    const variables = [
      { name: "status", isRecorded: true, value: "200" },
      { name: "gone", isRecorded: true, value: undefined },
      { name: "user", isRecorded: false, value: undefined },
      { name: "__proto__", isRecorded: true, value: "kept" },
    ];
    const text = decodeUtf8(encodeRecord({ ...factsOf(), variables })) ?? "";
    expect(text).toContain('"vars":{"__proto__":"kept","gone":null,"status":"200"}');
    expect(JSON.parse(text).sanitization).toContainEqual({
      pointer: "/vars/user",
      action: "drop",
      class: "pii",
    });
  });

  it("says for a denied call which code denied it, and has no response", () => {
    const { responseHeaders, responseBodyBytes, ...facts } = factsOf();
    const [{ request }] = facts.hops;
    const denied = { ...request, method: "DELETE" };
    const hop = { request: denied, decision: decide(facts.compiled, "payroll", denied, { now: 0 }) };
    const record = recordOf({
      ...facts,
      hops: [hop],
      outcome: { result: "denied", category: "policy_denied" },
    });
    expect(record.policy).toMatchObject({ decision: "deny", code: "default" });
    expect(record.http).not.toHaveProperty("response");
    expect(record.http).not.toHaveProperty("status");
  });

  it("says of rules and proxies that only observe what they would have done", () => {
    const compiled = compilePolicy(
      definePolicy({
        clientId: "acme",
        region: "eu-west-1",
        targets: { people: { baseUrl: "https://api.example:8443/v1" } },
        proxies: {
          payroll: {
            target: "people",
            mode: "observe",
            rules: [
              { id: "tried", effect: "allow", mode: "observe" },
              { id: "unknown", effect: "deny", mode: "observe", token: [{ claim: "role" }] },
            ],
          },
        },
      }),
    );
    const facts = factsOf();
    const [{ request }] = facts.hops;
    const hop = { request, decision: decide(compiled, "payroll", request, { now: 0 }), status: 200 };
    const record = recordOf({
      ...{ ...facts, compiled, hops: [hop, hop] },
      outcome: { result: "success", observed: "policy_denied", message: "no rule allows it" },
    });
    expect(record.policy).toMatchObject({
      decision: "deny",
      mode: "observe",
      code: "default",
      observed: "deny",
    });
    expect(record.policy.scopes).toEqual([
      { scope: "target", id: "people", effect: "allow" },
      { scope: "proxy", id: "payroll", effect: "deny", observed: "deny" },
    ]);
    expect(record.policy.rules).toEqual([
      { scope: "proxy", id: "tried", effect: "allow", priority: 0, mode: "observe" },
      { scope: "proxy", id: "unknown", effect: "deny", priority: 0, mode: "observe", unevaluable: true },
    ]);
    expect(record.http.redirects).toMatchObject([{ decision: "deny", mode: "observe", code: "default" }]);
    expect(record.outcome).toMatchObject({ observed: "policy_denied" });
  });

  it("lists redirects in their order, with their own decisions and without their paths", () => {
    const facts = factsOf();
    const [first] = facts.hops;
    const record = recordOf({ ...facts, hops: [{ ...first, status: 302 }, first] });
    expect(record.http.status).toBe(200);
    expect(record.http.redirects).toMatchObject([
      { hop: 1, method: "GET", proxyId: "payroll", decision: "allow", status: 200 },
    ]);
    expect(JSON.stringify(record)).not.toContain(CANARY);
  });

  it("is text that every store takes: no lone surrogate, no NUL, a mark at the beginning kept", () => {
    const paths = ["$.\ud83d.a\u0000b", "\ufeff$"];
    const place = {
      scope: "proxy",
      entityId: "payroll",
      filterId: "f",
      operationId: "operations/0",
      effect: "destroy",
    } as const;
    const record = recordOf({ ...factsOf(), receipts: [{ ...place, nodes: 2, paths }] });
    expect(record.filters[0].paths).toEqual(["$.\ufffd.ab", "\ufeff$"]);
  });

  it("is made again the same from the same facts", () => {
    expect(encodeRecord(factsOf())).toEqual(encodeRecord(factsOf()));
    expect(httpRecord(factsOf())).toEqual(httpRecord(factsOf()));
  });
});

const RECEIPT = {
  scope: "proxy",
  entityId: "payroll",
  filterId: "f",
  operationId: "operations/0",
  effect: "destroy",
  nodes: 1,
} as const;

describe("the parts of a record", () => {
  it("stand in canonical order, those that may be missing too", () => {
    const receipt = { ...RECEIPT, paths: ["$.a"], mode: "observe", hop: 1, on: "request" } as const;
    const connection: ConnectionFacts = {
      address: "pinned",
      peer: { address: "192.0.2.1", port: 443 },
      tls: {
        ...{ version: "TLSv1.3", cipher: "TLS_AES_256_GCM_SHA384", alpn: "h2", sni: "api.example" },
        ...{ authorized: true, resumed: false },
        cert: { sha256: "00", subject: "CN=a", issuer: "CN=b", notAfter: "2026-01-01T00:00:00.000Z" },
      },
    };
    const facts = factsOf();
    const [first] = facts.hops;
    const full: CallFacts = {
      ...facts,
      hops: [
        { ...first, connection },
        { ...first, connection },
      ],
      actor: { type: "user", ref: "r" },
      proxyCredential: "c",
      receipts: [receipt],
      variables: [
        { name: "b", value: "jane@example.com", isRecorded: true },
        { name: "c", value: undefined, isRecorded: false },
      ],
      outcome: {
        ...{ result: "failure", category: "withheld", errorType: "E", observed: "withheld" },
        message: "of jane@example.com",
      },
    };
    for (const one of [facts, full])
      expect(decodeUtf8(encodeRecord(one))).toBe(canonicalJson(httpRecord(one)));
  });

  it("says that the path of a receipt was cut", () => {
    const record = recordOf({
      ...factsOf(),
      receipts: [{ ...RECEIPT, paths: [`$.${"k".repeat(254)}`, "$.short"] }],
    });
    expect(record.filters[0].paths.map((path: string) => path.length)).toEqual([1, 7]);
    expect(record.sanitization).toContainEqual({
      pointer: "/filters",
      action: "truncate",
      class: "size",
      count: 1,
    });
  });
});
