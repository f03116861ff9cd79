// `npm run fuzz -- --seconds N --seed N`: broken JSON in pieces through the filter, until the time is up or something is
// wrong. `--case N` runs one case of a seed again.
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { setUp } from "./setup.mjs";

const DEFAULT_SECONDS = 30;
/** A case takes milliseconds: one that takes this long hangs. */
const HANGS_AFTER_MS = 20_000;

const usage = "usage: npm run fuzz -- [--seconds N] [--seed N] [--case N]";

let asked;
try {
  asked = readArguments(process.argv.slice(2));
} catch (error) {
  console.error(`${error.message}\n${usage}`);
  process.exit(2);
}
await setUp();
process.exitCode = await fuzz(asked);

function readArguments(args) {
  const { values } = parseArgs({
    args,
    options: { seconds: { type: "string" }, seed: { type: "string" }, case: { type: "string" } },
  });
  const numberOf = (name, least, otherwise) => {
    if (values[name] === undefined) return otherwise;
    const number = Number(values[name]);
    if (!Number.isSafeInteger(number) || number < least || number > 0x7fffffff) {
      throw new Error(`\`--${name}\` is no whole number from ${least} on: \`${values[name]}\``);
    }
    return number;
  };
  const only = numberOf("case", 0, undefined);
  if (only !== undefined && values.seed === undefined) throw new Error("`--case` needs a `--seed`");
  return {
    seconds: numberOf("seconds", 1, DEFAULT_SECONDS),
    seed: numberOf("seed", 0, Math.floor(Math.random() * 0x7fffffff)),
    only,
  };
}

/** @returns {Promise<number>} the exit code */
async function fuzz({ seconds, seed, only }) {
  const endsAt = Date.now() + seconds * 1000;
  const current = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(new URL("fuzz/worker.mjs", import.meta.url), {
    workerData: { seed, first: only ?? 0, last: only ?? Number.MAX_SAFE_INTEGER, endsAt, current },
  });
  console.error(`seed ${seed}, ${only === undefined ? `${seconds} s` : `case ${only}`}`);
  let totals = { cases: 0, accepted: 0 };
  let failure;
  await new Promise((resolve) => {
    let timer;
    const expectNews = () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        failure = { number: current[0], wrong: "it does not come to an end" };
        worker.terminate();
      }, HANGS_AFTER_MS);
    };
    expectNews();
    worker.on("message", (message) => {
      expectNews();
      failure = message.failure ?? failure;
      if (message.cases !== undefined) totals = message;
      showProgress(totals, endsAt);
    });
    worker.on("error", (error) => {
      failure ??= { number: current[0], wrong: `it ended the process: ${error.stack ?? error}` };
    });
    worker.on("exit", () => {
      clearTimeout(timer);
      resolve();
    });
  });
  hideProgress();
  console.log(`${totals.cases} cases, ${totals.accepted} of them JSON, seed ${seed}`);
  if (failure !== undefined) console.log(reportOf(failure, seed));
  return failure === undefined ? 0 : 1;
}

function showProgress({ cases, accepted }, endsAt) {
  if (!process.stderr.isTTY) return;
  const left = Math.max(0, Math.ceil((endsAt - Date.now()) / 1000));
  process.stderr.write(`\r\x1b[K${cases} cases, ${accepted} of them JSON, ${left} s left`);
}

function hideProgress() {
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
}

function reportOf({ number, wrong, document, stages, lengths }, seed) {
  const again = `again: npm run fuzz -- --seed ${seed} --case ${number}`;
  if (document === undefined) return `case ${number}: ${wrong}\n  ${again}`;
  return [
    `case ${number}: ${wrong}`,
    `  document, a character a byte: ${JSON.stringify(document)}`,
    `  stages: ${JSON.stringify(stages)}`,
    `  lengths of pieces, in turn: ${JSON.stringify(lengths)}`,
    `  ${again}`,
  ].join("\n");
}
