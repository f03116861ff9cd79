/** A policy file of a test's own, and a guarded fetch that reads it. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { memoryStore } from "@sallyport/adapters-memory";
import { afterEach } from "vitest";
import {
  createGuardedFetch,
  fromFile,
  type GuardedFetch,
  type GuardedFetchOptions,
  type PolicyFileOptions,
} from "../src/index.js";
import type { TestRecord } from "./gate.js";

const folders: string[] = [];
const open: GuardedFetch[] = [];

afterEach(async () => {
  await Promise.allSettled(open.splice(0).map((guarded) => guarded.close()));
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** The path of a file in a folder of its own, which is removed after the test. */
export function writePolicy(document: unknown): string {
  const folder = mkdtempSync(join(tmpdir(), "policy-"));
  folders.push(folder);
  const path = join(folder, "policy.json");
  rewrite(path, document);
  return path;
}

/** Text as it is; anything else as JSON. */
export function rewrite(path: string, document: unknown): void {
  writeFileSync(path, typeof document === "string" ? document : JSON.stringify(document));
}

export interface FileGate {
  readonly guarded: GuardedFetch;
  records(type: string): Promise<TestRecord[]>;
}

/** Looks at the file every 10 ms. */
export function openFileGate(
  path: string,
  fileOptions: PolicyFileOptions = {},
  options: Partial<GuardedFetchOptions> = {},
): FileGate {
  const store = options.store ?? memoryStore();
  const policy = fromFile(path, { pollMs: 10, ...fileOptions });
  const guarded = createGuardedFetch({ policy, store, ...options });
  open.push(guarded);
  return {
    guarded,
    async records(type) {
      const { records } = await store.log.listRecords({ limit: 1000 });
      return records
        .map(({ bytes }) => JSON.parse(new TextDecoder().decode(bytes)))
        .filter((record) => record.type === type);
    },
  };
}
