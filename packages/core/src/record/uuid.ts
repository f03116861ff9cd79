/**
 * A UUIDv7 (RFC 9562 section 5.7): sorts by time, unique by its random bits.
 *
 * @param now - epoch ms; what is no time that 48 bits hold becomes the nearest that is, and `NaN` the first
 * @param random - 10 random bytes; not changed
 */
export function uuidV7(now: number, random: Uint8Array): string {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0, i = 0, j = 0] = random;
  const head = `${timeText(now)}${hex((a & 0x0f) | 0x70)}${hex(b)}-${hex((c & 0x3f) | 0x80)}${hex(d)}`;
  return `${head}-${hex(e)}${hex(f)}${hex(g)}${hex(h)}${hex(i)}${hex(j)}`;
}

const LAST_TIME = 2 ** 48 - 1;

/** Calls come many in a millisecond. */
let last = { now: Number.NaN, text: "" };

/** The first 48 bits, with the hyphens around and behind them. */
function timeText(now: number): string {
  if (now !== last.now) {
    const time = Math.min(Math.max(Math.floor(now) || 0, 0), LAST_TIME);
    const text = time.toString(16).padStart(12, "0");
    last = { now, text: `${text.slice(0, 8)}-${text.slice(8)}-` };
  }
  return last.text;
}

function hex(byte: number): string {
  return HEX[byte] as string;
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));
