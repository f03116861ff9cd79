// What is no race between candidates: a time, a peak of memory, a before and after. One figure each.
import { spread, summary } from "./harness.mjs";

/**
 * `verify` throws unless the work gives the right result. `prepare` comes once before the samples: it warms up, or
 * measures what they are compared with.
 *
 * @typedef {{
 *   figure: string,
 *   words: string,
 *   unit: "ratio" | "ms" | "µs",
 *   better: "higher" | "lower",
 *   verify: () => void | Promise<void>,
 *   prepare?: (options: ProbeOptions) => void | Promise<void>,
 *   sample: (options: ProbeOptions) => number | Promise<number>,
 * }} Probe
 */

/** @typedef {{ rounds: number, roundMs: number }} ProbeOptions */

/** @typedef {{ probe: Probe, samples: number[] }} Probed */

/** So many rounds' time a probe may take, for all samples together … */
const PATIENCE = 4;

/** … but so many samples at least. */
const FEWEST_SAMPLES = 3;

/**
 * Runs one probe after the other: a sample a round, fewer where they are slow.
 *
 * @param {readonly Probe[]} probes
 * @param {ProbeOptions & { onProbe?: (figure: string) => void }} options
 * @returns {Promise<Probed[]>}
 */
export async function runProbes(probes, { rounds, roundMs, onProbe = () => {} }) {
  const probed = [];
  for (const probe of probes) {
    onProbe(probe.figure);
    await probe.verify();
    await probe.prepare?.({ rounds, roundMs });
    const samples = [];
    const startedAt = performance.now();
    while (samples.length < rounds) {
      const isLate = performance.now() - startedAt > PATIENCE * rounds * roundMs;
      if (isLate && samples.length >= FEWEST_SAMPLES) break;
      samples.push(await probe.sample({ rounds, roundMs }));
    }
    probed.push({ probe, samples });
  }
  return probed;
}

/**
 * What is reported of a probe. It has no baseline, so `noise` is its own high samples by its low ones.
 *
 * @param {Probed} probed
 */
export function figureOf({ probe, samples }) {
  const { figure, better, unit } = probe;
  return { name: figure, ...summary(samples), better, unit, noise: spread(samples) };
}

/**
 * How long a piece of synchronous work keeps its thread. The processor may be taken away in the middle of it, which is
 * not work: the process has used less of it then than the clock says.
 *
 * @template T
 * @param {() => T} work
 */
export function workingTime(work) {
  const startedAt = performance.now();
  const usedBefore = process.cpuUsage();
  const result = work();
  const { user, system } = process.cpuUsage(usedBefore);
  const elapsed = performance.now() - startedAt;
  return { ms: Math.min(elapsed, (user + system) / 1000), result };
}
