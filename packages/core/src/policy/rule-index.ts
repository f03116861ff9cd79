/**
 * Which rules of a scope can match a path at all, found without trying them one by one: 10,000 rules cost what 10 do.
 *
 * A rule is filed under the rarest whole segment that its path must have; one without, under literals of which its path
 * must have one; one without these is a candidate always. Every candidate is then tried whole, so the index can only
 * cost time.
 */
import type { Expression } from "../pattern/expression.js";
import type { Pattern } from "../pattern/pattern.js";
import { LiteralAutomaton } from "./literal-automaton.js";
import { characterOf, eachRequiredSegment, requiredLiterals } from "./required-text.js";
import { EMPTY_HASH, SegmentTable, withUnit } from "./segment-table.js";

/** What the index looks at in a rule. */
export interface IndexedRule {
  /** In upper case; `undefined` for all. */
  readonly methods?: ReadonlySet<string> | undefined;
  /** The condition on the path; `undefined` for none. */
  readonly path: { readonly pattern: Pattern; readonly wanted: boolean } | undefined;
}

/** Up to here trying all is as fast as looking up. */
const MAX_UNINDEXED = 8;

/** A literal that is shorter is in too many paths. */
const MIN_LITERAL = 2;

/** A bit for each method that is common; all others share the last one. */
const METHOD_BITS: ReadonlyMap<string, number> = new Map(
  ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"].map((method, index) => [method, 1 << index]),
);
const OTHER_METHODS = 1 << 7;
const ALL_METHODS = 0xff;

/** Whether {@link RuleIndex.candidates} for the method are all rules that can have it: nobody has to look again. */
export function isIndexedMethod(method: string): boolean {
  return METHOD_BITS.has(method);
}

function methodBit(method: string): number {
  return METHOD_BITS.get(method) ?? METHOD_BITS.get(method.toUpperCase()) ?? OTHER_METHODS;
}

export class RuleIndex {
  readonly #size: number;
  /** By position: so that a rule for another method is not even looked at. */
  readonly #methods: Uint8Array;
  /** Of `#always`, by method bit. */
  readonly #alwaysByMethod = new Map<number, readonly number[]>();
  readonly #always: number[] = [];
  readonly #bySegment: SegmentTable;
  readonly #literals = new LiteralAutomaton();
  #hasLiterals = false;
  /** What {@link candidates} gave last. */
  readonly #found: number[] = [];

  constructor(rules: readonly IndexedRule[]) {
    this.#size = rules.length;
    const masks = methodMasks(rules);
    this.#methods = masks;
    const hashes: number[] = [];
    const ends = new Int32Array(rules.length);
    if (rules.length <= MAX_UNINDEXED) this.#always.push(...rules.keys());
    else this.#file(rules, hashes, ends);
    this.#bySegment = new SegmentTable({ hashes, ends, masks });
  }

  #file(rules: readonly IndexedRule[], hashes: number[], ends: Int32Array): void {
    const add = (items: readonly Expression[], from: number, end: number) =>
      hashes.push(hashOf(items, from, end));
    for (let index = 0; index < rules.length; index++) {
      const rule = rules[index] as IndexedRule;
      const before = hashes.length;
      if (rule.path?.wanted === true) eachRequiredSegment(rule.path.pattern.expression, add);
      ends[index] = hashes.length;
      if (hashes.length === before) this.#fileByLiterals(rule, index);
    }
  }

  /**
   * Positions of the rules that may match, ascending, each once. The next call may overwrite the list.
   *
   * @param path - starting with `/`
   */
  candidates(path: string, method: string): readonly number[] {
    const bit = methodBit(method);
    if (this.#always.length === this.#size) return this.#alwaysFor(bit);
    const found = this.#found;
    shorten(found, 0);
    this.#bySegment.find(path, bit, found);
    if (this.#hasLiterals) this.#findLiterals(path, bit, found);
    const always = this.#alwaysFor(bit);
    if (found.length === 0) return always;
    for (const index of always) found.push(index);
    return ascendingOnce(found);
  }

  #findLiterals(path: string, bit: number, found: number[]): void {
    let kept = found.length;
    this.#literals.find(path, found);
    for (let index = kept; index < found.length; index++) {
      const position = found[index] as number;
      if (((this.#methods[position] as number) & bit) !== 0) found[kept++] = position;
    }
    shorten(found, kept);
  }

  #alwaysFor(bit: number): readonly number[] {
    const known = this.#alwaysByMethod.get(bit);
    if (known !== undefined) return known;
    const those = this.#always.filter((index) => ((this.#methods[index] as number) & bit) !== 0);
    this.#alwaysByMethod.set(bit, those);
    return those;
  }

  #fileByLiterals({ path }: IndexedRule, index: number): void {
    const literals = path?.wanted === true ? requiredLiterals(path.pattern.expression) : undefined;
    if (literals === undefined || literals.some(({ length }) => length < MIN_LITERAL)) {
      this.#always.push(index);
      return;
    }
    this.#hasLiterals = true;
    for (const literal of new Set(literals)) this.#literals.add(literal, index);
  }
}

/** Of the segment whose characters the items are. */
function hashOf(items: readonly Expression[], from: number, end: number): number {
  let hash = EMPTY_HASH;
  for (let index = from; index < end; index++) {
    const character = characterOf(items[index] as Expression) ?? 0;
    if (character > 0xffff) {
      // Under the `u` flag, and only in a decoded path.
      hash = withUnit(hash, 0xd7c0 + (character >> 10));
      hash = withUnit(hash, 0xdc00 + (character & 0x3ff));
    } else hash = withUnit(hash, character);
  }
  return hash;
}

/** By position, the bits of the methods that a rule can have. */
function methodMasks(rules: readonly IndexedRule[]): Uint8Array {
  const masks = new Uint8Array(rules.length);
  // Rules share few sets.
  const known = new Map<ReadonlySet<string> | undefined, number>();
  for (let index = 0; index < rules.length; index++) {
    const methods = rules[index]?.methods;
    const mask = known.get(methods) ?? methodMask(methods);
    known.set(methods, mask);
    masks[index] = mask;
  }
  return masks;
}

function methodMask(methods: ReadonlySet<string> | undefined): number {
  if (methods === undefined) return ALL_METHODS;
  let mask = 0;
  for (const method of methods) mask |= methodBit(method);
  return mask;
}

/** Sorted, without repeats; in place. Mostly a few, for which insertion is fastest. */
function ascendingOnce(positions: number[]): number[] {
  const count = positions.length;
  if (count < 2) return positions;
  if (count > MAX_INSERTED) positions.sort((a, b) => a - b);
  else insertionSort(positions);
  let kept = 1;
  for (let index = 1; index < count; index++) {
    if (positions[index] !== positions[kept - 1]) positions[kept++] = positions[index] as number;
  }
  shorten(positions, kept);
  return positions;
}

/** Lists are short, and taking off what is too much costs less than setting a length does. */
function shorten(list: number[], length: number): void {
  while (list.length > length) list.pop();
}

const MAX_INSERTED = 24;

function insertionSort(positions: number[]): void {
  for (let index = 1; index < positions.length; index++) {
    const one = positions[index] as number;
    let at = index;
    for (; at > 0 && (positions[at - 1] as number) > one; at--) positions[at] = positions[at - 1] as number;
    positions[at] = one;
  }
}
