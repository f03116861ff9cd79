// `npm run bench -- <suite>`: runs one suite and prints its figures (README.md says how to read them).
import { readdirSync } from "node:fs";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { figuresOf, measure } from "./harness.mjs";
import { figureOf, runProbes } from "./probes.mjs";
import { table } from "./table.mjs";

const DEFAULT_ROUNDS = 32;
const DEFAULT_ROUND_MS = 60;

const usage = `usage: npm run bench -- <suite> [--json] [--rounds N] [--round-ms N]; the suites are: ${suites().join(", ")}`;

let asked;
try {
  asked = readArguments(process.argv.slice(2));
} catch (error) {
  console.error(`${error.message}\n${usage}`);
  process.exit(2);
}
await bench(asked);

async function bench({ suite, json, rounds, roundMs }) {
  const startedAt = performance.now();
  const { open } = await import(`./suites/${suite}.mjs`);
  const { contests, probes = [], close } = await open();
  let measured;
  let probed;
  try {
    measured = await measure(contests, { rounds, roundMs, onRound: showRound });
    probed = await runProbes(probes, { rounds, roundMs, onProbe: showProgress });
  } finally {
    hideProgress();
    await close();
  }
  if (json) {
    const figures = [...measured.flatMap(figuresOf), ...probed.map(figureOf)];
    console.log(JSON.stringify({ suite, figures }));
    return;
  }
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
  console.log(
    `\n  ${suite}: ${rounds} rounds in ${seconds} s, Node ${process.versions.node}, ${machine()}\n`,
  );
  console.log(`${table(measured, probed)}\n`);
}

function readArguments(args) {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { json: { type: "boolean" }, rounds: { type: "string" }, "round-ms": { type: "string" } },
  });
  const [suite, ...more] = positionals;
  if (suite === undefined) throw new Error("no suite was named");
  if (!suites().includes(suite)) throw new Error(`no suite \`${suite}\``);
  if (more.length > 0) throw new Error(`one suite at a time: \`${more.join(" ")}\` is one too many`);
  return {
    suite,
    json: values.json ?? false,
    rounds: wholeNumber("--rounds", values.rounds ?? DEFAULT_ROUNDS),
    roundMs: wholeNumber("--round-ms", values["round-ms"] ?? DEFAULT_ROUND_MS),
  };
}

function wholeNumber(option, given) {
  const number = Number(given);
  if (!Number.isSafeInteger(number) || number < 1)
    throw new Error(`\`${option}\`: expected a whole number from 1`);
  return number;
}

/** A suite is a file in `suites/`. */
function suites() {
  const files = readdirSync(fileURLToPath(new URL("suites", import.meta.url)));
  return files.filter((file) => file.endsWith(".mjs")).map((file) => file.slice(0, -".mjs".length));
}

function machine() {
  const [first] = cpus();
  return `${cpus().length} × ${first?.model.trim() ?? "a CPU without a name"}`;
}

function showRound(round, rounds) {
  showProgress(round === 0 ? "results are right, warming up" : `round ${round} of ${rounds}`);
}

function showProgress(text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K  ${text}`);
}

function hideProgress() {
  if (process.stderr.isTTY) process.stderr.write("\r\u001b[K");
}
