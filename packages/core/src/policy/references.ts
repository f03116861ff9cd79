/** Checks that span the document: references, regions, aliases, URLs, secrets. */
import { parseEnvelope } from "../credential/envelope.js";
import { headerOfSecret } from "../credential/secret.js";
import { CredentialError, type PolicyIssue } from "../errors.js";
import { readBaseUrl, readOrigin } from "./base-url.js";
import { nearestName } from "./nearest-name.js";
import type { CredentialEntity, Policy, ProxyEntity } from "./schema.js";
import { toPointer } from "./schema-issues.js";
import { targetNetworkIssues } from "./target-network.js";

/** Every fault found; empty for a document that holds together. */
export function referenceIssues(policy: Policy): PolicyIssue[] {
  return [
    ...targetIssues(policy),
    ...credentialIssues(policy),
    ...Object.entries(policy.proxies).flatMap(([id, proxy]) => proxyIssues(policy, id, proxy)),
    ...aliasIssues(policy),
    ...defaultProxyIssues(policy),
  ];
}

type Path = readonly PropertyKey[];

function invalid(path: Path, message: string, help?: string): PolicyIssue {
  return { pointer: toPointer(path), message, ...(help === undefined ? {} : { help }), kind: "invalid" };
}

function targetIssues(policy: Policy): PolicyIssue[] {
  return Object.entries(policy.targets).flatMap(([id, target]) => {
    const read = readBaseUrl(target.baseUrl);
    return read.ok
      ? targetNetworkIssues(["targets", id], target, read.baseUrl)
      : [invalid(["targets", id, "baseUrl"], read.message, schemeHelp(target.baseUrl))];
  });
}

/** `api.example` is no URL, and `localhost:3000` one with the scheme `localhost:`. */
function schemeHelp(baseUrl: string): string | undefined {
  return /^\s*https?:/i.test(baseUrl) ? undefined : "begin it with `https://`";
}

function credentialIssues(policy: Policy): PolicyIssue[] {
  return Object.entries(policy.credentials).flatMap(([id, credential]) =>
    credential.type === "proxy"
      ? proxyCredentialIssues(id, credential)
      : [...targetCredentialIssues(id, credential), ...insecureOriginIssues(policy, id, credential)],
  );
}

/** In process nobody presents a proxy credential: what would verify one comes with the gateway. */
function proxyCredentialIssues(id: string, credential: CredentialEntity): PolicyIssue[] {
  const path = ["credentials", id];
  const issues: PolicyIssue[] = [];
  const unsupported = (field: string, help: string): PolicyIssue => ({
    pointer: toPointer([...path, field]),
    message: `\`${field}\` of a proxy credential is not enforced by this version, so it is refused`,
    help,
    kind: "unsupported",
  });
  if (credential.authType !== "none")
    issues.push(unsupported("authType", "use `authType: none`: the calling code names it"));
  if (credential.secret !== undefined)
    issues.push(unsupported("secret", "remove it: the calling code names the credential"));
  if (credential.origins !== undefined)
    issues.push(invalid([...path, "origins"], "only a target credential has `origins`"));
  if (credential.keepCallerAuth)
    issues.push(invalid([...path, "keepCallerAuth"], "only a target credential can keep the caller's own"));
  if (credential.allowUnversioned)
    issues.push(invalid([...path, "allowUnversioned"], "a proxy credential has no secret to open"));
  if (credential.version !== 1)
    issues.push(invalid([...path, "version"], "a proxy credential has no ciphertext to bind it to"));
  return issues;
}

