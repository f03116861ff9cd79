/** What keeps a policy from being loaded again. */
import { type ErrorCode, isSallyportError, type PolicyError, type PolicyIssue } from "@sallyport/core";

export interface ReloadFailure {
  readonly errorType: ErrorCode;
  /** At least one. Without values of the document. */
  readonly issues: readonly PolicyIssue[];
  /** For whoever runs the process; names the file. */
  readonly message: string;
  /** For the same person: what to do. Not recorded. */
  readonly help: string | undefined;
  /** Epoch ms of the first attempt that failed since one succeeded. */
  readonly failingSince: number;
}

/** What an error says about it. Of errors that are not ours nothing is told: they may quote the document. */
export function describeFailure(error: unknown): Omit<ReloadFailure, "failingSince"> {
  if (!isSallyportError(error)) return describe("ERR_INTERNAL", "the policy could not be loaded", undefined);
  if (isFaultOfDocument(error))
    return { errorType: error.code, issues: error.issues, message: error.message, help: error.help };
  return describe(error.code, error.message, error.help);
}

function describe(
  errorType: ErrorCode,
  message: string,
  help: string | undefined,
): Omit<ReloadFailure, "failingSince"> {
  return { errorType, issues: [{ pointer: "", message, kind: "invalid" }], message, help };
}

/** Whether the same document would fail in the same way again. */
export function isFaultOfDocument(error: unknown): error is PolicyError {
  return (
    isSallyportError(error) &&
    (error.code === "ERR_POLICY_INVALID" || error.code === "ERR_POLICY_UNSUPPORTED")
  );
}
