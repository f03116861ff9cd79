/**
 * The policy document: every field that is enforced, its type and its default.
 *
 * The schema is strict. A field of the specification that is not here yet is refused by name (`planned.ts`), so that
 * no author believes in a protection that is not there. The table for readers is docs/spec/policy.md, "Fields".
 */
import { z } from "zod";
import { SecretSource } from "../credential/secret-source.js";
import { MAX_QUERY_CHARACTERS } from "../json-query/parse-query.js";
import {
  bodyCheck,
  check,
  conditions,
  nestedPath,
  pattern,
  patternFields,
  tokenCheck,
  writtenWhen,
} from "./condition-schema.js";
import { id, notes } from "./entity-schema.js";
import { limits, network, tls } from "./network-schema.js";
import { retry } from "./retry-schema.js";
import { rule, writtenRule } from "./rule-schema.js";

const region = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "a region has 1 to 63 of `a-z 0-9 -`");

const name = z.string().min(1).max(200).describe("For people. Recorded beside the id.");
const active = z
  .boolean()
  .default(true)
  .describe("`false` denies every call that needs this: the incident switch.");
const effect = z.enum(["allow", "deny"]);

const mask = z.strictObject({
  with: z.string().max(200).default("[REDACTED]").describe("Stands for the value."),
  keepLast: z
    .int()
    .min(0)
    .max(64)
    .default(0)
    .describe("Characters of a scalar's end that stay, if its text has at least twice as many."),
});

const operation = z
  .strictObject({
    effect: z.enum(["destroy", "retain", "mask", "hash"]),
    jsonPath: pattern.optional().describe("A regular expression over path text such as `$.items[0].ssn`."),
    select: z
      .string()
      .max(MAX_QUERY_CHARACTERS)
      .optional()
      .describe("In place of `jsonPath`: a JSONPath query (RFC 9535) such as `$.items[*].ssn`."),
    matchValue: pattern.optional().describe("Only scalars whose text it matches. Not for `retain`."),
    mask: mask.optional().describe("How the value is masked; for `effect: mask`."),
    notes: notes.optional(),
  })
  .refine(({ jsonPath, select }) => jsonPath !== undefined || select !== undefined, {
    message: "`jsonPath` is missing, and `select` too: an operation has one of them",
    path: ["jsonPath"],
  })
  .refine(({ jsonPath, select }) => jsonPath === undefined || select === undefined, {
    message: "an operation has `jsonPath` or `select`, not both",
    path: ["select"],
  })
  .refine(({ effect, matchValue }) => effect !== "retain" || matchValue === undefined, {
    message: "`retain` keeps what its path names, whatever the value: it has no `matchValue`",
    path: ["matchValue"],
  })
  .refine(({ effect, mask }) => effect === "mask" || mask === undefined, {
    message: "only `effect: mask` has a `mask`",
    path: ["mask"],
  });

const variable = z.strictObject({
  name: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/, "a variable's name is a word such as `userId`"),
  source: z.enum([
    "headers",
    "responseHeaders",
    "responseBody",
    "responseStatus",
    "query",
    "token",
    "method",
    "path",
    "vars",
  ]),
  key: z
    .string()
    .max(1000)
    .optional()
    .describe(
      "Header, parameter or variable name, a claim's dotted path, or an RFC 9535 query for `responseBody`.",
    ),
  record: z.literal("core").optional().describe("`core`: the value may stand in records for ever."),
});

const filter = z.strictObject({
  id: id.optional(),
  mode: z
    .enum(["enforce", "observe", "off"])
    .default("enforce")
    .describe("`observe`: what it would do is recorded, and not done. `off`: never applies."),
  on: z
    .enum(["response", "request"])
    .default("response")
    .describe("`request`: the request's body is filtered, before it is decided on and sent."),
  ...conditions,
  variables: z.array(variable).max(100).default([]),
  operations: z.array(operation).max(1000).describe("May be empty: such a filter only captures variables."),
  notes: notes.optional(),
});

/** Of one scope. */
export const MAX_RULES = 20_000;

