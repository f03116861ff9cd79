/** The only ways in which a policy comes into being. */

import { SecretSource } from "../credential/secret-source.js";
import { PolicyError, type PolicyIssue } from "../errors.js";
import { compileChecked } from "./compile.js";
import { notJsonIssues } from "./json-document.js";
import { withoutPlainRules } from "./plain-rules.js";
import { referenceIssues } from "./references.js";
import { asWritten } from "./rule-schema.js";
import { type CredentialDocument, type Policy, type PolicyDocument, policySchema } from "./schema.js";
import { issuesOf, toPointer, valueAt } from "./schema-issues.js";

/**
 * Checks a policy written in TypeScript. Inline secrets are allowed, since the document never leaves the process.
 *
 * @returns the policy in normal form, deeply frozen; the document is neither kept nor changed
 * @throws PolicyError naming every fault with its JSON pointer
 */
export function definePolicy(document: PolicyDocument): Policy {
  return parse(withPlainSecrets(document), { allowsInlineSecrets: true });
}

/**
 * Checks a policy of unknown origin: a file, a store, a request. Refuses inline secrets.
 *
 * @throws PolicyError naming every fault with its JSON pointer; `ERR_POLICY_UNSUPPORTED` when all that is wrong is that
 *   fields are not enforced by this version
 */
export function parsePolicy(document: unknown): Policy {
  return parse(document, { allowsInlineSecrets: false });
}

/** Whether the value came from {@link parsePolicy} or {@link definePolicy}. */
export function isPolicy(value: unknown): value is Policy {
  // SAFETY: a weak set has nothing that is no object.
  return parsed.has(value as object);
}

const parsed = new WeakSet<object>();

function parse(document: unknown, options: { readonly allowsInlineSecrets: boolean }): Policy {
  const policy = readInParts(document) ?? readWhole(document);
  throwIfAny([...inlineIssues(policy, options.allowsInlineSecrets), ...referenceIssues(policy)]);
  throwIfAny(compileChecked(deepFreeze(policy)).map((issue) => pointedAt(issue, document)));
  parsed.add(policy);
  return policy;
}

/** Rules of the common form apart from all else; `undefined` when anything is wrong, for `readWhole` to say what. */
function readInParts(document: unknown): Policy | undefined {
  const parts = withoutPlainRules(document);
  if (parts === undefined || notJsonIssues(parts.rest, parts.values).length > 0) return undefined;
  const result = policySchema.safeParse(parts.rest);
  return result.success ? parts.join(result.data) : undefined;
}

function readWhole(document: unknown): Policy {
  throwIfAny(notJsonIssues(document));
  const result = policySchema.safeParse(document);
  if (!result.success) throw failure(issuesOf(result.error, document));
  return result.data;
}

/** The fault as its author finds it: compilation sees the normal form, the document may have an older spelling. */
function pointedAt(issue: PolicyIssue, document: unknown): PolicyIssue {
  // `/proxies/p/rules/0/…`: compilation finds faults in rules and filters only, and in lists of them.
  const path = issue.pointer.split("/").slice(1);
  const place = path.slice(0, RULE_DEPTH);
  const within = asWritten(path.slice(RULE_DEPTH), valueAt(document, place));
  return { ...issue, pointer: toPointer([...place, ...within]) };
}

/** How many steps lead to a rule. */
const RULE_DEPTH = 4;

function throwIfAny(issues: readonly PolicyIssue[]): void {
  if (issues.length > 0) throw failure(issues);
}

function failure([first, ...rest]: readonly PolicyIssue[]): PolicyError {
  return new PolicyError([
    first ?? { pointer: "", message: "the document is not valid", kind: "invalid" },
    ...rest,
  ]);
}

/** A policy that another copy of this package made holds wrapped secrets: they are taken out, to be wrapped again. */
function withPlainSecrets(document: PolicyDocument): PolicyDocument {
  const { credentials } = document ?? {};
  if (typeof credentials !== "object" || credentials === null) return document;
  const entries = Object.entries(credentials).map(([id, credential]) => {
    const location = locationOf(credential?.secret);
    return [id, location === undefined ? credential : { ...credential, secret: location }] as const;
  });
  return { ...document, credentials: Object.fromEntries(entries) };
}

function locationOf(secret: unknown): NonNullable<CredentialDocument["secret"]> | undefined {
  if (typeof (secret as Partial<SecretSource> | undefined)?.locate !== "function") return undefined;
  const location = (secret as SecretSource).locate();
  switch (location.kind) {
    case "sealed":
      return { sealed: location.envelope };
    case "env":
      return { env: location.name };
    case "inline":
      return { inline: location.value };
  }
}

function inlineIssues(policy: Policy, allowed: boolean): PolicyIssue[] {
  if (allowed) return [];
  return Object.entries(policy.credentials).flatMap(([id, { secret }]) => {
    if (secret?.locate().kind !== "inline") return [];
    const pointer = toPointer(["credentials", id, "secret", "inline"]);
    const message = "an inline secret is allowed through `definePolicy` only";
    return [{ pointer, message, help: "use `sealed` or `env`", kind: "invalid" as const }];
  });
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || value instanceof SecretSource) return value;
  // Then all in it is frozen too.
  if (Object.isFrozen(value)) return value;
  for (const member of Object.values(value)) deepFreeze(member);
  return Object.freeze(value);
}
