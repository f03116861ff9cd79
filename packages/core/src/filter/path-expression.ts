/** A query as an expression over the symbols of paths, so that it runs in the pass in which all patterns run. */
import type { Query, Segment, Selector } from "../json-query/query.js";
import { type CharacterSet, DIGITS } from "../pattern/character-set.js";
import { type Expression, sequenceOf } from "../pattern/expression.js";
import { KEY_SYMBOLS, Structure, symbolAt } from "../pattern/program.js";
import { fixedSlice, indexStates } from "./index-states.js";

/**
 * The expression that matches the whole path of each node of the query, and no other.
 *
 * @returns `undefined` when a node's path alone does not say whether the query has it: filter expressions look at
 *   values, negative indices at the length of an array
 */
export function pathExpression({ segments }: Query): Expression | undefined {
  const parts = segments.map(segmentExpression);
  if (!parts.every((part) => part !== undefined)) return undefined;
  return sequenceOf([TEXT_START, symbol(0x24), ...parts, TEXT_END]);
}

const TEXT_START: Expression = { kind: "assertion", assertion: "textStart" };
const TEXT_END: Expression = { kind: "assertion", assertion: "textEnd" };

function symbols(set: CharacterSet): Expression {
  return { kind: "symbols", symbols: set };
}

function symbol(one: number): Expression {
  return symbols([[one, one]]);
}

function member(key: Expression): Expression {
  return sequenceOf([symbol(Structure.Dot), key]);
}

function element(index: Expression): Expression {
  return sequenceOf([symbol(Structure.Open), index, symbol(Structure.Close)]);
}

const ANY_MEMBER = member({ kind: "repeat", item: symbols(KEY_SYMBOLS), least: 0, most: undefined });
const ANY_ELEMENT = element({ kind: "repeat", item: symbols(DIGITS), least: 1, most: undefined });
const ANY_STEP: Expression = { kind: "choice", options: [ANY_MEMBER, ANY_ELEMENT] };
const ANY_DESCENT: Expression = { kind: "repeat", item: ANY_STEP, least: 0, most: undefined };

function segmentExpression({ kind, selectors }: Segment): Expression | undefined {
  const options = selectors.map(selectorExpression);
  if (!options.every((option) => option !== undefined)) return undefined;
  const [only] = options;
  const step: Expression = options.length === 1 && only !== undefined ? only : { kind: "choice", options };
  return kind === "child" ? step : sequenceOf([ANY_DESCENT, step]);
}

function selectorExpression(selector: Selector): Expression | undefined {
  switch (selector.kind) {
    case "name":
      return member(
        sequenceOf(Array.from(selector.name.split(""), (_, at) => symbol(symbolAt(selector.name, at)))),
      );
    case "wildcard":
      return ANY_STEP;
    case "index":
      return selector.index < 0 ? undefined : element(digitsOf(selector.index));
    case "slice": {
      const slice = fixedSlice(selector);
      if (slice === undefined) return undefined;
      if (slice.start === 0 && slice.end === undefined && slice.step === 1) return ANY_ELEMENT;
      const states = indexStates(slice);
      return states === undefined ? undefined : element({ kind: "states", states });
    }
    case "filter":
      return undefined;
  }
}

function digitsOf(index: number): Expression {
  return sequenceOf(Array.from(String(index), (digit) => symbol(digit.charCodeAt(0))));
}
