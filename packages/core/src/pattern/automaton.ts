/**
 * Runs a program over a text: a deterministic automaton whose states are made when they are first needed.
 *
 * A step costs one table load once its state exists, and at most the program's size before: linear in the text whatever
 * pattern and text are. The table is bounded, see {@link Automaton.isFull}.
 *
 * It answers search questions: which patterns match somewhere in the text so far. For each state that is the list of
 * those that match if the text ends here.
 */
import { type Alphabet, alphabetOf } from "./alphabet.js";
import { Op, type Program, symbolAt } from "./program.js";

/** No pattern matches. Every other list of {@link Automaton.matchesOf} has an id above. */
export const NO_MATCHES = 0;

/** Cells before the transitions of a row: the id of its matches, and whether it is settled. */
export const ROW_HEADER = 2;

const MATCHES = 0;
/** Of a row: 1 when no further text changes what matches. */
export const SETTLED_CELL = 1;

/** A table above this is full: 4 MiB. */
const MAX_CELLS = 1 << 20;
/** So are states whose instructions sum to this. */
const MAX_NODES = 1 << 20;

/** What is known of the symbol before a place. */
const BEFORE_NOTHING = 1;
const BEFORE_LINE = 2;
/** Bit 2 and up: a word character of the word set with this bit. */
const FIRST_WORD_BIT = 2;

export class Automaton {
  readonly program: Program;
  readonly alphabet: Alphabet;
  /** Cells of a row: header and one for each class. */
  readonly stride: number;
  /** Rows by state; a state is the index of its row's first cell. A transition of 0 has not been made yet. */
  table: Int32Array;
  /** The state before any symbol. */
  readonly start: number;
  /** So many symbols make it outgrow its bounds by no more than these are. */
  readonly pieceLength: number;
  #used: number;
  #nodeSum = 0;
  readonly #nodes: (readonly number[])[] = [[]];
  readonly #before: number[] = [0];
  readonly #stateIds = new Map<string, number>();
  readonly #matches: (readonly number[])[] = [[]];
  readonly #matchIds = new Map<string, number>([["", NO_MATCHES]]);
  readonly #wordSets: readonly number[];
  /** Marks of the instructions seen in one closure. */
  readonly #seen: Uint32Array;
  #mark = 0;
  readonly #pending: number[] = [];

  constructor(program: Program, alphabet: Alphabet = alphabetOf(program.sets)) {
    this.program = program;
    this.alphabet = alphabet;
    this.stride = alphabet.size + ROW_HEADER;
    this.pieceLength = Math.max(64, Math.floor(MAX_NODES / (program.ops.length + this.stride)));
    this.table = new Int32Array(this.stride * 16);
    this.#used = this.stride;
    this.#seen = new Uint32Array(program.ops.length);
    this.#wordSets = [...new Set(program.questions.map(({ wordSet }) => wordSet))].filter((set) => set >= 0);
    this.start = this.#startState();
  }

  /** An automaton of the same program that knows nothing yet. */
  fresh(): Automaton {
    return new Automaton(this.program, this.alphabet);
  }

  /** The state of another automaton of the same program, as this one knows it. */
  adopt(other: Automaton, state: number): number {
    const row = state / other.stride;
    return this.#stateOf(other.#nodes[row] as readonly number[], other.#before[row] as number);
  }

  /** Whether it has outgrown its bounds and should be replaced by a {@link fresh} one. It goes on working. */
  get isFull(): boolean {
    return this.#used > MAX_CELLS || this.#nodeSum > MAX_NODES;
  }

  /** The class of a symbol, as a column of the table. */
  columnOf(symbol: number): number {
    const { ascii, classOf } = this.alphabet;
    return ROW_HEADER + (symbol < 128 ? (ascii[symbol] as number) : classOf(symbol));
  }

  /** Id of the list of patterns that match if the text ends here. */
  matchId(state: number): number {
    return this.table[state + MATCHES] as number;
  }

  /** The patterns of such an id, ascending. */
  matchesOf(id: number): readonly number[] {
    return this.#matches[id] as readonly number[];
  }

  /** Whether no further text changes what matches. */
  isSettled(state: number): boolean {
    return this.table[state + SETTLED_CELL] === 1;
  }

