/** Whether a connection to an address is allowed. */
import { type AddressClass, classOf, isLoopback } from "./address-class.js";
import { type AddressRange, addressBits, isInRange } from "./address-range.js";
import { type IpAddress, readIpAddress, withoutMapping } from "./ip-address.js";

/** What a target says of the addresses that it may have. */
export interface AllowedAddresses {
  /** Ranges that are opened beside public addresses; `network.allowPrivate`. */
  readonly allowPrivate: readonly AddressRange[];
  /** Whether `127.0.0.0/8` and `::1` are opened too. */
  readonly allowLoopback: boolean;
  /**
   * Whether nothing but loopback is: for a base URL on `localhost`, which a resolver may lead elsewhere.
   * @default false
   */
  readonly requireLoopback?: boolean;
}

export type AddressVerdict =
  | { readonly allowed: true; readonly class: AddressClass }
  | {
      readonly allowed: false;
      /** `invalid`: what was given is no address. */
      readonly class: AddressClass | "invalid";
      /** A sentence for people, without a full stop. Names the address. */
      readonly reason: string;
    };

/**
 * Decides on one address, as it will be dialled or as it was connected to. An IPv4-mapped address is its IPv4 address.
 * Other addresses that carry an IPv4 address are of its class, but are opened only by a range that holds themselves: what
 * is behind a translator is not the network that the range meant.
 *
 * @param text - as {@link readIpAddress} takes it
 * @see docs/spec/network.md
 */
export function addressVerdict(text: string, allowed: AllowedAddresses): AddressVerdict {
  const read = readIpAddress(text);
  if (read === undefined) {
    return { allowed: false, class: "invalid", reason: "what should be connected to is no address" };
  }
  const address = withoutMapping(read);
  const addressClass = classOf(address);
  const refused = (reason: string) => ({ allowed: false, class: addressClass, reason }) as const;
  if (allowed.requireLoopback && !isLoopback(address)) {
    return refused(`the base URL is on loopback, and \`${text}\` is not`);
  }
  const isOwn = isLoopback(address) && (allowed.allowLoopback || allowed.requireLoopback === true);
  if (addressClass === "public" || isOwn) return { allowed: true, class: addressClass };
  if (NEEDS_EXACT.has(addressClass)) {
    return allowed.allowPrivate.some((range) => isExactly(range, address))
      ? { allowed: true, class: addressClass }
      : refused(`\`${text}\` is ${NAMES[addressClass]}, and \`network.allowPrivate\` does not list it alone`);
  }
  return allowed.allowPrivate.some((range) => isInRange(range, address))
    ? { allowed: true, class: addressClass }
    : refused(`\`${text}\` is ${NAMES[addressClass]}, and \`network.allowPrivate\` does not list it`);
}

/** No range that was meant for something else opens these: the one gives away secrets, the other is this machine. */
const NEEDS_EXACT: ReadonlySet<AddressClass> = new Set(["metadata", "unspecified"]);

function isExactly(range: AddressRange, address: IpAddress): boolean {
  return range.prefixLength === addressBits(range.family) && isInRange(range, address);
}

const NAMES: Readonly<Record<AddressClass, string>> = {
  public: "a public address",
  loopback: "a loopback address",
  private: "a private address",
  link_local: "a link-local address",
  metadata: "an address of a cloud's metadata service",
  cgnat: "an address shared by a provider's customers",
  multicast: "a multicast address",
  broadcast: "the broadcast address",
  unspecified: "the unspecified address",
  unique_local: "a unique local address",
  site_local: "a site-local address",
  documentation: "an address for documentation",
  benchmarking: "an address for benchmarks",
  reserved: "a reserved address",
};
