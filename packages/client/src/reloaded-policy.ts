/**
 * The policy of a file from one reading to the next: what loads takes the place of what was in force, what does not
 * changes nothing until it has been so for too long. Does no I/O: it is told what was read.
 */
import { createHash } from "node:crypto";
import {
  ConfigError,
  isoTime,
  type Keyring,
  type Policy,
  type PolicyError,
  type PolicyIssue,
} from "@sallyport/core";
import { within } from "./deadline.js";
import type { PolicyFile } from "./policy-file.js";
import { type PolicyInForce, type PolicyListener, type PolicySnapshot, snapshotOf } from "./policy-source.js";
import { type FileRead, parsePolicyFile, unreadable } from "./read-policy-file.js";
import { describeFailure, isFaultOfDocument } from "./reload-failure.js";
import type { World } from "./world.js";

/** A keyring that takes longer does not have the key. */
const MAX_KEYRING_MS = 5000;

/** So many different failures are told of between two successes. */
const MAX_REPORTED = 100;

/** Since when the file has not loaded. */
interface Failing {
  readonly since: number;
  readonly sinceMs: number;
  /** Readings in a row that failed. Somebody may just be writing the file: one alone means nothing. */
  readonly times: number;
}

export interface ReloadedPolicyOptions {
  readonly file: PolicyFile;
  readonly keyring: Keyring | undefined;
  readonly world: World;
}

export class ReloadedPolicy {
  readonly #options: ReloadedPolicyOptions;
  #snapshot: PolicySnapshot;
  #inForce: PolicyInForce;
  /** Of the bytes that the snapshot was read from. */
  #digest: string;
  #failing: Failing | undefined;
  readonly #reported = new Set<string>();
  /** The document that failed last, which need not be parsed again to know that. */
  #refused: { readonly digest: string; readonly error: PolicyError } | undefined;

  /** @throws PolicyError, ConfigError when the first reading does not load */
  constructor(options: ReloadedPolicyOptions, bytes: Uint8Array) {
    this.#options = options;
    this.#snapshot = snapshotOf(parsePolicyFile(options.file, bytes), options.keyring);
    this.#inForce = { ...this.#snapshot, staleness: undefined };
    this.#digest = digestOf(bytes);
  }

  current(): PolicyInForce {
    const staleness = this.#staleness();
    const latest = this.#inForce;
    if (latest.compiled === this.#snapshot.compiled && latest.staleness === staleness) return latest;
    this.#inForce = { ...this.#snapshot, staleness };
    return this.#inForce;
  }

  get isFailing(): boolean {
    return this.#failing !== undefined;
  }

  /**
   * Takes a reading in. Never rejects. One at a time.
   *
   * @param isWanted - asked before anything changes
   */
  async take(read: FileRead, listener: PolicyListener, isWanted: () => boolean): Promise<void> {
    try {
      const next = await this.#load(read);
      if (!isWanted()) return;
      this.#failing = undefined;
      this.#reported.clear();
      if (next === undefined) return;
      const before = this.#snapshot.compiled;
      listener.changed(before, next.snapshot.compiled);
      [this.#snapshot, this.#digest] = [next.snapshot, next.digest];
    } catch (error) {
      if (isWanted()) this.#fail(error, listener);
    }
  }

  /** @returns `undefined` when the file holds what is in force */
  async #load(
    read: FileRead,
  ): Promise<{ readonly snapshot: PolicySnapshot; readonly digest: string } | undefined> {
    const { file, keyring } = this.#options;
    if (read.kind === "same") return undefined;
    if (read.kind === "unreadable") throw unreadable(file.path, read.reason);
    const digest = digestOf(read.bytes);
    if (digest === this.#digest) return undefined;
    if (digest === this.#refused?.digest) throw this.#refused.error;
    try {
      const policy = parsePolicyFile(file, read.bytes, (next) => movedIssues(this.#snapshot, next));
      const snapshot = snapshotOf(policy, keyring);
      await requireHashKey(snapshot);
      return { snapshot, digest };
    } catch (error) {
      if (isFaultOfDocument(error)) this.#refused = { digest, error };
      throw error;
    }
  }

  #fail(error: unknown, listener: PolicyListener): void {
    const { world } = this.#options;
    const { since, sinceMs, times } = this.#failing ?? {
      since: world.now(),
      sinceMs: world.monotonicMs(),
      times: 0,
    };
    this.#failing = { since, sinceMs, times: times + 1 };
    if (!this.#isConfirmed) return;
    const failure = { ...describeFailure(error), failingSince: since };
    const key = JSON.stringify([failure.errorType, failure.issues]);
    if (this.#reported.has(key) || this.#reported.size >= MAX_REPORTED) return;
    this.#reported.add(key);
    listener.failed(failure, this.#snapshot.compiled);
  }

  get #isConfirmed(): boolean {
    return this.#failing !== undefined && this.#failing.times >= 2;
  }

  #staleness(): string | undefined {
    const { file, world } = this.#options;
    const { maxStaleSeconds } = file;
    if (maxStaleSeconds === undefined || this.#failing === undefined || !this.#isConfirmed) return undefined;
    if (world.monotonicMs() - this.#failing.sinceMs <= maxStaleSeconds * 1000) return undefined;
    return `the policy's file has not loaded since ${isoTime(this.#failing.since)}, longer than \`maxStaleSeconds\` (${maxStaleSeconds})`;
  }
}

/** What a process keeps to from its first policy on. */
function movedIssues({ compiled }: PolicySnapshot, next: Policy): PolicyIssue[] {
  const { region, clientId } = compiled.policy;
  return [
    ...(next.clientId === clientId ? [] : [fixedField("clientId")]),
    ...(next.region === region ? [] : [fixedField("region")]),
  ];
}

function fixedField(name: "region" | "clientId"): PolicyIssue {
  return {
    pointer: `/${name}`,
    message: "cannot change while the process runs",
    help: "start a new process: the records of this one, and its sealed credentials, are bound to it",
    kind: "invalid",
  };
}

/** A keyring that answers later is not waited for at the start; here there is time to. */
async function requireHashKey({ compiled, hash }: PolicySnapshot): Promise<void> {
  const found = hash();
  if (!(found instanceof Promise)) return;
  const key = await within(MAX_KEYRING_MS, found).catch(() => undefined);
  if (key !== undefined) return;
  throw new ConfigError(
    "keyring",
    `a filter of the policy hashes, and the keyring gives no key for client \`${compiled.policy.clientId}\``,
  );
}

function digestOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("base64");
}
