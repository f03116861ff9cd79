/**
 * What kind of address an address is, by the IANA registries of special-purpose addresses (RFC 6890, RFC 8190, and what
 * was registered since). Where a registry leaves a doubt, the class is the one that a guard blocks.
 */
import { type AddressRange, isInRange } from "./address-range.js";
import { embeddedIpv4, rangeOf } from "./embedded-ipv4.js";
import { type IpAddress, readIpAddress, withoutMapping } from "./ip-address.js";
import { METADATA_ADDRESSES } from "./metadata-addresses.js";

export type AddressClass =
  /** Reachable from everywhere. The only class that needs no permission. */
  | "public"
  /** This machine. */
  | "loopback"
  /** RFC 1918. */
  | "private"
  /** One link, or the machine itself. */
  | "link_local"
  /** A service of a cloud that tells a machine its identity and secrets. */
  | "metadata"
  /** Between a provider and its customers (RFC 6598). */
  | "cgnat"
  | "multicast"
  | "broadcast"
  /** No address at all; to many systems another name for this machine. */
  | "unspecified"
  /** IPv6's counterpart of private addresses (RFC 4193). */
  | "unique_local"
  /** Its deprecated predecessor (RFC 3879). */
  | "site_local"
  | "documentation"
  | "benchmarking"
  /** For protocols, for the future, or not given out. */
  | "reserved";

/**
 * The class of an address as text, in the forms that {@link readIpAddress} takes. One that carries an IPv4 address
 * (mapped, compatible, NAT64, 6to4, Teredo, ISATAP) has the class of that, unless its own is not `public`; if any address
 * in it is one of metadata, it is.
 *
 * @returns `undefined` for what is no address, such as a name, `127.1`, `010.0.0.1` or `[::1]`
 * @see docs/spec/network.md
 */
export function classifyAddress(text: string): AddressClass | undefined {
  const address = readIpAddress(text);
  return address === undefined ? undefined : classOf(withoutMapping(address));
}

/** @param address - not IPv4-mapped */
export function classOf(address: IpAddress): AddressClass {
  const own = ownClass(address);
  const carried = embeddedIpv4(address).map((word) => ownClass({ family: 4, words: [word] }));
  if (carried.includes("metadata")) return "metadata";
  return own === "public" ? (carried.find((one) => one !== "public") ?? own) : own;
}

/** Whether it is this machine itself, and not an address that carries such a one to a translator. */
export function isLoopback(address: IpAddress): boolean {
  return LOOPBACK.some((range) => isInRange(range, address));
}

const LOOPBACK: readonly AddressRange[] = [rangeOf("127.0.0.0/8"), rangeOf("::1")];

function ownClass(address: IpAddress): AddressClass {
  const classes = address.family === 4 ? IPV4_CLASSES : IPV6_CLASSES;
  for (const [range, addressClass] of classes) if (isInRange(range, address)) return addressClass;
  return address.family === 4 ? "public" : "reserved";
}

/** The first that holds an address says its class. */
const IPV4_CLASSES = classTable([
  ["0.0.0.0", "unspecified"],
  ["0.0.0.0/8", "reserved"],
  ["10.0.0.0/8", "private"],
  ["100.64.0.0/10", "cgnat"],
  ["127.0.0.0/8", "loopback"],
  ["169.254.0.0/16", "link_local"],
  ["172.16.0.0/12", "private"],
  // With 192.0.0.9 and 192.0.0.10, which are reachable, and lead to services of the network and not to an API.
  ["192.0.0.0/24", "reserved"],
  ["192.0.2.0/24", "documentation"],
  ["192.88.99.0/24", "reserved"],
  ["192.168.0.0/16", "private"],
  ["198.18.0.0/15", "benchmarking"],
  ["198.51.100.0/24", "documentation"],
  ["203.0.113.0/24", "documentation"],
  ["224.0.0.0/4", "multicast"],
  ["255.255.255.255", "broadcast"],
  ["240.0.0.0/4", "reserved"],
]);

/** As for IPv4; what none of them holds has not been given out. What only carries IPv4 counts as public here. */
const IPV6_CLASSES = classTable([
  ["::", "unspecified"],
  ["::1", "loopback"],
  ["::/96", "public"],
  ["64:ff9b::/96", "public"],
  ["2001::/32", "public"],
  ["2001:2::/48", "benchmarking"],
  // With the assignments in it that are reachable: anycast of the network itself, and identifiers that are no addresses.
  ["2001::/23", "reserved"],
  ["2001:db8::/32", "documentation"],
  ["3fff::/20", "documentation"],
  ["2000::/3", "public"],
  ["fc00::/7", "unique_local"],
  ["fe80::/10", "link_local"],
  ["fec0::/10", "site_local"],
  ["ff00::/8", "multicast"],
]);

type ClassTable = readonly (readonly [AddressRange, AddressClass])[];

function classTable(entries: readonly (readonly [text: string, addressClass: AddressClass])[]): ClassTable {
  const [{ family } = { family: 4 }] = entries.map(([text]) => rangeOf(text));
  const metadata = METADATA_ADDRESSES.map(rangeOf).filter((range) => range.family === family);
  return [
    ...metadata.map((range) => [range, "metadata"] as const),
    ...entries.map(([text, addressClass]) => [rangeOf(text), addressClass] as const),
  ];
}
