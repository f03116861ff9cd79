import fc from "fast-check";
import { expect, it } from "vitest";
import { decodeUtf8 } from "../bytes.js";
import { MAX_PATH_TEXT } from "../filter/path-shapes.js";
import { canonicalRequest } from "../http/canonical-request.js";
import { compilePolicy } from "../policy/compile.js";
import { decide } from "../policy/decide.js";
import { definePolicy } from "../policy/parse-policy.js";
import type { CallFacts, HopFacts } from "./call-facts.js";
import { canonicalJson } from "./canonical-json.js";
import { encodeRecord } from "./http-record.js";
import { httpRecord } from "./http-record.reference.js";

/** The name is one that JSON has to escape. */
const compiled = compilePolicy(
  definePolicy({
    clientId: "acme",
    region: "eu-west-1",
    targets: {
      people: { baseUrl: "https://api.example:8443/v1", name: 'P"\\\u2028\ud83d' },
      shop: { baseUrl: "https://shop.example" },
    },
    credentials: {
      upstream: { type: "target", authType: "bearer", secret: { inline: { token: "secret" } } },
    },
    proxies: {
      payroll: {
        target: "people",
        targetCredential: "upstream",
        name: "Pay\u0000roll",
        rules: [
          { id: "reads", effect: "allow", methods: ["GET"], priority: 5 },
          { id: "tried", effect: "deny", mode: "observe", methods: ["GET"] },
          { effect: "deny", methods: ["PUT"] },
        ],
        paths: { record: "core" },
      },
      shop: {
        target: "shop",
        mode: "observe",
        rules: [{ id: "who", effect: "deny", token: [{ claim: "role" }] }],
      },
    },
  }),
);

/** Texts in which there is something to escape, to redact, or to replace. */
const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 12 }),
  fc.constantFrom("jane@example.com", "4111111111111111", 'a"b', "\\", "\u0000", "\ud83d", "é", "\n", ""),
);

/** A member that may be there, and if not has no name either. */
const maybe = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: undefined });

const connection = fc.record({
  address: fc.constantFrom("pinned", "proxy", "unpinned"),
  peer: maybe(fc.record({ address: fc.ipV4(), port: fc.nat({ max: 65535 }) })),
  tls: maybe(
    fc.record({
      ...{ version: maybe(text), cipher: maybe(fc.constant("TLS_AES_256_GCM_SHA384")), alpn: maybe(text) },
      ...{ sni: maybe(text), authorized: fc.boolean(), resumed: fc.boolean() },
      cert: maybe(
        fc.record({
          ...{ sha256: fc.constant("00ff"), subject: maybe(text), issuer: maybe(text) },
          notAfter: maybe(fc.constant("2026-01-01T00:00:00.000Z")),
        }),
      ),
    }),
  ),
});

const attempt = fc.record({
  status: maybe(fc.nat({ max: 599 })),
  errorType: maybe(text),
  delayMs: fc.double({ min: 0, max: 1e6, noNaN: true }),
});

const headers = fc
  .array(
    fc.tuple(
      fc.constantFrom(
        ...["accept", "authorization", "content-length", "content-type", "date", "set-cookie"],
        ...["user-agent", "x-injected", "x-other", "x-other-2", "__proto__", "retry-after"],
      ),
      fc.oneof(text, fc.constant("v".repeat(300))),
    ),
    { maxLength: 8 },
  )
  .map((pairs) => new Map(pairs));

const URLS = [
  "https://api.example:8443/v1/people/jane@example.com?name=x&jane@example.com=1&name=2",
  "https://api.example:8443/v1/a%40b?Authorization=x",
  "https://shop.example/cart",
  "https://elsewhere.example/",
];

const hop: fc.Arbitrary<HopFacts> = fc
  .record({
    url: fc.constantFrom(...URLS),
    method: fc.constantFrom("GET", "PUT", "jane@example.com", "M".repeat(200)),
    proxyId: fc.constantFrom("payroll", "shop", "unknown"),
    headers,
    status: maybe(fc.nat({ max: 599 })),
    connection: maybe(connection),
    earlierAttempts: maybe(fc.array(attempt, { maxLength: 3 })),
  })
  .map(({ url, method, proxyId, headers: given, ...rest }) => {
    const request = canonicalRequest({ url, headers: given });
    if (request === undefined) throw new Error("the URL is absolute");
    const sent = { ...request, method };
    return { request: sent, decision: decide(compiled, proxyId, sent, { now: 0 }), ...rest };
  });

