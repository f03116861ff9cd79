/** docs/spec/record.md names every member that records have, and no other. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { memoryStore } from "@sallyport/adapters-memory";
import { createGuardedFetch, fromFile, type GuardedFetch, type Transport } from "@sallyport/client";
import { type ConnectionFacts, memoryKeyring, type StorageAdapter } from "@sallyport/core";
import { expect, it, vi } from "vitest";
import { codeIn, section, tables } from "./markdown.js";
import { readPage } from "./pages.js";

it.each([
  ["http.request", "Members"],
  ["http.stream.end", "Streams"],
  ["policy.changed", "Policy changes"],
  ["policy.reload_failed", "Failed reloads"],
])(
  "describes exactly the members of the %s records that all kinds of calls and reloads leave",
  async (type, heading) => {
    const all = [...(await recordsOfAllKinds()), ...(await recordsOfReloads())];
    const records = all.filter((record) => record.type === type);
    const seen = new Set(records.flatMap((record) => leavesOf(record)));
    const documented = documentedMembers(heading);
    const covers = (member: string, leaf: string) =>
      new RegExp(`^${member.replace(/[.[\]]/g, "\\$&").replaceAll("*", "[^.[\\]]+")}$`).test(leaf);

    expect([...seen].filter((leaf) => !documented.some((member) => covers(member, leaf)))).toEqual([]);
    expect(documented.filter((member) => ![...seen].some((leaf) => covers(member, leaf)))).toEqual([]);
  },
);

function documentedMembers(heading: string): string[] {
  const [[, ...rows] = []] = tables(section(readPage("docs/spec/record.md").text, heading));
  return rows.map(([member = ""]) => codeIn(member) ?? "");
}

async function recordsOfAllKinds(): Promise<{ readonly type: string }[]> {
  const store = memoryStore();
  const guarded = createGuardedFetch({
    store,
    environment: { TOKEN: "t0ken" },
    keyring: memoryKeyring({ primary: "pseudonym:acme", keys: { "pseudonym:acme": new Uint8Array(32) } }),
    transport,
    policy: {
      clientId: "acme",
      region: "eu-1",
      targets: {
        shop: { name: "Shop", baseUrl: "https://shop.example:8443/api" },
        trial: { baseUrl: "https://trial.example" },
      },
      credentials: {
        key: { type: "target", authType: "bearer", secret: { env: "TOKEN" } },
        caller: { type: "proxy", authType: "none" },
      },
      proxies: {
        "shop-api": {
          name: "The shop",
          target: "shop",
          targetCredential: "key",
          proxyCredential: "caller",
          inProcess: "skip-proxy-credential",
          paths: { record: "core" },
          rules: [
            { id: "read", effect: "allow", methods: ["GET"], path: "^/(orders|old|broken|busy|to-|out)" },
          ],
          retry: { maxAttempts: 2, delayMs: 1 },
          filters: [
            {
              id: "no-mail",
              variables: [{ name: "status", source: "responseStatus", record: "core" }],
              operations: [{ effect: "destroy", jsonPath: "\\.email$" }],
            },
            { id: "no-phone", on: "request", operations: [{ effect: "destroy", jsonPath: "\\.phone$" }] },
          ],
        },
        trial: {
          target: "trial",
          mode: "observe",
          filters: [
            { operations: [{ effect: "destroy", jsonPath: "\\.email$" }] },
            { on: "request", path: "^/orders$", operations: [{ effect: "destroy", jsonPath: "\\.phone$" }] },
          ],
          rules: [
            { id: "tried", effect: "deny", mode: "observe" },
            { id: "admins", effect: "deny", token: [{ claim: "role", presence: "absent" }] },
          ],
        },
      },
    },
  });
  const base = "https://shop.example:8443/api";
  const known = guarded.with({ proxyCredential: "caller", actor: { type: "user", id: "ada" } });
  const headers = { "user-agent": "x".repeat(300), cookie: "a=b", "x-other": "1" };
  await call(known, `${base}/orders?page=2`, { headers });
  await call(guarded, `${base}/old`);
  await call(guarded, `${base}/out`);
  for (const path of ["/broken", "/busy", "/to-broken", "/to-busy"]) await call(guarded, `${base}${path}`);
  await call(guarded, `${base}/orders`, { method: "POST", body: "{}" });
  await call(guarded, "https://trial.example/moved");
  const phone = { method: "POST", body: '{"phone":1}', headers: { "content-type": "application/json" } };
  await call(guarded, "https://trial.example/again", phone);
  await call(guarded, "https://trial.example/stream");
  await call(guarded, `${base}/orders/stream`);
  await guarded.close();
  return recordsIn(store);
}

async function recordsIn({ log }: StorageAdapter): Promise<{ readonly type: string }[]> {
  const { records } = await log.listRecords();
  return records.map(({ bytes }) => JSON.parse(new TextDecoder().decode(bytes)));
}

async function recordsOfReloads(): Promise<{ readonly type: string }[]> {
  const folder = mkdtempSync(join(tmpdir(), "records-"));
  const path = join(folder, "policy.json");
  const write = (more: object) =>
    writeFileSync(path, JSON.stringify({ clientId: "acme", region: "eu-1", ...more }));
  const warnings = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
  const store = memoryStore();
  write({});
  const guarded = createGuardedFetch({ store, policy: fromFile(path, { pollMs: 10 }) });
  write({ targets: { shop: { baseUrl: "https://shop.example" } } });
  await expect.poll(() => recordsIn(store)).toHaveLength(1);
  write({ "ada@example.com or bob@example.com": 1 });
  await expect.poll(() => recordsIn(store)).toHaveLength(2);
  await guarded.close();
  warnings.mockRestore();
  rmSync(folder, { recursive: true });
  return recordsIn(store);
}

/** Answers as if over connections; that these are told as they are is the client's to show. */
const transport: Transport = Object.assign(
  async ({ url, onConnection }: Parameters<Transport>[0]) => {
    onConnection(CONNECTION);
    return answerTo(new URL(url));
  },
  { pinning: () => "pinned" as const },
);

