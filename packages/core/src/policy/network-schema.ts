/** What a target says of its connections: which addresses, which TLS, and how long and how much. */
import { z } from "zod";

/** A day, which a timer still takes. */
const MAX_TOTAL_MS = 24 * 60 * 60 * 1000;
const MAX_IDLE_MS = 60 * 60 * 1000;
const MAX_CONNECT_MS = 10 * 60 * 1000;

/** Of one text of certificates: the bundles that systems trust are smaller. */
const MAX_CA_CHARACTERS = 512 * 1024;

export const network = z.strictObject({
  allowPrivate: z
    .array(z.string())
    .max(1000)
    .default([])
    .describe("Addresses and ranges such as `10.1.0.0/16` that may be connected to beside public ones."),
  allowInsecure: z
    .boolean()
    .default(false)
    .describe("The base URL may begin with `http:` though it is not on loopback."),
  proxy: z
    .string()
    .optional()
    .describe("`env`: the proxy that the environment names. Else the URL of one. Omitted: none."),
});

const certificates = z.string().max(MAX_CA_CHARACTERS);

export const tls = z.strictObject({
  minVersion: z
    .enum(["TLSv1.2", "TLSv1.3"])
    .default("TLSv1.2")
    .describe("Servers that offer only older versions are refused."),
  ca: z
    .union([certificates, z.array(certificates).min(1).max(100)])
    .transform((value) => (typeof value === "string" ? [value] : value))
    .optional()
    .describe("Certificates in PEM form that are trusted beside those that Node trusts."),
});

const duration = (most: number) => z.int().min(1).max(most);

export const limits = z.strictObject({
  connectTimeoutMs: duration(MAX_CONNECT_MS)
    .default(10_000)
    .describe("Until the connection is there, TLS included."),
  headersTimeoutMs: duration(MAX_IDLE_MS)
    .default(60_000)
    .describe("From the end of the request to the headers of the response."),
  bodyIdleTimeoutMs: duration(MAX_IDLE_MS)
    .default(120_000)
    .describe("Between two pieces of the response's body."),
  totalTimeoutMs: duration(MAX_TOTAL_MS)
    .optional()
    .describe("For the whole call, to the end of the body. Omitted: no such limit."),
  maxHeaderBytes: z
    .int()
    .min(1024)
    .max(1024 * 1024)
    .default(16 * 1024)
    .describe("Of all headers of the response together."),
  maxHeaders: z.int().min(1).max(10_000).default(200).describe("How many headers the response may have."),
  maxResponseBytes: z
    .int()
    .min(1)
    .optional()
    .describe("Of the response's body, after content codings are taken off. Omitted: no such limit."),
  maxDecompressionRatio: z
    .int()
    .min(1)
    .max(100_000)
    .default(200)
    .describe("How many times as many bytes a body may have after decoding, once it has 10 MiB."),
});
