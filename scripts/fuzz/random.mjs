/**
 * Random numbers that a seed and the number of a case decide, so that one case can be run again alone.
 *
 * @param {number} seed
 * @param {number} number
 */
export function randomFor(seed, number) {
  let state = (Math.imul(seed | 0, 0x9e3779b1) ^ Math.imul(number + 1, 0x85ebca6b)) | 0;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  /** A whole number from 0, below the limit. */
  const below = (limit) => next() % limit;
  return {
    below,
    chance: (oneIn) => below(oneIn) === 0,
    pick: (list) => list[below(list.length)],
    times: (most, make) => Array.from({ length: below(most + 1) }, make),
  };
}

/** @typedef {ReturnType<typeof randomFor>} Random */
