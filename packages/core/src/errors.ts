/**
 * Every error this project throws: one class per thing a caller would do differently, a stable code on each.
 *
 * Tell them apart by `code` or {@link isSallyportError}, never by `instanceof`: two copies of a package may be loaded.
 * Messages never hold a query, a header value, a body or a key. Each code is described in docs/spec/errors.md.
 */
import type { Denied } from "./policy/decision.js";

/** Stable identifiers of errors. Adding one is a minor change, renaming one is a major change. */
export type ErrorCode =
  | "ERR_CONFIG_INVALID"
  | "ERR_POLICY_INVALID"
  | "ERR_POLICY_UNSUPPORTED"
  | "ERR_REQUEST_DENIED"
  | "ERR_RESPONSE_WITHHELD"
  | "ERR_CREDENTIAL_UNREADABLE"
  | "ERR_CREDENTIAL_VERSION"
  | "ERR_CREDENTIAL_SHAPE"
  | "ERR_STORAGE_UNAVAILABLE"
  | "ERR_STORAGE_CORRUPT"
  | "ERR_TRANSPORT_OPTION_REFUSED"
  | "ERR_INTERNAL";

/** Base of all our errors. `help` says what to do, apart from the message, which says what happened. */
export abstract class SallyportError extends Error {
  abstract readonly code: ErrorCode;
  readonly help: string | undefined;

  constructor(message: string, options?: { help?: string | undefined; cause?: unknown }) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause });
    this.help = options?.help;
  }

  /** Marks our errors across copies of this package, where `instanceof` fails. */
  get isSallyportError(): true {
    return true;
  }
}

/** An option given to a factory is wrong: the developer's turn, at start-up. */
export class ConfigError extends SallyportError {
  override readonly name = "ConfigError";
  readonly code: "ERR_CONFIG_INVALID" | "ERR_TRANSPORT_OPTION_REFUSED";
  /** The option at fault, for example `keyring` or `init.dispatcher`. */
  readonly path: string;

  constructor(
    path: string,
    message: string,
    options?: {
      help?: string;
      code?: "ERR_CONFIG_INVALID" | "ERR_TRANSPORT_OPTION_REFUSED";
      cause?: unknown;
    },
  ) {
    super(`option \`${path}\`: ${message}`, options);
    this.path = path;
    this.code = options?.code ?? "ERR_CONFIG_INVALID";
  }
}

/** One fault in a policy document. */
export interface PolicyIssue {
  /** JSON pointer (RFC 6901) to the offending value. */
  readonly pointer: string;
  /** What is wrong, in words a policy author knows. */
  readonly message: string;
  /** What to do about it. */
  readonly help?: string;
  /** `unsupported`: a field of the specification whose enforcement is not built yet. */
  readonly kind: "invalid" | "unsupported";
  /** Of the text that the document was read from, from 1; not there for a document that was given as an object. */
  readonly line?: number;
  /** From 1, in UTF-16 code units. */
  readonly column?: number;
}

/** A policy document does not load: the policy author's turn. Nothing of it is in force. */
export class PolicyError extends SallyportError {
  override readonly name = "PolicyError";
  readonly code: "ERR_POLICY_INVALID" | "ERR_POLICY_UNSUPPORTED";
  /** Every fault that was found at one stage: shape, then references, then patterns. Never empty. */
  readonly issues: readonly PolicyIssue[];
  /** Where the document was read from; `undefined` for one that was given as an object. */
  readonly file: string | undefined;

  constructor(issues: readonly [PolicyIssue, ...PolicyIssue[]], options?: { readonly file?: string }) {
    const [first, ...rest] = issues;
    const more = rest.length === 0 ? "" : ` (and ${rest.length} more, see \`issues\`)`;
    const inText = first.line === undefined ? "" : ` (line ${first.line}, column ${first.column})`;
    const place = `${first.pointer === "" ? "the document" : `\`${first.pointer}\``}${inText}`;
    const policy = options?.file === undefined ? "policy" : `policy \`${options.file}\``;
    super(`${policy} does not load: ${place}: ${first.message}${more}`, { help: first.help });
    this.issues = issues;
    this.file = options?.file;
    this.code = issues.every((issue) => issue.kind === "unsupported")
      ? "ERR_POLICY_UNSUPPORTED"
      : "ERR_POLICY_INVALID";
  }
}

