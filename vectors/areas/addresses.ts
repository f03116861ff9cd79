/** Addresses: their class, what a range holds, and whether a connection is allowed. */
import { addressVerdict, classifyAddress, readAddressRange } from "@sallyport/core";
import { expect } from "vitest";
import { z } from "zod";
import { caseFields, defineArea } from "../area.js";

const caseSchema = z.union([
  z.strictObject({
    ...caseFields,
    address: z.string(),
    /** `null`: it is no address. */
    class: z.string().nullable(),
    /** What the target allows. */
    allowPrivate: z.array(z.string()).default([]),
    allowLoopback: z.boolean().default(false),
    requireLoopback: z.boolean().default(false),
    /** Left out: only public addresses are. */
    allowed: z.boolean().optional(),
    reason: z.string().optional(),
  }),
  z.strictObject({
    ...caseFields,
    range: z.string(),
    holds: z.array(z.string()).min(1),
    excludes: z.array(z.string()).min(1),
  }),
  z.strictObject({ ...caseFields, range: z.string(), error: z.string(), help: z.string() }),
]);

type AddressCase = z.output<typeof caseSchema>;

export const area = defineArea<AddressCase>({ caseSchema, replay });

function replay(one: AddressCase): void {
  if ("error" in one) {
    expect(readAddressRange(one.range)).toEqual({ ok: false, message: one.error, help: one.help });
    return;
  }
  if ("range" in one) {
    const allowed = { allowPrivate: [rangeOf(one.range)], allowLoopback: false };
    const held = (address: string) => addressVerdict(address, allowed).allowed;
    // A public address is allowed anyway.
    for (const address of [...one.holds, ...one.excludes])
      expect(classifyAddress(address)).not.toBe("public");
    expect(one.holds.filter((address) => !held(address))).toEqual([]);
    expect(one.excludes.filter(held)).toEqual([]);
    return;
  }
  expect(classifyAddress(one.address)).toBe(one.class ?? undefined);
  const { allowLoopback, requireLoopback } = one;
  const verdict = addressVerdict(one.address, {
    ...{ allowPrivate: one.allowPrivate.map(rangeOf), allowLoopback, requireLoopback },
  });
  expect(verdict.class).toBe(one.class ?? "invalid");
  expect(verdict.allowed).toBe(one.allowed ?? one.class === "public");
  if (one.reason !== undefined) expect(verdict).toMatchObject({ reason: one.reason });
}

function rangeOf(text: string) {
  const read = readAddressRange(text);
  if (!read.ok) throw new Error(`the vector has a bad range: ${read.message}`);
  return read.range;
}
