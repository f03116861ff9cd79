/** Random bytes drawn from the system in blocks: a few at a time cost as much as many. */
const BLOCK_BYTES = 4096;

let block = new Uint8Array(0);
let used = 0;

/**
 * Random bytes, each given out once and then forgotten. A copy of its caller's own.
 *
 * @param length - a larger one than a block is drawn by itself
 */
export function pooledRandom(length: number): Uint8Array {
  if (length > BLOCK_BYTES) return crypto.getRandomValues(new Uint8Array(length));
  if (used + length > block.length) {
    block = crypto.getRandomValues(new Uint8Array(BLOCK_BYTES));
    used = 0;
  }
  const bytes = block.slice(used, used + length);
  // Whoever could read this memory later learns nothing of what was given out.
  block.fill(0, used, used + length);
  used += length;
  return bytes;
}
