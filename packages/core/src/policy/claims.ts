/** Claims of a verified token, found by a dotted path and compared by their text (docs/spec/policy.md, "Tokens and actors"). */
import type { Pattern } from "../pattern/pattern.js";

export type Claims = Readonly<Record<string, unknown>>;

/** A dot may stand in a name (`https://id.example/role`), so each one adds ways to read a path. */
export const MAX_CLAIM_PARTS = 32;

/** A name that a path may go on with, and the part that follows it. */
interface Step {
  readonly name: string;
  readonly next: number;
}

/**
 * Compiles a claim's path. At each step the longest own name that the rest of the path begins with, up to a dot or its
 * end, is taken; there is no second try. Lists are not entered.
 *
 * @returns finds the claim's value; `undefined` when there is none
 */
export function compileClaimPath(path: string): (claims: Claims) => unknown {
  const parts = path.split(".");
  const steps = parts.map((_, start) => stepsFrom(parts, start));
  return (claims) => {
    let value: unknown = claims;
    for (let part = 0; part < parts.length; ) {
      if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
      const step = longestOwn(value, steps[part] ?? []);
      if (step === undefined) return undefined;
      value = (value as Claims)[step.name];
      part = step.next;
    }
    return value;
  };
}

/** Longest first. */
function stepsFrom(parts: readonly string[], start: number): Step[] {
  const ends = parts.slice(start).map((_, index) => start + index + 1);
  return ends.reverse().map((next) => ({ name: parts.slice(start, next).join("."), next }));
}

function longestOwn(holder: object, steps: readonly Step[]): Step | undefined {
  for (const step of steps) if (Object.hasOwn(holder, step.name)) return step;
  return undefined;
}

/**
 * Whether a claim's value will do. Of a list, one element is enough; a list within it, like an object, has no text.
 *
 * @param wanted - `undefined`: any value
 */
export function claimSatisfies(value: unknown, wanted: Pattern | undefined): boolean {
  if (!Array.isArray(value)) return elementSatisfies(value, wanted);
  for (const element of value) if (elementSatisfies(element, wanted)) return true;
  return false;
}

function elementSatisfies(value: unknown, wanted: Pattern | undefined): boolean {
  if (wanted === undefined) return value !== undefined;
  const text = scalarText(value);
  return text !== undefined && wanted.matches(text);
}

/** A scalar as JSON writes it, strings without quotes; `undefined` for what is no scalar of JSON. */
export function scalarText(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean" || value === null) return String(value);
  return undefined;
}
