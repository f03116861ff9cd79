/** Set-up of a deep run: properties that do not say how often they are tried are tried more often, and all are counted. */
import { appendFileSync } from "node:fs";
import fc, { type RunDetails } from "fast-check";
import { afterAll, expect } from "vitest";

const FAST_CHECK_DEFAULT = 100;

const { SALLYPORT_DEEP: factor = "1", SALLYPORT_DEEP_COUNTS: file } = process.env;
let cases = 0;

function count(details: RunDetails<unknown>): void {
  cases += details.numRuns;
  if (details.failed) throw new Error(fc.defaultReportMessage(details), { cause: details.errorInstance });
}

fc.configureGlobal({
  numRuns: FAST_CHECK_DEFAULT * Number(factor),
  reporter: count,
});

afterAll(() => {
  if (file !== undefined && cases > 0) appendFileSync(file, `${cases} ${expect.getState().testPath}\n`);
});
