import { createCipheriv, randomBytes } from "node:crypto";
import { inspect } from "node:util";
import { memoryKeyring, type PolicyDocument } from "@sallyport/core";
import { describe, expect, it } from "vitest";
import { envKeyring, sealSecret } from "../src/index.js";
import { CANARY, documentFor, openGate, rejection } from "./gate.js";
import { json, startServer } from "./loopback-server.js";

type Credential = NonNullable<PolicyDocument["credentials"]>[string];

const withCredential = (baseUrl: string, credential: Omit<Credential, "type">): PolicyDocument =>
  documentFor(
    baseUrl,
    { targetCredential: "key" },
    { credentials: { key: { type: "target", ...credential } as Credential } },
  );

describe("a target credential", () => {
  it.each([
    ["bearer", { token: CANARY }, "authorization", `Bearer ${CANARY}`],
    ["bearer", { token: CANARY, prefix: "Token " }, "authorization", `Token ${CANARY}`],
    ["apiKey", { key: CANARY }, "x-api-key", CANARY],
    ["apiKey", { key: CANARY, headerName: "X-Own" }, "x-own", CANARY],
    [
      "basicAuth",
      { username: "ü", password: CANARY },
      "authorization",
      `Basic ${Buffer.from(`ü:${CANARY}`).toString("base64")}`,
    ],
  ] as const)("of type %s with %j sets %s", async (authType, inline, header, value) => {
    const server = await startServer(json("{}"));
    const { guarded, records } = openGate(withCredential(server.origin, { authType, secret: { inline } }));
    await guarded(server.origin);
    expect(server.seen[0]?.headers[header]).toBe(value);
    expect(JSON.stringify(await records())).not.toContain(CANARY);
  });

  it("replaces those that headers with an iterator of their own give, in whatever case", async () => {
    function* theirs(): Generator<[string, string]> {
      for (const name of ["Authorization", "X-RR-Proxy-ID", "X-Other"]) yield [name, "theirs"];
    }
    class Odd extends Headers {}
    Object.defineProperty(Odd.prototype, Symbol.iterator, { value: theirs });
    const patched = Object.defineProperty(new Headers(), Symbol.iterator, { value: theirs });
    const server = await startServer(json("{}"));
    const { guarded } = openGate(
      withCredential(server.origin, { authType: "apiKey", secret: { inline: { key: "ours" } } }),
    );
    await guarded(server.origin, { headers: new Odd() });
    await guarded(server.origin, { headers: patched });
    for (const { headers } of server.seen) {
      expect(headers).toMatchObject({ "x-api-key": "ours", "x-other": "theirs" });
      expect(Object.keys(headers)).not.toContain("authorization");
      expect(Object.keys(headers)).not.toContain("x-rr-proxy-id");
    }
    expect(server.seen).toHaveLength(2);
  });

  it("replaces every credential of the caller, in header and query", async () => {
    const server = await startServer(json("{}"));
    const { guarded } = openGate(
      withCredential(server.origin, { authType: "apiKey", secret: { inline: { key: "ours" } } }),
    );
    const headers = {
      Authorization: "theirs",
      Cookie: "theirs",
      "Proxy-Authorization": "theirs",
      "X-API-KEY": "theirs",
    };
    await guarded(`${server.origin}/x?a=%7e1&Authorization=theirs&b=2`, { headers });
    expect(JSON.stringify(server.seen[0])).not.toContain("theirs");
    expect(server.seen[0]?.headers["x-api-key"]).toBe("ours");
    expect(server.seen[0]?.target).toBe("/x?a=%7e1&b=2");
  });

  it("is left to the caller where the proxy has none, or keeps the caller's own", async () => {
    const server = await startServer(json("{}"));
    const headers = { authorization: "mine" };
    await openGate(documentFor(server.origin)).guarded(server.origin, { headers });
    await openGate(withCredential(server.origin, { authType: "none", keepCallerAuth: true })).guarded(
      server.origin,
      { headers },
    );
    await openGate(withCredential(server.origin, { authType: "none" })).guarded(server.origin, { headers });
    expect(server.seen.map((request) => request.headers.authorization)).toEqual(["mine", "mine", undefined]);
  });

  it("is read from the environment at each call", async () => {
    const server = await startServer(json("{}"));
    const environment: Record<string, string> = { TOKEN: "one" };
    const { guarded } = openGate(
      withCredential(server.origin, { authType: "bearer", secret: { env: "TOKEN" } }),
      { environment },
    );
    await guarded(server.origin);
    environment.TOKEN = "two";
    await guarded(server.origin);
    delete environment.TOKEN;
    const error = await rejection(guarded(server.origin));
    expect(server.seen.map((request) => request.headers.authorization)).toEqual(["Bearer one", "Bearer two"]);
    expect(error).toMatchObject({
      code: "ERR_CREDENTIAL_UNREADABLE",
      message: "credential `key`: the environment variable `TOKEN` is not set",
    });
  });

  it.each(["bearer", "apiKey", "basicAuth"] as const)(
    "of type %s is refused with a line break at the end of its environment variable, which is named",
    async (authType) => {
      const server = await startServer(json("{}"));
      const environment = { TOKEN: "" };
      const { guarded } = openGate(withCredential(server.origin, { authType, secret: { env: "TOKEN" } }), {
        environment,
      });
      for (const end of ["\n", "\r\n", "\r"]) {
        environment.TOKEN = `ann:${CANARY}${end}`;
        const error = await rejection(guarded(server.origin));
        expect(error).toMatchObject({
          code: "ERR_CREDENTIAL_SHAPE",
          message: "credential `key`: the environment variable `TOKEN` ends in a line break",
          help: "remove the line break at its end: the file or command that it was set from has one",
        });
        expect(inspect(error, { depth: 9 })).not.toContain(CANARY);
      }
      expect(server.seen).toEqual([]);
    },
  );

  it("may be JSON with a line break at its end", async () => {
    const server = await startServer(json("{}"));
    const { guarded } = openGate(
      withCredential(server.origin, { authType: "bearer", secret: { env: "TOKEN" } }),
      { environment: { TOKEN: `{"token":"${CANARY}"}\n` } },
    );
    await guarded(server.origin);
    expect(server.seen[0]?.headers.authorization).toBe(`Bearer ${CANARY}`);
  });

  it("that has the wrong shape is named by its fields, never by its content", async () => {
    const environment = { TOKEN: `{"tokn":"${CANARY}"}` };
    const { guarded, records } = openGate(
      withCredential("http://127.0.0.1:9", { authType: "bearer", secret: { env: "TOKEN" } }),
      { environment },
    );
    const error = await rejection(guarded("http://127.0.0.1:9/"));
    expect(error).toMatchObject({
      code: "ERR_CREDENTIAL_SHAPE",
      message: "credential `key`: the secret is not one of type `bearer`: it has an unknown field",
    });
    expect(inspect(error, { depth: 9 }) + JSON.stringify(await records())).not.toContain(CANARY);
  });

  it("given inline in the wrong shape does not load, and is not sealed either", async () => {
    const secret = { inline: { tokn: CANARY } };
    const build = () => openGate(withCredential("http://127.0.0.1:9", { authType: "bearer", secret }));
    expect(build).toThrow("`/credentials/key/secret/inline`: the secret is not one of type `bearer`");
    const policy = withCredential("http://127.0.0.1:9", { authType: "bearer" });
    const keyring = memoryKeyring({ primary: "k", keys: { k: randomBytes(32) } });
    const error = await rejection(sealSecret({ policy, credential: "key", secret: secret.inline, keyring }));
    expect(error).toMatchObject({ code: "ERR_CREDENTIAL_SHAPE" });
    expect(inspect(error)).not.toContain(CANARY);
  });

  it("whose keyring fails is said to, with the keyring's own error as the cause", async () => {
    const cause = new Error("the key service is down");
    const keyring = { get: () => Promise.reject(cause) };
    const sealed = [
      "sp1",
      "k",
      Buffer.alloc(16).toString("base64"),
      Buffer.alloc(16).toString("base64"),
      "",
    ].join(":");
    const policy = withCredential("http://127.0.0.1:9", { authType: "bearer", secret: { sealed } });
    const error = await rejection(openGate(policy, { keyring }).guarded("http://127.0.0.1:9/"));
    expect(error).toMatchObject({ message: "credential `key`: the keyring failed to give its key", cause });
  });
});

