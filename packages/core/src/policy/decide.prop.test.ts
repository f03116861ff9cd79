import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CanonicalRequest, canonicalRequest } from "../http/canonical-request.js";
import { often, runs } from "../runs.reference.js";
import { compilePolicy } from "./compile.js";
import { decide } from "./decide.js";
import { decideNaively, type PlainRequest, type Verdict } from "./decide.reference.js";
import type { Decision, Scope } from "./decision.js";
import type { DecisionContext } from "./decision-context.js";
import { explain } from "./explain.js";
import { definePolicy } from "./parse-policy.js";
import type { PolicyDocument } from "./schema.js";

type Proxy = NonNullable<PolicyDocument["proxies"]>[string];
type Credential = NonNullable<PolicyDocument["credentials"]>[string];
type Rule = NonNullable<Proxy["rules"]>[number];

/** Mostly good, sometimes not: what denies before the rules must not hide the rules. */
const mostly = <T>(usual: T, ...seldom: T[]) => fc.constantFrom(...Array<T>(24).fill(usual), ...seldom);

const presence = fc.constantFrom("must_exist", "must_not_exist", "present", "absent");
const pathPattern = fc.constantFrom(
  "^/admin",
  "items",
  "^/$",
  "/a$",
  "%2F",
  "^/(a|items)/",
  "é",
  "^/admin/items",
);
const flags = fc.constantFrom("i", "");
const check = fc.record(
  {
    name: fc.constantFrom("^x-a$", "^x-", "credential-id$", "^Auth", "role", "^$"),
    matchValue: fc.constantFrom("^1", "2$", "\\s", "^pc$"),
    presence,
  },
  { requiredKeys: ["name"] },
);
const checks = fc.array(check, { minLength: 1, maxLength: 2 });
const claim = fc.constantFrom("role", "a.b", "a.b.c", "https://id.example/role", "none");
const tokenCheck = fc.record(
  { claim, matchValue: fc.constantFrom("^1$", "^true$", "null", "."), presence },
  { requiredKeys: ["claim"] },
);
const actorCheck = fc.record(
  {
    name: fc.constantFrom("^id$", "^tenant$", "^claims\\.", "\\.b$", "role"),
    matchValue: fc.constantFrom("^1$", "^user$", "."),
    presence,
  },
  { requiredKeys: ["name"] },
);
const bodyCheck = fc.record(
  {
    jsonPath: fc.constantFrom(".*", "\\.role$", "^\\$$", "\\[1\\]", "\\.a\\.b", "__proto__"),
    matchValue: fc.constantFrom("^1$", "^1000$", "^true$", "é", "x"),
    presence,
  },
  { requiredKeys: ["jsonPath"] },
);
const timeZone = fc.constantFrom("UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu");
const days = fc.subarray(["mon", "tue", "sun", "sat"] as const, { minLength: 1 });
const clock = fc.constantFrom("00:00", "02:00", "05:45", "20:00", "23:59");
const when = fc.oneof(
  fc
    .record({ from: clock, to: clock, days, timeZone }, { requiredKeys: ["from", "to"] })
    .filter(({ from, to }) => from !== to),
  fc.record({ from: clock, days, timeZone }, { requiredKeys: ["from"] }),
  fc.record({ days, timeZone }, { requiredKeys: ["days"] }),
  fc.record({ from: fc.constantFrom("2026-06-01T00:00:00Z", "2026-06-01T02:00:00.001+02:00") }),
  fc.record({ to: fc.constantFrom("2026-06-01T00:00:00Z", "2026-06-01T00:00:00.001Z"), days }),
);
const component = fc.oneof(
  fc.record({ priority: fc.constantFrom(0, 1, 1000) }),
  fc.record({ methods: fc.uniqueArray(fc.constantFrom("GET", "post", "Purge"), { minLength: 1 }) }),
  fc.record({ host: fc.constantFrom("^api\\.example$", "other", ".") }),
  fc.record({ path: pathPattern }),
  fc.record({ path: fc.record({ pattern: pathPattern, flags, presence }, { requiredKeys: ["pattern"] }) }),
  fc.record({ headers: checks }),
  fc.record({ query: checks }),
  fc.record({ token: fc.array(tokenCheck, { minLength: 1, maxLength: 2 }) }),
  fc.record({ actor: fc.array(actorCheck, { minLength: 1, maxLength: 2 }) }),
  fc.record({ body: fc.array(bodyCheck, { minLength: 1, maxLength: 2 }) }),
  fc.record({ when }),
  fc.record({ path: fc.record({ path: pathPattern, presence }, { requiredKeys: ["path"] }) }),
  fc.record({ pathPattern, pathPresence: presence }, { requiredKeys: ["pathPattern"] }),
  fc.record({ headerChecks: checks, regexFlags: flags }, { requiredKeys: ["headerChecks"] }),
  fc.record({ queryChecks: checks, regexFlags: flags }, { requiredKeys: ["queryChecks"] }),
);

