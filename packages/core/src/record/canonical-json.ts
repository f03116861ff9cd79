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

/** Members whose value is `undefined` are left out. @throws TypeError for a number that JSON cannot hold */
export function canonicalJson(value: JsonValue): string {
  if (typeof value === "string") return quote(value);
  if (typeof value === "number" && !Number.isFinite(value)) throw new TypeError("a JSON number is finite");
  if (typeof value !== "object" || value === null) return String(value);
  return isList(value) ? listText(value) : objectText(value);
}

function listText(values: readonly JsonValue[]): string {
  let text = "";
  for (const value of values) text += `${text === "" ? "" : ","}${canonicalJson(value)}`;
  return `[${text}]`;
}

function objectText(value: { readonly [name: string]: JsonValue | undefined }): string {
  let text = "";
  for (const name of Object.keys(value).sort()) {
    const member = value[name];
    if (member !== undefined) text += `${text === "" ? "" : ","}${quote(name)}:${canonicalJson(member)}`;
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
