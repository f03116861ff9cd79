/** UTF-8 as the platform decodes it, for bodies that are nearly ASCII: several times as fast as the engine of Node 20. */
import { isAscii } from "node:buffer";

/**
 * The text of UTF-8: without a byte-order mark, and with U+FFFD in place of what is wrong (Encoding standard, "UTF-8
 * decode").
 */
export function utf8Text(bytes: Uint8Array): string {
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  const start = hasMark ? 3 : 0;
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset + start, bytes.byteLength - start);
  if (isAscii(buffer)) return buffer.toString("latin1");
  const latin1 = buffer.length < MIN_BYTES ? undefined : latin1Of(buffer);
  return latin1 === undefined ? buffer.toString("utf8") : latin1.toString("latin1");
}

/** Below, there is nothing to gain. */
const MIN_BYTES = 2048;

/** With more of them, looking for the next one costs more than it saves. */
const MIN_BYTES_BETWEEN = 64;

/** The same text in Latin-1; `undefined` when that has not all of its characters, or the bytes are no UTF-8. */
function latin1Of(utf8: Buffer): Buffer | undefined {
  // Moved together in place: to copy a part, Node makes an object of it.
  const latin1 = Buffer.from(utf8);
  const words = wordsOf(utf8);
  let left = Math.floor(utf8.length / MIN_BYTES_BETWEEN);
  let length = 0;
  let from = 0;
  for (;;) {
    const at = nextBeyondAscii(utf8, words, from);
    if (from > length) latin1.copyWithin(length, from, at);
    length += at - from;
    if (at === utf8.length) return latin1.subarray(0, length);
    const lead = utf8[at] as number;
    // Behind the end there is none.
    const trail = utf8[at + 1] ?? 0;
    // U+0080 to U+00FF.
    const isLatin1 = (lead === 0xc2 || lead === 0xc3) && (trail & 0xc0) === 0x80;
    if (!isLatin1 || left-- === 0) return undefined;
    latin1[length++] = ((lead & 0x03) << 6) | (trail & 0x3f);
    from = at + 2;
  }
}

/** Four bytes at a time, from the first that stand as the processor wants them. */
interface Words {
  readonly first: number;
  readonly words: Uint32Array;
}

function wordsOf({ buffer, byteOffset, length }: Buffer): Words {
  const first = -byteOffset & 3;
  return { first, words: new Uint32Array(buffer, byteOffset + first, (length - first) >> 2) };
}

/** @returns the length when there is none */
function nextBeyondAscii(bytes: Buffer, { first, words }: Words, from: number): number {
  const { length } = bytes;
  let at = from;
  for (; at < length && ((at - first) & 3) !== 0; at++) if ((bytes[at] as number) >= 0x80) return at;
  let word = (at - first) >> 2;
  while (word + 3 < words.length && (fourOf(words, word) & 0x80808080) === 0) word += 4;
  while (word < words.length && ((words[word] as number) & 0x80808080) === 0) word++;
  for (at = Math.max(at, first + word * 4); at < length; at++) if ((bytes[at] as number) >= 0x80) return at;
  return length;
}

/** All bits that are set in one of four words. */
function fourOf(words: Uint32Array, at: number): number {
  return (
    (words[at] as number) | (words[at + 1] as number) | (words[at + 2] as number) | (words[at + 3] as number)
  );
}