function targetCredentialIssues(id: string, credential: CredentialEntity): PolicyIssue[] {
  const path = ["credentials", id];
  const issues: PolicyIssue[] = [];
  const isNone = credential.authType === "none";
  if (!isNone && credential.secret === undefined) {
    issues.push(
      invalid(
        [...path, "secret"],
        "a target credential needs a `secret`",
        'add `secret: { env: NAME }` or `{ sealed: "sp1:…" }`',
      ),
    );
  }
  issues.push(...secretIssues([...path, "secret"], credential));
  if (isNone && credential.secret !== undefined)
    issues.push(invalid([...path, "secret"], "`authType: none` has no secret"));
  if (credential.keepCallerAuth && !isNone)
    issues.push(invalid([...path, "keepCallerAuth"], "only `authType: none` can keep the caller's own"));
  if (credential.allowUnversioned && credential.origins === undefined) {
    issues.push(
      invalid(
        [...path, "allowUnversioned"],
        "a ciphertext without binding needs `origins` that say where it may go",
      ),
    );
  }
  for (const [index, origin] of (credential.origins ?? []).entries()) {
    const read = readOrigin(origin);
    if (!read.ok)
      issues.push(invalid([...path, "origins", index], read.message, "write it as `https://host[:port]`"));
  }
  return issues;
}

/** `http:` goes only where a target is, which then says that it may. */
function insecureOriginIssues(policy: Policy, id: string, { origins = [] }: CredentialEntity): PolicyIssue[] {
  const insecure = origins.map((origin) => readOrigin(origin));
  return insecure.flatMap((read, index) => {
    if (!read.ok || !read.isInsecure) return [];
    const isAllowed = Object.values(policy.targets).some(({ baseUrl }) => {
      const base = readBaseUrl(baseUrl);
      return base.ok && base.baseUrl.origin === read.origin;
    });
    const message = "`http:` is allowed on loopback only, use `https:`";
    const help = "or say `network: { allowInsecure: true }` on the target that has this origin";
    return isAllowed ? [] : [invalid(["credentials", id, "origins", index], message, help)];
  });
}

/** What can be checked before a secret is opened. */
function secretIssues(path: Path, { authType, secret }: CredentialEntity): PolicyIssue[] {
  const location = secret?.locate();
  if (location === undefined || location.kind === "env" || authType === "none") return [];
  try {
    if (location.kind === "inline") headerOfSecret(authType, JSON.stringify(location.value));
    else parseEnvelope(location.envelope);
    return [];
  } catch (error) {
    if (!(error instanceof CredentialError)) throw error;
    const at = [...path, location.kind];
    if (location.kind === "sealed" && error.code === "ERR_CREDENTIAL_UNREADABLE")
      return [invalid(at, ...envelopeFault(location.envelope))];
    return [invalid(at, error.message, error.help)];
  }
}

/** Only the form has been looked at: a key, which must not be told apart from others by a message, plays no part. */
function envelopeFault(text: string): [message: string, help: string] {
  return text.startsWith("sp1:")
    ? [
        "this envelope is not whole",
        "was it cut short? it is `sp1:`, a key id and three parts in base64, with colons between",
      ]
    : [
        "this is no envelope",
        "an envelope begins with `sp1:`: make one with `sealSecret()`, and copy all of it",
      ];
}

function proxyIssues(policy: Policy, id: string, proxy: ProxyEntity): PolicyIssue[] {
  const path: Path = ["proxies", id];
  return [
    ...targetReferenceIssues(policy, path, proxy),
    ...credentialReferenceIssues(
      policy,
      [...path, "targetCredential"],
      proxy,
      proxy.targetCredential,
      "target",
    ),
    ...(proxy.proxyCredential ?? []).flatMap((one) =>
      credentialReferenceIssues(policy, [...path, "proxyCredential"], proxy, one, "proxy"),
    ),
    ...originIssues(policy, path, proxy),
    ...proxy.redirects.mayEnter.flatMap((other, index) =>
      enteredIssues(policy, [...path, "redirects", "mayEnter", index], proxy, other),
    ),
  ];
}

function enteredIssues(policy: Policy, at: Path, proxy: ProxyEntity, id: string): PolicyIssue[] {
  const entered = own(policy.proxies, id);
  if (entered === undefined) return [dangling(at, "proxy", id, Object.keys(policy.proxies))];
  return regionIssues(policy, at, proxy, `proxy \`${id}\``, entered);
}

function targetReferenceIssues(policy: Policy, path: Path, proxy: ProxyEntity): PolicyIssue[] {
  const target = own(policy.targets, proxy.target);
  const at = [...path, "target"];
  if (target === undefined) return [dangling(at, "target", proxy.target, Object.keys(policy.targets))];
  return regionIssues(policy, at, proxy, `target \`${proxy.target}\``, target);
}

