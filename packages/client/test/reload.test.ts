/** A policy that is read from a file, and again when the file changes (docs/spec/policy.md, "Reloading"). */
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { memoryStore } from "@sallyport/adapters-memory";
import { compilePolicy, parsePolicy } from "@sallyport/core";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { createGuardedFetch, fromFile, type PolicyFileOptions, undiciTransport } from "../src/index.js";
import { CANARY, documentFor, rejection } from "./gate.js";
import { json, startServer } from "./loopback-server.js";
import { openFileGate, rewrite, writePolicy } from "./policy-file.js";

const warnings = vi.spyOn(process, "emitWarning").mockImplementation(() => {});

beforeEach(() => {
  warnings.mockClear();
});

const ZEROS = Buffer.alloc(16).toString("base64");
const NOWHERE = "http://127.0.0.1:9";
const DENYING = { defaultRuleEffect: "deny" } as const;

function thrownBy(make: () => unknown): Error & { readonly help?: string } {
  try {
    make();
  } catch (error) {
    return error as Error;
  }
  throw new Error("expected an error");
}

const hashOf = (document: unknown) => compilePolicy(parsePolicy(document)).hash;

describe("the first reading", () => {
  const start = (path: string | URL) => createGuardedFetch({ policy: fromFile(path), store: memoryStore() });

  it("puts the policy in force before the first call", async () => {
    const server = await startServer(json("{}"));
    const path = writePolicy(documentFor(server.origin));
    const { guarded } = openFileGate(path);
    expect((await guarded(server.origin)).status).toBe(200);
  });

  it("takes a `file:` URL, and a file that begins with a byte order mark", async () => {
    const path = writePolicy(`\ufeff${JSON.stringify(documentFor(NOWHERE))}`);
    await start(pathToFileURL(path)).close();
  });

  it.each([
    [
      "text that is not JSON",
      `{\n  "clientId": ${CANARY}`,
      "`/clientId` (line 2, column 15): not JSON: expected a value",
    ],
    ["an empty file", "", "the document (line 1, column 1): not JSON: the text ends too early"],
    [
      "a name that stands there twice",
      `{"clientId": "${CANARY}",\n "client\\u0049d": "${CANARY}"}`,
      "`/clientId` (line 2, column 2): `clientId` stands there twice, first in line 1, column 2",
    ],
    [
      "a secret in the place of a name that stands there twice",
      `{"credentials": {"key": {"secret": {"${CANARY}": 1,\n"${CANARY}": 2}}}}`,
      "`/credentials/key/secret` (line 2, column 1): a name in it stands there twice, first in line 1, column 37",
    ],
    ["JSON that is no policy", "[]", "the document: expected an object"],
    [
      "a field that means nothing",
      { setings: CANARY, ...documentFor(NOWHERE) },
      "`/setings` (line 1, column 2): unknown field `setings`, did you mean `settings`?",
    ],
    [
      "a secret as it is",
      documentFor(
        NOWHERE,
        {},
        {
          credentials: { key: { type: "target", authType: "bearer", secret: { inline: { token: CANARY } } } },
        },
      ),
      "`/credentials/key/secret/inline` (line 1, column ",
    ],
  ])("throws for %s, naming the file and quoting nothing of it", (_, document, message) => {
    const path = writePolicy(document);
    const error = thrownBy(() => start(path));
    expect(error.message).toContain(`policy \`${path}\` does not load: ${message}`);
    expect(error).toMatchObject({ code: "ERR_POLICY_INVALID", file: path });
    expect(JSON.stringify([error, error.message, error.help, String(error.cause)])).not.toContain(CANARY);
  });

  it("says who reads YAML when a file of that name is not JSON", () => {
    const path = writePolicy({});
    renameSync(path, `${path}.yml`);
    rewrite(`${path}.yml`, "clientId: acme");
    expect(thrownBy(() => start(`${path}.yml`)).help).toContain("package `sallyport`");
    rewrite(path, "clientId: acme");
    expect(thrownBy(() => start(path)).help).toBeUndefined();
  });

  it("goes by a reader of another format, whose own errors may quote the file and so are not passed on", async () => {
    const path = writePolicy(Buffer.from(JSON.stringify(documentFor(NOWHERE))).toString("hex"));
    const read = (text: string) => ({ document: JSON.parse(Buffer.from(text, "hex").toString()) });
    const open = () => createGuardedFetch({ policy: fromFile(path, { read }), store: memoryStore() });
    await open().close();
    rewrite(path, Buffer.from(`{"${CANARY}": x`).toString("hex"));
    const error = thrownBy(open);
    expect(error.message).toBe(`policy \`${path}\` does not load: the document: the file's reader failed`);
    expect(error.cause).toBeUndefined();
  });

  it("throws for bytes that are not UTF-8", () => {
    const path = writePolicy("");
    writeFileSync(path, Uint8Array.of(0x22, 0xe9, 0x22));
    expect(thrownBy(() => start(path)).message).toContain("the file is not UTF-8");
  });

  it("throws for a file that is not there, and for what is no file", () => {
    const path = writePolicy({});
    expect(thrownBy(() => start(`${path}.old`)).message).toBe(
      `policy \`${path}.old\` does not load: the document: the file cannot be read: ENOENT`,
    );
    expect(thrownBy(() => start(dirname(path))).message).toContain("cannot be read: it is no regular file");
  });

  it.each<[unknown, unknown, string]>([
    ["", {}, "option `fromFile.path`: expected the path of a file, or a `file:` URL"],
    [new URL("https://acme.example/policy.json"), {}, "option `fromFile.path`: expected"],
    ["p.json", null, "option `fromFile.options`: expected an object such as `{ pollMs }`"],
    ["p.json", "yaml", "option `fromFile.options`: expected an object"],
    ["p.json", { pollMS: 1 }, "option `fromFile.pollMS`: unknown option, did you mean `pollMs`?"],
    ["p.json", { pollMs: 9 }, "option `fromFile.pollMs`: expected a number of milliseconds from 10"],
    ["p.json", { pollMs: Number.NaN }, "option `fromFile.pollMs`: expected"],
    ["p.json", { maxStaleSeconds: 0 }, "option `fromFile.maxStaleSeconds`: expected a number of seconds"],
    ["p.json", { read: "yaml" }, "option `fromFile.read`: expected a function"],
    ["p.json", { maxStaleSeconds: "60" }, "option `fromFile.maxStaleSeconds`: expected"],
  ])("refuses `fromFile(%j, %j)`", (path, options, message) => {
    expect(() => fromFile(path as string, options as PolicyFileOptions)).toThrow(message);
  });
});