const ZEROS = Buffer.alloc(16).toString("base64");
const EMPTY_ENVELOPE = `sp1:k:${ZEROS}:${ZEROS}:`;

describe("a sealed credential", () => {
  const keys = { k1: randomBytes(32), k2: randomBytes(32) };
  const keyring = memoryKeyring({ primary: "k1", keys });
  const seal = (baseUrl: string) =>
    sealSecret({
      policy: withCredential(baseUrl, { authType: "bearer" }),
      credential: "key",
      secret: { token: CANARY },
      keyring,
    });

  it("is opened with the key its envelope names, also when another is primary by now", async () => {
    const server = await startServer(json("{}"));
    const sealed = await seal(server.origin);
    const rotated = memoryKeyring({ primary: "k2", keys });
    const { guarded } = openGate(withCredential(server.origin, { authType: "bearer", secret: { sealed } }), {
      keyring: rotated,
    });
    await guarded(server.origin);
    expect(server.seen[0]?.headers.authorization).toBe(`Bearer ${CANARY}`);
  });

  it.each([
    [
      "a wrong key",
      (sealed: string) => sealed,
      memoryKeyring({ primary: "k1", keys: { k1: randomBytes(32) } }),
    ],
    [
      "an unknown key",
      (sealed: string) => sealed,
      memoryKeyring({ primary: "k9", keys: { k9: randomBytes(32) } }),
    ],
    ["a changed ciphertext", (sealed: string) => sealed.replace(/.{4}$/, "AAA="), keyring],
  ])("does not open with %s: one message, nothing sent, on the record", async (_, change, ring) => {
    const server = await startServer(json("{}"));
    const sealed = change(await seal(server.origin));
    const { guarded, records } = openGate(
      withCredential(server.origin, { authType: "bearer", secret: { sealed } }),
      { keyring: ring },
    );
    const error = await rejection(guarded(server.origin));
    expect(error).toMatchObject({
      code: "ERR_CREDENTIAL_UNREADABLE",
      message: "credential `key`: the credential cannot be opened",
    });
    expect(server.seen).toEqual([]);
    const [record] = await records();
    expect(record.outcome).toMatchObject({ result: "failure", category: "credential" });
    expect(inspect(error, { depth: 9 }) + JSON.stringify(record)).not.toContain(CANARY);
  });

  it("does not open once its target has moved: the origin is part of what it was sealed for", async () => {
    const server = await startServer(json("{}"));
    const sealed = await seal("https://payroll.example.com");
    const { guarded } = openGate(withCredential(server.origin, { authType: "bearer", secret: { sealed } }), {
      keyring,
    });
    expect(await rejection(guarded(server.origin))).toMatchObject({ code: "ERR_CREDENTIAL_UNREADABLE" });
  });

  it("opens in the bare form only where the policy allows it, and then for the origins it lists", async () => {
    const server = await startServer(json("{}"));
    const iv = randomBytes(16);
    const cipher = createCipheriv("aes-256-gcm", keys.k1, iv);
    const data = Buffer.concat([cipher.update(JSON.stringify({ token: CANARY })), cipher.final()]);
    const sealed = [iv, cipher.getAuthTag(), data].map((part) => part.toString("base64")).join(":");
    const credential = { authType: "bearer", secret: { sealed }, origins: [server.origin] } as const;
    const open = (allowUnversioned: boolean) =>
      openGate(withCredential(server.origin, { ...credential, allowUnversioned }), { keyring }).guarded(
        server.origin,
      );
    expect(await rejection(open(false))).toMatchObject({ code: "ERR_CREDENTIAL_UNREADABLE" });
    await open(true);
    expect(server.seen.map(({ headers }) => headers.authorization)).toEqual([`Bearer ${CANARY}`]);
  });

  it("needs a keyring when the gate is built", () => {
    const policy = withCredential("http://127.0.0.1:9", {
      authType: "bearer",
      secret: { sealed: EMPTY_ENVELOPE },
    });
    expect(() => openGate(policy)).toThrow(
      "option `keyring`: credential `key` is sealed, and there is no keyring to open it with",
    );
  });
});

