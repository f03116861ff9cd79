/**
 * The schema of a rule. The vendor's documents spell rules in three ways: all are read, and one normal form comes out
 * (docs/spec/policy.md, "Older spellings").
 */
import { z } from "zod";
import {
  bodyCheck,
  type Check,
  check,
  conditions,
  givenPresence,
  type PatternSpec,
  pattern,
  when,
} from "./condition-schema.js";
import { id, notes } from "./entity-schema.js";

export const MAX_PRIORITY = 1000;

/** A rule as it may be written. */
export const writtenRule = z.strictObject({
  id: id.optional(),
  effect: z.enum(["allow", "deny"]),
  mode: z
    .enum(["enforce", "observe", "off"])
    .default("enforce")
    .describe("`observe`: decides nothing; what it would have done is recorded."),
  priority: z
    .int()
    .min(0)
    .max(MAX_PRIORITY)
    .default(0)
    .describe("Orders what is reported, never the outcome."),
  host: pattern.optional().describe("The hostname without port."),
  ...conditions,
  body: z.array(bodyCheck).min(1).optional(),
  actor: z.array(check).min(1).optional(),
  when: when.optional(),
  notes: notes.optional(),
  pathPattern: pattern.optional().describe("Older spelling of `path`."),
  pathPresence: givenPresence.optional().describe("Older spelling of `presence` in `path`."),
  headerChecks: z.array(check).min(1).optional().describe("Older spelling of `headers`."),
  queryChecks: z.array(check).min(1).optional().describe("Older spelling of `query`."),
  regexFlags: z
    .string()
    .regex(/^[imsugy]{0,8}$/, "expected any of `i m s u`")
    .optional()
    .describe("Older spelling of `flags`, for all patterns of the rule that have none of their own."),
});

type WrittenRule = z.output<typeof writtenRule>;

const OLD_SPELLINGS = { pathPattern: "path", headerChecks: "headers", queryChecks: "query" } as const;

/** In normal form. */
export type Rule = Omit<WrittenRule, keyof typeof OLD_SPELLINGS | "pathPresence" | "regexFlags">;

export const rule = writtenRule.transform((written, context): Rule => {
  for (const { at, message, help } of spellingFaults(written))
    context.issues.push({ code: "custom", input: written, path: [at], message, params: { help } });
  return normalForm(written);
});

interface SpellingFault {
  readonly at: string;
  readonly message: string;
  readonly help: string;
}

/** A component that is spelled twice could mean either. */
function spellingFaults(written: WrittenRule): SpellingFault[] {
  const faults: SpellingFault[] = [];
  for (const [old, name] of Object.entries(OLD_SPELLINGS) as [keyof typeof OLD_SPELLINGS, "path"][]) {
    if (written[old] === undefined || written[name] === undefined) continue;
    const message = `\`${old}\` is an older spelling of \`${name}\`, and the rule has both`;
    faults.push({ at: old, message, help: `keep \`${name}\` alone` });
  }
  if (written.pathPresence !== undefined && written.pathPattern === undefined) {
    const message = "`pathPresence` belongs to a `pathPattern`, and the rule has none";
    faults.push({ at: "pathPresence", message, help: "write `path: { pattern, presence }`" });
  }
  return faults;
}

function normalForm(written: WrittenRule): Rule {
  const { pathPattern, pathPresence, headerChecks, queryChecks, regexFlags, ...rule } = written;
  const path =
    pathPattern === undefined
      ? rule.path
      : { ...pathPattern, presence: pathPresence ?? ("must_exist" as const) };
  const headers = rule.headers ?? headerChecks;
  const query = rule.query ?? queryChecks;
  const flagged = flagging(regexFlags);
  const named = (check: Check) => ({ ...valued(check, flagged), name: flagged(check.name) });
  return {
    ...rule,
    ...(rule.host && { host: flagged(rule.host) }),
    ...(path && { path: flagged(path) }),
    ...(headers && { headers: headers.map(named) }),
    ...(query && { query: query.map(named) }),
    ...(rule.token && { token: rule.token.map((check) => valued(check, flagged)) }),
    ...(rule.actor && { actor: rule.actor.map(named) }),
    ...(rule.body && {
      body: rule.body.map((check) => ({ ...valued(check, flagged), jsonPath: flagged(check.jsonPath) })),
    }),
  };
}

type Flagged = <T extends PatternSpec>(pattern: T) => T;

function flagging(flags: string | undefined): Flagged {
  return (pattern) => (flags === undefined || pattern.flags !== undefined ? pattern : { ...pattern, flags });
}

function valued<T extends { readonly matchValue?: PatternSpec | undefined }>(check: T, flagged: Flagged): T {
  return check.matchValue === undefined ? check : { ...check, matchValue: flagged(check.matchValue) };
}

/**
 * Where a part of a normal rule stands in the document: `["path"]` as `["pathPattern"]`, say.
 *
 * @param written - the rule, or a filter, as the document has it
 */
export function asWritten(path: readonly string[], written: unknown): readonly string[] {
  const [first, ...rest] = path;
  const fields = Object(written) as Readonly<Record<string, unknown>>;
  if (first === "path" && Object.hasOwn(Object(fields.path), "path")) return [first, "path", ...rest];
  const spelling = Object.entries(OLD_SPELLINGS).find(
    ([old, name]) => name === first && fields[old] !== undefined,
  );
  return spelling === undefined ? path : [spelling[0], ...rest];
}