/** At most two components: a rule with all of them matches next to nothing. */
const rule = fc
  .tuple(
    fc.constantFrom("allow" as const, "deny" as const),
    fc.constantFrom<Partial<Rule>>({}, {}, {}, {}, { mode: "observe" }, { mode: "observe" }, { mode: "off" }),
    fc.array(component, { maxLength: 2 }),
  )
  .map(([effect, mode, parts]): Rule => Object.assign({ effect, ...mode }, ...parts))
  .filter((one) => {
    const spelledTwice = [
      [one.path, one.pathPattern],
      [one.headers, one.headerChecks],
      [one.query, one.queryChecks],
    ].some((spellings) => !spellings.includes(undefined));
    return !spelledTwice;
  });

const scope = fc.record(
  {
    active: mostly(true, false),
    defaultRuleEffect: fc.constantFrom("allow" as const, "allow" as const, "deny" as const),
    rules: fc
      .array(rule, { maxLength: 3 })
      .map((list) => list.map((one, index): Rule => ({ ...one, id: `r${index}` }))),
  },
  { requiredKeys: ["active", "rules"] },
);

const NOW = Date.parse("2026-06-01T00:00:00Z");
const credential = fc
  .tuple(scope, mostly("2026-06-01T00:00:00.001Z", "2026-06-01T00:00:00Z"))
  .map(([one, expiresAt]) => ({ ...one, expiresAt }));
const proxyOptions = fc
  .record({
    paths: fc.record({ ambiguous: fc.constantFrom("deny" as const, "allow" as const) }),
    allowOverrideHeaders: fc.subarray(["X-HTTP-Method-Override", "_method"]),
    targetCredential: fc.constantFrom<Partial<Proxy>>({}, { targetCredential: "tc" }),
    proxyCredential: fc.constantFrom<Partial<Proxy>>(
      {},
      { proxyCredential: "pc" },
      { proxyCredential: ["pc"] },
    ),
    inProcess: fc.constantFrom<Partial<Proxy>>({}, { inProcess: "skip-proxy-credential" }),
  })
  .map(
    ({ targetCredential, proxyCredential, inProcess, ...options }): Partial<Proxy> => ({
      ...options,
      ...targetCredential,
      ...proxyCredential,
      ...inProcess,
    }),
  );

/** What the target credential sets: `authorization`, `x-api-key`, a header of its own, or nothing. */
const authentication = fc.constantFrom<Pick<Credential, "authType" | "secret">>(
  { authType: "bearer", secret: { env: "TOKEN" } },
  { authType: "apiKey", secret: { env: "KEY" } },
  { authType: "apiKey", secret: { inline: { key: "k", headerName: "X-A" } } },
  { authType: "none" },
);

