// Sets up what is missing, runs Vitest with the given arguments, and ends with the closing line.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { closingLine } from "./closing-line.mjs";
import { setUp } from "./setup.mjs";
import { root } from "./workspaces.mjs";

let totals;
let exitCode = 1;
try {
  await setUp();
  exitCode = await runVitest(process.argv.slice(2));
} catch (error) {
  console.error(error.message);
}
process.exitCode = exitCode === 0 && totals?.failed === 0 ? 0 : exitCode || 1;
console.log(closingLine(totals, process.exitCode));

function runVitest(args) {
  const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [vitest, "run", ...args], {
      cwd: root,
      stdio: ["inherit", "inherit", "inherit", "ipc"],
    });
    child.on("message", (message) => {
      totals = message.totals ?? totals;
    });
    child.on("error", reject);
    child.on("close", (code) => resolve(code ?? 1));
  });
}
