import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { packages, root } from "../scripts/workspaces.mjs";

const execute = promisify(execFile);

const esmProgram = `
import * as sallyport from "sallyport";

if (typeof sallyport !== "object") throw new Error("not a namespace");
console.log("ready");
`;

const cjsProgram = `
const sallyport = require("sallyport");

if (typeof sallyport !== "object") throw new Error("not a namespace");
console.log("ready");
`;

const typedProgram = `
import * as sallyport from "sallyport";

export const namespace: object = sallyport;
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
    expect(await node("program.mjs", esmProgram)).toBe("ready\n");
  });

  test("a CommonJS program runs", async () => {
    expect(await node("program.cjs", cjsProgram)).toBe("ready\n");
  });

  test.each([
    { file: "esm.mts", module: "node16", moduleResolution: "node16" },
    { file: "cjs.cts", module: "node16", moduleResolution: "node16" },
    { file: "bundled.ts", module: "esnext", moduleResolution: "bundler" },
  ])("$file type-checks with moduleResolution $moduleResolution", async ({ file, ...options }) => {
    writeFileSync(join(app, file), typedProgram);
    const flags = Object.entries({ ...options, target: "es2023", lib: "es2023", types: "node" });
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
    const { stdout } = await execute(process.execPath, [file], { cwd: app });
    return stdout;
  }
});

function npm(args: string[], cwd: string) {
  return execute("npm", args, { cwd, shell: process.platform === "win32" });
}
