/** Text and byte conversions on web-standard globals only, shared by the cipher, the hashes and the records. */

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** UTF-8 bytes of a string. */
export function toUtf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/**
 * Pieces of larger blocks: a buffer of its own costs more than the few hundred bytes that are wanted, and the more so
 * the longer it is kept. A block lives as long as any piece of it.
 */
export class ByteBlocks {
  #block = new Uint8Array(0);
  #used = 0;

  /** A copy of the bytes. */
  copyOf(bytes: Uint8Array): Uint8Array {
    if (bytes.length > MAX_PIECE_BYTES) return new Uint8Array(bytes);
    this.#makeRoom(bytes.length);
    this.#block.set(bytes, this.#used);
    return this.#take(bytes.length);
  }

  /** {@link toUtf8}. */
  utf8Of(text: string): Uint8Array {
    // No character takes more.
    const most = text.length * 3;
    if (most > MAX_PIECE_BYTES) return toUtf8(text);
    this.#makeRoom(most);
    return this.#take(encoder.encodeInto(text, this.#block.subarray(this.#used)).written);
  }

  #makeRoom(bytes: number): void {
    if (this.#used + bytes <= this.#block.length) return;
    this.#block = new Uint8Array(BLOCK_BYTES);
    this.#used = 0;
  }

  #take(bytes: number): Uint8Array {
    const from = this.#used;
    this.#used += bytes;
    return this.#block.subarray(from, this.#used);
  }
}

const BLOCK_BYTES = 64 * 1024;
const MAX_PIECE_BYTES = BLOCK_BYTES / 4;

/**
 * The same memory as a `Uint8Array` and nothing more: a `Buffer` would share its memory where a copy is meant, and the
 * engine would have two kinds of arrays to deal with.
 */
export function plainBytes(bytes: Uint8Array): Uint8Array {
  if (bytes.constructor === Uint8Array) return bytes;
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Text of UTF-8 bytes, a byte-order mark kept; `undefined` when the bytes are not UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/**
 * The same text in one piece and in memory of its own, for one that is kept: the engine makes a part of a text that keeps
 * all of it, and of what was put together a list of pieces, which it goes through whenever it is written.
 *
 * @param text - one with half of a surrogate pair is another text then
 */
export function ownText(text: string): string {
  return decoder.decode(encoder.encode(text));
}

/** Standard base64 with padding (RFC 4648 section 4). */
export function toBase64(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/** base64url without padding (RFC 4648 section 5). */
export function toBase64Url(bytes: Uint8Array): string {
  const rest = bytes.length % 3;
  const whole = bytes.length - rest;
  let text = "";
  for (let index = 0; index < whole; index += 3) {
    const bits = ((bytes[index] ?? 0) << 16) | ((bytes[index + 1] ?? 0) << 8) | (bytes[index + 2] ?? 0);
    text += pairOf(bits >> 12) + pairOf(bits & 4095);
  }
  if (rest === 0) return text;
  const bits = ((bytes[whole] ?? 0) << 10) | ((bytes[whole + 1] ?? 0) << 2);
  return text + (rest === 1 ? pairOf(bits >> 6) : pairOf(bits >> 6) + BASE64URL[bits & 63]);
}

const BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** Of each two digits: a text that grows by one at a time leaves as many texts behind. */
const PAIRS = Array.from(BASE64URL, (first) => Array.from(BASE64URL, (second) => first + second)).flat();

function pairOf(bits: number): string {
  return PAIRS[bits] ?? "";
}

/**
 * Bytes of standard base64; `undefined` unless the text is the one canonical spelling of them, so that one ciphertext
 * has one text (RFC 4648 section 3.5).
 */
export function decodeBase64(text: string): Uint8Array | undefined {
  let binary: string;
  try {
    binary = atob(text);
  } catch {
    return undefined;
  }
  const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
  return toBase64(bytes) === text ? bytes : undefined;
}
