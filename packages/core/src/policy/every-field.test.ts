/**
 * Every field of the document changes something that can be observed, or is refused. A field that were accepted and
 * ignored would be a protection that its author only believes in.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { decodeUtf8 } from "../bytes.js";
import { credentialBinding } from "../credential/policy-binding.js";
import { isSallyportError } from "../errors.js";
import { applicableFilters } from "../filter/applicable-filters.js";
import { filterRequest } from "../filter/request-filter.js";
import { filterResponse } from "../filter/response-filter.js";
import { type CanonicalRequest, canonicalRequest } from "../http/canonical-request.js";
import { encodeRecord } from "../record/http-record.js";
import { type CompiledPolicy, compilePolicy } from "./compile.js";
import { decide, matchInputOf, scopesOf } from "./decide.js";
import { policyJsonSchema } from "./json-schema.js";
import { definePolicy, isPolicy } from "./parse-policy.js";
import { policyHash } from "./policy-hash.js";
import { routeByName, routeByUrl } from "./route.js";
import type { PolicyDocument } from "./schema.js";

/** A part of a document, laid over {@link BASE}. */
type Fragment = Readonly<Record<string, unknown>>;
interface Proof {
  readonly leaf: string;
  readonly from: Fragment;
  readonly to: Fragment;
  /**
   * `hash`: the field is for people, and shows in the identity of the policy. `nothing`: it is for editors, and is no part
   * of the policy.
   */
  readonly shows?: "behaviour" | "hash" | "nothing";
}

/** Fields whose effect is on the wire: proved by a test of the client, which has to have this name. */
const PROVED_IN: Readonly<Record<string, readonly [file: string, test: string]>> = {
  "/targets/*/network/allowPrivate/*": [
    "client/test/network-guard.test.ts",
    "dials an address that the policy opens, and records it",
  ],
  "/targets/*/network/proxy": [
    "client/test/proxy.test.ts",
    "a proxy of the policy resolves the name, and the record names it",
  ],
  "/targets/*/tls/minVersion": ["client/test/tls.test.ts", "denies `tls` a server below %s"],
  "/targets/*/tls/ca": [
    "client/test/tls.test.ts",
    "trusts `tls.ca` beside what it trusts anyway, and records what was agreed on",
  ],
  "/targets/*/tls/ca/*": ["client/test/tls.test.ts", "fails for a certificate of another name"],
  "/targets/*/limits/connectTimeoutMs": [
    "client/test/limits.test.ts",
    "`connectTimeoutMs`: a connection that is not made",
  ],
  "/targets/*/limits/headersTimeoutMs": [
    "client/test/limits.test.ts",
    "`headersTimeoutMs`: an answer that does not begin",
  ],
  "/targets/*/limits/bodyIdleTimeoutMs": [
    "client/test/limits.test.ts",
    "`bodyIdleTimeoutMs`: a body that stops coming",
  ],
  "/targets/*/limits/totalTimeoutMs": [
    "client/test/limits.test.ts",
    "`totalTimeoutMs`: an answer, or a body, that takes too long altogether",
  ],
  "/targets/*/limits/maxHeaderBytes": [
    "client/test/limits.test.ts",
    "`maxHeaderBytes` and `maxHeaders`: a head that is too large",
  ],
  "/targets/*/limits/maxHeaders": [
    "client/test/limits.test.ts",
    "`maxHeaderBytes` and `maxHeaders`: a head that is too large",
  ],
  "/targets/*/limits/maxResponseBytes": [
    "client/test/limits.test.ts",
    "ends a body of unknown length at the first byte beyond",
  ],
  "/targets/*/limits/maxDecompressionRatio": [
    "client/test/limits.test.ts",
    "`maxDecompressionRatio`: a body that grows too much past 10 MiB",
  ],
  "/credentials/*/secret/env": [
    "client/test/credentials.test.ts",
    "is read from the environment at each call",
  ],
  "/credentials/*/secret/sealed": [
    "client/test/credentials.test.ts",
    "is opened with the key its envelope names",
  ],
  "/credentials/*/secret/inline/*": ["client/test/credentials.test.ts", "of type %s with %j sets %s"],
  "/credentials/*/allowUnversioned": [
    "client/test/credentials.test.ts",
    "opens in the bare form only where the policy allows it",
  ],
  "/credentials/*/keepCallerAuth": [
    "client/test/credentials.test.ts",
    "is left to the caller where the proxy has none, or keeps the caller's own",
  ],
  "/proxies/*/redirects/mayEnter/*": [
    "client/test/redirects.test.ts",
    "to another target picks up its credential only where the first proxy says it may enter",
  ],
  "/proxies/*/retry/maxAttempts": [
    "client/test/retry.test.ts",
    "waits twice as long each time, up to `maxDelayMs`, and between half of that and all of it",
  ],
  "/proxies/*/retry/methods/*": [
    "client/test/retry.test.ts",
    "takes the methods it is told: %s with %j is sent %i times",
  ],
  "/proxies/*/retry/statuses/*": ["client/test/retry.test.ts", "after status %i with %j sends %i times"],
  "/proxies/*/retry/networkErrors": [
    "client/test/retry.test.ts",
    "leaves failures of the network alone where it is told so",
  ],
  "/proxies/*/retry/delayMs": [
    "client/test/retry.test.ts",
    "waits twice as long each time, up to `maxDelayMs`, and between half of that and all of it",
  ],
  "/proxies/*/retry/maxDelayMs": [
    "client/test/retry.test.ts",
    "waits twice as long each time, up to `maxDelayMs`, and between half of that and all of it",
  ],
  "/settings/maxFilterBufferBytes": [
    "client/test/streaming.test.ts",
    "streams when it is larger than the buffer",
  ],
};

