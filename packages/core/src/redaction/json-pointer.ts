/** JSON pointers (RFC 6901). */

/** A name as it stands between two `/` of a pointer. */
export function pointerToken(name: string): string {
  return /[~/]/.test(name) ? name.replaceAll("~", "~0").replaceAll("/", "~1") : name;
}

/** The names that lead from the whole document to the place; `undefined` when the text is no pointer. */
export function pointerNames(pointer: string): readonly string[] | undefined {
  if (pointer === "") return [];
  if (!pointer.startsWith("/") || /~(?![01])/.test(pointer)) return undefined;
  return pointer
    .slice(1)
    .split("/")
    .map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
}
