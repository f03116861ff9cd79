/** @typedef {{ passed: number, failed: number, skipped: number }} Totals */

/**
 * The last line of a test run.
 *
 * A run that ends without totals, or with a bad exit code and no failed test, still counts as one failure.
 *
 * @param {Totals | undefined} totals
 * @param {number | null} exitCode `null` when a signal ended the run
 * @returns {string}
 */
export function closingLine(totals, exitCode) {
  const { passed, failed, skipped } = totals ?? { passed: 0, failed: 1, skipped: 0 };
  const atLeast = exitCode === 0 ? 0 : 1;
  const line = `${passed} passed, ${Math.max(failed, atLeast)} failed`;
  return skipped > 0 ? `${line}, ${skipped} skipped` : line;
}