const BASE = {
  clientId: "acme",
  region: "eu-1",
  targets: { t: { baseUrl: "https://apis.example" }, u: { baseUrl: "https://other.example" } },
  credentials: {
    tc: { type: "target", authType: "bearer", secret: { env: "A" } },
    tc2: { type: "target", authType: "bearer", secret: { env: "B" } },
    pc: { type: "proxy", authType: "none" },
    pc2: { type: "proxy", authType: "none" },
  },
  proxies: {
    p: { target: "t", targetCredential: "tc", proxyCredential: ["pc"], defaultRuleEffect: "allow" },
    other: { target: "t" },
  },
};

/** Thursday, 00:00 in UTC. */
const NOW = Date.parse("2026-01-01T00:00:00Z");
const CONTEXT = {
  now: NOW,
  actor: { type: "user", id: "one" },
  token: { role: "one" },
  body: {
    kind: "bytes",
    bytes: new TextEncoder().encode(JSON.stringify({ role: "one", pad: "x".repeat(1500) })),
  },
} as const;

const BODY = JSON.stringify({
  secret: { deep: { er: 1 } },
  keep: 2,
  ["k".repeat(2000)]: 3,
  note: "hunter2",
});
const CALLS = [
  { url: "https://apis.example/a?q=one", headers: [["x-s", "one"]] as const },
  { url: "https://apis.example/a%2Fb", headers: [["x-http-method-override", "PUT"]] as const },
];

const DESTROY = { effect: "destroy", jsonPath: "secret" };
const VARIABLE = { name: "v", source: "query", key: "q", record: "core" };

/** A pattern in each of its forms, where `subject` is what it is tried on. */
function patternProofs(leaf: string, subject: string, put: (pattern: unknown) => Fragment): Proof[] {
  // Names of hosts and headers are matched without case anyway. With `u` the long s is an `s` then.
  const isCaseless = /\/host$|\/header(s|Checks)\/\*\/name$/.test(leaf);
  const [pattern, flags] = isCaseless ? [subject.replace("s", "\u017f"), "u"] : [subject.toUpperCase(), "i"];
  return [
    { leaf, from: put("never"), to: put(subject) },
    { leaf: `${leaf}/pattern`, from: put({ pattern: "never" }), to: put({ pattern: subject }) },
    { leaf: `${leaf}/flags`, from: put({ pattern }), to: put({ pattern, flags }) },
  ];
}

/** What a list of checks of this name is tried on. */
const SUBJECTS: Readonly<Record<string, readonly [member: string, subject: string]>> = {
  headers: ["name", "x-s"],
  headerChecks: ["name", "x-s"],
  query: ["name", "q"],
  queryChecks: ["name", "q"],
  actor: ["name", "id"],
  token: ["claim", "role"],
  body: ["jsonPath", "role"],
};

