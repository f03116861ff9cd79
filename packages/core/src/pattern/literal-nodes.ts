/** Nodes of characters that stand for themselves, each made once: policies have thousands of patterns, and those are made of these. */
import { folded, type PatternFlags, pointOf } from "./character-class.js";
import type { Expression } from "./expression.js";

const SYNTAX = "^$\\.*+?()[]{}|";
const REPEATS = "*+?{";

const isPlain = Array.from({ length: 128 }, (_, unit) => !SYNTAX.includes(String.fromCharCode(unit)));
const isRepeat = Array.from({ length: 128 }, (_, unit) => REPEATS.includes(String.fromCharCode(unit)));

/** Whether an ASCII unit stands for itself, whatever the flags, when `next` follows it. NaN for no unit. */
export function isLiteral(unit: number, next: number): boolean {
  return unit < 128 && (isPlain[unit] as boolean) && !(next < 128 && (isRepeat[next] as boolean));
}

/** The nodes of all ASCII units under the flags, by unit. */
export function literalNodes({ ignoreCase, unicode }: PatternFlags): readonly Expression[] {
  const kind = Number(ignoreCase) + 2 * Number(unicode);
  const known = nodes[kind];
  if (known !== undefined) return known;
  const flags = { ignoreCase, unicode, dotAll: false, multiline: false };
  const made = Array.from({ length: 128 }, (_, unit): Expression => {
    return { kind: "set", set: folded(pointOf(String.fromCharCode(unit)), flags) };
  });
  nodes[kind] = made;
  return made;
}

const nodes: (readonly Expression[] | undefined)[] = [];