const policy: fc.Arbitrary<PolicyDocument> = fc
  .tuple(
    scope,
    scope,
    credential,
    credential,
    fc.constantFrom("", "/", "/a", "/a/admin"),
    proxyOptions,
    authentication,
  )
  .map(([proxy, target, tc, pc, basePath, options, injected]) => ({
    clientId: "acme",
    region: "eu-1",
    targets: { t: { ...target, baseUrl: `https://api.example${basePath}` } },
    credentials: {
      tc: { ...tc, ...injected, type: "target" },
      pc: { ...pc, type: "proxy", authType: "none" },
    },
    proxies: {
      p: { ...proxy, ...options, target: "t" },
    },
  }));

const plainSegment = fc.constantFrom("admin", "items", "Items", "a", "%61dmin", "caf%C3%A9", "x%20y", "..");
const segment = fc.oneof(
  { weight: 6, arbitrary: plainSegment },
  { weight: 1, arbitrary: fc.constantFrom("admin%2Fitems", "", "%2561dmin", "..;a") },
);
const value = fc.constantFrom("1", "2", "one two", "");

const scalar = fc.constantFrom<unknown>("1", 1, true, null, "user", "é");
const claims = fc.record(
  {
    role: fc.oneof(scalar, fc.array(scalar, { maxLength: 2 }), fc.constant([["1"]]), fc.constant({})),
    a: fc.oneof(scalar, fc.record({ b: fc.oneof(scalar, fc.record({ c: scalar })) })),
    "a.b": fc.oneof(scalar, fc.record({ c: scalar })),
    "https://id.example/role": scalar,
  },
  { requiredKeys: [] },
);
const actor = fc.record(
  {
    type: fc.constantFrom("user" as const, "service" as const),
    id: fc.constantFrom("1", "x"),
    tenant: scalar.map(String),
    claims,
  },
  { requiredKeys: ["type", "id"] },
);
const json = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom('"1"', "1", "1e3", "1000.0", "-0", "1e400", "true", "null", '"x"', '"\\u00e9"', '"\\"1"'),
    fc.array(tie("value"), { maxLength: 2 }).map((list) => `[ ${list.join(" ,\n")}]`),
    fc
      .array(fc.tuple(fc.constantFrom("role", "a", "b", "r\\u006fle", "__proto__", "a.b"), tie("value")), {
        maxLength: 3,
      })
      .map((members) => `{${members.map(([name, one]) => `"${name}" : ${one}`).join(",")} }`),
  ),
})).value;
const body = fc.oneof(
  { weight: 6, arbitrary: json },
  { weight: 1, arbitrary: fc.constantFrom(null, "", "\ufeff[1]", "role=1", '{"role":1', "01", '"a\tb"') },
);
const context = fc.record(
  { actor, token: claims, body, carriesCredential: fc.boolean() },
  { requiredKeys: [] },
);
const request: fc.Arbitrary<PlainRequest> = fc
  .record({
    origin: mostly(
      "https://api.example",
      "https://API.example:443",
      "https://other.example",
      "http://api.example",
    ),
    underBase: mostly("/a/admin", "", "/a"),
    segments: fc.array(segment, { minLength: 1, maxLength: 3 }),
    pairs: fc.array(fc.tuple(fc.constantFrom("role", "x-a", ""), value), { maxLength: 2 }),
    override: mostly<[string, string][]>([], [["_method", "PUT"]]),
    method: mostly("GET", "POST", "post", "purge", "link", "trace"),
    headers: fc.dictionary(fc.constantFrom("X-A", "x-b", "X-RR-Credential-ID"), value, { maxKeys: 2 }),
    overrideHeader: mostly<Record<string, string>>({}, { "x-http-method-override": "PUT" }),
    contentType: mostly<Record<string, string>>(
      {},
      { "content-type": "text/plain;charset=utf-8" },
      { "Content-Type": "application/json; charset=utf-7" },
    ),
    proxyCredential: fc.constantFrom({ proxyCredential: "pc" }, {}),
    now: mostly(NOW, NOW - 1, NOW + 1, NOW + 5 * 3_600_000, Number.NaN),
    context,
  })
  .map(({ origin, underBase, segments, pairs, override, headers, overrideHeader, contentType, ...rest }) => {
    const { method, now, proxyCredential } = rest;
    const query = new URLSearchParams([...pairs, ...override]).toString();
    const url = `${origin}${underBase}/${segments.join("/")}${query === "" ? "" : `?${query}`}`;
    return {
      url,
      method,
      headers: { ...headers, ...overrideHeader, ...contentType },
      now,
      ...proxyCredential,
      ...rest.context,
    };
  });

