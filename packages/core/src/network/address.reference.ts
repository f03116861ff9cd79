/**
 * Test-only: addresses as one big number, ranges as arithmetic, and the class as the registries' tables written out. Slow,
 * and plain enough to be right.
 */

export interface BigAddress {
  readonly bits: 32 | 128;
  readonly value: bigint;
}

/** Of text that is an address without zone. */
export function bigAddress(text: string): BigAddress {
  if (!text.includes(":")) return { bits: 32, value: bigNumber(text.split("."), 8n, 10) };
  const hex = text.replace(/\d+\.\d+\.\d+\.\d+$/, (tail) => {
    const { value } = bigAddress(tail);
    return `${(value >> 16n).toString(16)}:${(value & 0xffffn).toString(16)}`;
  });
  const [before = "", after] = hex.split("::");
  const [head, tail] = [before, after ?? ""].map((part) => (part === "" ? [] : part.split(":")));
  const known = [...(head ?? []), ...(tail ?? [])].length;
  const zeros = after === undefined ? [] : new Array<string>(8 - known).fill("0");
  return { bits: 128, value: bigNumber([...(head ?? []), ...zeros, ...(tail ?? [])], 16n, 16) };
}

function bigNumber(parts: readonly string[], width: bigint, radix: number): bigint {
  return parts.reduce((sum, part) => (sum << width) + BigInt(Number.parseInt(part, radix)), 0n);
}

/** Whether the range, in CIDR notation, holds the address: both divided by what the prefix leaves open are equal. */
export function holds(range: string, { bits, value }: BigAddress): boolean {
  const [text = "", length] = range.split("/");
  const start = bigAddress(text);
  if (start.bits !== bits) return false;
  const open = 2n ** BigInt(bits - Number(length ?? bits));
  return start.value / open === value / open;
}

/** What IANA's registries say, and docs/spec/network.md where they leave a doubt; the longest prefix that holds it wins. */
const REGISTERED: Readonly<Record<string, string>> = {
  "0.0.0.0/0": "public",
  "0.0.0.0/8": "reserved",
  "0.0.0.0/32": "unspecified",
  "10.0.0.0/8": "private",
  "100.64.0.0/10": "cgnat",
  "127.0.0.0/8": "loopback",
  "169.254.0.0/16": "link_local",
  "172.16.0.0/12": "private",
  "192.0.0.0/24": "reserved",
  "192.0.2.0/24": "documentation",
  "192.88.99.0/24": "reserved",
  "192.168.0.0/16": "private",
  "198.18.0.0/15": "benchmarking",
  "198.51.100.0/24": "documentation",
  "203.0.113.0/24": "documentation",
  "224.0.0.0/4": "multicast",
  "240.0.0.0/4": "reserved",
  "255.255.255.255/32": "broadcast",
  "169.254.169.254/32": "metadata",
  "169.254.170.2/32": "metadata",
  "169.254.170.23/32": "metadata",
  "168.63.129.16/32": "metadata",
  "100.100.100.200/32": "metadata",
  "192.0.0.192/32": "metadata",
  "169.254.42.42/32": "metadata",
  "::/0": "reserved",
  "2000::/3": "public",
  "2001::/23": "reserved",
  "2001:2::/48": "benchmarking",
  "2001:db8::/32": "documentation",
  "3fff::/20": "documentation",
  "fc00::/7": "unique_local",
  "fe80::/10": "link_local",
  "fec0::/10": "site_local",
  "ff00::/8": "multicast",
  "::/128": "unspecified",
  "::1/128": "loopback",
  "fd00:ec2::254/128": "metadata",
  "fd00:ec2::23/128": "metadata",
  "fd20:ce::254/128": "metadata",
  "fd00:42::42/128": "metadata",
  "fe80::a9fe:a9fe/128": "metadata",
  "fd00:a9fe:a9fe::1/128": "metadata",
};

/** The class of an address, the slow way. */
export function bigClass(address: BigAddress): string {
  const own = registeredClass(address);
  if (address.bits === 32) return own;
  const inner = (shift: bigint, invert = 0n): string =>
    registeredClass({ bits: 32, value: ((address.value >> shift) & 0xffff_ffffn) ^ invert });
  if (holds("::ffff:0:0/96", address)) return inner(0n);
  if (own === "unspecified" || own === "loopback" || own === "metadata") return own;
  const carried: string[] = [];
  const isCarrier = ["::/96", "64:ff9b::/96", "2002::/16", "2001::/32"].some((range) =>
    holds(range, address),
  );
  if (holds("::/96", address) || holds("64:ff9b::/96", address)) carried.push(inner(0n));
  if (holds("::ffff:0:0:0/96", address)) carried.push(inner(0n));
  if (holds("2002::/16", address)) carried.push(inner(80n));
  if (holds("2001::/32", address)) carried.push(inner(0n, 0xffff_ffffn), inner(64n));
  if (holds("64:ff9b:1::/48", address)) carried.push(...localNat64(address.value));
  const identifier = (address.value >> 32n) & 0xffff_ffffn;
  if (identifier === 0x0000_5efen || identifier === 0x0200_5efen) carried.push(inner(0n));
  if (carried.includes("metadata")) return "metadata";
  if (own !== "public" && !isCarrier) return own;
  return carried.find((one) => one !== "public") ?? "public";
}

function registeredClass(address: BigAddress): string {
  const lengthOf = (range: string) => Number(range.split("/")[1]);
  const [best = ""] = Object.keys(REGISTERED)
    .filter((range) => holds(range, address))
    .sort((a, b) => lengthOf(b) - lengthOf(a));
  return REGISTERED[best] ?? "none";
}

/** RFC 6052 section 2.2, the table of it: prefixes of 96, 64, 56 and 48 bits; bits 64 to 71 hold nothing. */
function localNat64(value: bigint): string[] {
  const bytes = Array.from({ length: 16 }, (_, index) => (value >> BigInt(120 - 8 * index)) & 0xffn);
  return [
    [12, 13, 14, 15],
    [9, 10, 11, 12],
    [7, 9, 10, 11],
    [6, 7, 9, 10],
  ].map((places) => {
    const inner = places.reduce((sum, place) => (sum << 8n) + (bytes[place] ?? 0n), 0n);
    return registeredClass({ bits: 32, value: inner });
  });
}

/** Random addresses as text, most of them in or beside a range that somebody registered. */
export const REGISTERED_RANGES: readonly string[] = [
  ...Object.keys(REGISTERED),
  "::/96",
  "::ffff:0:0/96",
  "::ffff:0:0:0/96",
  "64:ff9b::/96",
  "64:ff9b:1::/48",
  "2001::/32",
  "2002::/16",
  "fe80::5efe:0:0/96",
  "2a00:1:2:3:200:5efe::/96",
];
