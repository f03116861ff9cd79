/** Addresses, ranges and classes against a twin that calculates with big numbers, and against Node's own. */
import { BlockList, isIP, SocketAddress } from "node:net";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { often, runs } from "../runs.reference.js";
import { type BigAddress, bigAddress, bigClass, holds } from "./address.reference.js";
import { classifyAddress } from "./address-class.js";
import { isInRange, readAddressRange } from "./address-range.js";
import { addressVerdict } from "./address-verdict.js";
import { type IpAddress, readIpAddress, withoutMapping } from "./ip-address.js";
import { anyAddress, anyRange, spelled } from "./random-addresses.reference.js";

const seed = fc.nat(15);

const numberOf = (address: IpAddress | undefined): bigint | undefined =>
  address?.words.reduce((sum, word) => (sum << 32n) + BigInt(word), 0n);

const rangeIn = (text: string) => {
  const read = readAddressRange(text);
  return read.ok ? read.range : undefined;
};

/** An address, and a range that often holds it. */
const addressAndRange = fc.oneof(
  fc.tuple(anyAddress, anyRange),
  fc.tuple(anyAddress, fc.nat(128), fc.nat(128)).map(([address, length, flipped]): [BigAddress, string] => {
    const { bits, value } = address;
    const open = BigInt(bits - Math.min(length, bits));
    const other = flipped < bits ? value ^ (1n << BigInt(flipped)) : value;
    return [address, `${spelled({ bits, value: (other >> open) << open }, 0)}/${BigInt(bits) - open}`];
  }),
);

describe("an address", () => {
  it("is the number that its text says, however it is spelled", () => {
    fc.assert(
      fc.property(anyAddress, seed, (address, how) => {
        const text = spelled(address, how);
        expect(isIP(text)).toBe(address.bits === 32 ? 4 : 6);
        expect(bigAddress(text)).toEqual(address);
        expect(numberOf(readIpAddress(text))).toBe(address.value);
      }),
      { numRuns: runs(2000) },
    );
  });

  it("is one to us if it is one to Node", () => {
    const unit = fc.constantFrom(..."0123456789abfAF.::", "::", "ffff", "127", "0", ".");
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 20 }), (text) => {
        expect(readIpAddress(text)?.family ?? 0).toBe(isIP(text));
      }),
      { numRuns: runs(5000) },
    );
  });

  it("that a URL has as its host is read, with the URL's own spelling", () => {
    fc.assert(
      fc.property(anyAddress, seed, (address, how) => {
        const text = spelled(address, how);
        const { hostname } = new URL(address.bits === 32 ? `http://${text}/` : `http://[${text}]/`);
        expect(numberOf(readIpAddress(hostname.replace(/^\[|\]$/g, "")))).toBe(address.value);
      }),
      { numRuns: runs(300) },
    );
  });
});

describe("a range", () => {
  it("holds what the twin says and what Node's block list says", () => {
    let held = 0;
    fc.assert(
      fc.property(addressAndRange, ([address, text]) => {
        const [start = "", length = ""] = text.split("/");
        const mapped = holds("::ffff:0:0/96", bigAddress(start)) && Number(length) >= 96;
        const range = rangeIn(text);
        expect(range === undefined).toBe(mapped);
        const read = readIpAddress(spelled(address, 0));
        if (range === undefined || read === undefined) return;
        const isHeld = isInRange(range, read);
        expect(isHeld).toBe(holds(text, address));
        held += isHeld ? 1 : 0;
        const family = read.family === 4 ? "ipv4" : "ipv6";
        // Node's list reads a mapped address as one of IPv4.
        if (range.family !== read.family || withoutMapping(read) !== read) return;
        const list = new BlockList();
        list.addSubnet(start, Number(length), family);
        expect(list.check(new SocketAddress({ address: spelled(address, 0), family }))).toBe(isHeld);
      }),
      { numRuns: runs(2000) },
    );
    expect(held).toBeGreaterThan(often(100));
  });

  it("whose address has bits behind the prefix is refused, and what the help says to write is read", () => {
    fc.assert(
      fc.property(anyAddress, fc.nat(127), (address, length) => {
        const { bits, value } = address;
        const open = 1n << BigInt(bits - Math.min(length, bits));
        const text = `${spelled(address, 0)}/${Math.min(length, bits)}`;
        const read = readAddressRange(text);
        if (read.ok) expect(value % open).toBe(0n);
        else {
          const [, written = ""] = /`([^`]+)`/.exec(read.help) ?? [];
          expect(rangeIn(written)).toBeDefined();
        }
      }),
      { numRuns: runs(300) },
    );
  });
});

describe("the class of an address", () => {
  it("is that of the twin, however the address is spelled", () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(anyAddress, seed, (address, how) => {
        const found = classifyAddress(spelled(address, how));
        expect(found).toBe(bigClass(address));
        seen.add(found ?? "none");
      }),
      { numRuns: runs(5000) },
    );
    expect(seen.size).toBeGreaterThan(often(13));
  });
});

describe("a verdict", () => {
  const ranges = fc
    .array(anyRange, { maxLength: 3 })
    .map((texts) => texts.flatMap((text) => rangeIn(text) ?? []));

  it("never allows metadata but by a range that is it alone", () => {
    fc.assert(
      fc.property(anyAddress, ranges, fc.boolean(), (address, allowPrivate, allowLoopback) => {
        const text = spelled(address, 0);
        if (classifyAddress(text) !== "metadata") return;
        const wide = allowPrivate.filter(
          ({ family, prefixLength }) => prefixLength < (family === 4 ? 32 : 128),
        );
        expect(addressVerdict(text, { allowPrivate: wide, allowLoopback }).allowed).toBe(false);
      }),
      { numRuns: runs(3000) },
    );
  });

  it("allows no less with one range more", () => {
    fc.assert(
      fc.property(anyAddress, ranges, ranges, fc.boolean(), (address, some, more, allowLoopback) => {
        const text = spelled(address, 0);
        const before = addressVerdict(text, { allowPrivate: some, allowLoopback });
        const after = addressVerdict(text, { allowPrivate: [...more, ...some], allowLoopback });
        expect(after.allowed || !before.allowed).toBe(true);
      }),
      { numRuns: runs(300) },
    );
  });

  it("allows nothing but loopback where loopback is required", () => {
    fc.assert(
      fc.property(anyAddress, ranges, (address, allowPrivate) => {
        const allowed = { allowPrivate, allowLoopback: true, requireLoopback: true };
        const isLoopback =
          holds("127.0.0.0/8", address) || holds("::1", address) || holds("::ffff:127.0.0.0/104", address);
        expect(addressVerdict(spelled(address, 0), allowed).allowed).toBe(isLoopback);
      }),
      { numRuns: runs(300) },
    );
  });
});
