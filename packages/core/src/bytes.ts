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

/** Standard base64 with padding (RFC 4648 section 4). */
export function toBase64(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/** base64url without padding (RFC 4648 section 5). */
export function toBase64Url(bytes: Uint8Array): string {
  let text = "";
  for (let from = 0; from < bytes.length; from += MAX_BASE64_BYTES)
    text += shortBase64Url(bytes.subarray(from, from + MAX_BASE64_BYTES));
  return text;
}

/** Made of character codes: a text that grows by a character at a time leaves as many texts behind. */
function shortBase64Url(bytes: Uint8Array): string {
  const codes: number[] = [];
  for (let index = 0; index < bytes.length; index += 3) {
    const [first = 0, second, third] = [bytes[index], bytes[index + 1], bytes[index + 2]];
    const bits = (first << 16) | ((second ?? 0) << 8) | (third ?? 0);
    codes.push(codeOf(bits >> 18), codeOf((bits >> 12) & 63));
    if (second !== undefined) codes.push(codeOf((bits >> 6) & 63));
    if (third !== undefined) codes.push(codeOf(bits & 63));
  }
  return String.fromCharCode(...codes);
}

/** A multiple of 3, of which as many characters may be arguments of one call. */
const MAX_BASE64_BYTES = 3072;

function codeOf(sextet: number): number {
  return BASE64URL.charCodeAt(sextet);
}

const BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

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