describe("a file that changes", () => {
  it("governs the calls after the change, and leaves a record with both hashes", async () => {
    const server = await startServer(json("{}"));
    const [before, after] = [documentFor(server.origin), documentFor(server.origin, DENYING)];
    const path = writePolicy(before);
    const { guarded, records } = openFileGate(path);
    await (await guarded(server.origin)).text();
    rewrite(path, after);
    await expect.poll(() => records("policy.changed")).toHaveLength(1);
    expect(await rejection(guarded(server.origin))).toMatchObject({ decision: { code: "default" } });
    const [changed] = await records("policy.changed");
    expect(changed).toMatchObject({
      region: "eu-west-1",
      tenant: { clientId: "acme" },
      policy: { bundle: { sha256: hashOf(after) }, previous: { sha256: hashOf(before) } },
      outcome: { result: "success" },
    });
    const calls = await records("http.request");
    expect(calls.map(({ policy }) => policy.bundle.sha256)).toEqual([hashOf(before), hashOf(after)]);
    expect(warnings).not.toHaveBeenCalled();
  });

  it("does not touch a call that is under way: its redirects go by the policy that it began with", async () => {
    const held: (() => void)[] = [];
    const server = await startServer(({ target }, response) => {
      if (target === "/b") return json("{}")({} as never, response);
      held.push(() => response.writeHead(302, { location: "/b" }).end());
    });
    const path = writePolicy(documentFor(server.origin));
    const { guarded, records } = openFileGate(path);
    const call = guarded(`${server.origin}/a`);
    await expect.poll(() => held.length).toBe(1);
    rewrite(path, documentFor(server.origin, DENYING));
    await expect.poll(() => records("policy.changed")).toHaveLength(1);
    held[0]?.();
    expect((await call).status).toBe(200);
    expect(await rejection(guarded(`${server.origin}/a`))).toMatchObject({ decision: { code: "default" } });
  });

  it.each<[string, (path: string, document: unknown) => void]>([
    ["written in place", rewrite],
    [
      "replaced by another that is renamed",
      (path, document) => {
        rewrite(`${path}.new`, document);
        renameSync(`${path}.new`, path);
      },
    ],
    [
      "deleted and made again",
      (path, document) => {
        rmSync(path);
        rewrite(path, document);
      },
    ],
  ])("is noticed when it is %s", async (_, change) => {
    const path = writePolicy(documentFor(NOWHERE));
    const { guarded, records } = openFileGate(path);
    change(path, documentFor(NOWHERE, DENYING));
    await expect.poll(() => records("policy.changed")).toHaveLength(1);
    expect(await rejection(guarded(NOWHERE))).toMatchObject({ decision: { code: "default" } });
  });

  it("is noticed behind a link to its folder that is swapped, as Kubernetes mounts a ConfigMap", async () => {
    const folder = dirname(writePolicy({}));
    for (const [name, document] of [
      ["..v1", documentFor(NOWHERE)],
      ["..v2", documentFor(NOWHERE, DENYING)],
    ] as const) {
      mkdirSync(join(folder, name));
      rewrite(join(folder, name, "mounted.json"), document);
    }
    symlinkSync("..v1", join(folder, "..data"));
    symlinkSync(join("..data", "mounted.json"), join(folder, "mounted.json"));
    const { guarded, records } = openFileGate(join(folder, "mounted.json"));
    symlinkSync("..v2", join(folder, "..data_tmp"));
    renameSync(join(folder, "..data_tmp"), join(folder, "..data"));
    await expect.poll(() => records("policy.changed")).toHaveLength(1);
    expect(await rejection(guarded(NOWHERE))).toMatchObject({ decision: { code: "default" } });
  });

  it("brings in a secret under another name, which the hash does not tell", async () => {
    const server = await startServer(json("{}"));
    const document = (env: string) =>
      documentFor(
        server.origin,
        { targetCredential: "key" },
        { credentials: { key: { type: "target", authType: "bearer", secret: { env } } } },
      );
    const path = writePolicy(document("OLD"));
    const { guarded, records } = openFileGate(path, {}, { environment: { OLD: "old", NEW: "new" } });
    await (await guarded(server.origin)).text();
    rewrite(path, document("NEW"));
    await expect.poll(() => records("policy.changed")).toHaveLength(1);
    await (await guarded(server.origin)).text();
    expect(server.seen.map(({ headers }) => headers.authorization)).toEqual(["Bearer old", "Bearer new"]);
    const [{ policy }] = await records("policy.changed");
    expect(policy.previous).toEqual(policy.bundle);
  });

  it("warns of what only observes now", async () => {
    const path = writePolicy(documentFor(NOWHERE));
    const { records } = openFileGate(path);
    rewrite(path, documentFor(NOWHERE, { mode: "observe" }));
    await expect.poll(() => records("policy.changed")).toHaveLength(1);
    expect(warnings.mock.calls).toEqual([[expect.stringContaining("only observing"), "SallyportWarning"]]);
  });

  it("may leave a binding without its proxy, which is said when that is called", async () => {
    const server = await startServer(json("{}"));
    const path = writePolicy(documentFor(server.origin));
    const { guarded, records } = openFileGate(path);
    const bound = guarded.proxy("p");
    await (await bound("/")).text();
    const proxies = { q: { target: "api", defaultRuleEffect: "allow" as const } };
    rewrite(path, documentFor(server.origin, {}, { proxies }));
    await expect.poll(() => records("policy.changed")).toHaveLength(1);
    expect(await rejection(bound("/"))).toMatchObject({
      code: "ERR_CONFIG_INVALID",
      message: "option `proxy`: the policy has no proxy `p`, did you mean `q`?",
      help: "it has `q`",
    });
    expect((await guarded.proxy("q")("/")).status).toBe(200);
  });
});

