/** Whether what a process holds stays the same however many calls it has made. */

export interface Measure {
  /** Made so far. */
  readonly calls: number;
  /** After collection, without code. */
  readonly heapBytes: number;
  /** What must be there no more once no call is under way: open connections and running timers. */
  readonly connections: number;
  readonly timers: number;
  /** Of the process, and on a signal that outlives all calls; there may be one for all that follow the signal. */
  readonly listeners: number;
}

/**
 * @param maxBytesACall - what the heap may seem to grow by; the fewer calls there are, the more of it is chance
 * @returns what grows, or is left; nothing when all is flat
 */
export function leaksIn(measures: readonly Measure[], maxBytesACall: number): string[] {
  const [first] = measures;
  if (first === undefined) return ["nothing was measured"];
  const leaks = measures.flatMap(({ calls, connections, timers, listeners }) => [
    ...(connections === 0 ? [] : [`connections: ${connections} after ${calls} calls`]),
    ...(timers === 0 ? [] : [`timers: ${timers} after ${calls} calls`]),
    ...(listeners <= first.listeners + 1 ? [] : [`listeners: ${listeners} after ${calls} calls`]),
  ]);
  const bytes = bytesACall(measures);
  return bytes <= maxBytesACall ? leaks : [...leaks, `heap: ${Math.round(bytes)} bytes a call`];
}

/**
 * The median of the slopes between all pairs of measures (Theil-Sen): what is kept of each call is in all of them, what
 * one measure happens to have, such as a table that has just grown, in the fewer.
 */
export function bytesACall(measures: readonly Measure[]): number {
  const slopes = measures.flatMap((from, index) =>
    measures.slice(index + 1).map((to) => (to.heapBytes - from.heapBytes) / (to.calls - from.calls)),
  );
  slopes.sort((left, right) => left - right);
  const middle = slopes.length / 2;
  return ((slopes[Math.ceil(middle) - 1] ?? 0) + (slopes[Math.floor(middle)] ?? 0)) / 2;
}
