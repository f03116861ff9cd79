/** Ranges of addresses in CIDR notation (RFC 4632 section 3.1, RFC 4291 section 2.3). */
import { type IpAddress, readIpAddress, withoutMapping } from "./ip-address.js";

export interface AddressRange {
  readonly family: 4 | 6;
  /** The first address, in words as in {@link IpAddress}. */
  readonly words: readonly number[];
  /** 0 to 32 for IPv4, 0 to 128 for IPv6. */
  readonly prefixLength: number;
  /** As it was written. */
  readonly text: string;
}

export type AddressRangeResult =
  | { readonly ok: true; readonly range: AddressRange }
  | { readonly ok: false; readonly message: string; readonly help: string };

const EXAMPLES = "write a range such as `10.1.0.0/16` or `fd12:3456::/32`, or one address";

/** The bits of a whole address of the family. */
export function addressBits(family: 4 | 6): 32 | 128 {
  return family === 4 ? 32 : 128;
}

/**
 * Reads a range, or a single address as the range of itself. Its text is what {@link readIpAddress} takes, without zone.
 *
 * @returns what is wrong, and what to write, for a range whose address has bits behind the prefix (it means either
 * more or less than it says), for an IPv4-mapped one, and for what is no range
 */
export function readAddressRange(text: string): AddressRangeResult {
  const [, addressText = "", lengthText] = /^([^/%]*)(?:\/(.*))?$/s.exec(text) ?? [];
  const address = readIpAddress(addressText);
  if (address === undefined)
    return { ok: false, message: "not an address or a range of them", help: EXAMPLES };
  const { family, words } = address;
  const bits = addressBits(family);
  const prefixLength = lengthText === undefined ? bits : prefixLengthOf(lengthText, bits);
  if (prefixLength === undefined) {
    const message = `the length of the prefix is no whole number from 0 to ${bits}`;
    return { ok: false, message, help: EXAMPLES };
  }
  const first = words.map((word, index) => (word & maskOf(prefixLength, index)) >>> 0);
  if (withoutMapping(address) !== address && prefixLength >= 96) {
    const help = `write it as IPv4: \`${ipv4Text(first[3] as number)}/${prefixLength - 96}\``;
    return { ok: false, message: "an IPv4-mapped range never holds an address", help };
  }
  if (first.some((word, index) => word !== words[index])) {
    const message = `the address has bits behind the first ${prefixLength}`;
    const start = family === 4 ? ipv4Text(first[0] as number) : ipv6Text(first);
    const help = `write \`${start}/${prefixLength}\` for the range, or \`${addressText}\` for the one address`;
    return { ok: false, message, help };
  }
  return { ok: true, range: { family, words, prefixLength, text } };
}

/** Whether the range holds the address. One of IPv6 holds none of IPv4, and the other way round. */
export function isInRange(range: AddressRange, { family, words }: IpAddress): boolean {
  if (range.family !== family) return false;
  for (let index = 0; index < words.length; index++) {
    const differing = (words[index] as number) ^ (range.words[index] as number);
    if ((differing & maskOf(range.prefixLength, index)) !== 0) return false;
  }
  return true;
}

/** Of one word: the bits of it that lie in the prefix. */
function maskOf(prefixLength: number, index: number): number {
  const bits = prefixLength - index * 32;
  if (bits <= 0) return 0;
  return bits >= 32 ? -1 : ~(-1 >>> bits);
}

function prefixLengthOf(text: string, bits: number): number | undefined {
  if (!/^(?:0|[1-9]\d{0,2})$/.test(text)) return undefined;
  const length = Number(text);
  return length <= bits ? length : undefined;
}

function ipv4Text(word: number): string {
  return [24, 16, 8, 0].map((shift) => (word >>> shift) & 0xff).join(".");
}

/** Zeros at the end as `::`, others written out: enough for the start of a range. */
function ipv6Text(words: readonly number[]): string {
  const groups = words.flatMap((word) => [word >>> 16, word & 0xffff]).map((group) => group.toString(16));
  return groups.join(":").replace(/(?:^0|(?::0)+)(?::0)*$/, "::");
}
