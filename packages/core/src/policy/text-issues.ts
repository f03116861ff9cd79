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

/** A text may hold millions, each with a pointer as long as a name above it. */
const MAX_REPEATED_NAMES = 100;

/**
 * Members whose names are taken: readers differ in which of the two they keep, so the policy that was reviewed may not be
 * the one in force. Of one text the first 100 are told, and then that there are more.
 */
export class RepeatedNames {
  #count = 0;

  /**
   * To be called for each, in the order of the text.
   *
   * @param path - to it
   * @param place - of the second
   * @param first - of the first
   * @returns what is told of it, if anything
   */
  issuesOf(path: Path, place: TextPlace, first: TextPlace): PolicyIssue[] {
    this.#count++;
    if (this.#count <= MAX_REPEATED_NAMES) return [repeatedNameIssue(path, place, first)];
    const message = `more names stand there twice than the ${MAX_REPEATED_NAMES} that are told`;
    return this.#count === MAX_REPEATED_NAMES + 1 ? [textIssue([], message, place)] : [];
  }
}

function repeatedNameIssue(path: Path, place: TextPlace, first: TextPlace): PolicyIssue {
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
