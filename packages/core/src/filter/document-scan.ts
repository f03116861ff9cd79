/**
 * The common case of a stage over one JSON text, fast: the text is there as a whole, and all that is done to it is to
 * destroy nodes by their path. Whatever else it meets, a fault of the text too, it leaves to `JsonScan`, which reads the
 * text from its beginning.
 *
 * Its loop is one function, so that the engine keeps what is used for each byte in registers; no byte is read past the
 * end, which would slow it down for the life of the process.
 */
import { InternalError } from "../errors.js";
import {
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  OPEN_BRACE,
  OPEN_BRACKET,
  PLAIN,
  QUOTE,
} from "./json-bytes.js";
import { plainEnd } from "./json-scalars.js";
import { containerEnd, literalEnd, spaceEnd, stringEnd } from "./json-values.js";
import {
  ARRAY,
  HITS,
  KEPT,
  LENGTH,
  NAME,
  NEXT,
  OBJECT,
  REMOVED_IN_MAP,
  SKIPPED,
  UNFIT,
  VERDICT,
} from "./layout-rows.js";
import type { Layouts } from "./layouts.js";
import type { NameMap } from "./name-map.js";
import { NO_STEP } from "./row-paths.js";
import type { Tally } from "./tally.js";

/** Deeper documents are left to others. */
const MAX_DEPTH = 512;

/** Cells of a frame: the container's row; where it is left for one inside it: the row there, its name, what stayed. */
const FRAME = 5;
const frames = new Int32Array(FRAME * (MAX_DEPTH + 1));

/** Bounds of what stays, in pairs. */
let kept = new Int32Array(256);
let keptCells = 0;

/**
 * @returns what stays, a part of the memory of `b` if that is all of it; `undefined` when it is not for this scan
 */
export function scanDocument(
  b: Uint8Array,
  layouts: Layouts,
  tally: Tally,
  maxJsonDepth: number,
): Uint8Array | undefined {
  keptCells = 0;
  const isRead = scan(b, b.length, layouts, tally, Math.min(maxJsonDepth, MAX_DEPTH));
  layouts.settle(isRead ? tally : undefined);
  return isRead ? remaining(b) : undefined;
}

function scan(b: Uint8Array, n: number, layouts: Layouts, tally: Tally, maxDepth: number): boolean {
  const plain = PLAIN;
  const { paths, rows } = layouts;
  let { names, table } = rows;
  let p = spaceEnd(b, 0, n);
  if (p >= n) return false;
  let c = b[p] as number;
  let isObject = c === OPEN_BRACE;
  if (!isObject && c !== OPEN_BRACKET) return false;
  let container = isObject ? layouts.rootObject : layouts.rootArray;
  if (container === UNFIT) return false;
  if (container === SKIPPED) {
    p = containerEnd(b, p, n, maxDepth);
    if (p < 0 || spaceEnd(b, p, n) < n) return false;
    pushKept(0, n);
    return true;
  }
  let depth = 1;
  if (maxDepth < 1) return false;
  /** Where what goes out began; -1 behind something that was removed. */
  let open = 0;
  /** Where the child begins, with the comma before it: so much goes with it. */
  let childFrom = p + 1;
  /** Whether a child stays so far. */
  let hasKept = false;
  /** The row that is expected next, of a member. */
  let row = container;
  let nameFrom = 0;
  let nameEnd = 0;
  let isOpening = true;
  p++;

  for (;;) {
    // Behind an opening bracket or a comma.
    if (p >= n) return false;
    c = b[p] as number;
    if (c <= 0x20) {
      p = spaceEnd(b, p, n);
      if (p >= n) return false;
      c = b[p] as number;
    }
    if (isOpening && c === (isObject ? CLOSE_BRACE : CLOSE_BRACKET)) {
      // It is closed below, as one that has children is.
    } else {
      if (isObject) {
        if (c !== QUOTE) return false;
        p++;
        nameFrom = p;
        const previous = row;
        row = table[previous + NEXT] as number;
        let isExpected = false;
        if (row !== 0) {
          const last = table[row + LENGTH] as number;
          if (p + last < n) {
            const name = table[row + NAME] as number;
            let index = 0;
            for (; index + 3 <= last; index += 4) {
              const at = name + index;
              const it = p + index;
              if (
                ((names[at] as number) ^ (b[it] as number)) +
                  ((names[at + 1] as number) ^ (b[it + 1] as number)) +
                  ((names[at + 2] as number) ^ (b[it + 2] as number)) +
                  ((names[at + 3] as number) ^ (b[it + 3] as number)) !==
                0
              )
                break;
            }
            while (index <= last && names[name + index] === b[p + index]) index++;
            isExpected = index > last;
            nameEnd = p + last;
          }
        }
        if (!isExpected) {
          row = layouts.readName(b, p, n, container, previous);
          if (row === 0) return false;
          names = rows.names;
          table = rows.table;
          nameEnd = layouts.nameEnd;
        }
        p = nameEnd + 1;
        if (p >= n) return false;
        c = b[p] as number;
        if (c !== COLON) {
          p = spaceEnd(b, p, n);
          if (p >= n || b[p] !== COLON) return false;
        }
        p++;
        if (p >= n) return false;
        c = b[p] as number;
        if (c <= 0x20) {
          p = spaceEnd(b, p, n);
          if (p >= n) return false;
          c = b[p] as number;
        }
      }
      const verdict = table[row + VERDICT] as number;
      if (c === QUOTE) {
        p = plainEnd(b, p + 1, n, plain);
        if (p >= n) return false;
        if (b[p] === QUOTE) p++;
        else {
          p = stringEnd(b, p, n);
          if (p < 0) return false;
        }
      } else if (c === OPEN_BRACE || c === OPEN_BRACKET) {
        const isInner = c === OPEN_BRACE;
        let inner: number = SKIPPED;
        if (verdict === KEPT) {
          inner = table[row + (isInner ? OBJECT : ARRAY)] as number;
          if (inner === 0) {
            inner = layouts.containerAt(row, isInner);
            table = rows.table;
          }
        }
        if (inner === UNFIT) return false;
        if (inner === SKIPPED) {
          p = containerEnd(b, p, n, maxDepth - depth);
          if (p < 0) return false;
        } else {
          if (depth === maxDepth) return false;
          const frame = FRAME * depth;
          frames[frame] = container;
          frames[frame + 1] = row;
          frames[frame + 2] = hasKept ? 1 : 0;
          frames[frame + 3] = nameFrom;
          frames[frame + 4] = nameEnd;
          depth++;
          container = inner;
          row = inner;
          isObject = isInner;
          hasKept = false;
          isOpening = true;
          p++;
          childFrom = p;
          continue;
        }
      } else {
        p = literalEnd(b, p, n);
        if (p < 0) return false;
      }
      // Behind the value.
      if (verdict === KEPT) hasKept = true;
      else {
        // What goes out has begun again by now: at the comma before the child, or at a bracket.
        if (childFrom > open) pushKept(open, childFrom);
        open = -1;
        const hits = table[row + HITS] as number;
        table[row + HITS] = hits + 1;
        if (hits === 0) paths.hit(row);
        if (verdict === REMOVED_IN_MAP && tally.wantsPaths)
          notePath(b, layouts, row, nameFrom, nameEnd, tally);
      }
      if (p >= n) return false;
      c = b[p] as number;
    }
    for (;;) {
      if (c === COMMA) {
        if (open < 0) {
          open = hasKept ? p : p + 1;
          childFrom = open;
        } else childFrom = p;
        p++;
        isOpening = false;
        break;
      }
      if (c === (isObject ? CLOSE_BRACE : CLOSE_BRACKET)) {
        if (open < 0) open = p;
        p++;
        depth--;
        if (depth === 0) {
          if (spaceEnd(b, p, n) < n) return false;
          pushKept(open, n);
          return true;
        }
        const frame = FRAME * depth;
        container = frames[frame] as number;
        row = frames[frame + 1] as number;
        isObject = row !== container;
        hasKept = true;
        if (p >= n) return false;
        c = b[p] as number;
      } else {
        const end = spaceEnd(b, p, n);
        if (end === p || end >= n) return false;
        p = end;
        c = b[p] as number;
      }
    }
  }
}

