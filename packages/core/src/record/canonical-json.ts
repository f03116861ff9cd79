/**
 * Canonical JSON (RFC 8785): members sorted by UTF-16 code units, no white space. One value has one text, so that a
 * hash of it means something.
 */
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
  return textOf(value, 0);
}

function textOf(value: JsonValue, depth: number): string {
  if (typeof value === "string") return quote(value);
  if (typeof value === "number" && !Number.isFinite(value)) throw new TypeError("a JSON number is finite");
  if (typeof value !== "object" || value === null) return String(value);
  if (depth === MAX_DEPTH)
    throw new TypeError(`the value is nested deeper than ${MAX_DEPTH} levels, or holds itself`);
  return isList(value) ? listText(value, depth + 1) : objectText(value, depth + 1);
}

function listText(values: readonly JsonValue[], depth: number): string {
  let text = "";
  for (const value of values) text += `${text === "" ? "" : ","}${textOf(value, depth)}`;
  return `[${text}]`;
}

function objectText(value: { readonly [name: string]: JsonValue | undefined }, depth: number): string {
  let text = "";
  for (const name of Object.keys(value).sort()) {
    const member = value[name];
    if (member !== undefined) text += `${text === "" ? "" : ","}${quote(name)}:${textOf(member, depth)}`;
  }
  return `{${text}}`;
}

function isList(value: object): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/** Nearly all text of a record needs no escape, and finding that out costs less than `JSON.stringify`. */
function quote(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}

const PLAIN = /^[ !#-[\]-~]*$/;
