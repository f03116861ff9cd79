/** A guarded fetch over a policy for tests, and what it recorded. */
import { memoryStore } from "@sallyport/adapters-memory";
import { canonicalJson, type PolicyDocument, type StorageAdapter } from "@sallyport/core";
import { createGuardedFetch, type GuardedFetch, type GuardedFetchOptions } from "../src/index.js";

type Proxies = NonNullable<PolicyDocument["proxies"]>;
type Credentials = NonNullable<PolicyDocument["credentials"]>;

/** A secret that no response, error or record may ever hold. */
export const CANARY = "canary-9f8b7c6d5e4f3a2b";

export interface TestGate {
  readonly guarded: GuardedFetch;
  readonly store: StorageAdapter;
  records(): Promise<TestRecord[]>;
}

// biome-ignore lint/suspicious/noExplicitAny: tests look into records by hand
export type TestRecord = any;

/** One target `api`, one proxy `p` that allows everything unless told otherwise. */
export function documentFor(
  baseUrl: string,
  proxy: Partial<Proxies[string]> = {},
  more: Partial<PolicyDocument> & { readonly credentials?: Credentials } = {},
): PolicyDocument {
  return {
    clientId: "acme",
    region: "eu-west-1",
    targets: { api: { baseUrl } },
    proxies: { p: { target: "api", defaultRuleEffect: "allow", ...proxy } },
    ...more,
  };
}

export function openGate(policy: PolicyDocument, options: Partial<GuardedFetchOptions> = {}): TestGate {
  const store = options.store ?? memoryStore();
  return {
    guarded: createGuardedFetch({ policy, store, ...options }),
    store,
    async records() {
      const { records } = await store.log.listRecords({ limit: 1000 });
      return records.map(({ bytes }) => canonicalRecord(new TextDecoder().decode(bytes)));
    },
  };
}

/** Every record is canonical JSON, whatever the call: its hash must not hang on how it was written. */
function canonicalRecord(text: string): TestRecord {
  const record = JSON.parse(text);
  if (canonicalJson(record) !== text) throw new Error(`the record is not canonical JSON: ${text}`);
  // RFC 8785 section 3.2.2.2.
  if (/\\ud[89a-f]/i.test(text)) throw new Error(`the record has half of a pair: ${text}`);
  return record;
}

/** What a promise rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("expected a rejection");
}
