/** Percent-encoding (RFC 3986 section 2.1) at the level of bytes. */
import { decodeUtf8, toUtf8 } from "../bytes.js";

/** Value of two hexadecimal digits at `index`, or -1. */
export function hexPairAt(text: string, index: number): number {
  const high = hexDigit(text.charCodeAt(index));
  const low = hexDigit(text.charCodeAt(index + 1));
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

/**
 * Every escape decoded once; `undefined` when the result is not UTF-8. A `%` that starts no escape stays as it is.
 */
export function percentDecode(text: string): string | undefined {
  return text.includes("%") ? decodeUtf8(decodedBytes(text)) : text;
}

/** The same, with U+FFFD for what is not UTF-8. */
export function percentDecodeLossy(text: string): string {
  return text.includes("%") ? lossyDecoder.decode(decodedBytes(text)) : text;
}

const lossyDecoder = new TextDecoder("utf-8", { ignoreBOM: true });

function decodedBytes(text: string): Uint8Array {
  const input = toUtf8(text);
  const out = new Uint8Array(input.length);
  let length = 0;
  for (let index = 0; index < input.length; index++) {
    const byte = input[index] ?? 0;
    const high = byte === PERCENT ? hexDigit(input[index + 1] ?? 0) : -1;
    const low = byte === PERCENT ? hexDigit(input[index + 2] ?? 0) : -1;
    if (high >= 0 && low >= 0) {
      out[length++] = high * 16 + low;
      index += 2;
    } else {
      out[length++] = byte;
    }
  }
  return out.subarray(0, length);
}

const PERCENT = 0x25;

function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
