/** What every level of the document writes in the same way. */
import { z } from "zod";

const RESERVED_IDS = new Set(["clients", "users", "notifications", "async"]);

const ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

export const id = z
  .string()
  .regex(ID, "an id has 1 to 64 of `A-Z a-z 0-9 _ -` and starts with a letter or digit")
  .refine((value) => !RESERVED_IDS.has(value), "this id is reserved");

/** Whether {@link id} takes the text. */
export function isId(text: string): boolean {
  return ID.test(text) && !RESERVED_IDS.has(text);
}

export const MAX_NOTES = 2000;

export const notes = z
  .string()
  .max(MAX_NOTES)
  .describe("For people. Part of the policy's hash, never matched.");