/** Most calls bring the credential that the proxy asks for: only those get to the rules. */
const call = fc.tuple(policy, fc.array(request, { minLength: 8, maxLength: 8 }), mostly(true, false)).map(
  ([document, requests, isFitted]) =>
    [
      document,
      requests.map((one): PlainRequest => {
        if (!isFitted || document.proxies?.p?.inProcess !== undefined) return one;
        const { proxyCredential: _, ...rest } = one;
        return document.proxies?.p?.proxyCredential === undefined ? rest : { ...rest, proxyCredential: "pc" };
      }),
    ] as const,
);

function decisionsOf(document: PolicyDocument, requests: readonly PlainRequest[]): Decision[] {
  const compiled = compilePolicy(definePolicy(document));
  return requests.map((one) => decide(compiled, "p", ...askedOf(one)));
}

/** What `decide` is asked about: the request, and its context. */
function askedOf({
  url,
  method,
  headers,
  body,
  ...context
}: PlainRequest): [CanonicalRequest, DecisionContext] {
  const canonical = canonicalRequest({ url, method, headers: Object.entries(headers) });
  if (canonical === undefined) throw new Error("a generated URL does not parse");
  if (body === undefined) return [canonical, context];
  const none = { kind: "none" } as const;
  const given = body === null ? none : ({ kind: "bytes", bytes: new TextEncoder().encode(body) } as const);
  return [canonical, { ...context, body: given }];
}

function verdictOf(decision: Decision): Verdict {
  const observed = decision.observed && { observed: decision.observed };
  if (decision.effect === "allow") return { effect: "allow", ...observed };
  const { effect, code, scope, ruleId } = decision;
  return { effect, code, ...(scope && { scope }), ...(ruleId && { ruleId }), ...observed };
}

const PLACES = [
  ["targets", "t"],
  ["credentials", "tc"],
  ["credentials", "pc"],
  ["proxies", "p"],
] as const;

/** The document with the rules of one place changed. */
function withRules(
  document: PolicyDocument,
  [kind, id]: (typeof PLACES)[number],
  change: (rules: readonly Rule[]) => Rule[],
): PolicyDocument {
  const entity = document[kind]?.[id];
  return {
    ...document,
    [kind]: { ...document[kind], [id]: { ...entity, rules: change(entity?.rules ?? []) } },
  };
}

