/** What a credential says, or nobody says of it, and is probably not meant. */
import { type LintWarning, warning } from "./lint-warning.js";
import type { CredentialEntity, Policy } from "./schema.js";

/** Shorter values occur by chance. */
const MIN_SECRET_CHARACTERS = 8;

export function lintCredential(
  policy: Policy,
  id: string,
  path: readonly PropertyKey[],
  credential: CredentialEntity,
): LintWarning[] {
  return [...unusedCredential(policy, id, path, credential), ...shortSecrets(path, credential)];
}

/** Worst for a target credential: without one a call is sent all the same, and the server says only that it is not authorised. */
function unusedCredential(
  { proxies }: Policy,
  id: string,
  path: readonly PropertyKey[],
  { type }: CredentialEntity,
): LintWarning[] {
  const isNamed = Object.values(proxies).some(({ targetCredential, proxyCredential = [] }) =>
    type === "target" ? targetCredential === id : proxyCredential.includes(id),
  );
  if (isNamed) return [];
  const message =
    type === "target"
      ? "no proxy names it, so no call carries it"
      : "no proxy names it, so every call with it is denied";
  const help = `name it in the \`${type}Credential\` of the proxy that it is for, or remove it`;
  return [warning("unused_credential", path, message, help)];
}

function shortSecrets(path: readonly PropertyKey[], { secret }: CredentialEntity): LintWarning[] {
  const location = secret?.locate();
  if (location?.kind !== "inline") return [];
  return Object.entries(location.value).flatMap(([name, value]) =>
    typeof value === "string" && SECRET_FIELDS.has(name) && value.length < MIN_SECRET_CHARACTERS
      ? [
          warning(
            "short_secret",
            [...path, "secret", "inline", name],
            `a secret of fewer than ${MIN_SECRET_CHARACTERS} characters occurs by chance and cannot be looked for in responses`,
            "use one that is longer",
          ),
        ]
      : [],
  );
}

const SECRET_FIELDS: ReadonlySet<string> = new Set(["token", "key", "password"]);
