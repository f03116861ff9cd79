/** A guarded fetch over a policy for tests, and what it recorded. */
import { memoryStore } from "@sallyport/adapters-memory";
import type { PolicyDocument, StorageAdapter } from "@sallyport/core";
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
      return records.map(({ bytes }) => JSON.parse(new TextDecoder().decode(bytes)));
    },
  };
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
