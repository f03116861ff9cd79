/** An API on loopback, and a guarded fetch of it, for the tests of SDKs. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import {
  createGuardedFetch,
  type GuardedFetchOptions,
  isSallyportError,
  memoryStore,
  type PolicyDocument,
  type RuleDocument,
} from "sallyport";
import { onTestFinished } from "vitest";

/** The real key, which no SDK is given. */
export const KEY = "sk-real-4242424242424242";

export interface Seen {
  readonly request: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

/** Starts an API on loopback that stops after the test. */
export async function startApi(
  answer: (seen: Seen, response: ServerResponse) => void,
): Promise<{ readonly origin: string; readonly seen: readonly Seen[] }> {
  const seen: Seen[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const one = {
      request: `${request.method} ${request.url}`,
      headers: request.headers,
      body: Buffer.concat(chunks),
    };
    seen.push(one);
    answer(one, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

export function json(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(value));
}

export type Rules = readonly RuleDocument[];

/** One proxy, `api`, that takes addresses and telephone numbers out of answers. */
export function policyFor(
  baseUrl: string,
  rules: Rules,
  authType: "bearer" | "apiKey" = "bearer",
): PolicyDocument {
  return {
    clientId: "acme",
    region: "eu-west-1",
    targets: { api: { baseUrl } },
    credentials: { key: { type: "target", authType, secret: { env: "KEY" } } },
    proxies: {
      api: {
        target: "api",
        targetCredential: "key",
        rules,
        filters: [{ operations: [{ effect: "destroy", jsonPath: "\\.(email|phone)$" }] }],
      },
    },
  };
}

/** `records` are those of the calls so far, oldest first. */
export function guardedBy(policy: PolicyDocument, options: Partial<GuardedFetchOptions> = {}) {
  const store = memoryStore();
  const guarded = createGuardedFetch({ store, environment: { KEY }, policy, ...options });
  const records = async () =>
    (await store.log.listRecords()).records.map(({ bytes }) => new TextDecoder().decode(bytes));
  return { guarded, records };
}

export function guardedFor(baseUrl: string, rules: Rules, options: Partial<GuardedFetchOptions> = {}) {
  return guardedBy(policyFor(baseUrl, rules), options);
}

export const isDenied = (error: unknown) => isSallyportError(error) && error.code === "ERR_REQUEST_DENIED";
