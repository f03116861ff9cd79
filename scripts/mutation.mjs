// `npm run test:mutation`: breaks the policy and filter engines in one small way at a time, and sees whether a test
// notices. `-- --only policy`, `filter` or `policy/decide.ts` takes a part, `filter/json-scan.ts:1-300` lines of a file;
// `--fresh` forgets what earlier runs found, `--quick` leaves out slow tests, for a lower bound of the score.
import { parseArgs } from "node:util";
import { Stryker } from "@stryker-mutator/core";
import { report } from "./mutation/report.mjs";
import { root } from "./workspaces.mjs";

const FOLDERS = ["policy", "filter"];
const SOURCES = "packages/core/src";
/** Of git's ignored files: the sandbox, what earlier runs found, and `report.html`. */
const OUTPUT = ".mutation";

const usage =
  "usage: npm run test:mutation -- [--only policy|filter|FOLDER/FILE.ts[:FROM-TO]]... [--fresh] [--quick] [--concurrency N]";

let asked;
try {
  asked = readArguments(process.argv.slice(2));
} catch (error) {
  console.error(`${error.message}\n${usage}`);
  process.exit(2);
}
process.chdir(root);
// For the process that runs the tests.
process.env.SALLYPORT_MUTATION = asked.quick ? "quick" : "whole";
const startedAt = performance.now();
const results = await new Stryker(optionsOf(asked)).runMutationTest();
const seconds = Math.round((performance.now() - startedAt) / 1000);
process.exitCode = report(results, SOURCES) ? 0 : 1;
console.log(`${seconds} s, details in ${OUTPUT}/report.html`);

function readArguments(args) {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: "string", multiple: true, default: FOLDERS },
      fresh: { type: "boolean", default: false },
      quick: { type: "boolean", default: false },
      concurrency: { type: "string", default: "1" },
    },
  });
  for (const one of values.only) {
    if (!FOLDERS.includes(one.split("/")[0]))
      throw new Error(`\`--only ${one}\` is in none of ${FOLDERS.join(", ")}`);
  }
  return { ...values, concurrency: Number(values.concurrency) };
}

/** @returns {import("@stryker-mutator/api/core").PartialStrykerOptions} */
function optionsOf({ only, fresh, concurrency }) {
  return {
    testRunner: "in-process",
    plugins: [`${root}/scripts/mutation/runner.mjs`],
    mutate: [
      ...only.map((one) => `${SOURCES}/${/\.ts(:\d+-\d+)?$/.test(one) ? one : `${one}/**/*.ts`}`),
      `!${SOURCES}/**/*.{test,reference}.ts`,
    ],
    ignorePatterns: [".nodes", "dist", "coverage", "bench", "e2e", "examples"],
    coverageAnalysis: "perTest",
    incremental: true,
    incrementalFile: `${OUTPUT}/incremental.json`,
    force: fresh,
    tempDirName: `${OUTPUT}/sandbox`,
    cleanTempDir: "always",
    reporters: ["progress-append-only", "html", "json"],
    htmlReporter: { fileName: `${OUTPUT}/report.html` },
    jsonReporter: { fileName: `${OUTPUT}/report.json` },
    concurrency,
    timeoutMS: 3_000,
    allowConsoleColors: false,
  };
}
