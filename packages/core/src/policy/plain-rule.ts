/**
 * Rules in the form in which nearly all are written, read without the schema: a policy may have them by the ten
 * thousand. What comes out is what the schema makes of them (`plain-rule.prop.test.ts`), frozen and with its names in
 * order. Whatever is written otherwise, or wrong, is left to the schema.
 */
import {
  type Check,
  isMethod,
  MAX_FLAGS,
  type PathCheck,
  type PatternSpec,
  type PresenceWord,
  toPresence,
} from "./condition-schema.js";
import { isId, MAX_NOTES } from "./entity-schema.js";
import { MAX_PRIORITY, type Rule } from "./rule-schema.js";

/** Read by the names by which the schema reads it, and each once. */
type Written = Readonly<Record<string, unknown>>;

const RULE: ReadonlySet<string> = new Set(
  "actor effect headers host id methods mode notes path priority query".split(" "),
);
const CHECK: ReadonlySet<string> = new Set(["matchValue", "name", "presence"]);
const PATH: ReadonlySet<string> = new Set(["flags", "pattern", "presence"]);
const PATTERN: ReadonlySet<string> = new Set(["flags", "pattern"]);

/** @returns `undefined` for the schema to read */
export function plainRule(value: unknown): Rule | undefined {
  const rule = objectOf(value);
  if (rule === undefined || hasOthers(rule)) return undefined;
  const { effect, mode, priority } = rule;
  if (!isEffect(effect) || !isMode(mode) || !isPriority(priority)) return undefined;
  const given = [
    rule.actor,
    rule.headers,
    rule.host,
    rule.id,
    rule.methods,
    rule.notes,
    rule.path,
    rule.query,
  ];
  const actor = listOf(given[0], plainCheck);
  const headers = listOf(given[1], plainCheck);
  const host = plainPattern(given[2]);
  const id = plainText(given[3], isId);
  const methods = listOf(given[4], plainMethod);
  const notes = plainText(given[5], isNotes);
  const path = plainPath(given[6]);
  const query = listOf(given[7], plainCheck);
  if (!isRead(given, [actor, headers, host, id, methods, notes, path, query])) return undefined;
  if (!isListed(rule, RULE, [effect, mode, priority, ...given])) return undefined;
  return Object.freeze({
    ...(actor && { actor }),
    effect,
    ...(headers && { headers }),
    ...(host && { host }),
    ...(id !== undefined && { id }),
    ...(methods && { methods }),
    mode: mode ?? "enforce",
    ...(notes !== undefined && { notes }),
    ...(path && { path }),
    priority: priority ?? 0,
    ...(query && { query }),
  });
}

/** Whether an object lists as many fields as were found by these names, and no other. */
function isListed(written: Written, names: ReadonlySet<string>, given: readonly unknown[]): boolean {
  let count = countOf(given);
  for (const name in written) {
    if (!names.has(name)) return false;
    count--;
  }
  return count === 0;
}

/** Whether something came of each field that there is. */
function isRead(given: readonly unknown[], read: readonly unknown[]): boolean {
  return countOf(given) === countOf(read);
}

function countOf(values: readonly unknown[]): number {
  let count = 0;
  for (const one of values) if (one !== undefined) count++;
  return count;
}

/** What the schema reads of a rule beside these, however it is there. */
function hasOthers(rule: Written): boolean {
  return !(
    rule.body === undefined &&
    rule.token === undefined &&
    rule.when === undefined &&
    rule.pathPattern === undefined &&
    rule.pathPresence === undefined &&
    rule.headerChecks === undefined &&
    rule.queryChecks === undefined &&
    rule.regexFlags === undefined
  );
}

/** A plain object, as JSON has them. */
function objectOf(value: unknown): Written | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null ? (value as Written) : undefined;
}

function listOf<T>(value: unknown, read: (entry: unknown) => T | undefined): T[] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const entries: T[] = [];
  for (let index = 0; index < value.length; index++) {
    const entry = read(value[index]);
    if (entry === undefined) return undefined;
    entries.push(entry);
  }
  return Object.freeze(entries) as T[];
}

function plainCheck(value: unknown): Check | undefined {
  const check = objectOf(value);
  const name = plainPattern(check?.name);
  if (check === undefined || name === undefined) return undefined;
  const { matchValue: given, presence: written } = check;
  const matchValue = plainPattern(given);
  if (!isPresence(written) || !isRead([given], [matchValue])) return undefined;
  if (!isListed(check, CHECK, [given, name, written])) return undefined;
  const presence = toPresence(written ?? "must_exist");
  return Object.freeze(matchValue === undefined ? { name, presence } : { matchValue, name, presence });
}

function plainPath(value: unknown): PathCheck | undefined {
  if (typeof value === "string") return Object.freeze({ pattern: value, presence: "must_exist" });
  const path = objectOf(value);
  if (path === undefined) return undefined;
  const { flags, pattern, presence: written } = path;
  if (typeof pattern !== "string" || !isFlags(flags) || !isPresence(written)) return undefined;
  if (!isListed(path, PATH, [flags, pattern, written])) return undefined;
  const presence = toPresence(written ?? "must_exist");
  return Object.freeze(flags === undefined ? { pattern, presence } : { flags, pattern, presence });
}

function plainPattern(value: unknown): PatternSpec | undefined {
  if (typeof value === "string") return Object.freeze({ pattern: value });
  const spec = objectOf(value);
  if (spec === undefined) return undefined;
  const { flags, pattern } = spec;
  if (typeof pattern !== "string" || !isFlags(flags)) return undefined;
  if (!isListed(spec, PATTERN, [flags, pattern])) return undefined;
  return Object.freeze(flags === undefined ? { pattern } : { flags, pattern });
}

function plainText(value: unknown, isRight: (text: string) => boolean): string | undefined {
  return typeof value === "string" && isRight(value) ? value : undefined;
}

function plainMethod(value: unknown): string | undefined {
  return plainText(value, isMethod);
}

const isNotes = (text: string) => text.length <= MAX_NOTES;

function isFlags(value: unknown): value is string | undefined {
  return value === undefined || (typeof value === "string" && value.length <= MAX_FLAGS);
}

function isEffect(value: unknown): value is Rule["effect"] {
  return value === "allow" || value === "deny";
}

function isMode(value: unknown): value is Rule["mode"] | undefined {
  return value === undefined || value === "enforce" || value === "observe" || value === "off";
}

function isPresence(value: unknown): value is PresenceWord | undefined {
  return (
    value === undefined ||
    value === "must_exist" ||
    value === "must_not_exist" ||
    value === "present" ||
    value === "absent"
  );
}

function isPriority(value: unknown): value is number | undefined {
  return (
    value === undefined || (Number.isInteger(value) && 0 <= Number(value) && Number(value) <= MAX_PRIORITY)
  );
}