describe("connections after a change", () => {
  const NAMED = { allowInsecure: true, allowPrivate: ["127.0.0.1/32"] };

  it("are made anew: a kept one to an address that is no longer allowed is not used", async () => {
    const ports = new Set<number | undefined>();
    const server = await startServer((_, response) => {
      ports.add(response.req.socket.remotePort);
      response.end();
    });
    const baseUrl = `http://api.test:${new URL(server.origin).port}`;
    const transport = undiciTransport({
      lookup: (_hostname, _options, done) => done(null, [{ address: "127.0.0.1", family: 4 }]),
    });
    const document = (network: object, name = "v1") =>
      documentFor("", {}, { targets: { api: { baseUrl, name, network } } });
    const path = writePolicy(document(NAMED));
    const { guarded, records } = openFileGate(path, {}, { transport });
    const call = async () => {
      await (await guarded(`${baseUrl}/`)).text();
      // undici leaves a connection alone for one turn of the event loop.
      await new Promise((resolve) => setTimeout(resolve, 20));
    };
    for (let calls = 0; calls < 3; calls++) await call();
    expect(ports.size).toBe(1);
    rewrite(path, document(NAMED, "v2"));
    await expect.poll(() => records("policy.changed")).toHaveLength(1);
    await call();
    expect(ports.size).toBe(2);
    rewrite(path, document({ allowInsecure: true }));
    await expect.poll(() => records("policy.changed")).toHaveLength(2);
    expect(await rejection(guarded(`${baseUrl}/`))).toMatchObject({ decision: { code: "network" } });
    expect(server.seen).toHaveLength(4);
  });
});

