/**
 * Which rules of a scope can match a path at all, found without trying them one by one: 10,000 rules cost what 10 do.
 *
 * A rule is filed under the rarest whole segment that its path must have; one without, under literals of which its path
 * must have one; one without these is a candidate always. Every candidate is then tried whole, so the index can only
 * cost time.
 */
import type { Pattern } from "../pattern/pattern.js";
import { LiteralAutomaton } from "./literal-automaton.js";
import { requiredLiterals, requiredSegments } from "./required-text.js";

/** What the index looks at in a rule. */
export interface IndexedRule {
  /** The condition on the path; `undefined` for none. */
  readonly path: { readonly pattern: Pattern; readonly wanted: boolean } | undefined;
}

/** Up to here trying all is as fast as looking up. */
const MAX_UNINDEXED = 8;

/** A literal that is shorter is in too many paths. */
const MIN_LITERAL = 2;

export class RuleIndex {
  readonly #size: number;
  readonly #always: number[] = [];
  readonly #bySegment = new Map<string, number[]>();
  readonly #literals = new LiteralAutomaton();
  #hasLiterals = false;

  constructor(rules: readonly IndexedRule[]) {
    this.#size = rules.length;
    if (rules.length <= MAX_UNINDEXED) {
      for (const index of rules.keys()) this.#always.push(index);
      return;
    }
    const segments = rules.map(segmentsOf);
    const frequency = new Map<string, number>();
    for (const segment of segments.flat()) frequency.set(segment, (frequency.get(segment) ?? 0) + 1);
    const frequencyOf = (segment: string) => frequency.get(segment) ?? 0;
    for (const [index, rule] of rules.entries()) {
      const own = segments[index] ?? [];
      const [first] = own;
      if (first === undefined) this.#fileByLiterals(rule, index);
      else
        this.#file(
          own.reduce((best, one) => (frequencyOf(one) < frequencyOf(best) ? one : best), first),
          index,
        );
    }
  }

  /**
   * Positions of the rules that may match the path, ascending, each once.
   *
   * @param path - starting with `/`
   */
  candidates(path: string): readonly number[] {
    if (this.#always.length === this.#size) return this.#always;
    let found: number[] | undefined;
    for (let from = 1; from <= path.length; ) {
      const slash = path.indexOf("/", from);
      const to = slash < 0 ? path.length : slash;
      const filed = this.#bySegment.get(path.slice(from, to));
      if (filed !== undefined) found = found === undefined ? [...filed] : found.concat(filed);
      from = to + 1;
    }
    if (this.#hasLiterals) {
      found ??= [];
      this.#literals.find(path, found);
    }
    if (found === undefined || found.length === 0) return this.#always;
    return ascendingOnce(this.#always.length === 0 ? found : found.concat(this.#always));
  }

  #file(segment: string, index: number): void {
    const filed = this.#bySegment.get(segment);
    if (filed === undefined) this.#bySegment.set(segment, [index]);
    else filed.push(index);
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

function segmentsOf({ path }: IndexedRule): readonly string[] {
  return path?.wanted === true ? requiredSegments(path.pattern.expression) : [];
}

/** Sorted, without repeats; in place. */
function ascendingOnce(positions: number[]): number[] {
  if (positions.length === 1) return positions;
  positions.sort((a, b) => a - b);
  let kept = 1;
  for (let index = 1; index < positions.length; index++) {
    if (positions[index] !== positions[kept - 1]) positions[kept++] = positions[index] as number;
  }
  positions.length = kept;
  return positions;
}
