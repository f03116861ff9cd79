/** A policy in a YAML file (docs/spec/policy.md, "YAML"). */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createGuardedFetch, fromFile, type GuardedFetch, memoryStore } from "./index.js";

const YAML = `
clientId: acme
region: eu-west-1
targets:
  shop: { baseUrl: https://shop.example.com }
credentials:
  key:
    type: target
    authType: bearer
    secret: { env: SHOP_TOKEN } # by name only
proxies:
  shop-api:
    target: shop
    targetCredential: key
    rules:
      - id: read
        effect: allow
        methods: [GET]
        path: ^/orders(/|$)
`;
const JSON_TEXT = JSON.stringify({
  clientId: "acme",
  region: "eu-west-1",
  targets: { shop: { baseUrl: "https://shop.example.com" } },
  credentials: { key: { type: "target", authType: "bearer", secret: { env: "SHOP_TOKEN" } } },
  proxies: {
    "shop-api": {
      target: "shop",
      targetCredential: "key",
      rules: [{ id: "read", effect: "allow", methods: ["GET"], path: "^/orders(/|$)" }],
    },
  },
});

let folder: string;
const open: GuardedFetch[] = [];
const warnings = vi.spyOn(process, "emitWarning").mockImplementation(() => {});

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "policy-"));
  warnings.mockClear();
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((guarded) => guarded.close()));
  rmSync(folder, { recursive: true });
});

function openGate(policy: ReturnType<typeof fromFile>) {
  const store = memoryStore();
  const transport = Object.assign(async () => new Response(null, { status: 204 }), {
    pinning: () => "pinned" as const,
  });
  const guarded = createGuardedFetch({ policy, store, transport, environment: { SHOP_TOKEN: "t0ken" } });
  open.push(guarded);
  const call = (method: string) =>
    guarded("https://shop.example.com/orders", { method }).then(
      ({ status }) => status,
      ({ code }) => code,
    );
  const records = async (type: string) => {
    const { records } = await store.log.listRecords({ limit: 1000 });
    return records
      .map(({ bytes }) => JSON.parse(new TextDecoder().decode(bytes)))
      .filter((record) => record.type === type);
  };
  return { call, records };
}

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe("`fromFile`", () => {
  it("reads the same policy from YAML and from JSON: it decides alike and has the same hash", async () => {
    const hashes = new Set<string>();
    for (const [name, text] of [
      ["policy.yaml", YAML],
      ["policy.YML", YAML],
      ["policy.json", JSON_TEXT],
      ["json.yaml", JSON_TEXT],
    ] as const) {
      const path = write(name, text);
      for (const policy of [fromFile(path), fromFile(pathToFileURL(path))]) {
        const { call, records } = openGate(policy);
        expect([await call("GET"), await call("POST")]).toEqual([204, "ERR_REQUEST_DENIED"]);
        for (const record of await records("http.request")) hashes.add(record.policy.bundle.sha256);
      }
    }
    expect(hashes.size).toBe(1);
  });

  it("takes a file of another name for JSON, unless it is told how to read it", async () => {
    const path = write("policy.conf", YAML);
    expect(() => openGate(fromFile(path))).toThrow("(line 2, column 1): not JSON: expected a value");
    const yaml = fromFile(write("policy.yaml", YAML));
    expect(await openGate(fromFile(path, { read: yaml.read })).call("GET")).toBe(204);
  });

  it("takes an option that is `undefined` for one that is not there", async () => {
    const path = write("policy.yaml", YAML);
    const policy = fromFile(path, { read: undefined, pollMs: undefined, maxStaleSeconds: undefined });
    expect(await openGate(policy).call("GET")).toBe(204);
  });

  it("throws for YAML that does not load, naming the file and the place, and quoting nothing", () => {
    const path = write("policy.yaml", `${YAML}proxies: s3cret\n`);
    expect(() => openGate(fromFile(path))).toThrow(
      `policy \`${path}\` does not load: \`/proxies\` (line 20, column 1): \`proxies\` stands there twice, first in line 11, column 1`,
    );
  });

  it("refuses the options that it refuses for JSON", () => {
    expect(() => fromFile("policy.yaml", { pollMs: 1 })).toThrow("option `fromFile.pollMs`");
    expect(() => fromFile("policy.yaml", { read: null as never })).toThrow("option `fromFile.read`");
    expect(() => fromFile(1 as never)).toThrow("option `fromFile.path`");
    for (const name of ["policy.yaml", "policy.json"])
      expect(() => fromFile(name, null as never)).toThrow("option `fromFile.options`: expected an object");
  });
});

describe("a YAML file that changes", () => {
  it("is read again, and keeps the policy before while it does not load", async () => {
    const path = write("policy.yaml", YAML);
    const { call, records } = openGate(fromFile(path, { pollMs: 10 }));
    expect(await call("GET")).toBe(204);
    write("policy.yaml", YAML.replace("env: SHOP_TOKEN", "inline: &s3cret { token: s3cret }"));
    await expect.poll(() => records("policy.reload_failed")).toHaveLength(1);
    expect(await call("GET")).toBe(204);
    const failures = await records("policy.reload_failed");
    expect(failures).toMatchObject([
      {
        policy: {
          issues: [
            {
              pointer: "/credentials/key/secret/inline",
              message: "an anchor cannot stand in a policy",
              ...{ line: 10, column: 31 },
            },
          ],
        },
      },
    ]);
    expect(JSON.stringify([failures, warnings.mock.calls])).not.toContain("s3cret");
    write("policy.yaml", YAML.replace("[GET]", "[POST]"));
    await expect.poll(() => records("policy.changed")).toHaveLength(1);
    expect([await call("GET"), await call("POST")]).toEqual(["ERR_REQUEST_DENIED", 204]);
  });
});
