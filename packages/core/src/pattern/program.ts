/**
 * Patterns as one non-deterministic program (Thompson's construction), which the automaton runs.
 *
 * Its symbols are UTF-16 code units, but half a surrogate pair and a lone surrogate are different symbols: a pattern
 * with the `u` flag sees a pair as one character and never half of it, a pattern without sees two units either way.
 * So patterns of both kinds run side by side over one text.
 */
import { folded, type PatternFlags, wordCharacters } from "./character-class.js";
import { type CharacterSet, contains, LAST_UNIT, LINE_TERMINATORS, union } from "./character-set.js";
import type { Assertion, Expression, SymbolState } from "./expression.js";

/** Values of the variables that a pattern may name. */
export type VariableValues = ReadonlyMap<string, string>;

/** One pattern of a program. Where a variable has no value, or an empty one, the whole pattern matches nothing. */
export interface ProgramPattern {
  readonly expression: Expression;
  readonly flags: PatternFlags;
  /** The names in the expression. */
  readonly variables: readonly string[];
  readonly values?: VariableValues | undefined;
}

const LONE_OFFSET = 0x10000 - 0xd800;
const LAST_LONE = 0xdfff + LONE_OFFSET;

/**
 * The dot and the brackets that are a path's own and no part of a key. A pattern sees them as the characters; what is
 * compiled from a query tells them apart, so that `a.b` as one key is not `a` and below it `b`.
 */
export const Structure = { Dot: LAST_LONE + 1, Open: LAST_LONE + 2, Close: LAST_LONE + 3 } as const;

export const LAST_SYMBOL = Structure.Close;

/** All that keys consist of. */
export const KEY_SYMBOLS: CharacterSet = [[0, LAST_LONE]];

/** Characters with the symbol of structure that looks the same. */
const STRUCTURE_BY_CHARACTER: readonly (readonly [character: number, symbol: number])[] = [
  [0x2e, Structure.Dot],
  [0x5b, Structure.Open],
  [0x5d, Structure.Close],
];

const HIGH_SURROGATES = [0xd800, 0xdbff] as const;
const LOW_SURROGATES = [0xdc00, 0xdfff] as const;

/** The low halves of pairs: where one comes next, a pattern with the `u` flag sees no place between characters. */
export const LOW_HALVES: CharacterSet = [[...LOW_SURROGATES]];

/**
 * The symbol at a place of a text.
 *
 * @param at - from 0, below the text's length
 */
export function symbolAt(text: string, at: number): number {
  const unit = text.charCodeAt(at);
  if (unit < HIGH_SURROGATES[0] || unit > LOW_SURROGATES[1]) return unit;
  return isHalf(text, at, unit) ? unit : unit + LONE_OFFSET;
}

function isHalf(text: string, at: number, unit: number): boolean {
  if (unit <= HIGH_SURROGATES[1]) return isLowSurrogate(text.charCodeAt(at + 1));
  return at > 0 && isHighSurrogate(text.charCodeAt(at - 1));
}

function isHighSurrogate(unit: number): boolean {
  return unit >= HIGH_SURROGATES[0] && unit <= HIGH_SURROGATES[1];
}

function isLowSurrogate(unit: number): boolean {
  return unit >= LOW_SURROGATES[0] && unit <= LOW_SURROGATES[1];
}

/** What an instruction does. */
export const Op = {
  /** Takes one symbol of set `first` and goes on at `second`. */
  Take: 0,
  /** Goes on at `first` and at `second`. */
  Split: 1,
  /** Goes on at `second` if the place satisfies question `first`. */
  Assert: 2,
  /** Pattern `first` has matched. */
  Match: 3,
} as const;
export type Op = (typeof Op)[keyof typeof Op];

/** A question with the sets that it looks at. */
export interface PlaceQuestion {
  readonly assertion: Assertion;
  /** Index of the set of word characters, for the word questions. */
  readonly wordSet: number;
  /** Whether a place inside a surrogate pair is none. */
  readonly isUnicode: boolean;
}

