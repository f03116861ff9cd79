/**
 * Canonical JSON (RFC 8785): members sorted by UTF-16 code units, no white space. One value has one text, so that a
 * hash of it means something.
 */
import { quoted } from "./json-text.js";

export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue | undefined };

/** Deeper values have no text. A bound, not a loop without one: what holds itself has no end. */
const MAX_DEPTH = 1000;

/**
 * Members whose value is `undefined` are left out.
 *
 * @throws TypeError for a number that JSON cannot hold, and for a value of more than 1,000 levels or that holds itself
 */
export function canonicalJson(value: JsonValue): string {
  return isInOrder(value, MAX_ORDERED_DEPTH) ? JSON.stringify(value) : textOf(value, 0);
}

function textOf(value: JsonValue, depth: number): string {
  if (typeof value === "string") return quoted(value);
  if (typeof value === "number" && !Number.isFinite(value)) throw new TypeError("a JSON number is finite");
  if (typeof value !== "object" || value === null) return String(value);
  if (depth === MAX_DEPTH)
    throw new TypeError(`the value is nested deeper than ${MAX_DEPTH} levels, or holds itself`);
  return isList(value) ? listText(value, depth + 1) : objectText(value, depth + 1);
}

function listText(values: readonly JsonValue[], depth: number): string {
  const isWithin = depth < MAX_DEPTH - MAX_ORDERED_DEPTH;
  // Lists may be long and of small things, such as the rules of a policy: what can be, is written at once.
  if (isWithin && isInOrder(values, MAX_ORDERED_DEPTH)) return JSON.stringify(values);
  return `[${values.map((value) => textOf(value, depth)).join(",")}]`;
}

/** So deep things are looked through beforehand. */
const MAX_ORDERED_DEPTH = 6;

/**
 * Whether `JSON.stringify` gives the canonical text: plain objects with their names in order, and lists of them. Most
 * rules of policies are such, which halves the time that a hash takes.
 */
function isInOrder(value: unknown, levels: number): boolean {
  if (typeof value === "string") return true;
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value !== "object" || value === null) return typeof value === "boolean" || value === null;
  if (levels === 0) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (Array.isArray(value))
    return prototype === Array.prototype && value.every((one) => isInOrder(one, levels - 1));
  const isPlain = prototype === Object.prototype || prototype === null;
  return isPlain && hasNamesInOrder(value as Record<string, unknown>, levels);
}

function hasNamesInOrder(value: Readonly<Record<string, unknown>>, levels: number): boolean {
  let last = "";
  for (const name in value) {
    const member = value[name];
    if (name < last || (member !== undefined && !isInOrder(member, levels - 1))) return false;
    last = name;
  }
  return true;
}

function objectText(value: { readonly [name: string]: JsonValue | undefined }, depth: number): string {
  let text = "";
  for (const name of Object.keys(value).sort()) {
    const member = value[name];
    if (member !== undefined) text += `${text === "" ? "" : ","}${quoted(name)}:${textOf(member, depth)}`;
  }
  return `{${text}}`;
}

function isList(value: object): value is readonly JsonValue[] {
  return Array.isArray(value);
}