describe("a file that does not load", () => {
  const FAULTS: readonly [string, (document: object) => unknown, object][] = [
    [
      "not JSON",
      () => `{"clientId":"${CANARY}`,
      {
        ...{ pointer: "/clientId", message: "not JSON: the text ends too early" },
        ...{ line: 1, column: 14 + CANARY.length },
      },
    ],
    [
      "one with a name twice, of which `JSON.parse` takes the last",
      (document) => JSON.stringify(document).replace("{", `{"clientId":"${CANARY}",`),
      {
        pointer: "/clientId",
        message: "`clientId` stands there twice, first in line 1, column 2",
        ...{ line: 1, column: 16 + CANARY.length },
      },
    ],
    [
      "not a policy",
      (document) => ({ ...document, clientId: [CANARY] }),
      { pointer: "/clientId", message: "expected a string" },
    ],
    [
      "one of another region",
      (document) => ({ ...document, region: "us-east-1" }),
      {
        ...{ pointer: "/region", message: "cannot change while the process runs" },
        ...{ line: 1, column: expect.any(Number) },
      },
    ],
    [
      "one of another tenant",
      (document) => ({ ...document, clientId: "other" }),
      {
        ...{ pointer: "/clientId", message: "cannot change while the process runs" },
        ...{ line: 1, column: 2 },
      },
    ],
    [
      "one that needs a keyring, without one",
      (document) => ({
        ...document,
        credentials: {
          key: { type: "target", authType: "bearer", secret: { sealed: `sp1:k:${ZEROS}:${ZEROS}:` } },
        },
      }),
      { pointer: "", message: expect.stringContaining("there is no keyring to open it with") },
    ],
    [
      "one that hashes, without a key for that",
      (document) => ({
        ...document,
        proxies: {
          p: { target: "api", filters: [{ operations: [{ effect: "hash", select: "$.email" }] }] },
        },
      }),
      { pointer: "", message: expect.stringContaining("a filter of the policy hashes") },
    ],
  ];

  it.each(FAULTS)(
    "because it is %s, leaves the one before in force, with one record and one warning",
    async (_, fault, issue) => {
      const server = await startServer(json("{}"));
      const document = documentFor(server.origin);
      const path = writePolicy(document);
      const { guarded, records } = openFileGate(path);
      rewrite(path, fault(document));
      await expect.poll(() => records("policy.reload_failed")).toHaveLength(1);
      expect((await guarded(server.origin)).status).toBe(200);
      await new Promise((resolve) => setTimeout(resolve, 60));
      const failures = await records("policy.reload_failed");
      expect(failures).toMatchObject([
        {
          tenant: { clientId: "acme" },
          policy: { bundle: { sha256: hashOf(document) }, issues: [issue], issueCount: 1 },
          outcome: { result: "failure" },
        },
      ]);
      expect(warnings).toHaveBeenCalledTimes(1);
      expect(JSON.stringify([failures, warnings.mock.calls])).not.toContain(CANARY);
      const { time } = failures[0];
      expect(time.start <= time.observed).toBe(true);
      expect(await records("policy.changed")).toEqual([]);
    },
  );

  it("is warned of with what to do about it", async () => {
    const path = writePolicy(documentFor(NOWHERE));
    const { records } = openFileGate(path);
    rewrite(path, { ...documentFor(NOWHERE), region: "us-east-1" });
    await expect.poll(() => records("policy.reload_failed")).toHaveLength(1);
    expect(warnings.mock.calls).toEqual([
      [
        expect.stringMatching(
          /`\/region` \(line 1, column \d+\): cannot change while the process runs, since \S+; start a new process: /,
        ),
        "SallyportWarning",
      ],
    ]);
  });

  it("is loaded as soon as it can be, and fails anew if it fails again", async () => {
    const path = writePolicy(documentFor(NOWHERE));
    const { guarded, records } = openFileGate(path);
    for (const round of [1, 2]) {
      rewrite(path, "{");
      await expect.poll(() => records("policy.reload_failed")).toHaveLength(round);
      rewrite(path, documentFor(NOWHERE, { ...DENYING, notes: `round ${round}` }));
      await expect.poll(() => records("policy.changed")).toHaveLength(round);
    }
    expect(await rejection(guarded(NOWHERE))).toMatchObject({ decision: { code: "default" } });
  });

  it("waits for a keyring that answers later", async () => {
    const path = writePolicy(documentFor(NOWHERE));
    const keys: Record<string, Uint8Array> = {};
    const keyring = { primary: "k", get: async (kid: string) => keys[kid] };
    const { records } = openFileGate(path, {}, { keyring });
    const filters = [{ operations: [{ effect: "hash" as const, select: "$.email" }] }];
    rewrite(path, documentFor(NOWHERE, { filters }));
    await expect.poll(() => records("policy.reload_failed")).toHaveLength(1);
    keys["hash:acme"] = new Uint8Array(32);
    await expect.poll(() => records("policy.changed")).toHaveLength(1);
  });
});

