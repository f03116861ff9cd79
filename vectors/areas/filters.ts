/** Filters: one response, the filters of up to four scopes, and what the caller gets. */
import {
  applicableFilters,
  canonicalRequest,
  compilePolicy,
  definePolicy,
  filterResponse,
  matchInputOf,
  type PolicyDocument,
  PolicyError,
  SCOPES,
  type Scope,
  scopesOf,
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
});

/** Captured variables by name: the value for the record, `null` when missing, `"[withheld]"` when not recorded. */
const variables = z.record(z.string(), z.string().nullable());

const expectation = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("refused"), pointer: z.string(), message: z.string() }),
  z.strictObject({ kind: z.literal("untouched"), variables: variables.optional() }),
  z.strictObject({ kind: z.literal("withheld"), reason: z.string(), variables: variables.optional() }),
  z.strictObject({
    kind: z.literal("filtered"),
    body,
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
    })
    .optional(),
  /** Trusted input of the calling code. */
  vars: z.record(z.string(), z.unknown()).optional(),
  response: z.strictObject({
    status: z.int().default(200),
    headers: z.record(z.string(), z.string()).default({ "content-type": "application/json" }),
    body,
  }),
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
  if (outcome.kind !== "filtered" || expected.kind !== "filtered") return;
  // As text first, for a readable difference, then as bytes.
  expect(new TextDecoder().decode(outcome.body)).toBe(new TextDecoder().decode(bytesOf(expected.body)));
  expect(Buffer.from(outcome.body)).toEqual(bytesOf(expected.body));
  if (expected.receipts === undefined) return;
  expect(outcome.receipts).toHaveLength(expected.receipts.length);
  expect(outcome.receipts).toMatchObject(expected.receipts);
}

function outcomeOf(one: FilterCase) {
  const compiled = compilePolicy(definePolicy(documentOf(one)));
  const proxy = compiled.proxies.get("payroll");
  const { url = "https://api.example/v1/people", method = "GET", headers = [] } = one.request ?? {};
  const request = canonicalRequest({ url, method, headers });
  const input = proxy && request && matchInputOf(proxy, request);
  if (proxy === undefined || input === undefined) throw new Error("the request is outside the target");
  return filterResponse(
    applicableFilters(scopesOf(proxy, compiled.credentials.get("caller")), input),
    {
      status: one.response.status,
      headers: new Map(Object.entries(one.response.headers)),
      body: bytesOf(one.response.body),
    },
    {
      input,
      own: { credentialId: "caller", proxyId: "payroll", requestId: "0190a0a0-0000-7000-8000-000000000000" },
      vars: one.vars ?? {},
    },
    compiled.policy.settings,
  );
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
