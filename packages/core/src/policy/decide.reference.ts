/**
 * The naive twin of `decide`: the text of docs/spec/policy.md, sentence by sentence, on the document as it is written.
 *
 * Compiles nothing, shares no code with what it is compared with, and uses the platform's own regular expressions.
 * Knows of the canonical form only what its requests need: their hosts are plain and their escapes are UTF-8.
 */
import { actorFieldsNaively, bodyNodesNaively, claimNaively, isWithinNaively } from "./context.reference.js";
import type { Actor } from "./decision-context.js";
import type { PolicyDocument } from "./schema.js";

export interface PlainRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly proxyCredential?: string;
  readonly now: number;
  readonly actor?: Actor;
  readonly token?: Readonly<Record<string, unknown>>;
  /** `null`: there is none; absent: nobody looked. */
  readonly body?: string | null;
  readonly carriesCredential?: boolean;
}

export interface Verdict {
  readonly effect: "allow" | "deny";
  readonly code?: string;
  readonly scope?: string;
  readonly ruleId?: string;
  /** The effect if rules that only observe were enforced; absent when none of them matches. */
  readonly observed?: "allow" | "deny";
}

type Proxy = NonNullable<PolicyDocument["proxies"]>[string];
type Credential = NonNullable<PolicyDocument["credentials"]>[string];
type Rule = NonNullable<Proxy["rules"]>[number];
type PatternText = NonNullable<Rule["host"]>;
type Presence = "must_exist" | "must_not_exist" | "present" | "absent";

/** What `decide` should say about a request that names the proxy. */
export function decideNaively(policy: PolicyDocument, proxyId: string, request: PlainRequest): Verdict {
  const proxy = policy.proxies?.[proxyId];
  const target = proxy && policy.targets?.[proxy.target];
  if (proxy === undefined || target === undefined) return deny("unrouted");
  const url = new URL(request.url);
  if (url.username !== "" || /^(connect|trace|track)$/i.test(request.method)) return deny("unevaluable");

  const path = url.pathname.replace(/%[0-9a-f]{2}/gi, (text) => text.toUpperCase()).replaceAll("%61", "a");
  const allowsAmbiguous = proxy.paths?.ambiguous === "allow";
  if (/%2F|%5C|%25[0-9A-F]{2}|\/\/|\/\.\.?;/.test(path) && !allowsAmbiguous) return deny("path_ambiguous");
  const allowed = (proxy.allowOverrideHeaders ?? []).map((name) => name.toLowerCase());
  const overrides = [
    ...Object.keys(request.headers).filter((name) => /^x-(http-method-override|rewrite-url)$/i.test(name)),
    ...[...url.searchParams.keys()].filter((name) => name === "_method"),
  ];
  if (overrides.some((name) => !allowed.includes(name.toLowerCase()))) return deny("path_ambiguous");

  if (proxy.active === false || target.active === false) return deny("inactive");
  const accepted = [proxy.proxyCredential ?? []].flat();
  const inForce = request.proxyCredential;
  if (inForce !== undefined && !accepted.includes(inForce)) return deny("credential");
  if (inForce === undefined && accepted.length > 0 && proxy.inProcess === undefined)
    return deny("credential");
  const credentials = [proxy.targetCredential, inForce].flatMap((id) => policy.credentials?.[id ?? ""] ?? []);
  for (const { active, expiresAt } of credentials) {
    if (active === false) return deny("inactive");
    if (expiresAt !== undefined && !(request.now < Date.parse(expiresAt))) return deny("credential");
  }

  const base = new URL(target.baseUrl);
  const basePath = base.pathname === "/" ? "" : base.pathname;
  if (url.origin !== base.origin) return deny("unrouted");
  if (path !== basePath && !path.startsWith(`${basePath}/`)) return deny("unrouted");
  const below = path.slice(basePath.length) || "/";
  const readings = allowsAmbiguous ? [below, fullyDecoded(below)] : [below];

  // Four scopes, all of which must allow. Any deny denies; else any allow allows; else the default decides.
  const scopes = [
    {
      scope: "targetCredential",
      fallback: "allow",
      entity: policy.credentials?.[proxy.targetCredential ?? ""],
    },
    { scope: "target", fallback: "allow", entity: target },
    { scope: "proxyCredential", fallback: "allow", entity: policy.credentials?.[inForce ?? ""] },
    { scope: "proxy", fallback: "deny", entity: proxy },
  ];
  const setHeader = request.carriesCredential === false ? undefined : headerSetBy(credentials[0], proxy);
  const matchingIn = (rules: readonly Rule[]) =>
    rules.filter((rule) => {
      const looks = rule.effect === "deny" ? readings : [below];
      return looks.some((reading) => matches(rule, request, url, reading, setHeader));
    });
  const verdictOf = (modes: readonly string[]): Verdict => {
    for (const { scope, fallback, entity } of scopes) {
      if (entity === undefined) continue;
      const matching = matchingIn(
        (entity.rules ?? []).filter((rule) => modes.includes(rule.mode ?? "enforce")),
      );
      const denying = matching.filter((rule) => rule.effect === "deny");
      const first = denying.toSorted(
        (a, b) => (b.priority ?? 0) - (a.priority ?? 0) || (`${a.id}` < `${b.id}` ? -1 : 1),
      )[0];
      if (first !== undefined) return deny("rule", scope, first.id);
      if (matching.length === 0 && (entity.defaultRuleEffect ?? fallback) === "deny")
        return deny("default", scope);
    }
    return { effect: "allow" };
  };
  const observing = scopes.flatMap(({ entity }) =>
    (entity?.rules ?? []).filter(({ mode }) => mode === "observe"),
  );
  if (matchingIn(observing).length === 0) return verdictOf(["enforce"]);
  return { ...verdictOf(["enforce"]), observed: verdictOf(["enforce", "observe"]).effect };
}

