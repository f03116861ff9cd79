/** Test-only: random addresses and ranges as text, most of them in or beside a range that somebody registered. */
import fc from "fast-check";
import { type BigAddress, bigAddress, REGISTERED_RANGES } from "./address.reference.js";

const isIpv4 = (range: string) => !range.includes(":");
const IPV4_RANGES = REGISTERED_RANGES.filter(isIpv4);

/** A number of the family: inside one of the ranges, one step outside, or anywhere. */
function near(ranges: readonly string[]): fc.Arbitrary<BigAddress> {
  return fc
    .tuple(
      fc.constantFrom(...ranges),
      fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }),
      fc.integer({ min: 0, max: 4 }),
    )
    .map(([range, random, where]) => {
      const [text = "", length = ""] = range.split("/");
      const { bits, value } = bigAddress(text);
      const size = 2n ** BigInt(bits - Number(length));
      const whole = 2n ** BigInt(bits);
      const places = [value + (random % size), value, value + size - 1n, value - 1n, value + size];
      return { bits, value: ((places[where] ?? 0n) + whole) % whole };
    });
}

const ipv4: fc.Arbitrary<BigAddress> = fc.oneof(
  near(IPV4_RANGES),
  fc.bigInt({ min: 0n, max: 2n ** 32n - 1n }).map((value) => ({ bits: 32, value }) as const),
);

/** An IPv4 address where each kind of IPv6 address would carry one. */
const carrying: fc.Arbitrary<BigAddress> = fc
  .tuple(
    ipv4,
    ipv4,
    fc.constantFrom<(inner: bigint, other: bigint) => bigint>(
      (inner) => 0xffff_0000_0000n + inner,
      (inner) => inner,
      (inner) => 0xffff_0000_0000_0000n + inner,
      (inner) => (0x64_ff9bn << 96n) + inner,
      (inner) => (0x64_ff9b_0001n << 80n) + inner,
      (inner) => (0x64_ff9b_0001n << 80n) + (inner << 24n),
      (inner) => (0x64_ff9b_0001n << 80n) + ((inner >> 24n) << 64n) + ((inner & 0xff_ffffn) << 32n),
      (inner) => (0x64_ff9b_0001n << 80n) + ((inner >> 16n) << 64n) + ((inner & 0xffffn) << 40n),
      (inner, other) => (0x2002n << 112n) + (inner << 80n) + other,
      (inner, other) => (0x2001n << 112n) + (other << 64n) + (inner ^ 0xffff_ffffn),
      (inner, other) => (0x2a00n << 112n) + (other << 64n) + (0x5efen << 32n) + inner,
      (inner) => (0xfe80n << 112n) + (0x200_5efen << 32n) + inner,
    ),
  )
  .map(([inner, other, put]) => ({ bits: 128, value: put(inner.value, other.value) }));

export const anyAddress: fc.Arbitrary<BigAddress> = fc.oneof(
  ipv4,
  carrying,
  near(REGISTERED_RANGES.filter((range) => !isIpv4(range))),
  fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }).map((value) => ({ bits: 128, value }) as const),
);

/** One of the spellings of an address: `seed` chooses the gap, the case, zeros in front and a dotted end. */
export function spelled({ bits, value }: BigAddress, seed: number): string {
  const parts = (count: number, width: bigint, radix: number, of = value) =>
    Array.from({ length: count }, (_, i) =>
      ((of >> (width * BigInt(count - 1 - i))) & (2n ** width - 1n)).toString(radix),
    );
  if (bits === 32) return parts(4, 8n, 10).join(".");
  const groups = parts(8, 16n, 16).map((group) => (seed & 1 ? group.padStart(4, "0") : group));
  const dotted =
    seed & 2 ? [...groups.slice(0, 6), parts(4, 8n, 10, value & 0xffff_ffffn).join(".")] : groups;
  const text = dotted.join(":");
  const gap =
    seed & 4 ? text.replace(/(?:^|:)0{1,4}(?::0{1,4})*(?:$|:(?!\d*\.\d*\.\d*\.\d*$)|:(?=\d))/, "::") : text;
  return seed & 8 ? gap.toUpperCase() : gap;
}

/** A range that starts where it says, most of them wide. */
export const anyRange: fc.Arbitrary<string> = fc
  .tuple(anyAddress, fc.double({ min: 0, max: 1, noNaN: true }))
  .map(([{ bits, value }, part]) => {
    const length = Math.round(part * bits);
    const open = BigInt(bits - length);
    return `${spelled({ bits, value: (value >> open) << open }, 0)}/${length}`;
  });
