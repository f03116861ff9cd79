// Builds every package, those it depends on first. Writes to standard error only.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "./run.mjs";
import { packages, root } from "./workspaces.mjs";

const stamps = join(root, "node_modules", ".sallyport");
const sharedInputs = ["package-lock.json", "tsconfig.base.json", "tsup.shared.ts", "scripts/workspaces.mjs"];

/**
 * Builds the packages; with `onlyStale`, those whose inputs changed since their last build, or that have no output.
 *
 * @param {{ onlyStale?: boolean }} [options]
 */
export async function build({ onlyStale = false } = {}) {
  const sorted = packages();
  const fingerprints = new Map();
  const done = new Map();
  for (const one of sorted) {
    const fingerprint = fingerprintOf(one, fingerprints);
    fingerprints.set(one.name, fingerprint);
    const dependencies = one.dependsOn.map((name) => done.get(name));
    const stale = !onlyStale || !isBuilt(one, fingerprint);
    done.set(
      one.name,
      Promise.all(dependencies).then(() => stale && buildOne(one, fingerprint)),
    );
  }
  await Promise.all(done.values());
}

async function buildOne(one, fingerprint) {
  rmSync(stampOf(one), { force: true });
  await run(`building ${one.name}`, "npm", ["run", "build", "--silent"], one.folder);
  mkdirSync(dirname(stampOf(one)), { recursive: true });
  writeFileSync(stampOf(one), fingerprint);
}

function isBuilt(one, fingerprint) {
  if (!existsSync(stampOf(one)) || readFileSync(stampOf(one), "utf8") !== fingerprint) return false;
  return outputsOf(one.manifest.exports).every((file) => existsSync(join(one.folder, file)));
}

function outputsOf(target) {
  return typeof target === "string" ? [target] : Object.values(target).flatMap(outputsOf);
}

/** Changes when the package's own inputs change, or those of a package it depends on. */
function fingerprintOf(one, fingerprints) {
  const hash = createHash("sha256");
  for (const name of one.dependsOn) hash.update(fingerprints.get(name));
  for (const file of [...sharedInputs.map((name) => join(root, name)), ...inputsOf(one.folder)]) {
    hash
      .update(`${relative(root, file)}\0`)
      .update(readFileSync(file))
      .update("\0");
  }
  return hash.digest("hex");
}

function inputsOf(folder) {
  const listed = ["src", "scripts"]
    .filter((name) => existsSync(join(folder, name)))
    .flatMap((name) => readdirSync(join(folder, name), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && !/\.(test|test-d|bench|reference)\.ts$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
  return [join(folder, "package.json"), join(folder, "tsup.config.ts"), ...listed.sort()];
}

function stampOf({ name }) {
  return join(stamps, `${name.replace("/", "-")}.sha256`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await build().catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
