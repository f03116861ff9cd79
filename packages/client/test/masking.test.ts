import { createHmac } from "node:crypto";
import { memoryKeyring } from "@sallyport/core";
import { describe, expect, it } from "vitest";
import { createGuardedFetch } from "../src/index.js";
import { documentFor, openGate } from "./gate.js";
import { json, startServer } from "./loopback-server.js";

const key = new Uint8Array(32).fill(9);
const keyring = memoryKeyring({ keys: { "hash:acme": key } });

const operations = [
  { effect: "mask", jsonPath: "\\.iban$", mask: { with: "…", keepLast: 4 } },
  { effect: "hash", jsonPath: "\\.customer$" },
  { effect: "destroy", jsonPath: "\\.note$", matchValue: { pattern: "secret", flags: "i" } },
] as const;

const BODY = '{"iban":"DE02120300000000202051","customer":"c-17","note":"Secret!","list":[{"note":"fine"}]}';

const hashed = `h1:${createHmac("sha256", key).update("c-17").digest("base64url").slice(0, 22)}`;

describe("a response with masks and hashes", () => {
  it.each([
    ["at once", keyring],
    ["later", { get: async (kid: string) => keyring.get(kid) }],
  ])("shows what they leave, the key being there %s", async (_, ring) => {
    const server = await startServer(json(BODY));
    const { guarded, records } = openGate(documentFor(server.origin, { filters: [{ operations }] }), {
      keyring: ring,
    });
    const response = await guarded(server.origin);
    expect(await response.text()).toBe(`{"iban":"…2051","customer":"${hashed}","list":[{"note":"fine"}]}`);
    const [record] = await records();
    expect(record.filters.map((one: { effect: string; nodes: number }) => [one.effect, one.nodes])).toEqual([
      ["mask", 1],
      ["hash", 1],
      ["destroy", 1],
    ]);
    expect(JSON.stringify(record)).not.toMatch(/c-17|Secret|DE0212|…2051/);
  });

  it("is withheld when a keyring that answers later has no key", async () => {
    const server = await startServer(json(BODY));
    const policy = documentFor(server.origin, { filters: [{ operations }] });
    const { guarded } = openGate(policy, { keyring: { get: async () => undefined } });
    const response = await guarded(server.origin);
    expect([response.status, response.headers.get("sallyport-code")]).toEqual([422, "response-withheld"]);
    expect(await response.text()).not.toContain("c-17");
  });
});

describe("a policy that hashes", () => {
  const policy = documentFor("https://api.example", { filters: [{ operations }] });

  it.each([undefined, memoryKeyring({ keys: { other: key } })])(
    "makes no guarded fetch without its key",
    (ring) => {
      const { store } = openGate(documentFor("https://api.example"));
      expect(() => createGuardedFetch({ policy, store, keyring: ring })).toThrow(/`hash:acme`/);
    },
  );
});