export interface Program {
  readonly ops: readonly Op[];
  readonly first: readonly number[];
  readonly second: readonly number[];
  /** The pattern to which each instruction belongs. */
  readonly owner: readonly number[];
  /** Of each pattern. */
  readonly starts: readonly number[];
  /** Symbols as sorted ranges. */
  readonly sets: readonly CharacterSet[];
  readonly questions: readonly PlaceQuestion[];
  /** Indices into `sets`, or -1 where no question needs them. */
  readonly lineTerminators: number;
  readonly lowHalves: number;
}

/** How many instructions an expression compiles to; a variable counts for {@link VARIABLE_SIZE}. */
export function programSizeOf(expression: Expression, flags: PatternFlags): number {
  return sizeOf(expression, flags.unicode) + 1;
}

/** Values have at most 256 characters, and identifiers seldom more than this. */
const VARIABLE_SIZE = 64;

function sizeOf(expression: Expression, unicode: boolean): number {
  switch (expression.kind) {
    case "empty":
      return 0;
    case "assertion":
      return 1;
    case "symbols":
      return 1;
    case "states":
      return expression.states.reduce((sum, { steps }) => sum + 2 * steps.length + 2, 0);
    case "variable":
      return VARIABLE_SIZE;
    case "set": {
      if (!unicode) return 1;
      const { pairs } = symbolsOf(expression.set, true);
      return 1 + 3 * pairs.length;
    }
    case "sequence":
      return sizeOfAll(expression.items, unicode);
    case "choice":
      return sizeOfAll(expression.options, unicode) + expression.options.length;
    case "repeat": {
      const { item, least, most } = expression;
      const size = sizeOf(item, unicode);
      return least * size + (most === undefined ? size + 1 : (most - least) * (size + 1));
    }
  }
}

function sizeOfAll(expressions: readonly Expression[], unicode: boolean): number {
  let sum = 0;
  for (const one of expressions) sum += sizeOf(one, unicode);
  return sum;
}

/** Puts patterns into one program; each is known by its index. */
export function buildProgram(patterns: readonly ProgramPattern[]): Program {
  const builder = new Builder();
  const starts = patterns.map((pattern, index) => builder.add(pattern, index));
  return { ...builder, starts };
}

const NOTHING: Expression = { kind: "set", set: [] };

class Builder implements Omit<Program, "starts"> {
  readonly ops: Op[] = [];
  readonly first: number[] = [];
  readonly second: number[] = [];
  readonly owner: number[] = [];
  readonly sets: CharacterSet[] = [];
  readonly questions: PlaceQuestion[] = [];
  lineTerminators = -1;
  lowHalves = -1;
  #setIds = new Map<string, number>();
  #knownSets = new Map<CharacterSet, number>();
  #questionIds = new Map<string, number>();
  #owner = 0;
  #flags: PatternFlags = { ignoreCase: false, dotAll: false, unicode: false, multiline: false };
  #values: VariableValues | undefined;

  add({ expression, flags, variables, values }: ProgramPattern, owner: number): number {
    this.#owner = owner;
    this.#flags = flags;
    this.#values = values;
    const isMissing = variables.some((name) => (values?.get(name) ?? "") === "");
    return this.#build(isMissing ? NOTHING : expression, this.#emit(Op.Match, owner, 0));
  }

  #emit(op: Op, first: number, second: number): number {
    this.ops.push(op);
    this.first.push(first);
    this.second.push(second);
    this.owner.push(this.#owner);
    return this.ops.length - 1;
  }