const scoped = {
  name: name.optional(),
  notes: notes.optional(),
  active,
  region: region.optional(),
  defaultRuleEffect: effect.optional(),
  rules: z.array(rule).max(MAX_RULES).default([]),
  filters: z.array(filter).max(1000).default([]),
};

const target = z.strictObject({
  ...scoped,
  baseUrl: z.string().describe("http or https, without credentials, query and fragment."),
  network: network.prefault({}),
  tls: tls.prefault({}),
  limits: limits.prefault({}),
});

const secret = z
  .strictObject({
    sealed: z.string().min(1).optional().describe("An `sp1:` envelope."),
    env: z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "expected the name of an environment variable")
      .optional(),
    inline: z.record(z.string(), z.unknown()).optional().describe("Only through `definePolicy`, in process."),
  })
  .refine((value) => Object.values(value).filter((one) => one !== undefined).length === 1, {
    message: "a secret has exactly one of `sealed`, `env`, `inline`",
  })
  .transform(({ sealed, env, inline }) => {
    if (sealed !== undefined) return new SecretSource({ kind: "sealed", envelope: sealed });
    if (env !== undefined) return new SecretSource({ kind: "env", name: env });
    return new SecretSource({ kind: "inline", value: Object.freeze({ ...inline }) });
  });

const AUTH_TYPE_ALIASES: Readonly<Record<string, AuthType>> = { key: "apiKey", basic: "basicAuth" };

/** How a credential is presented. */
export type AuthType = "apiKey" | "bearer" | "basicAuth" | "none";

const authType = z
  .enum(["apiKey", "bearer", "basicAuth", "none", "key", "basic"])
  .transform((word) => AUTH_TYPE_ALIASES[word] ?? (word as AuthType));

const credential = z.strictObject({
  ...scoped,
  type: z.enum(["proxy", "target"]),
  authType,
  secret: secret.optional(),
  version: z.int().min(1).default(1).describe("Raised by each rotation; bound into the ciphertext."),
  origins: z
    .array(z.string())
    .min(1)
    .optional()
    .describe("Where it may be sent. Omitted: the origins of the targets of the proxies that name it."),
  expiresAt: z.iso.datetime().optional().describe("Denied from this time on."),
  allowUnversioned: z
    .boolean()
    .default(false)
    .describe("Opens the bare `iv:tag:data` form too; needs `origins`."),
  keepCallerAuth: z
    .boolean()
    .default(false)
    .describe("With `authType: none`: the caller's own headers are sent."),
});

const proxy = z.strictObject({
  ...scoped,
  target: id,
  proxyCredential: z
    .union([id, z.array(id).min(1)])
    .transform((value) => (typeof value === "string" ? [value] : value))
    .optional(),
  targetCredential: id.optional(),
  alias: id.optional(),
  mode: z
    .enum(["enforce", "observe"])
    .default("enforce")
    .describe("`observe`: what the policy says is recorded, and calls go on all the same."),
  inProcess: z
    .literal("skip-proxy-credential")
    .optional()
    .describe("Calls in process need no proxy credential."),
  allowOverrideHeaders: z
    .array(
      z
        .string()
        .min(1)
        .transform((header) => header.toLowerCase()),
    )
    .default([])
    .describe("Method and path overrides that may pass, for example `x-http-method-override`."),
  paths: z
    .strictObject({
      ambiguous: z.enum(["deny", "allow"]).default("deny"),
      record: z.literal("core").optional().describe("`core`: raw paths may stand in records for ever."),
    })
    .prefault({}),
  redirects: z
    .strictObject({
      mayEnter: z.array(id).default([]).describe("Proxies whose credential a redirect may pick up."),
    })
    .prefault({}),
  retry: retry.optional().describe("When a request is sent again. Omitted: never."),
});

