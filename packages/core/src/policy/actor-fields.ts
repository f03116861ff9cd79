/** An actor as rules see it: named fields, each with a text (docs/spec/policy.md, "Tokens and actors"). */
import { scalarText } from "./claims.js";
import type { Actor } from "./decision-context.js";

export type Field = readonly [name: string, text: string];

/** Claims with more values than this, those that refer to themselves included, are not looked at. */
const MAX_VALUES = 10_000;

/**
 * The fields `id`, `type`, `tenant` and `claims.*`: a member's name follows its parent's after a dot, and the elements
 * of a list have the name of the list.
 *
 * @returns `undefined` when there are too many
 */
export function actorFields({ id, type, tenant, claims }: Actor): readonly Field[] | undefined {
  const fields: Field[] = [
    ["id", id],
    ["type", type],
  ];
  if (tenant !== undefined) fields.push(["tenant", tenant]);
  const waiting: (readonly [string, unknown])[] = [["claims", claims]];
  let values = 0;
  // A loop: depth costs no stack.
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (++values > MAX_VALUES) return undefined;
    const [name, value] = next;
    const text = scalarText(value);
    if (text !== undefined) fields.push([name, text]);
    else if (Array.isArray(value)) for (const element of value) waiting.push([name, element]);
    else if (typeof value === "object" && value !== null)
      for (const [key, member] of Object.entries(value)) waiting.push([`${name}.${key}`, member]);
  }
  return fields;
}
