import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { packages, root } from "../scripts/workspaces.mjs";

const execute = promisify(execFile);

/** The ten lines of a first program, around a server that shows what arrives and answers with a secret. */
const body = `
const server = createServer((request, response) => {
  console.log(request.method, request.url, request.headers.authorization);
  response.writeHead(200, { "content-type": "application/json" }).end('{"name":"Ada","ssn":"078-05-1120"}');
}).listen(0, "127.0.0.1", async () => {
  const baseUrl = "http://127.0.0.1:" + server.address().port;
  const policy = definePolicy({
    clientId: "acme",
    region: "eu-west-1",
    targets: { payroll: { baseUrl } },
    credentials: { key: { type: "target", authType: "bearer", secret: { env: "PAYROLL_TOKEN" } } },
    proxies: {
      payroll: {
        target: "payroll",
        targetCredential: "key",
        rules: [{ id: "read", effect: "allow", methods: ["GET"], path: "^/v1/employees(/|$)" }],
        filters: [{ id: "no-pii", operations: [{ effect: "destroy", jsonPath: "\\\\.ssn$" }] }],
      },
    },
  });
  const store = memoryStore();
  const guarded = createGuardedFetch({ policy, store });
  console.log(await (await guarded(baseUrl + "/v1/employees")).text());
  await guarded(baseUrl + "/v1/salaries").catch((error) => console.log(error.code, error.message));
  await guarded.close();
  console.log((await store.log.listRecords()).records.length, "records");
  server.close();
});
`;

const names = "createGuardedFetch, definePolicy, memoryStore";

const esmProgram = `
import { createServer } from "node:http";
import { ${names} } from "sallyport";
${body}`;

const cjsProgram = `
const { createServer } = require("node:http");
const { ${names} } = require("sallyport");
${body}`;

const output = [
  "GET /v1/employees Bearer from-the-environment",
  '{"name":"Ada"}',
  "ERR_REQUEST_DENIED request denied: no rule of proxy `payroll` allows this `GET` request, and its default is deny",
  "2 records",
  "",
].join("\n");

const typedProgram = `
import { createGuardedFetch, definePolicy, type Denied, isSallyportError, memoryStore } from "sallyport";

const policy = definePolicy({
  clientId: "acme",
  region: "eu-west-1",
  targets: { t: { baseUrl: "https://api.example.com" } },
  proxies: { p: { target: "t", rules: [{ effect: "allow", path: { pattern: "^/", flags: "i" } }] } },
});
const guarded = createGuardedFetch({ policy, store: memoryStore() });
export const asFetch: typeof fetch = guarded;
export async function status(): Promise<number | Denied> {
  try {
    return (await guarded.proxy("p")("/x", { method: "GET" })).status;
  } catch (error) {
    if (isSallyportError(error) && error.code === "ERR_REQUEST_DENIED") return error.decision;
    throw error;
  }
}
// @ts-expect-error an effect is "allow" or "deny"
definePolicy({ clientId: "a", region: "r", proxies: { p: { target: "t", rules: [{ effect: "maybe" }] } } });
// @ts-expect-error there is no way to record nothing
createGuardedFetch({ policy });
`;

describe("the packages as a user installs them", () => {
  const folder = mkdtempSync(join(tmpdir(), "sallyport-e2e-"));
  const app = join(folder, "app");

  beforeAll(async () => {
    const tarballs = join(folder, "tarballs");
    mkdirSync(tarballs);
    mkdirSync(app);
    await Promise.all(
      packages().map((one) => npm(["pack", "--ignore-scripts", "--pack-destination", tarballs], one.folder)),
    );
    writeFileSync(join(app, "package.json"), '{ "name": "app", "private": true }\n');
    const files = readdirSync(tarballs).map((file) => join(tarballs, file));
    await npm(["install", "--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts", ...files], app);
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("an ESM program runs", async () => {
    expect(await node("program.mjs", esmProgram)).toBe(output);
  });

  test("a CommonJS program runs", async () => {
    expect(await node("program.cjs", cjsProgram)).toBe(output);
  });

  test("the JSON Schema of policy files comes along, where editors are told that it is", async () => {
    const program = `
import { readFileSync } from "node:fs";
import schema from "sallyport/policy.schema.json" with { type: "json" };
import ofCore from "@sallyport/core/policy.schema.json" with { type: "json" };
const read = JSON.parse(readFileSync("./node_modules/sallyport/policy.schema.json", "utf8"));
console.log(schema.title, Object.keys(schema.properties).length);
console.log(...[ofCore, read].map((one) => JSON.stringify(one) === JSON.stringify(schema)));
`;
    expect(await node("schema.mjs", program)).toBe("Sallyport policy 8\ntrue true\n");
  });

  test.each([
    { file: "esm.mts", module: "node16", moduleResolution: "node16" },
    { file: "cjs.cts", module: "node16", moduleResolution: "node16" },
    { file: "bundled.ts", module: "esnext", moduleResolution: "bundler" },
    { file: "browser.mts", module: "node16", moduleResolution: "node16", lib: "es2023,dom" },
  ])("$file type-checks with moduleResolution $moduleResolution", async ({ file, ...options }) => {
    writeFileSync(join(app, file), typedProgram);
    const flags = Object.entries({ target: "es2023", lib: "es2023", types: "node", ...options });
    const typeRoots = join(root, "node_modules", "@types");
    const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
    const args = flags.flatMap(([name, value]) => [`--${name}`, value]);
    // tsc reports on standard output, which a rejection would hide.
    const { stdout } = await execute(
      process.execPath,
      [tsc, "--noEmit", "--strict", "--typeRoots", typeRoots, ...args, file],
      { cwd: app },
    ).catch((error) => error);
    expect(stdout).toBe("");
  });

  async function node(file: string, source: string): Promise<string> {
    writeFileSync(join(app, file), source);
    const env = { ...process.env, PAYROLL_TOKEN: "from-the-environment" };
    const { stdout } = await execute(process.execPath, [file], { cwd: app, env });
    return stdout;
  }
});

function npm(args: string[], cwd: string) {
  return execute("npm", args, { cwd, shell: process.platform === "win32" });
}
