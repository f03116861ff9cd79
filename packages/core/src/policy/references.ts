/** Checks that span the document: references, regions, aliases, URLs, secrets. */
import type { PolicyIssue } from "../errors.js";
import { readBaseUrl, readOrigin } from "./base-url.js";
import { nearestName } from "./nearest-name.js";
import type { Credential, Policy, Proxy } from "./schema.js";
import { toPointer } from "./schema-issues.js";

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
    return read.ok ? [] : [invalid(["targets", id, "baseUrl"], read.message)];
  });
}

function credentialIssues(policy: Policy): PolicyIssue[] {
  return Object.entries(policy.credentials).flatMap(([id, credential]) =>
    credential.type === "proxy" ? proxyCredentialIssues(id, credential) : targetCredentialIssues(id, credential),
  );
}

/** In process nobody presents a proxy credential: what would verify one comes with the gateway. */
function proxyCredentialIssues(id: string, credential: Credential): PolicyIssue[] {
  const path = ["credentials", id];
  const issues: PolicyIssue[] = [];
  const unsupported = (field: string, help: string): PolicyIssue => ({
    pointer: toPointer([...path, field]),
    message: `\`${field}\` of a proxy credential is not enforced by this version, so it is refused`,
    help,
    kind: "unsupported",
  });
  if (credential.authType !== "none") issues.push(unsupported("authType", "use `authType: none`: the calling code names it"));
  if (credential.secret !== undefined) issues.push(unsupported("secret", "remove it: the calling code names the credential"));
  if (credential.origins !== undefined) issues.push(invalid([...path, "origins"], "only a target credential has `origins`"));
  if (credential.keepCallerAuth) issues.push(invalid([...path, "keepCallerAuth"], "only a target credential can keep the caller's own"));
  if (credential.allowUnversioned) issues.push(invalid([...path, "allowUnversioned"], "a proxy credential has no secret to open"));
  if (credential.version !== 1) issues.push(invalid([...path, "version"], "a proxy credential has no ciphertext to bind it to"));
  return issues;
}

function targetCredentialIssues(id: string, credential: Credential): PolicyIssue[] {
  const path = ["credentials", id];
  const issues: PolicyIssue[] = [];
  const isNone = credential.authType === "none";
  if (!isNone && credential.secret === undefined) {
    issues.push(invalid([...path, "secret"], "a target credential needs a `secret`", "add `secret: { env: NAME }` or `{ sealed: \"sp1:…\" }`"));
  }
  if (isNone && credential.secret !== undefined) issues.push(invalid([...path, "secret"], "`authType: none` has no secret"));
  if (credential.keepCallerAuth && !isNone) issues.push(invalid([...path, "keepCallerAuth"], "only `authType: none` can keep the caller's own"));
  if (credential.allowUnversioned && credential.origins === undefined) {
    issues.push(invalid([...path, "allowUnversioned"], "a ciphertext without binding needs `origins` that say where it may go"));
  }
  for (const [index, origin] of (credential.origins ?? []).entries()) {
    const read = readOrigin(origin);
    if (!read.ok) issues.push(invalid([...path, "origins", index], read.message, "write it as `https://host[:port]`"));
  }
  return issues;
}

function proxyIssues(policy: Policy, id: string, proxy: Proxy): PolicyIssue[] {
  const path: Path = ["proxies", id];
  const region = proxy.region ?? policy.region;
  const regionIssue = (at: Path, kind: string, other: { region?: string | undefined }, otherId: string) =>
    (other.region ?? policy.region) === region
      ? []
      : [invalid(at, `${kind} \`${otherId}\` is in region \`${other.region ?? policy.region}\`, the proxy in \`${region}\``)];
  const issues: PolicyIssue[] = [];

  const target = own(policy.targets, proxy.target);
  if (target === undefined) issues.push(dangling([...path, "target"], "target", proxy.target, Object.keys(policy.targets)));
  else issues.push(...regionIssue([...path, "target"], "target", target, proxy.target));

  const credentials = [
    ...(proxy.targetCredential === undefined ? [] : [{ at: [...path, "targetCredential"], id: proxy.targetCredential, type: "target" }]),
    ...(proxy.proxyCredential ?? []).map((one) => ({ at: [...path, "proxyCredential"], id: one, type: "proxy" })),
  ];
  for (const reference of credentials) {
    const credential = own(policy.credentials, reference.id);
    if (credential === undefined) {
      const candidates = Object.entries(policy.credentials).filter(([, one]) => one.type === reference.type);
      issues.push(dangling(reference.at, "credential", reference.id, candidates.map(([name]) => name)));
    } else if (credential.type !== reference.type) {
      issues.push(invalid(reference.at, `credential \`${reference.id}\` is a ${credential.type} credential, not a ${reference.type} one`));
    } else {
      issues.push(...regionIssue(reference.at, "credential", credential, reference.id));
    }
  }
  for (const [index, other] of proxy.redirects.mayEnter.entries()) {
    if (own(policy.proxies, other) === undefined) {
      issues.push(dangling([...path, "redirects", "mayEnter", index], "proxy", other, Object.keys(policy.proxies)));
    }
  }
  return issues;
}

function dangling(path: Path, kind: string, id: string, ids: readonly string[]): PolicyIssue {
  const nearest = nearestName(id, ids);
  const help = ids.length === 0 ? `the policy has no such ${kind}` : `the policy has ${ids.map((one) => `\`${one}\``).join(", ")}`;
  return invalid(path, `no ${kind} \`${id}\`${nearest === undefined ? "" : `, did you mean \`${nearest}\`?`}`, help);
}

function aliasIssues(policy: Policy): PolicyIssue[] {
  const taken = new Set(Object.keys(policy.proxies));
  return Object.entries(policy.proxies).flatMap(([id, { alias }]) => {
    if (alias === undefined) return [];
    const isTaken = taken.has(alias);
    taken.add(alias);
    return isTaken ? [invalid(["proxies", id, "alias"], `\`${alias}\` is already the id or alias of a proxy`)] : [];
  });
}

function defaultProxyIssues(policy: Policy): PolicyIssue[] {
  return Object.entries(policy.settings.defaultProxy).flatMap(([targetId, proxyId]) => {
    const path: Path = ["settings", "defaultProxy", targetId];
    const proxy = own(policy.proxies, proxyId);
    if (own(policy.targets, targetId) === undefined) return [dangling(path, "target", targetId, Object.keys(policy.targets))];
    if (proxy === undefined) return [dangling(path, "proxy", proxyId, Object.keys(policy.proxies))];
    return proxy.target === targetId ? [] : [invalid(path, `proxy \`${proxyId}\` does not lead to target \`${targetId}\``)];
  });
}

/** Own property only: an id such as `constructor` must not find anything. */
function own<T>(entities: Readonly<Record<string, T>>, id: string): T | undefined {
  return Object.hasOwn(entities, id) ? entities[id] : undefined;
}
