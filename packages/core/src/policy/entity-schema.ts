/** What every level of the document writes in the same way. */
import { z } from "zod";

const RESERVED_IDS = new Set(["clients", "users", "notifications", "async"]);

export const id = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/,
    "an id has 1 to 64 of `A-Z a-z 0-9 _ -` and starts with a letter or digit",
  )
  .refine((value) => !RESERVED_IDS.has(value), "this id is reserved");

export const notes = z.string().max(2000).describe("For people. Part of the policy's hash, never matched.");