function checkProofs(place: string, list: string, put: (conditions: Fragment) => Fragment): Proof[] {
  const [member = "", subject = ""] = SUBJECTS[list] ?? [];
  const check = (fields: Fragment) => put({ [list]: [{ [member]: subject, ...fields }] });
  const claim = { leaf: `${place}/${list}/*/claim`, from: check({ claim: "never" }), to: check({}) };
  return [
    ...(member === "claim"
      ? [claim]
      : patternProofs(`${place}/${list}/*/${member}`, subject, (pattern) => check({ [member]: pattern }))),
    ...patternProofs(`${place}/${list}/*/matchValue`, "one", (matchValue) => check({ matchValue })),
    { leaf: `${place}/${list}/*/presence`, from: check({}), to: check({ presence: "must_not_exist" }) },
  ];
}

function conditionProofs(place: string, put: (conditions: Fragment) => Fragment): Proof[] {
  const path = { pattern: "/a" };
  return [
    { leaf: `${place}/methods/*`, from: put({ methods: ["GET"] }), to: put({ methods: ["PUT"] }) },
    ...patternProofs(`${place}/path`, "/a", (pattern) => put({ path: pattern })),
    ...patternProofs(`${place}/path/path`, "/a", (pattern) => put({ path: { path: pattern } })),
    {
      leaf: `${place}/path/presence`,
      from: put({ path }),
      to: put({ path: { ...path, presence: "absent" } }),
    },
    ...["headers", "query", "token"].flatMap((list) => checkProofs(place, list, put)),
  ];
}

function ruleProofs(place: string, put: (fields: Fragment) => Fragment): Proof[] {
  const rule = (fields: Fragment) => put({ rules: [{ effect: "deny", ...fields }] });
  const when = (fields: Fragment) => rule({ when: fields });
  const upper = { path: "/A" };
  return [
    { leaf: `${place}/id`, from: rule({ id: "a" }), to: rule({ id: "b" }) },
    { leaf: `${place}/effect`, from: rule({}), to: rule({ effect: "allow" }) },
    { leaf: `${place}/priority`, from: rule({}), to: rule({ priority: 7 }) },
    { leaf: `${place}/notes`, from: rule({}), to: rule({ notes: "asked for by legal" }) },
    ...patternProofs(`${place}/host`, "apis", (host) => rule({ host })),
    ...conditionProofs(place, rule),
    { leaf: `${place}/mode`, from: rule({}), to: rule({ mode: "observe" }) },
    { leaf: `${place}/mode`, from: rule({ mode: "observe" }), to: rule({ mode: "off" }) },
    ...["actor", "body", "headerChecks", "queryChecks"].flatMap((list) => checkProofs(place, list, rule)),
    { leaf: `${place}/when/from`, from: when({ from: "00:00" }), to: when({ from: "00:01" }) },
    {
      leaf: `${place}/when/to`,
      from: when({ to: "2026-01-01T00:00:00Z" }),
      to: when({ to: "2026-01-02T00:00:00Z" }),
    },
    { leaf: `${place}/when/days/*`, from: when({ days: ["thu"] }), to: when({ days: ["wed"] }) },
    {
      leaf: `${place}/when/timeZone`,
      from: when({ days: ["thu"], timeZone: "UTC" }),
      to: when({ days: ["thu"], timeZone: "America/New_York" }),
    },
    ...patternProofs(`${place}/pathPattern`, "/a", (pathPattern) => rule({ pathPattern })),
    {
      leaf: `${place}/pathPresence`,
      from: rule({ pathPattern: "/a" }),
      to: rule({ pathPattern: "/a", pathPresence: "absent" }),
    },
    { leaf: `${place}/regexFlags`, from: rule(upper), to: rule({ ...upper, regexFlags: "i" }) },
  ];
}