const receipt = fc.record(
  {
    scope: fc.constantFrom("target", "proxy"),
    entityId: text,
    filterId: text,
    operationId: fc.constantFrom("operations/0", "op"),
    effect: fc.constantFrom("destroy", "mask", "hash"),
    nodes: fc.nat(),
    // Those of a receipt are distinct, but two may be alike once they are redacted.
    paths: fc.uniqueArray(
      fc.oneof(
        text,
        fc.constantFrom("$.a", "$.b", "joe@example.com"),
        fc.constant("k".repeat(MAX_PATH_TEXT)),
      ),
      { maxLength: 5 },
    ),
    on: fc.constant("request" as const),
    hop: fc.nat({ max: 20 }),
    mode: fc.constant("observe" as const),
  },
  { requiredKeys: ["scope", "entityId", "filterId", "operationId", "effect", "nodes", "paths"] },
);

const outcome = fc.record(
  {
    result: fc.constantFrom("success", "failure", "denied", "unknown"),
    category: fc.constantFrom("open", "upstream_4xx", "network"),
    errorType: text,
    observed: fc.constantFrom("policy_denied", "withheld"),
    message: text,
  },
  { requiredKeys: ["result"] },
);

const time = fc.nat({ max: 4_000_000_000_000 });
const microseconds = fc.nat();

const facts: fc.Arbitrary<Omit<CallFacts, "compiled">> = fc.record({
  id: fc.uuid({ version: 7 }),
  nonce: fc.uint8Array({ minLength: 16, maxLength: 16 }),
  hops: fc.tuple(hop, fc.array(hop, { maxLength: 2 })).map(([first, more]) => [first, ...more] as const),
  actor: maybe(fc.record({ type: fc.constantFrom("user", "system"), ref: text }, { requiredKeys: ["type"] })),
  proxyCredential: maybe(text),
  injectedHeaders: fc.constantFrom(new Set(["x-injected", "user-agent"]), new Set<string>()),
  hasRequestBody: fc.boolean(),
  responseHeaders: maybe(headers),
  responseBodyBytes: maybe(fc.nat()),
  receipts: fc.array(receipt, { maxLength: 3 }) as fc.Arbitrary<CallFacts["receipts"]>,
  variables: fc.array(
    fc.record({
      name: fc.oneof(text, fc.constant("__proto__")),
      value: maybe(text),
      isRecorded: fc.boolean(),
    }),
    { maxLength: 4 },
  ),
  outcome: outcome as fc.Arbitrary<CallFacts["outcome"]>,
  startedAt: time,
  endedAt: time,
  timings: fc.record({ policyUs: microseconds, totalUs: microseconds, waitUs: maybe(microseconds) }),
});

it("is the canonical JSON of what the naive twin makes of the call, byte by byte", () => {
  fc.assert(
    fc.property(facts, (without) => {
      const given = { ...without, compiled };
      expect(decodeUtf8(encodeRecord(given))).toBe(canonicalJson(httpRecord(given)));
    }),
    { numRuns: 2000 },
  );
});

/** Two policies with the same names, and other priorities. */
const alike = [0, 1].map((priority) =>
  compilePolicy(
    definePolicy({
      clientId: "acme",
      region: "eu-west-1",
      targets: { shop: { baseUrl: "https://shop.example" } },
      proxies: {
        shop: {
          target: "shop",
          rules: [
            { id: "all", effect: "allow", priority },
            { id: "tried", effect: "deny", mode: "observe", path: "^/a", priority },
            { id: "who", effect: "deny", path: "^/b", token: [{ claim: "role" }], priority },
          ],
        },
      },
    }),
  ),
);

it("is its own, though calls before it were decided by rules of the same names", () => {
  const call = fc.record({ policy: fc.constantFrom(0, 1), path: fc.constantFrom("/a", "/b", "/c") });
  fc.assert(
    fc.property(fc.array(call, { minLength: 2, maxLength: 8 }), facts, (calls, given) => {
      for (const { policy, path } of calls) {
        const of = alike[policy];
        const request = canonicalRequest({ url: `https://shop.example${path}` });
        if (of === undefined || request === undefined) throw new Error("there is such a call");
        const decision = decide(of, "shop", request, { now: 0 });
        const one = { ...given, compiled: of, hops: [{ request, decision }] as const };
        expect(decodeUtf8(encodeRecord(one))).toBe(canonicalJson(httpRecord(one)));
      }
    }),
    { numRuns: 300 },
  );
});
