// `npm run test:matrix`: all tests on each line of Node that is supported, one line of Node after the other, and one line
// of result for each. `-- --only 24` takes one of them, `--only` again another; what follows a further `--` goes to
// Vitest, the names of files for instance.
import { spawn } from "node:child_process";
import { readArguments, USAGE } from "./matrix/arguments.mjs";
import { environmentOf, nodeOf, packageNameOf } from "./matrix/nodes.mjs";
import { setUp } from "./setup.mjs";
import { root } from "./workspaces.mjs";

const asked = readOrExit(process.argv.slice(2));
const packageName = packageNameOf(process.platform, process.arch);
if (packageName === undefined) {
  console.error(`the registry has no Node for \`${process.platform}\` on \`${process.arch}\``);
  process.exit(1);
}
await setUp();
for (const line of asked.lines) {
  const { result, isGood } = await testOn(line);
  console.log(result);
  if (!isGood) process.exitCode = 1;
}

function readOrExit(args) {
  try {
    const read = readArguments(args);
    if (read.help) {
      console.log(USAGE);
      process.exit(0);
    }
    return read;
  } catch (error) {
    console.error(`${error.message}\n${USAGE}`);
    process.exit(2);
  }
}

/** Shows what the tests print only when they fail. */
async function testOn(line) {
  let node;
  try {
    node = await nodeOf(line, packageName);
  } catch (error) {
    return { result: `node ${line}: ${error.message}`, isGood: false };
  }
  const startedAt = performance.now();
  const { code, output } = await runTests(node);
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  if (code !== 0) process.stderr.write(output);
  const closing = output.trimEnd().split("\n").at(-1);
  return { result: `node ${node.version}: ${closing}, ${seconds} s`, isGood: code === 0 };
}

/** @returns {Promise<{ code: number, output: string }>} whose last line says how many tests passed and failed */
function runTests({ file }) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, ["scripts/test.mjs", ...asked.vitest], {
      cwd: root,
      env: environmentOf(file, process.env),
      stdio: ["ignore", "pipe", "pipe"],
    });
    const printed = { stdout: [], stderr: [] };
    child.stdout.on("data", (chunk) => printed.stdout.push(chunk));
    child.stderr.on("data", (chunk) => printed.stderr.push(chunk));
    child.on("error", reject);
    // Standard output last: its last line is the closing line.
    child.on("close", (code) => {
      const output = Buffer.concat([...printed.stderr, ...printed.stdout]).toString();
      resolve({ code: code ?? 1, output });
    });
  });
}