  /** The state after one more symbol. */
  next(state: number, column: number): number {
    return this.table[state + column] || this.make(state, column);
  }

  /** The state after a part of a text, by default all of it. `to` may lie beyond the end. */
  run(state: number, text: string, from = 0, to = text.length): number {
    const { ascii } = this.alphabet;
    const end = Math.min(to, text.length);
    let { table } = this;
    let at = state;
    for (let index = from; index < end; index++) {
      const unit = text.charCodeAt(index);
      const column = unit < 128 ? (ascii[unit] as number) + ROW_HEADER : this.columnOf(symbolAt(text, index));
      let following = table[at + column] as number;
      if (following === 0) {
        following = this.make(at, column);
        table = this.table;
      }
      at = following;
      if (table[at + SETTLED_CELL] === 1) break;
    }
    return at;
  }

  /** Makes a transition that {@link table} does not hold yet. The table may be another object afterwards. */
  make(state: number, column: number): number {
    const symbolClass = column - ROW_HEADER;
    const row = state / this.stride;
    const before = this.#before[row] as number;
    const { ops, first, second } = this.program;
    const after = this.#flagsOf(symbolClass);
    const here = this.#openQuestions(this.#nodes[row] as readonly number[], before, symbolClass);
    const found = this.#beginClosure();
    for (const node of here) if (ops[node] === Op.Match) this.#close(node, after, found);
    const matched = new Set(found.map((node) => first[node] as number));
    for (const node of here) {
      if (ops[node] !== Op.Take || matched.has(this.program.owner[node] as number)) continue;
      const set = first[node] as number;
      if (this.alphabet.has(set, symbolClass)) {
        this.#close(second[node] as number, after, found);
      }
    }
    for (const [pattern, entry] of this.program.starts.entries()) {
      if (!matched.has(pattern)) this.#close(entry, after, found);
    }
    const following = this.#stateOf(found, after);
    this.table[state + column] = following;
    return following;
  }

