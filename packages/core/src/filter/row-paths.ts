/** Of which rows something was removed in a document, and the paths of it for receipts. */
import { HITS, type LayoutRows, LENGTH, NAME, type RowFacts } from "./layout-rows.js";
import type { NameMap, Surroundings } from "./name-map.js";
import { hashBehindStep, type PathShape, type PathStep, pathStep, textBehind } from "./path-shapes.js";
import type { Paths, Tally } from "./tally.js";

/** Of a row that members of a map share. */
export const NO_STEP = pathStep("");

export class RowPaths {
  readonly #rows: LayoutRows;
  readonly #rootShape: PathShape;
  /** Rows with hits, in the order of the first of each: so many of the list. */
  readonly #hit: number[] = [];
  #hits = 0;
  /** So many of them have been noted. */
  #noted = 0;
  /** Those of the last document without hits in maps, and the paths that came of them. */
  #lastHit: readonly number[] = [];
  #lastPaths: Paths | undefined;

  constructor(rows: LayoutRows, rootShape: PathShape) {
    this.#rows = rows;
    this.#rootShape = rootShape;
  }

  /** A row has its first hit in a document. */
  hit(row: number): void {
    this.#hit[this.#hits++] = row;
  }

  /** Notes the path of a row in the member whose name begins at `from`; its map has read that one. */
  noteIn(facts: RowFacts, map: NameMap, from: number, row: number, tally: Tally): void {
    facts.notedIn = from;
    this.#noteHits(tally);
    facts.step ??= this.#stepTo(row);
    const { step } = facts;
    const text = textBehind(map.text, step.text);
    tally.notePath(facts.destroys, text, hashBehindStep(map.hash, step, text));
  }

  /** Tells what was removed, and forgets it. */
  settle(tally: Tally | undefined): void {
    if (tally !== undefined && this.#hits > 0) this.#tellPaths(tally);
    for (let index = 0; index < this.#hits; index++) {
      const row = this.#hit[index] as number;
      const facts = this.#rows.factsOf(row);
      tally?.add(facts.destroys, this.#rows.table[row + HITS] as number);
      this.#rows.table[row + HITS] = 0;
      facts.notedIn = -1;
      for (let { map } = facts; map !== undefined; map = map.outer) map.forget();
    }
    this.#hits = 0;
    this.#noted = 0;
  }

  /** Documents of one endpoint lose the same members nearly always: then the paths are those of the last. */
  #tellPaths(tally: Tally): void {
    const isOfRows = this.#noted === 0;
    if (isOfRows && this.#lastPaths !== undefined && this.#isHitAgain()) {
      tally.repeatPaths(this.#lastPaths);
      return;
    }
    this.#noteHits(tally);
    this.#lastPaths = isOfRows ? tally.allPaths() : undefined;
    this.#lastHit = isOfRows ? this.#hit.slice(0, this.#hits) : [];
  }

  #isHitAgain(): boolean {
    const last = this.#lastHit;
    if (last.length !== this.#hits) return false;
    for (let index = 0; index < last.length; index++) if (last[index] !== this.#hit[index]) return false;
    return true;
  }

  /** Notes the paths of rows, as far as they are a row's alone. */
  #noteHits(tally: Tally): void {
    for (; this.#noted < this.#hits; this.#noted++) {
      const row = this.#hit[this.#noted] as number;
      const facts = this.#rows.factsOf(row);
      if (facts.map === undefined) tally.note(facts.destroys, facts.shape ?? this.#shapeOf(row));
    }
  }

  /** Where the object of a row stands, to be the surroundings of the paths in a map. */
  surroundingsOf(container: number): Surroundings {
    const { map, place } = this.#rows.factsOf(container);
    if (map !== undefined) return { map, step: this.#stepTo(place) };
    return { map, path: place === 0 ? this.#rootShape : this.#shapeOf(place) };
  }

  /** What the path of a row has behind that of the member of its map. */
  #stepTo(row: number): PathStep {
    const { container, step } = this.#rows.factsOf(row);
    if (step !== undefined) return step;
    const { place } = this.#rows.factsOf(container);
    return pathStep(this.#stepTo(place).text + this.#rows.stepText(row));
  }

  /** Of what stands at a row whose path is its own. */
  #shapeOf(row: number): PathShape {
    const { names, table } = this.#rows;
    const facts = this.#rows.factsOf(row);
    if (facts.shape !== undefined) return facts.shape;
    const { place } = this.#rows.factsOf(facts.container);
    const around = place === 0 ? this.#rootShape : this.#shapeOf(place);
    const name = table[row + NAME] as number;
    const isElement = facts.container === row;
    facts.shape = isElement
      ? around.element()
      : around.member(names, name, name + (table[row + LENGTH] as number));
    return facts.shape;
  }
}
