/** A policy in a file, as an option of `createGuardedFetch`. */
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { ConfigError, type PolicyTextReader } from "@sallyport/core";
import { refuseUnknown } from "./unknown-option.js";

export interface PolicyFileOptions {
  /**
   * How often the file is looked at, in milliseconds, 10 to 86,400,000.
   * @default 2000
   */
  readonly pollMs?: number | undefined;
  /**
   * Calls are denied `unevaluable` once the file has not loaded for longer than this, in seconds, from 1. Without it the
   * last policy that loaded stays in force for as long as the process runs.
   * @default none
   */
  readonly maxStaleSeconds?: number | undefined;
  /**
   * Reads the text of the file, for formats other than JSON, at once: it returns no promise.
   * @default readJsonText
   */
  readonly read?: PolicyTextReader | undefined;
}

/** Where a policy is read from. Made by {@link fromFile}. */
export interface PolicyFile {
  /** Tells it from a policy document, which has no such field. */
  readonly kind: "file";
  /** Absolute. */
  readonly path: string;
  readonly pollMs: number;
  readonly maxStaleSeconds: number | undefined;
  /** `undefined` for JSON. */
  readonly read: PolicyTextReader | undefined;
}

/** Soon enough for a person who waits, and nothing beside what a process does otherwise. */
const DEFAULT_POLL_MS = 2000;
const MAX_POLL_MS = 86_400_000;

/**
 * A policy document in JSON, without names that repeat, that is read when the guarded fetch is built, and again whenever the file changes. A file
 * that does not load leaves the policy before in force, is recorded, and warned of.
 *
 * @param path - of the file, relative to the working directory of now; links are followed at each reading
 * @throws ConfigError for an option that is not one of these, or out of range
 * @see docs/spec/policy.md "Reloading"
 */
export function fromFile(path: string | URL, options: PolicyFileOptions = {}): PolicyFile {
  if (typeof options !== "object" || options === null)
    throw new ConfigError("fromFile.options", "expected an object such as `{ pollMs }`");
  refuseUnknown("fromFile", options, ["pollMs", "maxStaleSeconds", "read"]);
  const { pollMs = DEFAULT_POLL_MS, maxStaleSeconds, read } = options;
  return checkPolicyFile({ kind: "file", path: absolute(path), pollMs, maxStaleSeconds, read });
}

/** @throws ConfigError */
export function checkPolicyFile({ path, pollMs, maxStaleSeconds, read }: PolicyFile): PolicyFile {
  if (!isWithin(pollMs, 10, MAX_POLL_MS))
    throw new ConfigError("fromFile.pollMs", "expected a number of milliseconds from 10 to 86400000");
  if (maxStaleSeconds !== undefined && !isWithin(maxStaleSeconds, 1, Number.MAX_SAFE_INTEGER))
    throw new ConfigError("fromFile.maxStaleSeconds", "expected a number of seconds from 1");
  if (read !== undefined && typeof read !== "function")
    throw new ConfigError("fromFile.read", "expected a function that reads a text");
  return Object.freeze({ kind: "file", path: absolute(path), pollMs, maxStaleSeconds, read });
}

function absolute(path: unknown): string {
  if (path instanceof URL && path.protocol === "file:") return fileURLToPath(path);
  if (typeof path === "string" && path !== "") return resolve(path);
  throw new ConfigError("fromFile.path", "expected the path of a file, or a `file:` URL");
}

function isWithin(value: unknown, least: number, most: number): boolean {
  return typeof value === "number" && value >= least && value <= most;
}
