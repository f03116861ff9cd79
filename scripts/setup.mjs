// Brings a checkout to where programs and tests run: installs and builds what is missing or out of date.
// Says nothing when there is nothing to do, and writes to standard error only.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "./build.mjs";
import { run } from "./run.mjs";
import { root } from "./workspaces.mjs";

const lockfile = join(root, "package-lock.json");
const installed = join(root, "node_modules", ".package-lock.json");
const stamp = join(root, "node_modules", ".sallyport", "package-lock.sha256");

export async function setUp() {
  await install();
  await build({ onlyStale: true });
}

async function install() {
  const wanted = createHash("sha256").update(readFileSync(lockfile)).digest("hex");
  const current = existsSync(stamp) && readFileSync(stamp, "utf8") === wanted;
  if (current && existsSync(installed)) return;
  if (!installedByHand())
    await run("installing dependencies", "npm", ["ci", "--no-audit", "--no-fund"], root);
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, wanted);
}

/** Whether someone ran `npm ci` or `npm install` after the lockfile last changed. */
function installedByHand() {
  return existsSync(installed) && statSync(installed).mtimeMs >= statSync(lockfile).mtimeMs;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await setUp().catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