describe("decisions on random policies and requests", () => {
  it("are those of the naive twin, and every outcome occurs", () => {
    const outcomes = new Map<string, number>();
    fc.assert(
      fc.property(call, ([document, requests]) => {
        const verdicts = decisionsOf(document, requests).map(verdictOf);
        expect(verdicts).toEqual(requests.map((one) => decideNaively(document, "p", one)));
        for (const { effect, code, scope, observed } of verdicts) {
          const outcome = [effect, code, scope].filter(Boolean).join(" ");
          for (const one of [outcome, `${effect}, observed ${observed}`])
            outcomes.set(one, (outcomes.get(one) ?? 0) + 1);
        }
      }),
      { numRuns: runs(1000) },
    );
    const byScope = ["targetCredential", "target", "proxyCredential", "proxy"].flatMap((scope) => [
      `deny rule ${scope}`,
      `deny default ${scope}`,
    ]);
    const byCode = ["unrouted", "unevaluable", "path_ambiguous", "inactive", "credential"].map(
      (code) => `deny ${code}`,
    );
    const byObservation = ["allow", "deny"].flatMap((effect) => [
      `${effect}, observed allow`,
      `${effect}, observed deny`,
    ]);
    const seldom = [...byScope, ...byCode, ...byObservation].filter(
      (outcome) => (outcomes.get(outcome) ?? 0) < often(5),
    );
    expect(seldom).toEqual([]);
    expect(outcomes.get("allow")).toBeGreaterThan(often(150));
  });

  it("do not depend on the order of rules", () => {
    fc.assert(
      fc.property(
        call,
        fc.array(fc.nat(), { minLength: 12, maxLength: 12 }),
        ([document, requests], keys) => {
          const shuffled = PLACES.reduce(
            (whole, place) => withRules(whole, place, (rules) => shuffle(rules, keys)),
            document,
          );
          expect(decisionsOf(shuffled, requests)).toEqual(decisionsOf(document, requests));
        },
      ),
      { numRuns: runs(150) },
    );
  });

  it("are those that `explain` gives, which accounts for every rule that is not switched off", () => {
    fc.assert(
      fc.property(call, ([document, requests]) => {
        const compiled = compilePolicy(definePolicy(document));
        for (const one of requests.map(askedOf)) {
          const { decision, scopes } = explain(compiled, "p", ...one);
          expect(decision).toEqual(decide(compiled, "p", ...one));
          for (const [position, { scope, id, matched, observed }] of decision.scopes.entries()) {
            const { rules = [] } = rulesAt(document, scope, id);
            const named = [
              ...matched.map(({ ruleId }) => ruleId),
              ...(observed?.matched ?? []).map(({ ruleId }) => ruleId),
              ...(scopes[position]?.unmatched ?? []).map(({ ruleId }) => ruleId),
            ];
            const inForce = rules.filter(({ mode }) => mode !== "off").map((rule) => rule.id);
            expect(named.toSorted()).toEqual(inForce.toSorted());
          }
        }
      }),
      { numRuns: runs(150) },
    );
  });

  it("never turn from deny into allow by another deny rule", () => {
    fc.assert(
      fc.property(call, fc.constantFrom(...PLACES), rule, ([document, requests], place, added) => {
        const stricter = withRules(document, place, (rules) => [
          ...rules,
          { ...added, effect: "deny", id: "added" },
        ]);
        const after = decisionsOf(stricter, requests);
        for (const [index, { effect }] of decisionsOf(document, requests).entries()) {
          if (effect === "deny") expect(after[index]?.effect).toBe("deny");
        }
      }),
      { numRuns: runs(150) },
    );
  });

  it("never turn from a rule's deny into allow by another allow rule", () => {
    let tried = 0;
    fc.assert(
      fc.property(call, fc.constantFrom(...PLACES), rule, ([document, requests], place, added) => {
        const looser = withRules(document, place, (rules) => [
          ...rules,
          { ...added, effect: "allow", id: "added" },
        ]);
        const after = decisionsOf(looser, requests);
        for (const [index, before] of decisionsOf(document, requests).entries()) {
          if (before.effect !== "deny" || before.code !== "rule") continue;
          tried++;
          expect(after[index]?.effect).toBe("deny");
        }
      }),
      { numRuns: runs(150) },
    );
    expect(tried).toBeGreaterThan(often(100));
  });
});

function rulesAt(
  document: PolicyDocument,
  scope: Scope,
  id: string,
): { readonly rules?: readonly Rule[] | undefined } {
  const kind = scope === "target" ? "targets" : scope === "proxy" ? "proxies" : "credentials";
  return document[kind]?.[id] ?? {};
}

function shuffle<T>(list: readonly T[], keys: readonly number[]): T[] {
  return list
    .map((member, index) => ({ member, key: keys[index] ?? 0 }))
    .sort((a, b) => a.key - b.key)
    .map(({ member }) => member);
}
