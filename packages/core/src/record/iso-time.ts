/** Time as records hold it. */

/** The second that was asked for last, and its text up to the point: most calls come within the same. */
let last = { second: Number.NaN, text: "" };

/** RFC 3339 in UTC, always three digits of milliseconds. */
export function isoTime(epochMs: number): string {
  // The platform cuts off what is no whole millisecond, and says what is no time.
  if (!Number.isInteger(epochMs)) return new Date(epochMs).toISOString();
  const second = Math.floor(epochMs / 1000);
  if (second !== last.second) last = { second, text: new Date(epochMs).toISOString().slice(0, -4) };
  return `${last.text}${String(epochMs - second * 1000).padStart(3, "0")}Z`;
}
