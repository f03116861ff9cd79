/** A warning about a policy. */
import { toPointer } from "./schema-issues.js";

export type LintCode =
  /** An allow rule whose host or path pattern matches in the middle of a text. */
  | "unanchored_allow"
  /** An allow rule whose host pattern has a dot that stands for any character. */
  | "unescaped_dot"
  /** An allow rule without a condition that any request fails. */
  | "allows_everything"
  /** A rule that can never decide: it matches no request, or all it matches is denied, or allowed already, by another. */
  | "unreachable_rule"
  /** A method that looks like a misspelling of a standard one. */
  | "unknown_method"
  /** A filter that can never apply. */
  | "unreachable_filter"
  /** An operation whose pattern matches no path that a document can have. */
  | "matches_no_path"
  /** A credential that no proxy names. */
  | "unused_credential"
  /** A secret that is too short to be looked for in responses. */
  | "short_secret"
  /** A target that is called without TLS, and not on this machine. */
  | "insecure_target"
  /** A target whose base URL is an address that it may not be connected to. */
  | "unreachable_target"
  /** A range of addresses that is wider than any network it could be meant for. */
  | "wide_private_range";

export interface LintWarning {
  readonly code: LintCode;
  /** JSON pointer (RFC 6901) into the document. */
  readonly pointer: string;
  readonly message: string;
  /** What to do. */
  readonly help: string;
}

export function warning(
  code: LintCode,
  path: readonly PropertyKey[],
  message: string,
  help: string,
): LintWarning {
  return { code, pointer: toPointer(path), message, help };
}