describe("a credential's header", () => {
  it.each(["host", "Content-Length", "transfer-encoding", "sec-fetch-mode"])("cannot be %s", (headerName) => {
    const secret = { inline: { key: "k", headerName } };
    const build = () => openGate(withCredential("http://127.0.0.1:9", { authType: "apiKey", secret }));
    expect(build).toThrow("belongs to the connection");
  });
});

describe("the keyring in the environment", () => {
  const key = randomBytes(32).toString("base64");

  it("has the first key as primary", async () => {
    const other = randomBytes(32).toString("base64");
    const ring = envKeyring({ environment: { SALLYPORT_KEYRING: `k2:${key}, k1:${other}` } });
    expect(ring.primary).toBe("k2");
    expect(Buffer.from((await ring.get("k1")) ?? []).toString("base64")).toBe(other);
    expect(await ring.get("k3")).toBeUndefined();
  });

  it("may hold the key of pseudonyms, whose id has a colon", async () => {
    const environment = { SALLYPORT_KEYRING: `k1:${key},pseudonym:acme:${key}` };
    const ring = envKeyring({ environment });
    expect(Buffer.from((await ring.get("pseudonym:acme")) ?? []).toString("base64")).toBe(key);
  });

  it.each([
    ["missing", undefined],
    ["empty", ""],
    ["without an id", key],
    ["with a short key", "k1:c2hvcnQ="],
    ["with a key that is not base64", `k1:${"!".repeat(44)}`],
    ["with one id twice", `k1:${key},k1:${key}`],
  ])("is refused %s, and never quoted", (_, value) => {
    const error = (() => {
      try {
        envKeyring({ environment: { SALLYPORT_KEYRING: value } });
      } catch (caught) {
        return caught as Error;
      }
    })();
    expect(error).toMatchObject({ code: "ERR_CONFIG_INVALID", path: "SALLYPORT_KEYRING" });
    if (value) expect(inspect(error)).not.toContain(value);
  });
});