function filterProofs(place: string, put: (fields: Fragment) => Fragment): Proof[] {
  const filter = (fields: Fragment) => put({ filters: [{ operations: [DESTROY], ...fields }] });
  const operation = (fields: Fragment) => filter({ operations: [{ ...DESTROY, ...fields }] });
  const variable = (fields: Fragment) => filter({ variables: [{ ...VARIABLE, ...fields }] });
  const silent = filter({ variables: [{ name: "v", source: "query", key: "q" }] });
  return [
    { leaf: `${place}/id`, from: filter({ id: "a" }), to: filter({ id: "b" }) },
    { leaf: `${place}/notes`, from: filter({}), to: filter({ notes: "why" }), shows: "hash" },
    { leaf: `${place}/mode`, from: filter({}), to: filter({ mode: "off" }) },
    { leaf: `${place}/mode`, from: filter({ mode: "observe" }), to: filter({ mode: "off" }) },
    { leaf: `${place}/on`, from: filter({}), to: filter({ on: "request" }) },
    ...conditionProofs(place, filter),
    { leaf: `${place}/operations/*/effect`, from: operation({}), to: operation({ effect: "retain" }) },
    {
      leaf: `${place}/operations/*/notes`,
      from: operation({}),
      to: operation({ notes: "why" }),
      shows: "hash",
    },
    ...patternProofs(`${place}/operations/*/jsonPath`, "secret", (jsonPath) => operation({ jsonPath })),
    {
      leaf: `${place}/operations/*/select`,
      from: filter({ operations: [{ effect: "destroy", select: "$.never" }] }),
      to: filter({ operations: [{ effect: "destroy", select: "$.secret" }] }),
    },
    ...patternProofs(`${place}/operations/*/matchValue`, "hunter2", (matchValue) =>
      operation({ jsonPath: "note", matchValue }),
    ),
    {
      leaf: `${place}/operations/*/mask/with`,
      from: operation({ effect: "mask" }),
      to: operation({ effect: "mask", mask: { with: "***" } }),
    },
    {
      leaf: `${place}/operations/*/mask/keepLast`,
      from: operation({ effect: "mask", jsonPath: "note" }),
      to: operation({ effect: "mask", jsonPath: "note", mask: { keepLast: 2 } }),
    },
    { leaf: `${place}/variables/*/name`, from: variable({}), to: variable({ name: "w" }) },
    { leaf: `${place}/variables/*/source`, from: variable({}), to: variable({ source: "vars" }) },
    { leaf: `${place}/variables/*/key`, from: variable({}), to: variable({ key: "r" }) },
    { leaf: `${place}/variables/*/record`, from: silent, to: variable({}) },
  ];
}

/** What targets, credentials and proxies have in common. */
function scopeProofs(kind: "targets" | "credentials" | "proxies", id: string): Proof[] {
  const place = `/${kind}/*`;
  const put = (fields: Fragment) => ({ [kind]: { [id]: fields } });
  return [
    {
      leaf: `${place}/name`,
      from: put({}),
      to: put({ name: "N" }),
      shows: kind === "credentials" ? "hash" : "behaviour",
    },
    { leaf: `${place}/notes`, from: put({}), to: put({ notes: "why" }), shows: "hash" },
    { leaf: `${place}/active`, from: put({}), to: put({ active: false }) },
    { leaf: `${place}/region`, from: put({}), to: put({ region: "us-1" }) },
    {
      leaf: `${place}/defaultRuleEffect`,
      from: put({ defaultRuleEffect: "allow" }),
      to: put({ defaultRuleEffect: "deny" }),
    },
    ...ruleProofs(`${place}/rules/*`, put),
    ...filterProofs(`${place}/filters/*`, put),
  ];
}

const target = (fields: Fragment) => ({ targets: { t: fields } });
const credential = (fields: Fragment) => ({ credentials: { tc: fields } });
const proxy = (fields: Fragment) => ({ proxies: { p: fields } });
const setting = (settings: Fragment) => ({ settings, ...proxy({ filters: [{ operations: [DESTROY] }] }) });
const inspecting = (settings: Fragment) => ({
  settings,
  ...proxy({ rules: [{ effect: "deny", body: [{ jsonPath: "nothing" }] }] }),
});

