/** Reading a policy file: what stands in it, and whether it may have changed since it was read last. */
import { type BigIntStats, readFileSync, statSync } from "node:fs";
import { open, stat } from "node:fs/promises";
import { extname } from "node:path";
import {
  isSallyportError,
  type Policy,
  PolicyError,
  type PolicyIssue,
  type PolicyText,
  parsePolicyText,
} from "@sallyport/core";
import { within } from "./deadline.js";
import type { PolicyFile } from "./policy-file.js";
import { isFaultOfDocument } from "./reload-failure.js";

/** Larger files are no policies; the limit keeps a path to something endless from filling the memory. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;

/** A file system that takes longer counts as one that fails. */
const MAX_READ_MS = 5000;

/** Times of files may be as coarse as two seconds: only a file that has been the same for longer is not read again. */
const SETTLED_MS = 3000;

/** What a look at a file has found. */
export type FileRead =
  | { readonly kind: "same" }
  | { readonly kind: "content"; readonly bytes: Uint8Array }
  /** With a reason that holds no path. */
  | { readonly kind: "unreadable"; readonly reason: string };

/**
 * Reads a file at once, for the start of a process.
 *
 * @throws PolicyError naming the file
 */
export function readPolicyFile(path: string): Uint8Array {
  try {
    refuseUnlessReadable(statSync(path, { bigint: true }));
    return readFileSync(path);
  } catch (error) {
    throw unreadable(path, reasonOf(error));
  }
}

/** Looks at one file again and again, without holding up anything else. */
export class PolicyFileReader {
  readonly #path: string;
  readonly #nowMs: () => number;
  #identity = "";
  #identityMs = 0;
  #isSettled = false;
  /** One at a time: a file system that hangs must not take all threads. */
  #reading: Promise<FileRead> | undefined;

  /** @param nowMs - monotonic */
  constructor(path: string, nowMs: () => number) {
    this.#path = path;
    this.#nowMs = nowMs;
  }

  /**
   * Never rejects.
   *
   * @param maySkip - whether the file need not be read if it looks as it did before
   */
  async read(maySkip: boolean): Promise<FileRead> {
    this.#reading ??= this.#read(maySkip).finally(() => {
      this.#reading = undefined;
    });
    try {
      return await within(MAX_READ_MS, this.#reading);
    } catch (error) {
      return { kind: "unreadable", reason: reasonOf(error) };
    }
  }

  async #read(maySkip: boolean): Promise<FileRead> {
    const stats = await stat(this.#path, { bigint: true });
    refuseUnlessReadable(stats);
    const identity = identityOf(stats);
    const isKnown = identity === this.#identity;
    if (isKnown && this.#isSettled && maySkip) return { kind: "same" };
    const startedMs = this.#nowMs();
    if (!isKnown) [this.#identity, this.#identityMs] = [identity, startedMs];
    this.#isSettled = startedMs - this.#identityMs >= SETTLED_MS;
    return { kind: "content", bytes: await bytesOf(this.#path, identity) };
  }
}

/** @throws UnfitFile when what was read may be part of one text and part of another */
async function bytesOf(path: string, identity: string): Promise<Uint8Array> {
  const file = await open(path, "r");
  try {
    const bytes = await file.readFile();
    if (identityOf(await file.stat({ bigint: true })) !== identity)
      throw new UnfitFile("it changed while it was read");
    return bytes;
  } finally {
    await file.close();
  }
}

/**
 * The policy in the bytes of a file.
 *
 * @param check - what else must hold of it
 * @throws PolicyError naming the file, and no value that stands in it
 */
export function parsePolicyFile(
  { path, read }: PolicyFile,
  bytes: Uint8Array,
  check?: (policy: Policy) => readonly PolicyIssue[],
): Policy {
  const reader = read === undefined ? undefined : (text: string) => readBy(read, text);
  try {
    return parsePolicyText(textOf(bytes), reader, check);
  } catch (error) {
    if (!isFaultOfDocument(error)) throw error;
    const [first = fault("it does not load"), ...rest] = error.issues;
    const isYaml = read === undefined && /^\.ya?ml$/i.test(extname(path));
    const help = isYaml && first.message.startsWith("not JSON") ? { help: YAML_HELP } : {};
    throw new PolicyError([{ ...first, ...help }, ...rest], { file: path });
  }
}

const YAML_HELP = "YAML is read by the `fromFile` of the package `sallyport`";

/** What somebody else's reader throws may quote the text. */
function readBy(read: NonNullable<PolicyFile["read"]>, text: string): PolicyText {
  try {
    return read(text);
  } catch (error) {
    if (isSallyportError(error)) throw error;
    throw new PolicyError([{ ...fault("the file's reader failed"), help: READER_HELP }]);
  }
}

const READER_HELP =
  "throw a `PolicyError` to say why: other errors may quote the file, so nothing of them is told";

export function unreadable(path: string, reason: string): PolicyError {
  return new PolicyError([fault(`the file cannot be read: ${reason}`)], { file: path });
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new PolicyError([fault("the file is not UTF-8")]);
  }
}

function fault(message: string): PolicyIssue {
  return { pointer: "", message, kind: "invalid" };
}

/** Why a file is not read, in words of ours. */
class UnfitFile extends Error {}

function refuseUnlessReadable(stats: BigIntStats): void {
  if (!stats.isFile()) throw new UnfitFile("it is no regular file");
  if (stats.size > MAX_FILE_BYTES) throw new UnfitFile("it is larger than 64 MiB");
}

/** Changes when somebody writes the file or puts another in its place. */
function identityOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(":");
}

function reasonOf(error: unknown): string {
  if (error instanceof UnfitFile) return error.message;
  const { code } = error as { code?: unknown };
  if (code === "ERR_STORAGE_UNAVAILABLE") return "no answer within 5 seconds";
  return typeof code === "string" ? code : "unknown failure";
}
