// Runs cases one after the other, and says after each batch how far it is.
import { parentPort, workerData } from "node:worker_threads";
import { caseOf } from "./cases.mjs";
import { check } from "./check.mjs";
import { minimal } from "./minimal.mjs";

const { seed, first, last, endsAt, current } = workerData;
/** Between two reports. */
const BATCH_MS = 200;

let accepted = 0;
let number = first;
let reportAt = Date.now() + BATCH_MS;
for (; number <= last && Date.now() < endsAt; number++) {
  // Where the main thread looks when nothing is heard any more.
  current[0] = number;
  const outcome = outcomeOf(caseOf(seed, number));
  if (outcome.wrong !== undefined) {
    report({ number, ...outcome });
    break;
  }
  if (outcome.isAccepted) accepted++;
  if (Date.now() < reportAt) continue;
  parentPort.postMessage({ cases: number - first + 1, accepted });
  reportAt = Date.now() + BATCH_MS;
}
parentPort.postMessage({ cases: number - first, accepted, isDone: true });

/** @returns {{ wrong?: string, isAccepted: boolean }} */
function outcomeOf(given) {
  try {
    return check(given);
  } catch (error) {
    return { wrong: `it threw: ${error?.stack ?? error}`, isAccepted: false };
  }
}

function report({ number, wrong }) {
  const given = caseOf(seed, number);
  const least = minimal(given, (candidate) => outcomeOf(candidate).wrong !== undefined);
  parentPort.postMessage({
    failure: {
      number,
      wrong: outcomeOf(least).wrong ?? wrong,
      document: least.bytes.toString("latin1"),
      stages: least.stages,
      lengths: least.lengths,
    },
  });
}