  #startState(): number {
    const found = this.#beginClosure();
    for (const entry of this.program.starts) this.#close(entry, BEFORE_NOTHING, found);
    return this.#stateOf(found, BEFORE_NOTHING);
  }

  #stateOf(found: readonly number[], before: number): number {
    const nodes = this.#withoutMatched(found);
    const asks = nodes.some((node) => this.program.ops[node] === Op.Assert);
    const flags = asks ? before : 0;
    const name = `${flags} ${nodes.join()}`;
    const known = this.#stateIds.get(name);
    if (known !== undefined) return known;
    const state = this.#newRow();
    this.#stateIds.set(name, state);
    this.#nodes.push(nodes);
    this.#nodeSum += nodes.length;
    this.#before.push(flags);
    this.table[state + MATCHES] = this.#matchIdOf(nodes, flags);
    this.table[state + SETTLED_CELL] = this.#settles(nodes) ? 1 : 0;
    return state;
  }

  /** Once a pattern has matched, nothing else of it matters. */
  #withoutMatched(found: readonly number[]): readonly number[] {
    const { ops, owner } = this.program;
    const matched = new Set<number>();
    for (const node of found) if (ops[node] === Op.Match) matched.add(owner[node] as number);
    const nodes =
      matched.size === 0
        ? [...found]
        : found.filter((node) => ops[node] === Op.Match || !matched.has(owner[node] as number));
    return nodes.sort((a, b) => a - b);
  }

  #settles(nodes: readonly number[]): boolean {
    const { ops, owner, starts } = this.program;
    if (nodes.some((node) => ops[node] !== Op.Match)) return false;
    const matched = new Set(nodes.map((node) => owner[node] as number));
    return starts.every((entry, pattern) => matched.has(pattern) || this.#neverRestarts(entry));
  }

  /** Whether a pattern can match from the text's start only. */
  #neverRestarts(entry: number): boolean {
    const found = this.#beginClosure();
    this.#close(entry, BEFORE_LINE, found);
    return found.length === 0;
  }

  #newRow(): number {
    const state = this.#used;
    this.#used += this.stride;
    if (this.#used > this.table.length) {
      const grown = new Int32Array(this.table.length * 2);
      grown.set(this.table);
      this.table = grown;
    }
    return state;
  }

  #matchIdOf(nodes: readonly number[], before: number): number {
    const { ops, first } = this.program;
    const ended = this.#openQuestions(nodes, before, undefined);
    const patterns = [
      ...new Set(ended.filter((node) => ops[node] === Op.Match).map((node) => first[node] as number)),
    ];
    const name = patterns.sort((a, b) => a - b).join();
    const known = this.#matchIds.get(name);
    if (known !== undefined) return known;
    this.#matches.push(patterns);
    this.#matchIds.set(name, this.#matches.length - 1);
    return this.#matches.length - 1;
  }

  #beginClosure(): number[] {
    this.#mark++;
    return [];
  }

  /** Adds what can be reached without a symbol; questions about the next symbol stay open. */
  #close(entry: number, before: number, found: number[]): void {
    const { ops, first, second } = this.program;
    const pending = this.#pending;
    pending.push(entry);
    while (pending.length > 0) {
      const node = pending.pop() as number;
      if (this.#seen[node] === this.#mark) continue;
      this.#seen[node] = this.#mark;
      if (ops[node] === Op.Split) {
        pending.push(second[node] as number, first[node] as number);
        continue;
      }
      const answer = ops[node] === Op.Assert ? this.#answerBefore(first[node] as number, before) : undefined;
      if (answer === true) pending.push(second[node] as number);
      else if (answer === undefined) found.push(node);
    }
  }

  /** The instructions, with those behind questions that the next symbol (`undefined`: the end) answers with yes. */
  #openQuestions(
    nodes: readonly number[],
    before: number,
    symbolClass: number | undefined,
  ): readonly number[] {
    const { ops, first, second } = this.program;
    if (!nodes.some((node) => ops[node] === Op.Assert)) return nodes;
    const found = this.#beginClosure();
    const open: number[] = [];
    for (const node of nodes) {
      if (ops[node] === Op.Assert) open.push(node);
      else this.#close(node, before, found);
    }
    // What lies behind one question may be another.
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      if (!this.#answer(first[node] as number, before, symbolClass)) continue;
      const behind: number[] = [];
      this.#close(second[node] as number, before, behind);
      for (const one of behind) (ops[one] === Op.Assert ? open : found).push(one);
    }
    return found;
  }

  /** The answer to a question about what is before; `undefined` for the others. */
  #answerBefore(question: number, before: number): boolean | undefined {
    const assertion = this.program.questions[question]?.assertion;
    if (assertion === "textStart") return before === BEFORE_NOTHING;
    if (assertion === "lineStart") return (before & (BEFORE_NOTHING | BEFORE_LINE)) !== 0;
    return undefined;
  }

  #answer(question: number, before: number, symbolClass: number | undefined): boolean {
    const asked = this.program.questions[question];
    switch (asked?.assertion) {
      case "textEnd":
        return symbolClass === undefined;
      case "lineEnd":
        return symbolClass === undefined || this.#isIn(this.program.lineTerminators, symbolClass);
      case "wordBoundary":
      case "notWordBoundary": {
        if (asked.isUnicode && this.#isIn(this.program.lowHalves, symbolClass)) return false;
        const isAfterWord = (before & this.#wordBit(asked.wordSet)) !== 0;
        const isBoundary = isAfterWord !== this.#isIn(asked.wordSet, symbolClass);
        return isBoundary === (asked.assertion === "wordBoundary");
      }
      default:
        return false;
    }
  }

  #isIn(set: number, symbolClass: number | undefined): boolean {
    return symbolClass !== undefined && this.alphabet.has(set, symbolClass);
  }

  #wordBit(wordSet: number): number {
    return 1 << (FIRST_WORD_BIT + this.#wordSets.indexOf(wordSet));
  }

  /** What the place after a symbol of the class knows of it. */
  #flagsOf(symbolClass: number): number {
    const { lineTerminators } = this.program;
    let flags = lineTerminators >= 0 && this.#isIn(lineTerminators, symbolClass) ? BEFORE_LINE : 0;
    for (const set of this.#wordSets) if (this.#isIn(set, symbolClass)) flags |= this.#wordBit(set);
    return flags;
  }
}
