// Run after `npm install` has changed package-lock.json. npm leaves out the optional packages of other platforms that
// it could not fetch, and `npm ci` then refuses the lockfile; this adds them, so that it holds for every platform.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./workspaces.mjs";

const systems = [
  "aix",
  "android",
  "darwin",
  "freebsd",
  "linux",
  "netbsd",
  "openbsd",
  "openharmony",
  "sunos",
  "win32",
];
const processors = [
  "arm",
  "arm64",
  "ia32",
  "loong64",
  "mips64el",
  "ppc64",
  "riscv64",
  "s390x",
  "wasm32",
  "x64",
];

const file = join(root, "package-lock.json");
const lockfile = JSON.parse(readFileSync(file, "utf8"));
const added = [];

for (const [path, { optionalDependencies = {}, dev }] of Object.entries(lockfile.packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    if (isLocked(path, name)) continue;
    if (!/^\d+\.\d+\.\d+/.test(version))
      throw new Error(`cannot lock ${name}: ${version} is not an exact version`);
    const { cpu, libc, os } = platformOf(name);
    // In npm's own order of keys; those that are `undefined` are not written.
    lockfile.packages[`node_modules/${name}`] = { version, cpu, dev, libc, optional: true, os };
    added.push(`${name}@${version}`);
  }
}

if (added.length > 0) {
  const sorted = Object.entries(lockfile.packages).sort(([one], [other]) => one.localeCompare(other, "en"));
  lockfile.packages = Object.fromEntries(sorted);
  writeFileSync(file, `${JSON.stringify(lockfile, null, 2)}\n`);
}
console.log(added.length > 0 ? `added ${added.join(", ")}` : "nothing to add");

/** Whether the package at `path` finds `name` in its own `node_modules`, or in one further out. */
function isLocked(path, name) {
  for (let at = path; ; at = at.slice(0, Math.max(at.lastIndexOf("node_modules/") - 1, 0))) {
    if (lockfile.packages[`${at && `${at}/`}node_modules/${name}`]) return true;
    if (at === "") return false;
  }
}

/** Reads the platform from a name such as `@rollup/rollup-linux-arm64-musl`, so that npm skips it on others. */
function platformOf(name) {
  const words = name.split(/[-/]/);
  const among = (known) => known.filter((word) => words.includes(word));
  const found = { cpu: among(processors), os: among(systems), libc: /-musl/.test(name) ? ["musl"] : [] };
  return Object.fromEntries(Object.entries(found).filter(([, values]) => values.length > 0));
}
