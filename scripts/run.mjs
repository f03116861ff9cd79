import { spawn } from "node:child_process";

/**
 * Runs one command, saying what for and how long it took on standard error.
 *
 * The command's own output is shown only when it fails.
 *
 * @param {string} what
 * @param {string} command
 * @param {string[]} args
 * @param {string} cwd
 * @returns {Promise<void>} rejects when the command fails
 */
export function run(what, command, args, cwd) {
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    const output = [];
    // A shell finds `npm.cmd` on Windows.
    const child = spawn(command, args, { cwd, shell: process.platform === "win32" });
    child.stdout.on("data", (chunk) => output.push(chunk));
    child.stderr.on("data", (chunk) => output.push(chunk));
    child.on("error", reject);
    child.on("close", (code) => {
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
      if (code === 0) {
        console.error(`${what}: ${seconds} s`);
        resolve();
      } else {
        reject(new Error(`${what}: failed after ${seconds} s\n${Buffer.concat(output)}`));
      }
    });
  });
}