/** What would change the decision, by its reason code. */
const DENIAL_HELP: Readonly<Partial<Record<Denied["code"], string>>> = {
  default:
    "add an allow rule for the method and the path; a rule's path is what follows the target's base URL",
  rule: "a deny always wins: change or narrow that rule",
  unrouted: "check the URL against the `baseUrl` of the targets, or name a proxy",
  inactive: "set `active: true` on it",
  path_ambiguous:
    "send the plain spelling, or let the proxy pass it: `paths.ambiguous`, `allowOverrideHeaders`",
  credential: "bind one that the proxy names with `guarded.with({ proxyCredential })`",
  redirect: 'call with `redirect: "manual"` and decide in the calling code',
  network:
    "list the address, or its range, in `network.allowPrivate` of the target if it is meant to be reached; a mocked `fetch` needs `fetchTransport(fetch, { allowUnpinned: true })`",
  tls: "raise the version that the server speaks; no option of ours lowers the floor",
  audit_unavailable: "nothing was sent: call again when the store takes records; one that is closed stays so",
};

/** The policy denies the call: an outcome, not a fault. Nothing of the denied hop was sent. */
export class RequestDeniedError extends SallyportError {
  override readonly name = "RequestDeniedError";
  readonly code = "ERR_REQUEST_DENIED";
  readonly decision: Denied;

  constructor(decision: Denied) {
    super(`request denied: ${decision.reason}`, { help: decision.help ?? DENIAL_HELP[decision.code] });
    this.decision = decision;
  }
}

/**
 * The body of a response streamed until there came what a filter, or a limit on its size, cannot pass: an outcome, not a
 * fault. What was delivered before was filtered.
 */
export class ResponseWithheldError extends SallyportError {
  override readonly name = "ResponseWithheldError";
  readonly code = "ERR_RESPONSE_WITHHELD";

  constructor(reason: string, options?: { readonly help?: string }) {
    super(`response withheld: ${reason}`, {
      help:
        options?.help ??
        "narrow the filter to the responses that it is for: `path`, `methods`, `headers`, `query`",
    });
  }
}

/** A stored credential cannot be used: the operator's turn. Nothing was sent. */
export class CredentialError extends SallyportError {
  override readonly name = "CredentialError";
  readonly code: "ERR_CREDENTIAL_UNREADABLE" | "ERR_CREDENTIAL_VERSION" | "ERR_CREDENTIAL_SHAPE";

  constructor(
    code: CredentialError["code"],
    message: string,
    options?: { help?: string | undefined; cause?: unknown },
  ) {
    super(message, options);
    this.code = code;
  }
}

/** The store did not answer; nothing was written unless the message says so. Retry later. */
export class StorageUnavailableError extends SallyportError {
  override readonly name = "StorageUnavailableError";
  readonly code = "ERR_STORAGE_UNAVAILABLE";
}

/** The store holds something that cannot be read back: the operator's turn, never silently "absent". */
export class StorageCorruptError extends SallyportError {
  override readonly name = "StorageCorruptError";
  readonly code = "ERR_STORAGE_CORRUPT";
}

/** A broken invariant of ours. Please report it. */
export class InternalError extends SallyportError {
  override readonly name = "InternalError";
  readonly code = "ERR_INTERNAL";

  constructor(message: string, options?: { cause?: unknown }) {
    super(`internal error: ${message}`, {
      ...options,
      help: "this is a fault of sallyport: please report it",
    });
  }
}

/** All error classes, discriminated by `code`. */
export type AnySallyportError =
  | ConfigError
  | PolicyError
  | RequestDeniedError
  | ResponseWithheldError
  | CredentialError
  | StorageUnavailableError
  | StorageCorruptError
  | InternalError;

/** Whether a caught value is one of our errors, from any copy of this package. */
export function isSallyportError(value: unknown): value is AnySallyportError {
  if (typeof value !== "object" || value === null) return false;
  return (value as { isSallyportError?: unknown }).isSallyportError === true;
}