const PROOFS: readonly Proof[] = [
  { leaf: "/$schema", from: {}, to: { $schema: "./policy.schema.json" }, shows: "nothing" },
  { leaf: "/version", from: { version: 1 }, to: { version: 2 } },
  { leaf: "/clientId", from: {}, to: { clientId: "other" } },
  { leaf: "/region", from: {}, to: { region: "us-1" } },
  ...scopeProofs("targets", "t"),
  ...scopeProofs("credentials", "tc"),
  ...scopeProofs("credentials", "pc"),
  ...scopeProofs("proxies", "p"),
  { leaf: "/targets/*/baseUrl", from: {}, to: target({ baseUrl: "https://apis.example/a" }) },
  {
    leaf: "/targets/*/network/allowInsecure",
    from: target({ baseUrl: "http://apis.example", network: { allowInsecure: true } }),
    to: target({ baseUrl: "http://apis.example", network: { allowInsecure: false } }),
  },
  { leaf: "/credentials/*/type", from: {}, to: credential({ type: "proxy" }) },
  { leaf: "/credentials/*/authType", from: {}, to: credential({ authType: "apiKey" }) },
  { leaf: "/credentials/*/version", from: {}, to: credential({ version: 2 }) },
  {
    leaf: "/credentials/*/origins/*",
    from: credential({ origins: ["https://apis.example"] }),
    to: credential({ origins: ["https://other.example"] }),
  },
  { leaf: "/credentials/*/expiresAt", from: {}, to: credential({ expiresAt: "2025-01-01T00:00:00Z" }) },
  { leaf: "/proxies/*/target", from: {}, to: proxy({ target: "u" }) },
  { leaf: "/proxies/*/targetCredential", from: {}, to: proxy({ targetCredential: "tc2" }) },
  {
    leaf: "/proxies/*/proxyCredential",
    from: proxy({ proxyCredential: "pc" }),
    to: proxy({ proxyCredential: "pc2" }),
  },
  { leaf: "/proxies/*/proxyCredential/*", from: {}, to: proxy({ proxyCredential: ["pc2"] }) },
  { leaf: "/proxies/*/alias", from: proxy({ alias: "pay" }), to: proxy({ alias: "wages" }) },
  { leaf: "/proxies/*/mode", from: {}, to: proxy({ mode: "observe" }) },
  { leaf: "/proxies/*/inProcess", from: {}, to: proxy({ inProcess: "skip-proxy-credential" }) },
  {
    leaf: "/proxies/*/allowOverrideHeaders/*",
    from: proxy({ paths: { ambiguous: "allow" }, allowOverrideHeaders: ["x-rewrite-url"] }),
    to: proxy({ paths: { ambiguous: "allow" }, allowOverrideHeaders: ["x-http-method-override"] }),
  },
  { leaf: "/proxies/*/paths/ambiguous", from: {}, to: proxy({ paths: { ambiguous: "allow" } }) },
  { leaf: "/proxies/*/paths/record", from: {}, to: proxy({ paths: { record: "core" } }) },
  {
    leaf: "/settings/defaultProxy/*",
    from: setting({ defaultProxy: { t: "p" } }),
    to: setting({ defaultProxy: { t: "other" } }),
  },
  { leaf: "/settings/filterStatuses", from: setting({}), to: setting({ filterStatuses: "success" }) },
  {
    leaf: "/settings/maxRequestInspectBytes",
    from: inspecting({}),
    to: inspecting({ maxRequestInspectBytes: 1024 }),
  },
  { leaf: "/settings/maxScalarBytes", from: setting({}), to: setting({ maxScalarBytes: 1024 }) },
  { leaf: "/settings/maxJsonDepth", from: setting({}), to: setting({ maxJsonDepth: 2 }) },
];

describe("every field of the document", () => {
  it("has a proof, and every proof has its field", () => {
    const proved = [...PROOFS.map(({ leaf }) => leaf), ...Object.keys(PROVED_IN)];
    expect([...new Set(proved)].toSorted()).toEqual(leavesOf(policyJsonSchema(), "").toSorted());
  });

  for (const { leaf, from, to, shows = "behaviour" } of PROOFS) {
    it(`${shows === "nothing" ? "changes nothing, as it says" : "changes something"}: ${leaf}`, () => {
      const [before, after] = [laid(BASE, from), laid(BASE, to)];
      // The proof is about this field only if nothing else differs.
      expect(differences(before, after)).toEqual([leaf]);
      const observed = observe(before);
      expect(observed).toHaveProperty("calls");
      if (shows === "behaviour") {
        expect(observe(after)).not.toEqual(observed);
        return;
      }
      expect(observe(after)).toEqual(observed);
      const hashes = [before, after].map((document) => policyHash(definePolicy(document)));
      expect(new Set(hashes).size).toBe(shows === "hash" ? 2 : 1);
    });
  }

  it.each(Object.entries(PROVED_IN))("is proved by a test of the client: %s", (_, [file, test]) => {
    expect(readFileSync(join(import.meta.dirname, "../../..", file), "utf8")).toContain(test);
  });
});

interface Schema {
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
}

/** Pointers of everything that holds no other field, list positions and free names as `*`. */
function leavesOf(schema: Schema, pointer: string): string[] {
  const { anyOf = [], items, properties = {}, additionalProperties } = schema;
  const free = typeof additionalProperties === "object" ? additionalProperties : items;
  const inner = [
    ...anyOf.flatMap((one) => leavesOf(one, pointer)),
    ...Object.entries(properties).flatMap(([name, one]) => leavesOf(one, `${pointer}/${name}`)),
    ...(free === undefined ? [] : leavesOf(free, `${pointer}/*`)),
  ];
  return inner.length === 0 ? [pointer] : [...new Set(inner)];
}

