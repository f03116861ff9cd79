/** What to do about a value that is of another type than its field, or about one that is missing. */
import { canonicalMethod, isStandardMethod } from "../http/method.js";

type Path = readonly PropertyKey[];

/**
 * @param expected - the schema's word for the type
 * @param value - what stands there; quoted only if it cannot be a secret
 */
export function typeRemedy(expected: string, path: Path, value: unknown): string | undefined {
  if (path.length === 0)
    return typeof value === "string" ? "this is text: pass `JSON.parse(text)`" : undefined;
  if (value === undefined) return path.length === 1 ? TO_CHOOSE.get(path[0]) : undefined;
  if (path.length === 3 && path[0] === "credentials" && path[2] === "secret")
    return 'write `{ env: "NAME" }`, with the name of an environment variable, or `{ sealed: "sp1:…" }`';
  if (expected === "array") return `put it in a list: \`[${listedForm(path, value)}]\``;
  return undefined;
}

/** What nobody can look up: an author chooses it. */
const TO_CHOOSE: ReadonlyMap<PropertyKey | undefined, string> = new Map([
  [
    "clientId",
    "the tenant that calls are made for: choose a name such as `acme` and keep it, as sealed secrets and records are bound to it",
  ],
  [
    "region",
    "where this process keeps its records: choose a name such as `eu-west-1` and keep it, as sealed secrets are bound to it",
  ],
]);

function listedForm(path: Path, value: unknown): string {
  if (typeof value !== "string") return "…";
  const isMethod = path.at(-1) === "methods" && isStandardMethod(canonicalMethod(value));
  return isMethod ? `"${value}"` : '"…"';
}
