// The figures for a person, in words.
import { baselinesOf, figuresOf, figuresOfCandidate, quantile, spread } from "./harness.mjs";
import { figureOf } from "./probes.mjs";

/** Above this the machine was busy with something else. */
const NOISY = 2;

/**
 * Each contest with its baselines first, then the probes.
 *
 * @param {readonly import("./harness.mjs").Measured[]} measured
 * @param {readonly import("./probes.mjs").Probed[]} [probed]
 */
export function table(measured, probed = []) {
  const contests = layout(
    ["", "÷ baseline", "p10 – p90", "rate", "noise", "figure"],
    measured.map((one) => ({ title: titleOf(one.contest), rows: contestRows(one) })),
  );
  const probes = layout(
    ["", "value", "p10 – p90", "noise", "figure"],
    [{ title: "Each by itself (lower is better, unless it says otherwise)", rows: probed.map(probeRow) }],
  );
  const lines = [...(measured.length > 0 ? contests : []), ...(probed.length > 0 ? ["", ...probes] : [])];
  if (measured.flatMap(figuresOf).some(({ noise }) => noise > NOISY)) {
    lines.push(
      "",
      `  Where the noise is above ${NOISY} the machine was busy: draw no conclusion from that contest.`,
    );
  }
  return lines.join("\n");
}

/** The first and last columns hold text, the others numbers. */
function layout(header, sections) {
  const every = [header, ...sections.flatMap(({ rows }) => rows)];
  const widths = header.map((_, column) => Math.max(...every.map((row) => row[column].length)));
  const isText = (column) => column === 0 || column === header.length - 1;
  const line = (row) => {
    const cells = row.map((cell, column) =>
      isText(column) ? cell.padEnd(widths[column]) : cell.padStart(widths[column]),
    );
    return `  ${cells.join("   ")}`.trimEnd();
  };
  return [line(header), ...sections.flatMap(({ title, rows }) => ["", `  ${title}`, ...rows.map(line)])];
}

function titleOf({ title, better }) {
  return better === "lower" ? `${title} (cost: lower is better)` : title;
}

function contestRows(measured) {
  const { contest, rates } = measured;
  const rateOf = (candidate) => `${formatRate(quantile(rates.get(candidate), 0.5))} ${contest.unit}`;
  const baselines = baselinesOf(contest);
  const baselineRows = baselines.map((one) => [
    `  baseline: ${one.words}`,
    "",
    "",
    rateOf(one),
    spread(rates.get(one)).toFixed(2),
    "",
  ]);
  const candidateRows = contest.candidates.flatMap((candidate) => {
    const [figure, ...each] = figuresOfCandidate(measured, candidate);
    const words = each.length === 0 ? candidate.words : `${candidate.words}, by the worse of these`;
    return [
      figureRow(figure, words, rateOf(candidate)),
      ...each.map((one, index) => figureRow(one, `  by ${baselines[index].words}`, "")),
    ];
  });
  return [...baselineRows, ...candidateRows];
}

function figureRow({ name, value, p10, p90 }, words, rate) {
  return [`  ${words}`, value.toFixed(2), range(p10, p90), rate, "", name];
}

function probeRow(probed) {
  const { words } = probed.probe;
  const { name, value, p10, p90, better, unit, noise } = figureOf(probed);
  const measure = unit === "ratio" ? value.toFixed(2) : `${value.toFixed(2)} ${unit}`;
  const what = better === "lower" ? words : `${words} (higher is better)`;
  return [`  ${what}`, measure, range(p10, p90), noise.toFixed(2), name];
}

function range(p10, p90) {
  return `${p10.toFixed(2)} – ${p90.toFixed(2)}`;
}

function formatRate(rate) {
  return Math.round(rate).toLocaleString("en-US");
}
