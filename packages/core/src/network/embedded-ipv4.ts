/** The IPv4 addresses that an IPv6 address carries: behind a translator or a tunnel they are what is reached. */
import { InternalError } from "../errors.js";
import { type AddressRange, isInRange, readAddressRange } from "./address-range.js";
import type { IpAddress } from "./ip-address.js";

/** IPv4 addresses, as words, in the order of how likely they are meant; none for IPv4, and for most of IPv6. */
export function embeddedIpv4(address: IpAddress): number[] {
  if (address.family === 4) return [];
  const [first = 0, second = 0, third = 0, last = 0] = address.words;
  const embedded: number[] = [];
  for (const [range, read] of CARRIERS) {
    if (isInRange(range, address)) embedded.push(...read(first, second, third, last));
  }
  // ISATAP (RFC 5214 section 6.1), in any network: the identifier is `0000:5efe` or `0200:5efe`, and the address.
  if ((third & 0xfdffffff) >>> 0 === 0x00005efe) embedded.push(last);
  return embedded;
}

type Words = readonly [first: number, second: number, third: number, last: number];

const CARRIERS: readonly (readonly [AddressRange, (...words: Words) => number[]])[] = [
  // Compatible, long deprecated (RFC 4291 section 2.5.5.1).
  carrier("::/96", (_first, _second, _third, last) => [last]),
  // Translated (RFC 2765 section 2.1).
  carrier("::ffff:0:0:0/96", (_first, _second, _third, last) => [last]),
  // NAT64 (RFC 6052 section 2.1).
  carrier("64:ff9b::/96", (_first, _second, _third, last) => [last]),
  // NAT64 for local use (RFC 8215): the operator chooses the prefix, so the address may stand in four places
  // (RFC 6052 section 2.2: prefixes of 96, 64, 56 and 48 bits).
  carrier("64:ff9b:1::/48", (_first, second, third, last) => [
    last,
    (((third & 0xffffff) << 8) | (last >>> 24)) >>> 0,
    (((second & 0xff) << 24) | (third & 0xffffff)) >>> 0,
    (((second & 0xffff) << 16) | ((third >>> 8) & 0xffff)) >>> 0,
  ]),
  // 6to4 (RFC 3056 section 2).
  carrier("2002::/16", (first, second) => [(((first & 0xffff) << 16) | (second >>> 16)) >>> 0]),
  // Teredo (RFC 4380 section 4): the client, all bits inverted, and the server.
  carrier("2001::/32", (_first, second, _third, last) => [~last >>> 0, second]),
];

function carrier(text: string, read: (...words: Words) => number[]) {
  return [rangeOf(text), read] as const;
}

/** Of text that is known to be one. */
export function rangeOf(text: string): AddressRange {
  const read = readAddressRange(text);
  if (!read.ok) throw new InternalError(`\`${text}\` is no range`);
  return read.range;
}
