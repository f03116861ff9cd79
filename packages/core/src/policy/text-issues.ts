/** Faults of a text that holds a policy. */
import type { PolicyIssue } from "../errors.js";
import { LEVEL_FIELDS } from "./schema.js";
import { toPointer } from "./schema-issues.js";
import type { TextPlace } from "./text-lines.js";

type Path = readonly (string | number)[];

/** How many steps lead to a secret: `/credentials/key/secret`. */
const SECRET_DEPTH = 3;

/** A fault at a place of a text. */
export function textIssue(path: Path, message: string, place: TextPlace, help?: string): PolicyIssue {
  const pointer = toPointer(tellable(path));
  return { pointer, message, ...(help === undefined ? {} : { help }), kind: "invalid", ...place };
}

/**
 * A member whose name is taken: readers differ in which of the two they keep, so the policy that was reviewed may not be
 * the one in force.
 *
 * @param path - to it
 * @param place - of the second
 * @param first - of the first
 */
export function repeatedNameIssue(path: Path, place: TextPlace, first: TextPlace): PolicyIssue {
  const name = tellable(path).length === path.length ? `\`${String(path.at(-1))}\`` : "a name in it";
  const message = `${name} stands there twice, first in line ${first.line}, column ${first.column}`;
  return textIssue(path, message, place, "keep one of the two");
}

/** Without names below a secret that the schema does not know: one may be the secret itself. */
function tellable(path: Path): Path {
  const [collection, , field, below] = path;
  if (collection !== "credentials" || field !== "secret") return path;
  const isKnown = LEVEL_FIELDS.secret.some((name) => name === below);
  return path.slice(0, isKnown ? SECRET_DEPTH + 1 : SECRET_DEPTH);
}
