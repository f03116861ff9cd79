/** The credential of a target: opened when the call is about to leave, set as a header, kept nowhere. */
import {
  type CompiledCredential,
  type CompiledPolicy,
  ConfigError,
  CredentialError,
  credentialBinding,
  headerOfSecret,
  type InjectedHeader,
  InternalError,
  type Keyring,
  openCredential,
  parseEnvelope,
  type SecretLocation,
  splitQuery,
  unreadable,
} from "@sallyport/core";
import { toTrace } from "./failure.js";
import type { HeaderList } from "./headers/header-list.js";

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

export interface SecretSources {
  readonly compiled: CompiledPolicy;
  readonly keyring: Keyring | undefined;
  readonly environment: () => Environment;
}

/** Headers that a target credential replaces whether or not it sets them itself. */
const CALLER_AUTH_HEADERS: ReadonlySet<string> = new Set(["authorization", "proxy-authorization", "cookie"]);

/** A query parameter that some APIs take in place of the header. */
const AUTH_PARAMETER = "authorization";

/** A request of one hop, as far as credentials are concerned. */
export interface CredentialedRequest {
  readonly url: string;
  /** The caller's own, to change. */
  readonly headers: HeaderList;
  /** Lower-case name of the header that was set; `undefined` when none was. */
  readonly injected: string | undefined;
}

/**
 * The request as it is sent: the caller's own credentials removed where the target has one, and that one set.
 *
 * @param request - as it was decided on; not changed
 * @param isTrusted - whether the target's credential may go along: not on a hop that a redirect led to unasked
 * @throws CredentialError when the secret cannot be had, opened or sent
 */
export function withCredential(
  request: { readonly url: string; readonly origin: string; readonly headers: HeaderList },
  credential: CompiledCredential | undefined,
  isTrusted: boolean,
  sources: SecretSources,
): CredentialedRequest | Promise<CredentialedRequest> {
  const headers = request.headers.copy();
  const keepsCallerAuth = credential === undefined || credential.entity.keepCallerAuth;
  if (keepsCallerAuth) return { url: request.url, headers, injected: undefined };
  headers.deleteAll((name) => CALLER_AUTH_HEADERS.has(name));
  const url = withoutAuthParameter(request.url);
  if (!isTrusted) return { url, headers, injected: undefined };
  const opened = openInjectedHeader(credential, request.origin, sources);
  return opened instanceof Promise
    ? opened.then((injected) => withInjected(url, headers, injected))
    : withInjected(url, headers, opened);
}

function withInjected(
  url: string,
  headers: HeaderList,
  injected: InjectedHeader | undefined,
): CredentialedRequest {
  if (injected === undefined) return { url, headers, injected: undefined };
  // As the platform does with white space around a value.
  headers.set(injected.name, injected.value.replace(/^[\t ]+|[\t ]+$/g, ""));
  return { url, headers, injected: injected.name };
}

/** The URL without `Authorization` query parameters; the same text when it has none. */
function withoutAuthParameter(url: string): string {
  const mark = url.indexOf("?");
  if (mark < 0) return url;
  const base = url.slice(0, mark);
  const pairs = splitQuery(url.slice(mark + 1));
  const kept = pairs.filter(({ pair }) => pair?.name.toLowerCase() !== AUTH_PARAMETER);
  if (kept.length === pairs.length) return url;
  return kept.length === 0 ? base : `${base}?${kept.map(({ raw }) => raw).join("&")}`;
}

function openInjectedHeader(
  credential: CompiledCredential,
  origin: string,
  sources: SecretSources,
): InjectedHeader | undefined | Promise<InjectedHeader> {
  const { authType, secret } = credential.entity;
  if (authType === "none") return undefined;
  if (secret === undefined) throw new InternalError("a credential without secret was compiled");
  // INVARIANT: a policy in which a credential would leave its origins does not load.
  if (!credential.origins.includes(origin)) throw new InternalError("a credential would leave its origins");
  const known = inlineHeaders.get(credential);
  if (known !== undefined) return known;
  const location = secret.locate();
  if (location.kind === "sealed")
    return openSealed(credential, location.envelope, sources)
      .then((text) => headerOfSecret(authType, text))
      .catch((error) => {
        throw named(error, credential.id);
      });
  try {
    const header = headerOfSecret(authType, readPlain(location, sources));
    if (location.kind === "inline") inlineHeaders.set(credential, header);
    return header;
  } catch (error) {
    throw named(error, credential.id);
  }
}

/** What stands in the policy itself cannot change, and is kept no longer than the policy. */
const inlineHeaders = new WeakMap<CompiledCredential, InjectedHeader>();

/** Which credential it is, beside what core could say about it. */
function named(error: unknown, id: string): unknown {
  if (!(error instanceof CredentialError)) return error;
  const options = { help: error.help, ...(error.cause === undefined ? {} : { cause: error.cause }) };
  return toTrace(new CredentialError(error.code, `credential \`${id}\`: ${error.message}`, options));
}

function readPlain(
  location: Exclude<SecretLocation, { readonly kind: "sealed" }>,
  sources: SecretSources,
): string {
  switch (location.kind) {
    case "inline":
      return JSON.stringify(location.value);
    case "env": {
      const value = sources.environment()[location.name];
      if (value !== undefined && endsInLineBreak(value)) {
        throw new CredentialError(
          "ERR_CREDENTIAL_SHAPE",
          `the environment variable \`${location.name}\` ends in a line break`,
          { help: "remove the line break at its end: the file or command that it was set from has one" },
        );
      }
      if (value !== undefined && value !== "") return value;
      throw new CredentialError(
        "ERR_CREDENTIAL_UNREADABLE",
        `the environment variable \`${location.name}\` is not set`,
        {
          help: "set it for this process, or seal the secret into the policy",
        },
      );
    }
  }
}

/** No header carries one, and of a password it would become a part unseen. JSON may end in one. */
function endsInLineBreak(text: string): boolean {
  return /[\r\n]\s*$/.test(text) && !text.trimStart().startsWith("{");
}

async function openSealed(
  credential: CompiledCredential,
  text: string,
  { compiled, keyring }: SecretSources,
): Promise<string> {
  const envelope = parseEnvelope(text);
  const kid = envelope.kid ?? keyring?.primary;
  const key = kid === undefined ? undefined : await keyFrom(keyring, kid);
  if (key === undefined) throw unreadable();
  const plaintext = openCredential(envelope, {
    key,
    binding: credentialBinding(compiled.policy, credential.id),
    allowUnversioned: credential.entity.allowUnversioned,
  });
  const secret = new TextDecoder().decode(plaintext);
  plaintext.fill(0);
  return secret;
}

async function keyFrom(keyring: Keyring | undefined, kid: string): Promise<Uint8Array | undefined> {
  try {
    return await keyring?.get(kid);
  } catch (cause) {
    throw new CredentialError("ERR_CREDENTIAL_UNREADABLE", "the keyring failed to give its key", { cause });
  }
}

/** @throws ConfigError when the policy holds a sealed secret and there is no keyring to open it with */
export function requireKeyring(compiled: CompiledPolicy, keyring: Keyring | undefined): void {
  if (keyring !== undefined) return;
  for (const { id, entity } of compiled.credentials.values()) {
    if (entity.secret?.locate().kind !== "sealed") continue;
    throw new ConfigError(
      "keyring",
      `credential \`${id}\` is sealed, and there is no keyring to open it with`,
      {
        help: "pass `keyring: envKeyring()` or `memoryKeyring({ … })`",
      },
    );
  }
}
