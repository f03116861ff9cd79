/** When a proxy sends a request again (docs/spec/transport.md, "Retry"). */
import { z } from "zod";

/** Idempotent by RFC 9110 section 9.2.2, and what an idempotency key makes so. */
const METHODS = ["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "POST", "PATCH"] as const;

/** A call must not hold its caller for long without a word. */
const MAX_DELAY_MS = 60_000;

export const retry = z
  .strictObject({
    maxAttempts: z
      .int()
      .min(2)
      .max(10)
      .default(3)
      .describe("How often it is sent at most, the first time included."),
    methods: z
      .array(z.enum(METHODS))
      .min(1)
      .default(["GET", "HEAD", "OPTIONS"])
      .describe("`POST` and `PATCH` are sent again only with an `idempotency-key` header."),
    statuses: z
      .array(z.int().min(400).max(599))
      .default([429, 502, 503, 504])
      .describe("Answers after which it is sent again."),
    networkErrors: z.boolean().default(true).describe("Whether it is sent again when no answer comes."),
    delayMs: z
      .int()
      .min(1)
      .max(MAX_DELAY_MS)
      .default(250)
      .describe("Before the second time at most; doubled before each time after it."),
    maxDelayMs: z
      .int()
      .min(1)
      .max(MAX_DELAY_MS)
      .default(20_000)
      .describe("No wait is longer. Where `retry-after` asks for more, it is not sent again."),
  })
  .refine(({ statuses, networkErrors }) => statuses.length > 0 || networkErrors, {
    message: "nothing is left after which a request is sent again",
    path: ["statuses"],
  })
  .refine(({ delayMs, maxDelayMs }) => delayMs <= maxDelayMs, {
    message: "the first wait is longer than `maxDelayMs`",
    path: ["delayMs"],
  });
