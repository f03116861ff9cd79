/**
 * Patterns that begin with a literal at the text's start, as paths do: a comparison of strings comes first, and what
 * follows is shared by all patterns that go on in the same way (`[^/]+$` behind each of a thousand resources).
 */
import { type Expression, itemsOf, sequenceOf } from "./expression.js";
import { literalCharacter } from "./literal-shape.js";

export interface AnchoredPrefix {
  /** Not empty. */
  readonly prefix: string;
  /** What has to follow at once: an expression that begins with `textStart`, which means the place after the prefix. */
  readonly rest: Expression;
}

/** @returns `undefined` when there is no such literal, or when what follows could tell that it is not at a text's start */
export function anchoredPrefixOf(expression: Expression): AnchoredPrefix | undefined {
  const [start, ...items] = itemsOf(expression);
  if (start?.kind !== "assertion" || start.assertion !== "textStart") return undefined;
  const prefix = leadingLiteral(items);
  const rest = items.slice(prefix.length);
  return prefix === "" || rest.some(looksBehind) ? undefined : { prefix, rest: sequenceOf([start, ...rest]) };
}

/** The characters that stand at the beginning, joined at once: so the text is of one piece, which is compared faster. */
export function leadingLiteral(items: readonly Expression[]): string {
  const characters: string[] = [];
  for (const item of items) {
    const character = literalCharacter(item);
    if (character === undefined) break;
    characters.push(character);
  }
  return characters.join("");
}

/** Whether it may depend on what stands before the place where it begins. */
function looksBehind(expression: Expression): boolean {
  switch (expression.kind) {
    case "assertion":
      return expression.assertion !== "textEnd" && expression.assertion !== "lineEnd";
    case "sequence":
      return expression.items.some(looksBehind);
    case "choice":
      return expression.options.some(looksBehind);
    case "repeat":
      return looksBehind(expression.item);
    default:
      return false;
  }
}
