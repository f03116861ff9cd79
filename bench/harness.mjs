// Candidates side by side: shuffled rounds in one process, and the median of what each round says on its own.
import { strict as assert } from "node:assert";
import { randomFrom } from "./documents.mjs";

/**
 * One way to do the job. `run` works for about so many milliseconds and answers with its rate: units per second.
 *
 * @typedef {{ words: string, run: (ms: number) => number | Promise<number> }} Candidate
 */

/**
 * Candidates that do one job, each measured against the same baseline.
 *
 * `verify` throws unless all of them give the right result; it runs before the first is timed. `weight` multiplies
 * the time of a round where the job needs longer to be told from noise. `better` is "lower" where the figure is what
 * a unit costs by what the baseline's costs, and not the rate by the baseline's rate.
 *
 * There may be several `baselines` instead of one, each under a name: a candidate's figure is then the one by the
 * baseline that it does worst against, and after it comes one for each, `figure.name`.
 *
 * @typedef {{
 *   title: string,
 *   unit: string,
 *   better?: "higher" | "lower",
 *   weight?: number,
 *   verify: () => void | Promise<void>,
 *   candidates: readonly (Candidate & { figure: string })[],
 * } & ({ baseline: Candidate } | { baselines: Readonly<Record<string, Candidate>> })} Contest
 */

/**
 * @typedef {{ name: string, value: number, p10: number, p90: number, better: "higher" | "lower", unit: string,
 *   noise: number }} Figure
 */

/** The rates of one contest, round by round. @typedef {{ contest: Contest, rates: Map<Candidate, number[]> }} Measured */

/** Before each timed run, a part of it untimed: what the candidate before left behind is not charged to this one. */
const LEAD_IN = 0.2;

const WARM_UP_ROUNDS = 4;

/**
 * Verifies every contest, warms up, and runs the rounds.
 *
 * @param {readonly Contest[]} contests
 * @param {{ rounds: number, roundMs: number, onRound?: (round: number, rounds: number) => void }} options
 * @returns {Promise<Measured[]>}
 */
export async function measure(contests, { rounds, roundMs, onRound = () => {} }) {
  for (const { verify } of contests) await verify();
  const random = randomFrom(1);
  const measured = contests.map((contest) => ({
    contest,
    rates: new Map(everyoneIn(contest).map((candidate) => [candidate, []])),
  }));
  onRound(0, rounds);
  for (const contest of contests) {
    for (const { run } of everyoneIn(contest)) await run(WARM_UP_ROUNDS * timeOf(contest, roundMs));
  }
  for (let round = 1; round <= rounds; round++) {
    for (const { contest, rates } of shuffled(measured, random)) {
      const ms = timeOf(contest, roundMs);
      for (const candidate of shuffled(everyoneIn(contest), random)) {
        await candidate.run(ms * LEAD_IN);
        rates.get(candidate).push(await candidate.run(ms));
      }
    }
    onRound(round, rounds);
  }
  assert.ok(Number.isFinite(consumed), "a result was not consumed as a number");
  return measured;
}

/**
 * What is reported of a contest: the figures of all candidates.
 *
 * @param {Measured} measured
 * @returns {Figure[]}
 */
export function figuresOf(measured) {
  return measured.contest.candidates.flatMap((candidate) => figuresOfCandidate(measured, candidate));
}

/**
 * The figure of one candidate: the median over rounds of its rate by the baseline's of the same round, or of its cost
 * by the baseline's. `noise` is the baseline against itself, its fast rounds by its slow ones: 1 on a quiet machine.
 * Where there are several baselines, theirs follow in their order.
 *
 * @param {Measured} measured
 * @param {Contest["candidates"][number]} candidate
 * @returns {Figure[]}
 */
export function figuresOfCandidate({ contest, rates }, candidate) {
  const { better = "higher" } = contest;
  const against = (baseline, name) => {
    const baselineRates = rates.get(baseline);
    const ratios = rates
      .get(candidate)
      .map((rate, round) =>
        better === "higher" ? rate / baselineRates[round] : baselineRates[round] / rate,
      );
    return { name, ...summary(ratios), better, unit: "ratio", noise: spread(baselineRates) };
  };
  if (contest.baselines === undefined) return [against(contest.baseline, candidate.figure)];
  const each = Object.entries(contest.baselines).map(([name, baseline]) =>
    against(baseline, `${candidate.figure}.${name}`),
  );
  const [worst] = [...each].sort((a, b) => (better === "higher" ? a.value - b.value : b.value - a.value));
  return [{ ...worst, name: candidate.figure }, ...each];
}

