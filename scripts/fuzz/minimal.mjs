/** The least of a failing case that still fails: fewer bytes, fewer operations, simpler pieces. */

/** Long before a case counts as hanging. */
const BUDGET_MS = 10_000;

const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;
const ZERO = Buffer.from("0");

/**
 * @param {import("./cases.mjs").Case} given
 * @param {(candidate: import("./cases.mjs").Case) => boolean} fails
 * @returns {import("./cases.mjs").Case}
 */
export function minimal(given, fails) {
  const endsAt = performance.now() + BUDGET_MS;
  let best = given;
  const isBetter = (candidate) => {
    if (performance.now() > endsAt || !fails(candidate)) return false;
    best = candidate;
    return true;
  };
  for (const lengths of [[given.bytes.length + 1], [1]]) if (isBetter({ ...best, lengths })) break;
  for (const stages of simplerStages(given.stages)) if (isBetter({ ...best, stages })) break;
  let before;
  do {
    before = best.bytes.length;
    collapse(
      () => best.bytes,
      (bytes) => isBetter({ ...best, bytes }),
    );
    cut(
      () => best.bytes,
      (bytes) => isBetter({ ...best, bytes }),
    );
  } while (best.bytes.length < before);
  return best;
}

/** Containers become scalars, from the outermost on. */
function collapse(current, isBetter) {
  for (let at = 1; at < current().length; at++) {
    const bytes = current();
    if (bytes[at] !== OPEN_BRACE && bytes[at] !== OPEN_BRACKET) continue;
    let depth = 0;
    let end = at;
    do {
      if (bytes[end] === OPEN_BRACE || bytes[end] === OPEN_BRACKET) depth++;
      if (bytes[end] === OPEN_BRACE + 2 || bytes[end] === OPEN_BRACKET + 2) depth--;
      end++;
    } while (depth > 0 && end < bytes.length);
    isBetter(Buffer.concat([bytes.subarray(0, at), ZERO, bytes.subarray(end)]));
  }
}

/** Spans go, from long ones to short ones. */
function cut(current, isBetter) {
  const sizes = [
    current().length >> 1,
    current().length >> 2,
    64,
    ...Array.from({ length: 24 }, (_, at) => 24 - at),
  ];
  for (const size of sizes) {
    for (let at = 0; size > 0 && at + size <= current().length; ) {
      if (!isBetter(Buffer.concat([current().subarray(0, at), current().subarray(at + size)]))) at++;
    }
  }
}

/** Single operations, then single stages, then all but one. */
function simplerStages(stages) {
  return [
    ...stages.flatMap((stage) => stage.map((operation) => [[operation]])),
    ...stages.map((stage) => [stage]),
    ...stages.map((_, left) => stages.filter((_, at) => at !== left)),
  ].filter(({ length }) => length > 0);
}