  /** @returns where the expression begins; it goes on at `next` */
  #build(expression: Expression, next: number): number {
    switch (expression.kind) {
      case "empty":
        return next;
      case "set":
        return this.#buildSet(expression.set, next);
      case "assertion":
        return this.#emit(Op.Assert, this.#questionId(expression.assertion), next);
      case "symbols":
        return this.#emit(Op.Take, this.#setId(expression.symbols), next);
      case "states":
        return this.#buildStates(expression.states, next);
      case "variable":
        return this.#buildLiteral(this.#values?.get(expression.name) ?? "", next);
      case "sequence": {
        let at = next;
        for (let index = expression.items.length - 1; index >= 0; index--) {
          at = this.#build(expression.items[index] as Expression, at);
        }
        return at;
      }
      case "choice":
        return this.#split(expression.options.map((option) => this.#build(option, next)));
      case "repeat":
        return this.#buildRepeat(expression, next);
    }
  }

  #buildRepeat({ item, least, most }: Extract<Expression, { kind: "repeat" }>, next: number): number {
    let at = next;
    if (most === undefined) {
      const loop = this.#emit(Op.Split, 0, next);
      this.first[loop] = this.#build(item, loop);
      at = loop;
    } else {
      for (let count = least; count < most; count++) at = this.#emit(Op.Split, this.#build(item, at), next);
    }
    for (let count = 0; count < least; count++) at = this.#build(item, at);
    return at;
  }

  #buildStates(states: readonly SymbolState[], next: number): number {
    // Each state's entry comes first, so that the steps have something to lead to.
    const entries = states.map(() => this.#emit(Op.Split, 0, 0));
    for (const [index, { steps, isFinal }] of states.entries()) {
      const branches = steps.map(({ symbols, to }) =>
        this.#emit(Op.Take, this.#setId(symbols), entries[to] as number),
      );
      if (isFinal) branches.push(next);
      const entry = entries[index] as number;
      const begin = branches.length === 0 ? entry : this.#split(branches);
      this.first[entry] = begin;
      this.second[entry] = begin;
    }
    return entries[0] ?? this.#build(NOTHING, next);
  }

  #buildSet(set: CharacterSet, next: number): number {
    const { units, pairs } = symbolsOf(set, this.#flags.unicode);
    const branches = pairs.map(([high, low]) =>
      this.#emit(Op.Take, this.#setId(high), this.#emit(Op.Take, this.#setId(low), next)),
    );
    if (units.length > 0 || pairs.length === 0) branches.push(this.#emit(Op.Take, this.#setId(units), next));
    return this.#split(branches);
  }

  #buildLiteral(text: string, next: number): number {
    const characters = this.#flags.unicode ? Array.from(text) : text.split("");
    let at = next;
    for (const character of characters.reverse()) {
      const point = character.codePointAt(0) as number;
      at = this.#buildSet(folded([[point, point]], this.#flags), at);
    }
    return at;
  }

  #split(branches: readonly number[]): number {
    return branches.reduceRight((rest, branch) => this.#emit(Op.Split, branch, rest));
  }

  #setId(set: CharacterSet): number {
    const known = this.#knownSets.get(set);
    if (known !== undefined) return known;
    const name = set.join();
    const id = this.#setIds.get(name) ?? this.sets.push(set) - 1;
    this.#setIds.set(name, id);
    this.#knownSets.set(set, id);
    return id;
  }

  #questionId(assertion: Assertion): number {
    const isWord = assertion === "wordBoundary" || assertion === "notWordBoundary";
    const isLine = assertion === "lineStart" || assertion === "lineEnd";
    const wordSet = isWord ? this.#setId(wordCharacters(this.#flags)) : -1;
    const isUnicode = isWord && this.#flags.unicode;
    if (isUnicode) this.lowHalves = this.#setId(LOW_HALVES);
    if (isLine) this.lineTerminators = this.#setId(LINE_TERMINATORS);
    const name = `${assertion} ${wordSet} ${isUnicode}`;
    const id = this.#questionIds.get(name) ?? this.questions.push({ assertion, wordSet, isUnicode }) - 1;
    this.#questionIds.set(name, id);
    return id;
  }
}

interface Symbols {
  /** Single symbols. */
  readonly units: CharacterSet;
  /** Halves of pairs. */
  readonly pairs: readonly (readonly [high: CharacterSet, low: CharacterSet])[];
}

/** A set is often the same object: those of a policy's `.` and `\d`, for instance. */
const remembered = {
  plain: new WeakMap<CharacterSet, Symbols>(),
  unicode: new WeakMap<CharacterSet, Symbols>(),
};

function symbolsOf(set: CharacterSet, unicode: boolean): Symbols {
  const known = unicode ? remembered.unicode : remembered.plain;
  const symbols =
    known.get(set) ??
    withStructure(
      set,
      unicode ? symbolsOfPoints(set) : { units: union(set.flatMap(symbolsOfUnits)), pairs: [] },
    );
  known.set(set, symbols);
  return symbols;
}

