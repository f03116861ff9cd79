/** The schema of what rules and filters look at: patterns, checks, times. */
import { z } from "zod";
import { MAX_CLAIM_PARTS } from "./claims.js";
import { DAYS, isTime, whenFaults } from "./when.js";

const METHOD = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

export function isMethod(text: string): boolean {
  return METHOD.test(text);
}

const methods = z
  .array(z.string().regex(METHOD, "a method is a token such as `GET`"))
  .min(1, "an empty list matches nothing: leave `methods` out to match all")
  .describe("Compared without case. Omitted: all.");

/** `present` and `absent` are the vendor's older words for the same. */
const presenceWord = z.enum(["must_exist", "must_not_exist", "present", "absent"]);

export type PresenceWord = z.output<typeof presenceWord>;

export const toPresence = (word: PresenceWord) =>
  word === "present" ? "must_exist" : word === "absent" ? "must_not_exist" : word;

export const givenPresence = presenceWord.transform(toPresence);

const presence = presenceWord.default("must_exist").transform(toPresence);

export const MAX_FLAGS = 8;

export const patternFields = {
  pattern: z.string().describe("A regular expression, search semantics, evaluated in linear time."),
  flags: z.string().max(MAX_FLAGS).optional().describe("Any of `i m s u`."),
};

const toPattern = (value: string | { pattern: string; flags?: string | undefined }) =>
  typeof value === "string" ? { pattern: value } : value;

export const pattern = z.union([z.string(), z.strictObject(patternFields)]).transform(toPattern);

/** The vendor's second generation wraps the pattern. */
export const nestedPath = z.strictObject({
  path: pattern.describe("Older spelling of `{ pattern, flags, presence }`."),
  presence,
});

const pathCheck = z
  .union([z.string(), z.strictObject({ ...patternFields, presence }), nestedPath])
  .transform((value) => {
    if (typeof value === "string") return { pattern: value, presence: "must_exist" as const };
    return "path" in value ? { ...value.path, presence: value.presence } : value;
  })
  .describe("What follows the target's base path, always starting with `/`.");

export const check = z.strictObject({ name: pattern, matchValue: pattern.optional(), presence });

const claim = z
  .string()
  .min(1)
  .max(256)
  .refine(
    (path) => path.split(".").length <= MAX_CLAIM_PARTS,
    `a claim's path has at most ${MAX_CLAIM_PARTS} parts`,
  );

export const tokenCheck = z.strictObject({
  claim: claim.describe("Dotted path of a verified claim."),
  matchValue: pattern.optional(),
  presence,
});

export const bodyCheck = z.strictObject({
  jsonPath: pattern.describe("A regular expression over path text such as `$.items[0].ssn`."),
  matchValue: pattern.optional(),
  presence,
});

const time = z
  .string()
  .refine(isTime, "expected a time of day such as `09:30`, or an instant such as `2026-01-31T09:30:00Z`");

export const writtenWhen = z.strictObject({
  from: time.optional().describe("A local time of day, or an RFC 3339 instant. Inclusive."),
  to: time.optional().describe("As `from`. Exclusive."),
  days: z.array(z.enum(DAYS)).min(1).optional().describe("Local days on which the window begins."),
  timeZone: z.string().max(64).optional().describe("IANA name. Omitted: UTC."),
});

export const when = writtenWhen.transform((value, context) => {
  // What follows from a misspelt field is no fault of its own.
  if (context.issues.length > 0) return value;
  for (const { at, message, help } of whenFaults(value)) {
    const path = at === undefined ? [] : [at];
    context.issues.push({ code: "custom", input: value, path, message, params: { help } });
  }
  return value;
});

/** The components that rules and filters share. They AND together. */
export const conditions = {
  methods: methods.optional(),
  path: pathCheck.optional(),
  headers: z.array(check).min(1).optional(),
  query: z.array(check).min(1).optional(),
  token: z.array(tokenCheck).min(1).optional(),
};

export type PatternSpec = z.output<typeof pattern>;
export type PathCheck = z.output<typeof pathCheck>;
export type Check = z.output<typeof check>;
export type TokenCheck = z.output<typeof tokenCheck>;
export type BodyCheck = z.output<typeof bodyCheck>;