/** The one baseline, or all. @param {Contest} contest @returns {Candidate[]} */
export function baselinesOf({ baseline, baselines = { baseline } }) {
  return Object.values(baselines);
}

/** The middle of the samples, and where eight of ten lie. @param {readonly number[]} samples */
export function summary(samples) {
  return {
    value: rounded(quantile(samples, 0.5)),
    p10: rounded(quantile(samples, 0.1)),
    p90: rounded(quantile(samples, 0.9)),
  };
}

/** How far the high samples are above the low ones: 1 where all are equal. @param {readonly number[]} samples */
export function spread(samples) {
  return rounded(quantile(samples, 0.9) / quantile(samples, 0.1));
}

/**
 * The value below which a share of the values lies, between two of them by linear interpolation.
 *
 * @param {readonly number[]} values in any order, at least one
 * @param {number} share from 0 to 1
 */
export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  const position = (sorted.length - 1) * share;
  const below = sorted[Math.floor(position)];
  const above = sorted[Math.ceil(position)];
  return below + (above - below) * (position % 1);
}

/** A shuffled copy. */
export function shuffled(items, random) {
  const copy = [...items];
  for (let left = copy.length; left > 1; left--) {
    const chosen = Math.floor(random() * left);
    [copy[left - 1], copy[chosen]] = [copy[chosen], copy[left - 1]];
  }
  return copy;
}

let consumed = 0;

/** Uses up a result, so that the engine cannot leave out the work behind it. @param {number} number */
export function consume(number) {
  consumed = (consumed + number) % 1_000_003;
}

const BETWEEN_LOOKS_AT_THE_CLOCK = 64;

/**
 * A synchronous operation in a loop.
 *
 * @param {() => number} operation answers with how many units it did
 * @returns {(ms: number) => number}
 */
export function looped(operation) {
  return (ms) => {
    const startedAt = performance.now();
    let units = 0;
    // After 1, 2, 4, … 64, 128, 192 … operations: a slow one overruns its time by no more than as much again.
    let nextLook = 1;
    for (let done = 1; ; done++) {
      units += operation();
      if (done < nextLook) continue;
      const elapsed = performance.now() - startedAt;
      if (elapsed >= ms) return (units / elapsed) * 1000;
      nextLook += Math.min(nextLook, BETWEEN_LOOKS_AT_THE_CLOCK);
    }
  };
}

/**
 * The items one after another, over and over, from where the run before stopped: where some cost more than others, a
 * slow operation must not see the first ones only.
 *
 * @template T
 * @param {readonly T[]} items
 * @param {(item: T) => number} operation answers with how many units it did
 */
export function cycled(items, operation) {
  let next = 0;
  return looped(() => {
    const item = items[next];
    next = (next + 1) % items.length;
    return operation(item);
  });
}

/** What this process has used of the processors so far, with the garbage collector's threads. */
export function cpuMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/**
 * An asynchronous operation, always so many at once.
 *
 * @param {number} width
 * @param {() => Promise<unknown>} operation one unit
 * @param {{ finish?: () => Promise<unknown>, spentMs?: () => number }} [options] `finish` is work that the operations
 *   put off: it counts. `spentMs` is the clock that the rate goes by, where it is not the one on the wall: with
 *   {@link cpuMs} it is units per second of the processor.
 * @returns {(ms: number) => Promise<number>}
 */
export function inFlight(
  width,
  operation,
  { finish = async () => {}, spentMs = () => performance.now() } = {},
) {
  return async (ms) => {
    const startedAt = performance.now();
    const spentBefore = spentMs();
    let units = 0;
    const oneAfterAnother = async () => {
      do {
        await operation();
        units++;
      } while (performance.now() - startedAt < ms);
    };
    await Promise.all(Array.from({ length: width }, oneAfterAnother));
    await finish();
    return (units / (spentMs() - spentBefore)) * 1000;
  };
}

function everyoneIn(contest) {
  return [...baselinesOf(contest), ...contest.candidates];
}

function timeOf({ weight = 1 }, roundMs) {
  return weight * roundMs;
}

function rounded(value) {
  return Number(value.toPrecision(4));
}