/** One document over another: objects are merged, everything else is replaced. */
function laid(under: Fragment, over: Fragment): PolicyDocument {
  const isObject = (value: unknown): value is Fragment =>
    typeof value === "object" && value !== null && !Array.isArray(value);
  const merge = (a: unknown, b: unknown): unknown =>
    isObject(a) && isObject(b)
      ? Object.fromEntries(
          Object.keys({ ...a, ...b }).map((key) => [key, key in b ? merge(a[key], b[key]) : a[key]]),
        )
      : b;
  return merge(under, over) as PolicyDocument;
}

/** Schema pointers of the fields in which two documents differ. */
function differences(a: unknown, b: unknown, path: readonly string[] = []): string[] {
  if (JSON.stringify(a) === JSON.stringify(b)) return [];
  const isLeaf = (value: unknown) => typeof value !== "object" || value === null;
  if (isLeaf(a) && isLeaf(b)) return [pointerOf(path)];
  const [left, right] = [a ?? {}, b ?? {}] as [Record<string, unknown>, Record<string, unknown>];
  const keys = Object.keys({ ...left, ...right });
  return keys.flatMap((key) => differences(left[key], right[key], [...path, key]));
}

function pointerOf(path: readonly string[]): string {
  const [kind = ""] = path;
  const isName = (index: number) =>
    (index === 1 && ["targets", "credentials", "proxies"].includes(kind)) ||
    (index === 2 && path[1] === "defaultProxy");
  return path.map((part, index) => (isName(index) || /^\d+$/.test(part) ? "/*" : `/${part}`)).join("");
}

/** All that core does with a document, its hash left out. */
function observe(document: PolicyDocument): unknown {
  const policy = policyOrRefusal(document);
  if (!isPolicy(policy)) return { refusal: policy };
  const compiled = { ...compilePolicy(policy), hash: "" };
  const requests = CALLS.flatMap((call) => canonicalRequest(call) ?? []);
  return {
    calls: requests.flatMap((one) => [
      observeCall(compiled, one, "pc"),
      observeCall(compiled, one, undefined),
    ]),
    byUrl: requests.map((one) => routeByUrl(compiled, one)),
    byAlias: routeByName(compiled, "pay"),
    bindings: Object.keys(policy.credentials).map((id) => credentialBinding(policy, id)),
  };
}

function policyOrRefusal(document: PolicyDocument): unknown {
  try {
    return definePolicy(document);
  } catch (error) {
    if (isSallyportError(error)) return error;
    throw error;
  }
}

function observeCall(
  compiled: CompiledPolicy,
  request: CanonicalRequest,
  inForce: string | undefined,
): unknown {
  const context = inForce === undefined ? {} : { proxyCredential: inForce };
  const whole = { ...CONTEXT, ...context };
  const decision = decide(compiled, "p", request, whole);
  const one = compiled.proxies.get("p");
  const input = one && matchInputOf(one, request, whole);
  const bytes = encodeRecord({
    ...{ id: "id", nonce: new Uint8Array(16), compiled, hops: [{ request, decision }], ...context },
    ...{ injectedHeaders: new Set<string>(), hasRequestBody: false, receipts: [], variables: [] },
    ...{ outcome: { result: "success" }, startedAt: 0, endedAt: 0, timings: { policyUs: 0, totalUs: 0 } },
  });
  const record: unknown = JSON.parse(decodeUtf8(bytes) ?? "");
  if (one === undefined || input === undefined || decision.effect === "deny") return { decision, record };
  const scopes = scopesOf(one, one.proxyCredentials.get(inForce ?? ""));
  const { mode } = one.entity;
  const applicable = applicableFilters(scopes, input, { on: "response", mode });
  const headers = new Map([["content-type", "application/json"]]);
  const exchange = {
    input,
    own: { credentialId: inForce, proxyId: "p", requestId: "r" },
    vars: { q: "trusted" },
  };
  const { observed } = applicable;
  const outcomes = [200, 500].flatMap((status) =>
    [applicable, ...(observed === undefined ? [] : [observed])].map((filters) =>
      filterResponse(
        filters,
        { status, headers, body: new TextEncoder().encode(BODY) },
        exchange,
        compiled.policy.settings,
      ),
    ),
  );
  const sent = filterRequest(
    applicableFilters(scopes, input, { on: "request", mode }),
    { headers, body: { kind: "bytes", bytes: new TextEncoder().encode(BODY) } },
    exchange,
    compiled.policy.settings,
  );
  return { decision, record, outcomes, sent };
}