describe("`maxStaleSeconds`", () => {
  function clock() {
    let skewMs = 0;
    return {
      world: { now: () => Date.now() + skewMs, monotonicMs: () => performance.now() + skewMs },
      advance: (seconds: number) => {
        skewMs += seconds * 1000;
      },
    };
  }

  it.each<[string, (path: string) => void]>([
    ["is not JSON", (path) => rewrite(path, "{")],
    ["is deleted", (path) => rmSync(path)],
  ])("denies calls once a file that %s has failed for so long, until it loads again", async (_, breakIt) => {
    const server = await startServer(json("{}"));
    const document = documentFor(server.origin, { mode: "observe" });
    const path = writePolicy(document);
    const { world, advance } = clock();
    const { guarded, records } = openFileGate(path, { maxStaleSeconds: 60 }, { world });
    breakIt(path);
    await expect.poll(() => records("policy.reload_failed")).toHaveLength(1);
    advance(50);
    expect((await guarded(server.origin)).status).toBe(200);
    advance(10);
    const [{ time }] = await records("policy.reload_failed");
    const reason = `the policy's file has not loaded since ${time.start}, longer than \`maxStaleSeconds\` (60)`;
    expect(await rejection(guarded(server.origin))).toMatchObject({
      message: `request denied: ${reason}`,
      decision: { code: "unevaluable", proxyId: "p", reason, scopes: [] },
    });
    expect(server.seen).toHaveLength(1);
    expect((await records("http.request")).at(-1)).toMatchObject({
      policy: { decision: "deny", code: "unevaluable", bundle: { sha256: hashOf(document) } },
      outcome: { result: "denied", category: "policy_denied", message: reason },
    });
    rewrite(path, document);
    await expect
      .poll(() =>
        guarded(server.origin).then(
          ({ status }) => status,
          () => 0,
        ),
      )
      .toBe(200);
  });

  it("rejects, and does not throw, when the clock that it is counted by fails", async () => {
    const path = writePolicy(documentFor(NOWHERE));
    const failure = new Error("no clock");
    let isBroken = false;
    const monotonicMs = () => {
      if (isBroken) throw failure;
      return performance.now();
    };
    const { guarded, records } = openFileGate(path, { maxStaleSeconds: 60 }, { world: { monotonicMs } });
    rmSync(path);
    await expect.poll(() => records("policy.reload_failed")).toHaveLength(1);
    isBroken = true;
    const call = guarded(NOWHERE);
    expect(await rejection(call)).toBe(failure);
    isBroken = false;
  });

  it("is not there unless it is given: the last policy that loaded stays in force", async () => {
    const server = await startServer(json("{}"));
    const path = writePolicy(documentFor(server.origin));
    const { world, advance } = clock();
    const { guarded, records } = openFileGate(path, {}, { world });
    rmSync(path);
    await expect.poll(() => records("policy.reload_failed")).toHaveLength(1);
    advance(1_000_000);
    expect((await guarded(server.origin)).status).toBe(200);
  });
});

describe("a closed guarded fetch", () => {
  it("looks at its file no more, and before that keeps no process alive", async () => {
    const path = writePolicy(documentFor(NOWHERE));
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
    const before = timers();
    const { guarded, records } = openFileGate(path, { pollMs: 1000 });
    expect(timers()).toBe(before);
    await guarded.close();
    const quick = openFileGate(path);
    await quick.guarded.close();
    rewrite(path, documentFor(NOWHERE, DENYING));
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect([await records("policy.changed"), await quick.records("policy.changed")]).toEqual([[], []]);
  });
});
