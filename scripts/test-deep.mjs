// `npm run test:deep`: the properties of core, each tried many times as often as `npm test` tries them, and the leak test
// with all of its calls.
// `npm run test:deep -- --times N` says how many; further arguments go to Vitest, the names of files for instance.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { root } from "./workspaces.mjs";

/** More than 100,000 cases, in a few minutes. */
const DEFAULT_TIMES = 8;
/** What a test may take: this many times what a plain run allows is no sign that it hangs. */
const TEST_TIMEOUT_MS = 3_600_000;

const [times, args] = readArguments(process.argv.slice(2));
const folder = mkdtempSync(join(tmpdir(), "sallyport-deep-"));
const counts = join(folder, "counts");
writeFileSync(counts, "");
try {
  process.exitCode = await runTests();
  report();
} finally {
  rmSync(folder, { recursive: true });
}

function readArguments([name, value, ...more]) {
  if (name !== "--times") return [DEFAULT_TIMES, process.argv.slice(2)];
  if (Number(value) > 0) return [Number(value), more];
  console.error("`--times` needs a number above 0");
  process.exit(2);
}

function runTests() {
  const files = args.length > 0 ? args : ["packages/core/src", "e2e/leaks"];
  const script = join(root, "scripts", "test.mjs");
  const options = ["--project", "packages", "--project", "e2e", `--testTimeout=${TEST_TIMEOUT_MS}`];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, ...options, ...files], {
      cwd: root,
      stdio: "inherit",
      env: { ...process.env, SALLYPORT_DEEP: String(times), SALLYPORT_DEEP_COUNTS: counts },
    });
    child.on("error", reject);
    child.on("close", (code) => resolve(code ?? 1));
  });
}

function report() {
  const lines = readFileSync(counts, "utf8").split("\n").filter(Boolean).sort();
  const files = lines.map((line) => ({
    cases: Number.parseInt(line, 10),
    file: line.slice(line.indexOf(" ") + 1),
  }));
  for (const { cases, file } of files) console.log(`${String(cases).padStart(9)}  ${relative(root, file)}`);
  console.log(`${String(files.reduce((sum, { cases }) => sum + cases, 0)).padStart(9)}  cases of properties`);
}
