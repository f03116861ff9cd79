/** Filters: one response, the filters of up to four scopes, and what the caller gets. */
import {
  applicableFilters,
  canonicalRequest,
  compilePolicy,
  definePolicy,
  type FilterOutcome,
  filterRequest,
  filterResponse,
  matchInputOf,
  type PolicyDocument,
  PolicyError,
  SCOPES,
  type Scope,
  scopesOf,
  wantedBody,
} from "@sallyport/core";
import { expect } from "vitest";
import { z } from "zod";
import { caseFields, defineArea } from "../area.js";

/** UTF-8 text, or any bytes in base64. */
const body = z.union([z.string(), z.strictObject({ base64: z.base64() })]);

const receipt = z.strictObject({
  scope: z.enum(SCOPES),
  filterId: z.string().optional(),
  operationId: z.string().optional(),
  effect: z.enum(["destroy", "retain"]).optional(),
  nodes: z.int(),
  paths: z.array(z.string()),
  on: z.literal("request").optional(),
  mode: z.literal("observe").optional(),
});

/** Captured variables by name: the value for the record, `null` when missing, `"[withheld]"` when not recorded. */
const variables = z.record(z.string(), z.string().nullable());

const expectation = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("refused"), pointer: z.string(), message: z.string() }),
  z.strictObject({
    kind: z.literal("untouched"),
    receipts: z.array(receipt).optional(),
    observed: z.string().optional(),
    variables: variables.optional(),
  }),
  z.strictObject({ kind: z.literal("withheld"), reason: z.string(), variables: variables.optional() }),
  z.strictObject({
    kind: z.literal("filtered"),
    body,
    receipts: z.array(receipt).optional(),
    /** Why it would not have gone on, if filters that only observe were enforced. */
    observed: z.string().optional(),
    variables: variables.optional(),
  }),
  /** Goes out piece by piece: all of `body`; with `reason` no more than that, then an error. */
  z.strictObject({
    kind: z.literal("streamed"),
    body,
    reason: z.string().optional(),
    receipts: z.array(receipt).optional(),
    variables: variables.optional(),
  }),
]);

const caseSchema = z.strictObject({
  ...caseFields,
  /** As in a policy document, by the scope that has them. */
  filters: z.partialRecord(z.enum(SCOPES), z.array(z.unknown())),
  settings: z.record(z.string(), z.unknown()).optional(),
  request: z
    .strictObject({
      method: z.string().optional(),
      url: z.string().optional(),
      headers: z.array(z.tuple([z.string(), z.string()])).optional(),
      /** Claims of a verified token. */
      token: z.record(z.string(), z.unknown()).optional(),
    })
    .optional(),
  /** Trusted input of the calling code. */
  vars: z.record(z.string(), z.unknown()).optional(),
  response: z
    .strictObject({
      status: z.int().default(200),
      headers: z.record(z.string(), z.string()).default({ "content-type": "application/json" }),
      body,
    })
    .optional(),
  /** In place of a response: the body that goes through the request filters. */
  sends: body.optional(),
  expect: expectation,
});

type FilterCase = z.output<typeof caseSchema>;

export const area = defineArea<FilterCase>({ caseSchema, replay });

function replay(one: FilterCase): void {
  const expected = one.expect;
  if (expected.kind === "refused") {
    const { pointer, message } = expected;
    expect(issuesOf(one)).toContainEqual(expect.objectContaining({ pointer, message }));
    return;
  }
  if (one.sends !== undefined) {
    replayRequest(one, one.sends);
    return;
  }
  const outcome = outcomeOf(one);
  const captured = Object.fromEntries(
    outcome.variables.map(({ name, value, isRecorded }) => [
      name,
      isRecorded ? (value ?? null) : "[withheld]",
    ]),
  );
  // Before the cause the reason names the filter, which is not what these cases are about.
  expect(outcome.kind === "withheld" ? outcome.reason.split(" applies: ")[1] : outcome.kind).toBe(
    expected.kind === "withheld" ? expected.reason : expected.kind,
  );
  expect(captured).toEqual(expected.variables ?? captured);
  if (outcome.kind === "filtered" && expected.kind === "filtered") {
    compare(outcome, expected);
  }
  if (expected.kind !== "streamed") return;
  for (const size of [Number.POSITIVE_INFINITY, 1, 2, 3, 7, 64]) {
    const result = streamed(outcomeOf(one), bytesOf(responseOf(one).body), size);
    expect({ size, reason: result.reason }).toEqual({ size, reason: expected.reason });
    compare(result, expected);
  }
}

function compare(
  actual: { readonly body: Uint8Array; readonly receipts: readonly unknown[] },
  expected: Pick<FilterCase["expect"] & { readonly kind: "filtered" }, "body" | "receipts">,
): void {
  // As text first, for a readable difference, then as bytes.
  expect(new TextDecoder().decode(actual.body)).toBe(new TextDecoder().decode(bytesOf(expected.body)));
  expect(Buffer.from(actual.body)).toEqual(bytesOf(expected.body));
  if (expected.receipts === undefined) return;
  expect(actual.receipts).toHaveLength(expected.receipts.length);
  expect(actual.receipts).toMatchObject(expected.receipts);
}

