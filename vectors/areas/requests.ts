/** The canonical form of a request: how a URL, a method and headers are read before anything is decided. */
import { canonicalRequest } from "@sallyport/core";
import { expect } from "vitest";
import { z } from "zod";
import { caseFields, defineArea } from "../area.js";

const expected = z.strictObject({
  url: z.string().optional(),
  method: z.string().optional(),
  origin: z.string().optional(),
  host: z.string().optional(),
  path: z.string().optional(),
  decodedPath: z.string().optional(),
  query: z.string().optional(),
  queryPairs: z.array(z.strictObject({ name: z.string(), value: z.string() })).optional(),
  headers: z.record(z.string(), z.string()).optional(),
  /** Always compared, so that no case overlooks one. */
  ambiguities: z.array(z.string()).default([]),
  overrides: z.array(z.string()).default([]),
  refusal: z.string().optional(),
});

const caseSchema = z.strictObject({
  ...caseFields,
  request: z.strictObject({
    url: z.string(),
    /** Parse the URL first, as a caller does who passes a `URL` object. */
    parsed: z.boolean().default(false),
    method: z.string().default("GET"),
    headers: z.array(z.tuple([z.string(), z.string()])).default([]),
  }),
  /** `null`: no request at all, the URL cannot be parsed. */
  expect: expected.nullable(),
});

type Case = z.output<typeof caseSchema>;

export const area = defineArea<Case>({
  caseSchema,
  replay({ request: { parsed, url, ...rest }, expect: wanted }) {
    const request = canonicalRequest({ ...rest, url: parsed ? new URL(url) : url });
    if (wanted === null) {
      expect(request).toBeUndefined();
      return;
    }
    const headers = Object.fromEntries(request?.headers ?? []);
    // None more than the case has.
    expect(headers).toEqual(wanted.headers ?? headers);
    expect({ refusal: undefined, ...request, headers }).toMatchObject({
      refusal: undefined,
      ...wanted,
    });
  },
});
