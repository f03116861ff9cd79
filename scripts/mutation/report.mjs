/** The share of mutants that a test must notice, in percent. */
const LOWEST_SCORE = 85;
/** The share of mutants that may be left out, each with its reason, in percent. */
const MOST_EXCLUDED = 2;

const NOTICED = ["Killed", "Timeout"];
const MISSED = ["Survived", "NoCoverage"];

/**
 * Prints the score of each file and folder, and what is left out and why.
 *
 * @param {import("@stryker-mutator/api/core").MutantResult[]} mutants
 * @param {string} sources the folder that names of files are relative to
 * @returns {boolean} whether every folder is good enough
 */
export function report(mutants, sources) {
  const files = groupBy(mutants, ({ fileName }) =>
    fileName.slice(fileName.indexOf(sources) + sources.length + 1),
  );
  const folders = groupBy(mutants, ({ fileName }) =>
    fileName.slice(fileName.indexOf(sources)).split("/").at(-2),
  );
  console.log("score  killed  timeout  survived  not reached  excluded");
  for (const [name, ones] of [...files, ...folders]) console.log(lineOf(name, countsOf(ones)));

  const excluded = mutants.filter(({ status }) => status === "Ignored");
  for (const { fileName, location, mutatorName, statusReason } of excluded) {
    console.log(`excluded: ${fileName}:${location.start.line} ${mutatorName}: ${statusReason}`);
  }
  const bad = [...folders].filter(([, ones]) => countsOf(ones).score < LOWEST_SCORE).map(([name]) => name);
  for (const name of bad) console.log(`${name}: below ${LOWEST_SCORE} %`);
  const share = (100 * excluded.length) / mutants.length;
  console.log(
    `${excluded.length} of ${mutants.length} mutants excluded: ${share.toFixed(1)} %, at most ${MOST_EXCLUDED} %`,
  );
  return mutants.length > 0 && bad.length === 0 && share <= MOST_EXCLUDED;
}

function countsOf(mutants) {
  const count = (...statuses) => mutants.filter(({ status }) => statuses.includes(status)).length;
  const noticed = count(...NOTICED);
  return {
    score: (100 * noticed) / Math.max(1, noticed + count(...MISSED)),
    columns: ["Killed", "Timeout", "Survived", "NoCoverage", "Ignored"].map((status) => count(status)),
  };
}

function lineOf(name, { score, columns }) {
  const [killed, timeout, survived, notReached, excluded] = columns.map(String);
  const cells = [score.toFixed(1).padStart(5), killed.padStart(6), timeout.padStart(7), survived.padStart(8)];
  return [...cells, notReached.padStart(11), excluded.padStart(8), name].join("  ");
}

/** @returns {Map<string, any[]>} in the order of its keys */
function groupBy(ones, keyOf) {
  const groups = new Map();
  for (const key of ones.map(keyOf).sort()) groups.set(key, []);
  for (const one of ones) groups.get(keyOf(one)).push(one);
  return groups;
}