/** Sends a body through the filter of an outcome in pieces of one size. */
function streamed(outcome: FilterOutcome, body: Buffer, size: number) {
  if (outcome.kind !== "streamed") throw new Error("there is no filter to stream through");
  const { filter } = outcome;
  const out: Uint8Array[] = [];
  const take = (result: ReturnType<typeof filter.write>) => {
    out.push(result.bytes ?? Buffer.alloc(0));
    return result.ok ? undefined : result.reason.split(" applies: ")[1];
  };
  let reason: string | undefined;
  for (let from = 0; from < body.length && reason === undefined; from += size) {
    reason = take(filter.write(body.subarray(from, from + size)));
  }
  reason ??= take(filter.end());
  return { body: Buffer.concat(out), reason, receipts: filter.receipts() };
}

/** Withheld, of a request: denied. */
function replayRequest(one: FilterCase, sends: z.output<typeof body>): void {
  const expected = one.expect;
  const { filters, exchange, settings, input } = exchangeOf(one, "request");
  const bytes = bytesOf(sends);
  const result = filterRequest(
    filters,
    { headers: input.request.headers, body: { kind: "bytes", bytes } },
    exchange,
    settings,
  );
  const reason = result.body.kind === "refused" ? result.body.reason.split(" applies: ")[1] : undefined;
  const kind = result.isRewritten ? "filtered" : "untouched";
  expect(reason ?? kind).toBe(expected.kind === "withheld" ? expected.reason : expected.kind);
  if (expected.kind !== "filtered" && expected.kind !== "untouched") return;
  const left = result.body.kind === "bytes" ? result.body.bytes : Buffer.alloc(0);
  compare(
    { ...result, body: left },
    { ...expected, body: expected.kind === "filtered" ? expected.body : sends },
  );
  expect(result.observed?.split(" applies: ")[1]).toBe(expected.observed);
}

function responseOf({ response }: FilterCase) {
  if (response === undefined) throw new Error("the case has neither `response` nor `sends`");
  return response;
}

function outcomeOf(one: FilterCase) {
  const { filters: applicable, exchange, settings } = exchangeOf(one, "response");
  const response = responseOf(one);
  const bytes = bytesOf(response.body);
  const head = { status: response.status, headers: new Map(Object.entries(response.headers)) };
  const mostBytes = {
    whole: settings.maxFilterBufferBytes,
    "first-byte": Number.POSITIVE_INFINITY,
    nothing: 0,
  };
  const isRead = bytes.length <= mostBytes[wantedBody(applicable, head, settings)];
  return filterResponse(applicable, { ...head, body: isRead ? bytes : undefined }, exchange, settings);
}

function exchangeOf(one: FilterCase, on: "request" | "response") {
  const compiled = compilePolicy(definePolicy(documentOf(one)));
  const proxy = compiled.proxies.get("payroll");
  const { url = "https://api.example/v1/people", method = "GET", headers = [], token } = one.request ?? {};
  const request = canonicalRequest({ url, method, headers });
  const input = proxy && request && matchInputOf(proxy, request, token && { token });
  if (proxy === undefined || input === undefined) throw new Error("the request is outside the target");
  return {
    input,
    filters: applicableFilters(scopesOf(proxy, compiled.credentials.get("caller")), input, { on }),
    exchange: {
      input,
      own: { credentialId: "caller", proxyId: "payroll", requestId: "0190a0a0-0000-7000-8000-000000000000" },
      vars: one.vars ?? {},
    },
    settings: compiled.policy.settings,
  };
}

function issuesOf(one: FilterCase) {
  try {
    definePolicy(documentOf(one));
  } catch (error) {
    if (error instanceof PolicyError) return error.issues;
    throw error;
  }
  return [];
}

function documentOf({ filters, settings }: FilterCase): PolicyDocument {
  const of = (scope: Scope) => filters[scope] ?? [];
  const document = {
    clientId: "acme",
    region: "eu-west-1",
    targets: { people: { baseUrl: "https://api.example/v1", filters: of("target") } },
    credentials: {
      upstream: { type: "target", authType: "none", filters: of("targetCredential") },
      caller: { type: "proxy", authType: "none", filters: of("proxyCredential") },
    },
    proxies: {
      payroll: {
        target: "people",
        targetCredential: "upstream",
        proxyCredential: "caller",
        defaultRuleEffect: "allow",
        filters: of("proxy"),
      },
    },
    ...(settings === undefined ? {} : { settings }),
  };
  // The fragments come from a JSON file, so their types are what the policy's own schema makes of them.
  return document as PolicyDocument;
}

function bytesOf(value: z.output<typeof body>): Buffer {
  return typeof value === "string" ? Buffer.from(value, "utf8") : Buffer.from(value.base64, "base64");
}
