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
  // Each is read once: it may be a getter.
  const { actor, effect, headers, host, id, methods, mode, notes, path, priority, query } = rule;
  if (!isEffect(effect) || !isMode(mode) || !isPriority(priority)) return undefined;
  const read = {
    actor: listOf(actor, plainCheck),
    headers: listOf(headers, plainCheck),
    host: plainPattern(host),
    id: plainText(id, isId),
    methods: listOf(methods, plainMethod),
    notes: plainText(notes, isNotes),
    path: plainPath(path),
    query: listOf(query, plainCheck),
  };
  const areAllRead =
    isRead(actor, read.actor) &&
    isRead(headers, read.headers) &&
    isRead(host, read.host) &&
    isRead(id, read.id) &&
    isRead(methods, read.methods) &&
    isRead(notes, read.notes) &&
    isRead(path, read.path) &&
    isRead(query, read.query);
  if (!areAllRead) return undefined;
  const count =
    countOf(actor, effect, headers, host) +
    countOf(id, methods, mode, notes) +
    countOf(path, priority, query);
  if (!isListed(rule, RULE, count)) return undefined;
  return Object.freeze({
    ...(read.actor && { actor: read.actor }),
    effect,
    ...(read.headers && { headers: read.headers }),
    ...(read.host && { host: read.host }),
    ...(read.id !== undefined && { id: read.id }),
    ...(read.methods && { methods: read.methods }),
    mode: mode ?? "enforce",
    ...(read.notes !== undefined && { notes: read.notes }),
    ...(read.path && { path: read.path }),
    priority: priority ?? 0,
    ...(read.query && { query: read.query }),
  });
}

/** Whether an object lists as many fields as were found by these names, and no other. */
function isListed(written: Written, names: ReadonlySet<string>, found: number): boolean {
  let count = found;
  for (const name in written) {
    if (!names.has(name)) return false;
    count--;
  }
  return count === 0;
}

/** Whether something came of a field, if it is there. */
function isRead(given: unknown, read: unknown): boolean {
  return (given === undefined) === (read === undefined);
}

/** How many of them there are. No list: rules come by the ten thousand. */
function countOf(first: unknown, second: unknown, third: unknown, fourth?: unknown): number {
  return (
    Number(first !== undefined) +
    Number(second !== undefined) +
    Number(third !== undefined) +
    Number(fourth !== undefined)
  );
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
  if (!isPresence(written) || !isRead(given, matchValue)) return undefined;
  if (!isListed(check, CHECK, countOf(given, name, written))) return undefined;
  const presence = toPresence(written ?? "must_exist");
  return Object.freeze(matchValue === undefined ? { name, presence } : { matchValue, name, presence });
}

function plainPath(value: unknown): PathCheck | undefined {
  if (typeof value === "string") return Object.freeze({ pattern: value, presence: "must_exist" });
  const path = objectOf(value);
  if (path === undefined) return undefined;
  const { flags, pattern, presence: written } = path;
  if (typeof pattern !== "string" || !isFlags(flags) || !isPresence(written)) return undefined;
  if (!isListed(path, PATH, countOf(flags, pattern, written))) return undefined;
  const presence = toPresence(written ?? "must_exist");
  return Object.freeze(flags === undefined ? { pattern, presence } : { flags, pattern, presence });
}

function plainPattern(value: unknown): PatternSpec | undefined {
  if (typeof value === "string") return Object.freeze({ pattern: value });
  const spec = objectOf(value);
  if (spec === undefined) return undefined;
  const { flags, pattern } = spec;
  if (typeof pattern !== "string" || !isFlags(flags)) return undefined;
  if (!isListed(spec, PATTERN, countOf(flags, pattern, undefined))) return undefined;
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