const settings = z
  .strictObject({
    defaultProxy: z
      .record(z.string(), id)
      .default({})
      .describe("Target id to the proxy that URL-routed calls take."),
    filterStatuses: z.enum(["all", "success"]).default("all").describe("Which responses are filtered."),
    maxFilterBufferBytes: z
      .int()
      .min(1024)
      .max(256 * 1024 * 1024)
      .default(1024 * 1024)
      .describe("JSON bodies above this stream through the filters; an event or line above it is withheld."),
    maxScalarBytes: z
      .int()
      .min(1024)
      .default(1024 * 1024)
      .describe("A member's key above this is withheld together with its document."),
    maxJsonDepth: z.int().min(1).max(10_000).default(512).describe("Documents nested deeper are withheld."),
    maxRequestInspectBytes: z
      .int()
      .min(1024)
      .max(256 * 1024 * 1024)
      .default(1024 * 1024)
      .describe("`body` checks of rules cannot look at a larger request body."),
  })
  .prefault({});

/** A policy as it may be written. */
export const writtenPolicy = z.strictObject({
  version: z.literal(1).default(1),
  clientId: id,
  region,
  targets: z.record(id, target).default({}),
  credentials: z.record(id, credential).default({}),
  proxies: z.record(id, proxy).default({}),
  settings,
  // The one field that nothing comes of. Without it editors could not complete a policy, and it cannot weaken one.
  $schema: z
    .string()
    .optional()
    .describe("For editors: where this JSON Schema is. Not looked at, and no part of the policy."),
});

export const policySchema = writtenPolicy.transform(({ $schema: _schema, ...policy }) => policy);

/** The shape of each level, for errors that name the nearest field. */
export const LEVEL_FIELDS = {
  policy: Object.keys(writtenPolicy.shape),
  target: Object.keys(target.shape),
  credential: Object.keys(credential.shape),
  proxy: Object.keys(proxy.shape),
  rule: Object.keys(writtenRule.shape),
  filter: Object.keys(filter.shape),
  operation: Object.keys(operation.shape),
  mask: ["with", "keepLast"],
  variable: Object.keys(variable.shape),
  check: Object.keys(check.shape),
  "token check": Object.keys(tokenCheck.shape),
  "body check": Object.keys(bodyCheck.shape),
  when: Object.keys(writtenWhen.shape),
  pattern: [...Object.keys(patternFields), "presence"],
  "nested path": Object.keys(nestedPath.shape),
  settings: [
    "defaultProxy",
    "filterStatuses",
    "maxFilterBufferBytes",
    "maxScalarBytes",
    "maxJsonDepth",
    "maxRequestInspectBytes",
  ],
  secret: ["sealed", "env", "inline"],
  paths: ["ambiguous", "record"],
  redirects: ["mayEnter"],
  network: Object.keys(network.shape),
  tls: Object.keys(tls.shape),
  limits: Object.keys(limits.shape),
  retry: Object.keys(retry.shape),
} as const;

export type Level = keyof typeof LEVEL_FIELDS;

export type { BodyCheck, Check, PathCheck, PatternSpec, TokenCheck } from "./condition-schema.js";
export type { Rule } from "./rule-schema.js";

/** A policy as it is written: JSON-able, defaults left out. */
export type PolicyDocument = ReadonlyDeep<z.input<typeof policySchema>>;

/** Parts of a document, for policies that are put together from several files. */
export type TargetDocument = ReadonlyDeep<z.input<typeof target>>;
export type CredentialDocument = ReadonlyDeep<z.input<typeof credential>>;
export type ProxyDocument = ReadonlyDeep<z.input<typeof proxy>>;
export type RuleDocument = ReadonlyDeep<z.input<typeof rule>>;
export type FilterDocument = ReadonlyDeep<z.input<typeof filter>>;

/** So that a document written `as const` is one. */
type ReadonlyDeep<T> = T extends object ? { readonly [K in keyof T]: ReadonlyDeep<T[K]> } : T;

/** A policy as it is compiled: checked, defaults filled in, aliases resolved, secrets wrapped. Deeply frozen. */
export type Policy = z.output<typeof policySchema>;

export type TargetEntity = z.output<typeof target>;
export type CredentialEntity = z.output<typeof credential>;
export type ProxyEntity = z.output<typeof proxy>;
export type Filter = z.output<typeof filter>;
export type Operation = z.output<typeof operation>;
export type Variable = z.output<typeof variable>;
export type Settings = z.output<typeof settings>;
export type ProxyRetry = z.output<typeof retry>;
export type TargetTls = z.output<typeof tls>;
export type TargetLimits = z.output<typeof limits>;