function credentialReferenceIssues(
  policy: Policy,
  at: Path,
  proxy: ProxyEntity,
  id: string | undefined,
  type: CredentialEntity["type"],
): PolicyIssue[] {
  if (id === undefined) return [];
  const credential = own(policy.credentials, id);
  if (credential === undefined) {
    const candidates = Object.entries(policy.credentials).filter(([, one]) => one.type === type);
    const ids = candidates.map(([name]) => name);
    return [dangling(at, "credential", id, ids)];
  }
  if (credential.type !== type) {
    return [invalid(at, `credential \`${id}\` is a ${credential.type} credential, not a ${type} one`)];
  }
  return regionIssues(policy, at, proxy, `credential \`${id}\``, credential);
}

function regionIssues(
  policy: Policy,
  at: Path,
  proxy: ProxyEntity,
  named: string,
  other: { readonly region?: string | undefined },
): PolicyIssue[] {
  const [ours, theirs] = [proxy.region ?? policy.region, other.region ?? policy.region];
  return ours === theirs
    ? []
    : [invalid(at, `${named} is in region \`${theirs}\`, the proxy in \`${ours}\``)];
}

/** A credential that says where it may be sent is not named by a proxy that would send it elsewhere. */
function originIssues(policy: Policy, path: Path, proxy: ProxyEntity): PolicyIssue[] {
  const id = proxy.targetCredential;
  const origins = id === undefined ? undefined : own(policy.credentials, id)?.origins;
  const base = readBaseUrl(own(policy.targets, proxy.target)?.baseUrl ?? "");
  if (origins === undefined || !base.ok) return [];
  const allowed = origins.map((origin) => readOrigin(origin));
  if (allowed.some((read) => !read.ok || read.origin === base.baseUrl.origin)) return [];
  const message = `credential \`${id}\` may not be sent to \`${base.baseUrl.origin}\``;
  return [
    invalid([...path, "targetCredential"], message, "add the origin to its `origins`, and seal it again"),
  ];
}

/** A message is read by a person, and comparing names takes time for each. */
const MAX_NAMED = 20;

function dangling(path: Path, kind: string, id: string, ids: readonly string[]): PolicyIssue {
  const nearest = nearestName(id, ids.slice(0, MAX_NAMED));
  const help =
    ids.length === 0
      ? `the policy has no such ${kind}`
      : `the policy has ${ids
          .slice(0, MAX_NAMED)
          .map((one) => `\`${one}\``)
          .join(", ")}${ids.length > MAX_NAMED ? ", …" : ""}`;
  return invalid(
    path,
    `no ${kind} \`${id}\`${nearest === undefined ? "" : `, did you mean \`${nearest}\`?`}`,
    help,
  );
}

function aliasIssues(policy: Policy): PolicyIssue[] {
  const taken = new Set(Object.keys(policy.proxies));
  return Object.entries(policy.proxies).flatMap(([id, { alias }]) => {
    if (alias === undefined) return [];
    const isTaken = taken.has(alias);
    taken.add(alias);
    return isTaken
      ? [invalid(["proxies", id, "alias"], `\`${alias}\` is already the id or alias of a proxy`)]
      : [];
  });
}

function defaultProxyIssues(policy: Policy): PolicyIssue[] {
  return Object.entries(policy.settings.defaultProxy).flatMap(([targetId, proxyId]) => {
    const path: Path = ["settings", "defaultProxy", targetId];
    const proxy = own(policy.proxies, proxyId);
    if (own(policy.targets, targetId) === undefined)
      return [dangling(path, "target", targetId, Object.keys(policy.targets))];
    if (proxy === undefined) return [dangling(path, "proxy", proxyId, Object.keys(policy.proxies))];
    return proxy.target === targetId
      ? []
      : [invalid(path, `proxy \`${proxyId}\` does not lead to target \`${targetId}\``)];
  });
}

/** Own property only: an id such as `constructor` must not find anything. */
function own<T>(entities: Readonly<Record<string, T>>, id: string): T | undefined {
  return Object.hasOwn(entities, id) ? entities[id] : undefined;
}