const CONNECTION: ConnectionFacts = {
  address: "pinned",
  peer: { address: "93.184.215.14", port: 443 },
  tls: {
    ...{ version: "TLSv1.3", cipher: "TLS_AES_256_GCM_SHA384", alpn: "http/1.1", sni: "shop.example" },
    ...{ authorized: true, resumed: false },
    cert: {
      sha256: "00",
      subject: "CN=shop.example",
      issuer: "CN=root",
      notAfter: "2030-01-01T00:00:00.000Z",
    },
  },
};

function answerTo({ pathname }: URL): Response {
  if (pathname.endsWith("/broken")) throw new TypeError("fetch failed");
  if (pathname.endsWith("/busy")) return new Response(null, { status: 503 });
  const [, to] = /\/to-(.*)$/.exec(pathname) ?? [];
  if (to !== undefined) return Response.redirect(`https://shop.example:8443/api/${to}`, 302);
  if (pathname.endsWith("/old")) return Response.redirect("https://shop.example:8443/api/orders?page=1", 302);
  if (pathname.endsWith("/moved")) return Response.redirect("https://trial.example/orders", 302);
  if (pathname.endsWith("/again")) return Response.redirect("https://trial.example/orders", 307);
  if (pathname.endsWith("/out")) return Response.redirect("https://shop.example:8443/api/secret", 302);
  if (pathname.endsWith("/stream")) {
    const headers = { "content-type": "application/x-ndjson" };
    return new Response(`{"${"x".repeat(300)}":{"email":"a@example.com"}}\nno JSON\n`, { headers });
  }
  return Response.json({ email: "a@example.com" });
}

async function call(fetch: GuardedFetch, url: string, init?: RequestInit): Promise<void> {
  try {
    await (await fetch(url, init)).text();
  } catch {
    // Whatever happened is on the record.
  }
}

/** Paths of the scalars in a record: `http.redirects[].status`. */
function leavesOf(value: unknown, path = ""): string[] {
  if (typeof value !== "object" || value === null) return [path];
  return Object.entries(value).flatMap(([name, member]) =>
    leavesOf(member, Array.isArray(value) ? `${path}[]` : path === "" ? name : `${path}.${name}`),
  );
}
