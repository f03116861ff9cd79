/** Redaction: a JSON value or a query, and what of it may be recorded. */
import {
  type JsonValue,
  type RedactionOptions,
  redact,
  redactionRules,
  redactQuery,
  splitQuery,
} from "@sallyport/core";
import { expect } from "vitest";
import { z } from "zod";
import { caseFields, defineArea } from "../area.js";

const classes = z.record(z.string(), z.enum(["secret", "pii", "phi", "pan"]));

/** As `redactionRules` takes them; all detectors look where it says nothing. */
const rules = z
  .strictObject({
    detectors: z.array(z.string()).optional(),
    keys: classes.optional(),
    pointers: classes.optional(),
  })
  .default({});

const marks = z.array(
  z.strictObject({
    pointer: z.string(),
    action: z.enum(["redact", "drop"]),
    class: z.enum(["secret", "pii", "phi", "pan"]),
    count: z.int().optional(),
  }),
);

const caseSchema = z.union([
  z.strictObject({
    ...caseFields,
    rules,
    value: z.json(),
    /** `untouched`: the very same value, and no mark. */
    expect: z.union([z.literal("untouched"), z.strictObject({ value: z.json(), marks })]),
  }),
  z.strictObject({
    ...caseFields,
    rules,
    /** Without its `?`; the pairs stand at `/http/url/query` of the record. */
    query: z.string(),
    expect: z.strictObject({ query: z.array(z.tuple([z.string(), z.string()])), marks }),
  }),
]);

type RedactionCase = z.output<typeof caseSchema>;

export const area = defineArea<RedactionCase>({ caseSchema, replay });

function replay(one: RedactionCase): void {
  // The fragments come from a JSON file: unknown detectors are for the function itself to refuse.
  const compiled = redactionRules(one.rules as RedactionOptions);
  if ("query" in one) {
    const pairs = splitQuery(one.query).flatMap(({ pair }) => pair ?? []);
    const { query, marks } = redactQuery(pairs, compiled, "/http/url/query");
    expect({ query: query.map(({ name, value }) => [name, value]), marks }).toEqual(one.expect);
    expect(redactQuery(query, compiled, "/http/url/query")).toEqual({ query, marks: [] });
    return;
  }
  const value = one.value as JsonValue;
  const redacted = redact(value, compiled);
  expect(redacted).toEqual(one.expect === "untouched" ? { value, marks: [] } : one.expect);
  expect(redacted.value === value).toBe(one.expect === "untouched");
  expect(redact(redacted.value, compiled)).toEqual({ value: redacted.value, marks: [] });
}