/** A check that cannot be evaluated counts as satisfied in a deny rule, unsatisfied in an allow rule. */
function matches(
  rule: Rule,
  request: PlainRequest,
  url: URL,
  path: string,
  setHeader: string | undefined,
): boolean {
  const { token, actor } = request;
  const unevaluable = rule.effect === "deny";
  const own: Record<string, string> =
    request.proxyCredential === undefined ? {} : { "x-rr-credential-id": request.proxyCredential };
  const headers = [
    ...Object.entries(request.headers)
      .map(([name, value]) => [name.toLowerCase(), value] as const)
      .filter(([name]) => !name.startsWith("x-rr-")),
    ...Object.entries(own),
  ];
  const wants = (presence: Presence | undefined) => presence !== "must_not_exist" && presence !== "absent";
  const flagged = (pattern: PatternText) => withFlags(pattern, rule.regexFlags);
  const valueFits = (check: { matchValue?: PatternText | undefined }, value: string | undefined) =>
    check.matchValue === undefined || (value !== undefined && finds(flagged(check.matchValue), value));
  const satisfied =
    (entries: readonly (readonly [string, string | undefined])[]) =>
    (check: NonNullable<Rule["query"]>[number]) =>
      entries.some(([name, value]) => finds(flagged(check.name), name) && valueFits(check, value)) ===
      wants(check.presence);
  const [pathText, pathPresence] = pathOf(rule);
  const isOtherText = headers.some(
    ([name, value]) => name === "content-type" && /charset/i.test(value) && !/charset=utf-8$/.test(value),
  );
  const nodes = request.body && isOtherText ? undefined : bodyNodesNaively(request.body);
  const isWithin = rule.when && isWithinNaively(rule.when, request.now);
  return (
    (rule.methods === undefined ||
      rule.methods.some((one) => one.toLowerCase() === request.method.toLowerCase())) &&
    (rule.host === undefined || finds(caseless(flagged(rule.host)), url.hostname)) &&
    (pathText === undefined || finds(flagged(pathText), path) === wants(pathPresence)) &&
    (rule.headers ?? rule.headerChecks ?? [])
      .map((check) => ({ ...check, name: caseless(flagged(check.name)) }))
      .every((check) => {
        // The guard's own header is there, and nobody may look at its value: with a `matchValue`, who knows?
        const isOfGuard = setHeader !== undefined && finds(check.name, setHeader);
        const isAmongOthers = satisfied(headers)({ ...check, presence: "must_exist" });
        if (isOfGuard && check.matchValue !== undefined && !isAmongOthers) return unevaluable;
        return (isOfGuard || isAmongOthers) === wants(check.presence);
      }) &&
    (rule.query ?? rule.queryChecks ?? []).every(satisfied([...url.searchParams])) &&
    (rule.when === undefined || (isWithin ?? unevaluable)) &&
    (rule.actor ?? []).every((check) =>
      actor === undefined ? unevaluable : satisfied(actorFieldsNaively(actor))(check),
    ) &&
    (rule.token ?? []).every((check) => {
      if (token === undefined) return unevaluable;
      const values = claimNaively(token, check.claim);
      return values.some((value) => valueFits(check, value)) === wants(check.presence);
    }) &&
    (rule.body ?? []).every((check) => {
      if (nodes === undefined) return unevaluable;
      const found = nodes.some(
        ([at, ...texts]) =>
          finds(flagged(check.jsonPath), at) &&
          (check.matchValue === undefined || texts.some((text) => valueFits(check, text))),
      );
      return found === wants(check.presence);
    })
  );
}

/** The header that a credential will set, as far as that is known beforehand. */
function headerSetBy(credential: Credential | undefined, { targetCredential }: Proxy): string | undefined {
  if (targetCredential === undefined || credential === undefined) return undefined;
  const { authType, secret } = credential;
  if (authType === "bearer" || authType === "basicAuth") return "authorization";
  const inline = secret !== undefined && "inline" in secret ? secret.inline : {};
  return authType === "apiKey" ? String(inline?.headerName ?? "x-api-key").toLowerCase() : undefined;
}

/** The path of a rule and its presence, in any of the spellings. */
function pathOf({ path, pathPattern, pathPresence }: Rule): [PatternText | undefined, Presence | undefined] {
  if (path === undefined) return [pathPattern, pathPresence];
  if (typeof path === "string") return [path, undefined];
  return "path" in path ? [path.path, path.presence] : [path, path.presence];
}

function withFlags(pattern: PatternText, flags: string | undefined): PatternText {
  if (flags === undefined) return pattern;
  return typeof pattern === "string" ? { pattern, flags } : { ...pattern, flags: pattern.flags ?? flags };
}

/** Names of hosts and headers have no case. */
function caseless(pattern: PatternText): PatternText {
  const { pattern: source, flags = "" } = typeof pattern === "string" ? { pattern } : pattern;
  return { pattern: source, flags: `${flags.replace("i", "")}i` };
}

function finds(pattern: PatternText, text: string): boolean {
  return typeof pattern === "string"
    ? new RegExp(pattern).test(text)
    : new RegExp(pattern.pattern, pattern.flags).test(text);
}

function fullyDecoded(path: string): string {
  const decoded = decodeURIComponent(path);
  return decoded === path ? path.replace(/[\\/]+/g, "/") : fullyDecoded(decoded);
}

function deny(code: string, scope?: string, ruleId?: string): Verdict {
  return { effect: "deny", code, ...(scope && { scope }), ...(ruleId && { ruleId }) };
}