/** Notes the path of what was removed at a row, which is not the row's alone. */
function notePath(
  b: Uint8Array,
  layouts: Layouts,
  row: number,
  nameFrom: number,
  nameEnd: number,
  tally: Tally,
): void {
  const facts = layouts.rows.factsOf(row);
  const { map } = facts;
  if (map === undefined) throw new InternalError(`row ${row} lies in no map`);
  const frame = FRAME * map.depth;
  // A name of the map's own is not left yet.
  const isOwn = facts.step === NO_STEP;
  const from = isOwn ? nameFrom : (frames[frame + 3] as number);
  if (facts.notedIn === from) return;
  readMember(b, map, from, isOwn ? nameEnd : (frames[frame + 4] as number));
  layouts.paths.noteIn(facts, map, from, row, tally);
}

/** Sees to it that a map has the path of a member, and so do those that it lies in. */
function readMember(b: Uint8Array, map: NameMap, from: number, to: number): void {
  if (map.isAt(from)) return;
  const { outer } = map;
  if (outer !== undefined) {
    const frame = FRAME * outer.depth;
    readMember(b, outer, frames[frame + 3] as number, frames[frame + 4] as number);
  }
  map.read(b, from, to);
}

function pushKept(from: number, to: number): void {
  if (keptCells === kept.length) {
    const grown = new Int32Array(2 * kept.length);
    grown.set(kept);
    kept = grown;
  }
  kept[keptCells] = from;
  kept[keptCells + 1] = to;
  keptCells += 2;
}

function remaining(b: Uint8Array): Uint8Array {
  // Its brackets stay of every document: with one part, nothing was removed.
  if (keptCells === 2) return b;
  const isSmall = b.length <= SMALL;
  // Moving down inside a copy takes half the time of views of what stays.
  const left = isSmall ? smallCopy(b) : b.slice();
  const begin = isSmall ? slabUsed : 0;
  let at = begin;
  for (let cell = 0; cell < keptCells; cell += 2) {
    const from = kept[cell] as number;
    const to = kept[cell + 1] as number;
    if (from > 0) left.copyWithin(at, begin + from, begin + to);
    at += to - from;
  }
  // What was removed shall not be found in the memory behind what stays.
  left.fill(0, at, begin + b.length);
  if (isSmall) slabUsed = at;
  return new Uint8Array(left.buffer, begin, at - begin);
}

/** Up to here an array of its own would take as long as all the rest. */
const SMALL = 2048;
/** Small results share memory, as the platform's buffers do. */
const SLAB = 16_384;
let slab = new Uint8Array(0);
let slabUsed = 0;

/** @returns the slab, with the bytes from `slabUsed` on */
function smallCopy(b: Uint8Array): Uint8Array {
  if (slabUsed + b.length > slab.length) {
    slab = new Uint8Array(SLAB);
    slabUsed = 0;
  }
  slab.set(b, slabUsed);
  return slab;
}