function withStructure(set: CharacterSet, symbols: Symbols): Symbols {
  const added = STRUCTURE_BY_CHARACTER.filter(([character]) => contains(set, character));
  if (added.length === 0) return symbols;
  return {
    units: union([...symbols.units, ...added.map(([, symbol]) => [symbol, symbol] as const)]),
    pairs: symbols.pairs,
  };
}

/** A unit in the surrogate range stands for itself in a pair and alone. */
function symbolsOfUnits([from, to]: readonly [number, number]): (readonly [number, number])[] {
  const lone = overlap(from, to, HIGH_SURROGATES[0], LOW_SURROGATES[1]);
  return lone === undefined
    ? [[from, to]]
    : [
        [from, to],
        [lone[0] + LONE_OFFSET, lone[1] + LONE_OFFSET],
      ];
}

function symbolsOfPoints(set: CharacterSet): Symbols {
  const units: (readonly [number, number])[] = [];
  const pairs: (readonly [CharacterSet, CharacterSet])[] = [];
  for (const [from, to] of set) {
    for (const [low, high] of [
      [0, HIGH_SURROGATES[0] - 1],
      [LOW_SURROGATES[1] + 1, LAST_UNIT],
    ] as const) {
      const part = overlap(from, to, low, high);
      if (part !== undefined) units.push(part);
    }
    const lone = overlap(from, to, HIGH_SURROGATES[0], LOW_SURROGATES[1]);
    if (lone !== undefined) units.push([lone[0] + LONE_OFFSET, lone[1] + LONE_OFFSET]);
    if (to > LAST_UNIT) pairs.push(...pairsOf(Math.max(from, LAST_UNIT + 1), to));
  }
  return { units: union(units), pairs: grouped(pairs) };
}

/** The same pairs in as few products as can be: a Unicode property is hundreds of ranges, and alike in many blocks. */
function grouped(pairs: Symbols["pairs"]): Symbols["pairs"] {
  if (pairs.length < 2) return pairs;
  const lowsByHighs = gathered(pairs.map(([highs, lows]) => [highs.join(), highs, lows]));
  const highsByLows = gathered(lowsByHighs.map(([highs, lows]) => [lows.join(), lows, highs]));
  return highsByLows.map(([lows, highs]) => [highs, lows]);
}

/** For each name, its set and the union of what stands beside it. */
function gathered(
  entries: readonly (readonly [name: string, set: CharacterSet, other: CharacterSet])[],
): [set: CharacterSet, others: CharacterSet][] {
  const found = new Map<
    string,
    { readonly set: CharacterSet; readonly others: (readonly [number, number])[] }
  >();
  for (const [name, set, other] of entries) {
    const known = found.get(name) ?? { set, others: [] };
    found.set(name, known);
    known.others.push(...other);
  }
  return [...found.values()].map(({ set, others }) => [set, union(others)]);
}

/** A range of supplementary code points as at most three products of high and low halves. */
function pairsOf(from: number, to: number): (readonly [CharacterSet, CharacterSet])[] {
  const [fromHigh, fromLow] = halvesOf(from);
  const [toHigh, toLow] = halvesOf(to);
  const [firstLow, lastLow] = LOW_SURROGATES;
  if (fromHigh === toHigh) return [[[[fromHigh, fromHigh]], [[fromLow, toLow]]]];
  const pairs: (readonly [CharacterSet, CharacterSet])[] = [];
  const wholeFrom = fromLow === firstLow ? fromHigh : fromHigh + 1;
  const wholeTo = toLow === lastLow ? toHigh : toHigh - 1;
  if (wholeFrom > fromHigh) pairs.push([[[fromHigh, fromHigh]], [[fromLow, lastLow]]]);
  if (wholeFrom <= wholeTo) pairs.push([[[wholeFrom, wholeTo]], [[firstLow, lastLow]]]);
  if (wholeTo < toHigh) pairs.push([[[toHigh, toHigh]], [[firstLow, toLow]]]);
  return pairs;
}

function halvesOf(point: number): [high: number, low: number] {
  const offset = point - 0x10000;
  return [HIGH_SURROGATES[0] + (offset >> 10), LOW_SURROGATES[0] + (offset & 0x3ff)];
}

function overlap(from: number, to: number, low: number, high: number): [number, number] | undefined {
  const start = Math.max(from, low);
  const end = Math.min(to, high);
  return start <= end ? [start, end] : undefined;
}
