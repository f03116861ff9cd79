/**
 * Canonical JSON (RFC 8785): members sorted by UTF-16 code units, no white space. One value has one text, so that a
 * hash of it means something.
 */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [name: string]: JsonValue | undefined };

/** Members whose value is `undefined` are left out. @throws TypeError for a number that JSON cannot hold */
export function canonicalJson(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value)
      .flatMap(([name, member]) => (member === undefined ? [] : [[name, member] as const]))
      .sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`).join(",")}}`;
  }
  if (typeof value === "number" && !Number.isFinite(value)) throw new TypeError("a JSON number is finite");
  return JSON.stringify(value);
}
