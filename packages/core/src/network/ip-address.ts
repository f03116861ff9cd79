/**
 * IP addresses as numbers, from text that means one address to everybody.
 *
 * The parser is our own because the ones at hand read too much: `ipaddr.js` takes `127.1`, `010.0.0.1` and `0x7f.1` for
 * addresses, which others read as other addresses, or as names. What is not plainly an address is none here, and a guard
 * that asks is then told so.
 */

export interface IpAddress {
  readonly family: 4 | 6;
  /** Unsigned, 32 bits each, most significant first: one for IPv4, four for IPv6. */
  readonly words: readonly number[];
}

/** An index or the name of an interface (RFC 4007 section 11.2). */
const ZONE = /^[0-9A-Za-z._~:@-]{1,64}$/;

/**
 * Reads an address as `socket.remoteAddress`, `dns.lookup` and, without its brackets, `URL.hostname` give it. Four decimal
 * numbers without leading zeros, or one of the three forms of RFC 4291 section 2.2 in either case, with or without a zone
 * (`%eth0`), which does not matter.
 *
 * @returns `undefined` for anything else, an address in brackets included
 */
export function readIpAddress(text: string): IpAddress | undefined {
  if (!text.includes(":")) {
    const word = ipv4Word(text, 0);
    return word < 0 ? undefined : { family: 4, words: [word] };
  }
  const percent = text.indexOf("%");
  if (percent >= 0 && !ZONE.test(text.slice(percent + 1))) return undefined;
  const words = ipv6Words(percent < 0 ? text : text.slice(0, percent));
  return words === undefined ? undefined : { family: 6, words };
}

/** The address that is dialled for this one: an IPv4-mapped address (`::ffff:0:0/96`) is another spelling of IPv4. */
export function withoutMapping(address: IpAddress): IpAddress {
  const [a, b, c, d = 0] = address.words;
  const isMapped = address.family === 6 && a === 0 && b === 0 && c === 0xffff;
  return isMapped ? { family: 4, words: [d] } : address;
}

const DOT = 0x2e;
const COLON = 0x3a;
const ZERO = 0x30;

/** The four numbers that the rest of the text has to be, as one; -1 if it is not. */
function ipv4Word(text: string, start: number): number {
  let word = 0;
  let parts = 0;
  let part = 0;
  let digits = 0;
  for (let at = start; at <= text.length; at++) {
    const unit = at < text.length ? text.charCodeAt(at) : DOT;
    if (unit === DOT) {
      if (digits === 0) return -1;
      word = word * 256 + part;
      parts++;
      part = 0;
      digits = 0;
      continue;
    }
    const digit = unit - ZERO;
    // A number with a leading zero is octal to some.
    if (digit < 0 || digit > 9 || (digits > 0 && part === 0)) return -1;
    part = part * 10 + digit;
    digits++;
    if (part > 255) return -1;
  }
  return parts === 4 ? word : -1;
}

/** Eight groups of 16 bits, two in each word. */
function ipv6Words(text: string): number[] | undefined {
  const groups: number[] = [];
  let gap = text.startsWith("::") ? 0 : -1;
  let at = gap < 0 ? 0 : 2;
  while (at < text.length) {
    const start = at;
    let group = 0;
    for (; at < text.length && at - start < 5; at++) {
      const digit = hexDigit(text.charCodeAt(at));
      if (digit < 0) break;
      group = group * 16 + digit;
    }
    if (text.charCodeAt(at) === DOT) {
      const word = ipv4Word(text, start);
      if (word < 0) return undefined;
      groups.push(word >>> 16, word & 0xffff);
      break;
    }
    if (at === start || at - start > 4) return undefined;
    groups.push(group);
    if (at === text.length) break;
    if (text.charCodeAt(at) !== COLON || ++at === text.length) return undefined;
    if (text.charCodeAt(at) === COLON) {
      if (gap >= 0) return undefined;
      gap = groups.length;
      at++;
    }
  }
  // A gap stands for one group at least.
  if (gap < 0 ? groups.length !== 8 : groups.length > 7) return undefined;
  const words = [0, 0, 0, 0];
  for (let index = 0; index < groups.length; index++) {
    const group = groups[index] as number;
    // What stands behind the gap ends at the end.
    const place = gap >= 0 && index >= gap ? index + 8 - groups.length : index;
    words[place >> 1] = (words[place >> 1] as number) + (place % 2 === 0 ? group * 0x10000 : group);
  }
  return words;
}

/** -1 for what is no digit. */
function hexDigit(unit: number): number {
  if (unit >= ZERO && unit <= 0x39) return unit - ZERO;
  const letter = (unit | 0x20) - 0x61;
  return letter >= 0 && letter < 6 ? letter + 10 : -1;
}
