/** Patterns that are nothing but a literal, anchored or not: a comparison of strings answers them. */
import { singleOf } from "./character-set.js";
import type { Expression } from "./expression.js";
import { itemsOf } from "./expression.js";

export interface LiteralShape {
  readonly literal: string;
  /** Where it has to stand. */
  readonly place: "anywhere" | "start" | "end" | "whole";
}

/** @returns `undefined` when the expression is anything else */
export function literalShapeOf(expression: Expression): LiteralShape | undefined {
  const items = itemsOf(expression);
  const isAtStart = isAssertion(items[0], "textStart");
  const isAtEnd = items.length > (isAtStart ? 1 : 0) && isAssertion(items.at(-1), "textEnd");
  const inner = items.slice(isAtStart ? 1 : 0, isAtEnd ? -1 : undefined);
  const characters = inner.map(literalCharacter);
  if (characters.includes(undefined)) return undefined;
  const place = isAtStart ? (isAtEnd ? "whole" : "start") : isAtEnd ? "end" : "anywhere";
  return { literal: characters.join(""), place };
}

/** The test that the shape stands for. */
export function literalTest({ literal, place }: LiteralShape): (text: string) => boolean {
  switch (place) {
    case "anywhere":
      return (text) => text.includes(literal);
    case "start":
      return (text) => text.startsWith(literal);
    case "end":
      return (text) => text.endsWith(literal);
    case "whole":
      return (text) => text === literal;
  }
}

function isAssertion(item: Expression | undefined, assertion: "textStart" | "textEnd"): boolean {
  return item?.kind === "assertion" && item.assertion === assertion;
}

/** A character outside the surrogates, so that the `u` flag makes no difference. */
export function literalCharacter(item: Expression): string | undefined {
  const character = item.kind === "set" ? singleOf(item.set) : undefined;
  if (character === undefined || character > 0xffff || (character >= 0xd800 && character <= 0xdfff)) {
    return undefined;
  }
  return String.fromCharCode(character);
}
