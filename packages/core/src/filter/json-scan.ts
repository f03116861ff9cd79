/**
 * One stage of a filter over one JSON text: reads its bytes once, strictly (RFC 8259), in pieces cut anywhere, and cuts
 * or replaces what goes.
 *
 * Nothing is built from the text, so what is not cut stays identical to the last byte, duplicate keys and `__proto__`
 * included, and depth costs no call stack (docs/spec/policy.md, "Filters").
 *
 * This file is longer than others because its loop is: the engine keeps what is used for each byte in registers only
 * inside one function, and what that function calls shares its state. What goes out is in `DocumentOutput`, whose
 * coordinates are used below.
 */
import { decodeUtf8, plainBytes, toUtf8 } from "../bytes.js";
import { SETTLED_CELL } from "../pattern/automaton.js";
import { symbolAt } from "../pattern/program.js";
import { ByteBuffer } from "./byte-buffer.js";
import { DocumentOutput } from "./document-output.js";
import {
  BACKSLASH,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  codePointAt,
  escapeLength,
  INCOMPLETE,
  mayEndNumber,
  NUMBER_COLUMN,
  NUMBER_STEPS,
  NumberPart,
  OPEN_BRACE,
  OPEN_BRACKET,
  PLAIN,
  QUOTE,
  sequenceLength,
} from "./json-bytes.js";
import { plainEnd, plainScalarEnd, wordLength } from "./json-scalars.js";
import { spaceEnd } from "./json-values.js";
import type { LocatedNode } from "./located-nodes.js";
import { OpenPaths } from "./open-paths.js";
import { type BoundOperation, maskedText, strictest } from "./operation.js";
import {
  BY_INDEX,
  DESTROY,
  type NodeAction,
  type PathMachine,
  READ,
  REPLACE,
  RETAIN,
} from "./path-machine.js";
import { keyText, type PathShape } from "./path-shapes.js";
import type { Tally } from "./tally.js";

export interface JsonLimits {
  readonly maxJsonDepth: number;
  /** UTF-8 bytes of a member's key, of a scalar that an operation must see whole, and of what is undecided at a time. */
  readonly maxScalarBytes: number;
}

/** Replaces what a `hash` operation matches; without it such a node withholds the document. */
export type HashBytes = (bytes: Uint8Array) => string;

/** Thrown by {@link JsonScan} where the document must be withheld. The message holds nothing of the document. */
export class WithholdSignal extends Error {}

// Where the scan is. The order matters to nothing.
const AT_START = 0;
const AT_FIRST_KEY = 1;
const AT_KEY = 2;
const IN_KEY = 3;
const AT_COLON = 4;
const AT_VALUE = 5;
const AT_FIRST_ELEMENT = 6;
const IN_STRING = 7;
const IN_NUMBER = 8;
const IN_WORD = 9;
const AFTER_VALUE = 10;
const AT_END = 11;

// What becomes of the scalar that is being read.
const KEEP = 0;
const DROP = 1;
const SWAP = 2;
/** Its text is collected, and its end decides. */
const HOLD = 3;
/** The document is nothing else. */
const ROOT = 4;

// What is known of an open container.
const OBJECT = 1;
/** Below a retained node, or no operation of the stage retains. */
const RETAINED = 2;
/** A retained node lies below. */
const HAS_RETAINED = 4;
/** Nothing inside reaches the output. */
const SILENT = 8;
/** Inside something destroyed: nothing in here is counted. */
const DESTROYED = 16;
/** Inside something masked or hashed. */
const REPLACED = 32;
/** Itself destroyed, to be counted when it closes. */
const SELF_DESTROYED = 64;
/** Itself masked or hashed. */
const SELF_REPLACED = 128;

/** No operation looks at anything below. */
const UNTRACKED = -2;
/** The root, which no operation is tried on. */
const AT_ROOT = -3;

const NO_BYTES = new Uint8Array(0);
const NO_NODES: readonly LocatedNode[] = [];

/** Frames that a scan has room for at first. */
const FIRST_FRAMES = 32;

export class JsonScan {
  #machine: PathMachine;
  readonly #limits: JsonLimits;
  readonly #tally: Tally;
  readonly #hash: HashBytes | undefined;
  readonly #paths: OpenPaths;

  #at = AT_START;
  /** Where the input is read from when a piece ends inside an escape, a character or a word: the part that came. */
  #rest: Uint8Array = NO_BYTES;
  /** Bytes of input before the piece, for messages. */
  #read = 0;

  /** State of the current child, or UNTRACKED. */
  #state = AT_ROOT;
  #matchId = 0;
  #treatment = KEEP;
  #part: number = NumberPart.Minus;
  #hasEscapes = false;
  /** Raw bytes of the current key or held scalar that came in earlier pieces. */
  readonly #token = new ByteBuffer();
  /** Where the rest of it begins in this piece. */
  #tokenFrom = 0;
  /** The key of the current child, between its quotes: in this piece, or kept when a piece ended. */
  #keyFrom = 0;
  #keyTo = 0;
  #keyBytes: Uint8Array | undefined;

  /** The piece that is read: names may lie in it. */
  #bytes: Uint8Array = NO_BYTES;
  /**
   * Where the current child's segment begins, in this piece; negative when before it. What is removed with the child
   * begins here: all between here and its value is output without a gap, or nothing of it is.
   */
  #childFrom = 0;
  /** A key that is longer has to be looked at. */
  readonly #maxPlainKey: number;
  /** Whether a part of the current token came in earlier pieces. */
  #hasToken = false;
  /** Bytes of a child before its value: its name has a bound of its own, white space only this. */
  readonly #mostUndecided: number;

  #depth = 0;
  // Of the innermost container, what is asked for each of its children.
  /** As in `#below`. */
  #belowHere = AT_ROOT;
  /** Whether what no operation matches is kept and goes out. */
  #isPlainHere = false;
  /** Whether a child stays so far. */
  #keptHere = false;
  // Of each open container, the root's at 1.
  #flags = new Uint8Array(FIRST_FRAMES);
  #hasKept = new Uint8Array(FIRST_FRAMES);
  /** State before a member's key, of every element, {@link BY_INDEX} or UNTRACKED. */
  #below = new Int32Array(FIRST_FRAMES);
  /** State of the container itself. */
  #own = new Int32Array(FIRST_FRAMES);
  #index = new Int32Array(FIRST_FRAMES);
  #matchIds = new Int32Array(FIRST_FRAMES);
  /** Coordinates at which their segments begin, for those that may be taken back. */
  #segments = new Float64Array(FIRST_FRAMES);
  #newSegment = 0;
  /** The outermost container of which it is not known whether anything stays; 0 for none. */
  #pendingDepth = 0;
  /** The container that is to be hashed, and the coordinate at which its value begins; 0 for none. */
  #hashDepth = 0;
  #hashFrom = 0;

  readonly #output = new DocumentOutput();
  /** Coordinate at which the segment of a held scalar begins: what goes with it when it goes. */
  #segment = 0;
  /** Coordinate at which its value begins. */
  #value = 0;

  /** Nodes of this document that were found before it is scanned. */
  #located: readonly LocatedNode[] = NO_NODES;
  #nextLocated = 0;
  /** Where the next of them begins, -1 for nowhere. Such a document comes in one piece. */
  #locatedAt = -1;
  /** What is done to those found so far. Their match ids are negative: -1 for the first. */
  readonly #locatedActions: NodeAction[] = [];

  constructor(
    machine: PathMachine,
    limits: JsonLimits,
    tally: Tally,
    rootShape: PathShape,
    hash: HashBytes | undefined,
  ) {
    this.#machine = machine;
    this.#limits = limits;
    this.#tally = tally;
    this.#paths = new OpenPaths(rootShape);
    this.#hash = hash;
    this.#mostUndecided = 2 * limits.maxScalarBytes;
    this.#maxPlainKey = limits.maxScalarBytes;
    this.#flags[0] = machine.hasRetains ? 0 : RETAINED;
  }

  /** Begins another document with the same operations and limits. */
  reset(machine: PathMachine): void {
    this.#machine = machine;
    this.#tally.reset();
    this.#at = AT_START;
    this.#rest = NO_BYTES;
    this.#read = 0;
    this.#state = AT_ROOT;
    this.#token.clear();
    this.#hasToken = false;
    this.#keyBytes = undefined;
    this.#childFrom = 0;
    this.#depth = 0;
    this.#belowHere = AT_ROOT;
    this.#isPlainHere = false;
    this.#keptHere = false;
    this.#pendingDepth = 0;
    this.#hashDepth = 0;
    this.#output.reset();
    this.#paths.reset();
    this.locate(NO_NODES);
  }

  /**
   * Says what other means than paths have found in the document, before its first byte and only piece.
   *
   * @param nodes - in the order of the document
   */
  locate(nodes: readonly LocatedNode[]): void {
    this.#located = nodes;
    this.#nextLocated = 0;
    this.#locatedAt = nodes[0]?.at ?? -1;
    this.#locatedActions.length = 0;
  }

  /** The machine with what was learnt, perhaps another than the one given. */
  get machine(): PathMachine {
    return this.#machine;
  }

  /**
   * Reads a piece of the document.
   *
   * @param piece - not changed and not kept; the result may be a part of its memory
   * @returns what may go on, possibly empty
   * @throws WithholdSignal when the document must be withheld; the scan is of no use then
   */
  write(piece: Uint8Array): Uint8Array {
    const plain = plainBytes(piece);
    const bytes = this.#rest.length === 0 ? plain : joined(this.#rest, plain);
    this.#rest = NO_BYTES;
    this.#output.beginPiece();
    this.#tokenFrom = 0;
    if (this.#at === IN_KEY) this.#keyFrom = 0;
    const used = this.#scan(bytes, bytes.length);
    this.#rest = used === bytes.length ? NO_BYTES : bytes.slice(used);
    const out = this.#leavePiece(bytes, used);
    this.#bytes = NO_BYTES;
    this.#read += used;
    return out;
  }

  /**
   * Ends the document: all that stays of it has gone out by now.
   *
   * @throws WithholdSignal when it is not complete
   */
  end(): void {
    const isNumber = this.#at === IN_NUMBER && this.#depth === 0 && mayEndNumber(this.#part);
    if (!isNumber && this.#at !== AT_END) throw this.#malformed("the text ends too early", this.#rest.length);
  }

  /** @returns how much of the bytes was used: all but what is left of a token that has to be seen together */
  #scan(b: Uint8Array, n: number): number {
    const plain = PLAIN;
    let p = 0;
    let c = 0;
    let at = this.#at;
    let { columns } = this.#machine;
    let { table } = this.#machine.automaton;
    let state = this.#state;
    let isObject = this.#isInObject();
    this.#bytes = b;

    scan: for (;;) {
      // Each case goes on with the next: what follows a key is a colon, and then a value.
      switch (at) {
        case AT_FIRST_KEY:
        // biome-ignore lint/suspicious/noFallthroughSwitchClause: the rest of the key follows
        case AT_KEY:
          p = spaceEnd(b, p, n);
          if (p === n) break scan;
          c = b[p] as number;
          if (c !== QUOTE) {
            if (c !== CLOSE_BRACE || at === AT_KEY) throw this.#malformed("a member's name is missing", p);
            at = this.#closeEmpty(p++);
            isObject = this.#isInObject();
            break;
          }
          if (at === AT_FIRST_KEY && this.#isPlainHere && p > 0 && p === this.#childFrom) {
            const from = p - 1;
            p = this.#plainMembers(b, from, n, 1);
            if (p > from) {
              at = this.#at;
              state = this.#state;
              if (at === AT_VALUE) continue;
              break;
            }
            p++;
          }
          p++;
          this.#keyFrom = p;
          this.#keyBytes = undefined;
          this.#hasEscapes = false;
          state = this.#belowHere;
          at = IN_KEY;
        // biome-ignore lint/suspicious/noFallthroughSwitchClause: a colon follows
        case IN_KEY:
          for (;;) {
            if (state >= 0) {
              while (p < n) {
                const column = columns[b[p] as number] as number;
                if (column === 0) break;
                let next = table[state + column] as number;
                if (next === 0) {
                  this.#state = state;
                  next = this.#step(column);
                  columns = this.#machine.columns;
                  table = this.#machine.automaton.table;
                }
                state = next;
                p++;
              }
            } else {
              p = plainEnd(b, p, n, plain);
            }
            if (p >= n) break scan;
            c = b[p] as number;
            if (c === QUOTE) break;
            const length = c === BACKSLASH ? escapeLength(b, p, n) : sequenceLength(b, p, n);
            if (length === INCOMPLETE) break scan;
            if (length === 0) throw this.#badCharacter(c, p);
            if (c === BACKSLASH) this.#hasEscapes = true;
            else if (state >= 0) {
              this.#state = state;
              state = this.#stepPoint(codePointAt(b, p, length));
              columns = this.#machine.columns;
              table = this.#machine.automaton.table;
            }
            p += length;
          }
          this.#keyTo = p;
          if (p - this.#keyFrom > this.#maxPlainKey || this.#hasEscapes || this.#hasToken) {
            this.#state = state;
            state = this.#endLongKey(b, p);
            columns = this.#machine.columns;
            table = this.#machine.automaton.table;
          }
          p++;
          at = AT_COLON;
        // biome-ignore lint/suspicious/noFallthroughSwitchClause: a value follows
        case AT_COLON:
          p = spaceEnd(b, p, n);
          if (p === n) break scan;
          c = b[p] as number;
          if (c !== COLON) throw this.#malformed("a colon is missing", p);
          p++;
          at = AT_VALUE;
        case AT_VALUE:
        case AT_FIRST_ELEMENT:
        case AT_START: {
          if (at === AT_START) {
            p = this.#skipMark(b, n);
            if (p === INCOMPLETE) {
              p = 0;
              break scan;
            }
            at = AT_VALUE;
          }
          p = spaceEnd(b, p, n);
          if (p === n) break scan;
          c = b[p] as number;
          if (at === AT_FIRST_ELEMENT) {
            if (c === CLOSE_BRACKET) {
              at = this.#closeEmpty(p++);
              isObject = this.#isInObject();
              break;
            }
            state = this.#beginElement(0);
            table = this.#machine.automaton.table;
          }
          this.#checkUndecided(p);
          let matchId = state < 0 ? 0 : (table[state] as number);
          if (p === this.#locatedAt) matchId = this.#withLocated(matchId);
          if (c === OPEN_BRACE || c === OPEN_BRACKET) {
            this.#state = state;
            isObject = c === OPEN_BRACE;
            this.#openContainer(p, isObject, matchId);
            columns = this.#machine.columns;
            table = this.#machine.automaton.table;
            p++;
            this.#childFrom = p;
            at = isObject ? AT_FIRST_KEY : AT_FIRST_ELEMENT;
            continue;
          }
          this.#treatment = matchId === 0 && this.#isPlainHere ? KEEP : this.#beginScalar(p, matchId);
          if (c === QUOTE) {
            p++;
            at = IN_STRING;
          } else {
            at = this.#beginOther(c);
            if (at === IN_NUMBER) p++;
          }
        }
      }

      switch (at) {
        case IN_STRING:
          for (;;) {
            p = plainEnd(b, p, n, plain);
            if (p >= n) break scan;
            c = b[p] as number;
            if (c === QUOTE) break;
            const length = c === BACKSLASH ? escapeLength(b, p, n) : sequenceLength(b, p, n);
            if (length === INCOMPLETE) break scan;
            if (length === 0) throw this.#badCharacter(c, p);
            p += length;
          }
          p++;
          if (this.#treatment === KEEP) {
            this.#keptHere = true;
            at = AFTER_VALUE;
          } else at = this.#endScalar(b, p);
          break;
        case IN_NUMBER: {
          let part: number = this.#part;
          for (; p < n; p++) {
            const column = NUMBER_COLUMN[b[p] as number] as number;
            if (column === 0) break;
            part = NUMBER_STEPS[part * 8 + column] as number;
            if (part === 0) throw this.#malformed("a number is malformed", p);
          }
          this.#part = part;
          if (p === n) break scan;
          if (!mayEndNumber(part)) throw this.#malformed("a number is malformed", p);
          at = this.#endScalar(b, p);
          break;
        }
        case IN_WORD: {
          const length = wordLength(b, p, n);
          if (length === INCOMPLETE) break scan;
          if (length === 0) throw this.#malformed("a value is missing", p);
          p += length;
          at = this.#endScalar(b, p);
        }
      }

      p = spaceEnd(b, p, n);
      if (p === n) break;
      c = b[p] as number;
      if (at === AT_END) throw this.#malformed("text after the document", p);
      if (c === COMMA) {
        if (isObject && this.#isPlainHere && this.#output.open >= 0) {
          const from = p;
          p = this.#plainMembers(b, p, n, 0);
          if (p > from) {
            at = this.#at;
            state = this.#state;
            continue;
          }
        }
        this.#childFrom = p;
        if (this.#output.open < 0) this.#reopen(p);
        p++;
        if (isObject) at = AT_KEY;
        else {
          state = this.#belowHere;
          if (state === BY_INDEX) {
            state = this.#beginElement(1);
            table = this.#machine.automaton.table;
          }
          at = AT_VALUE;
        }
        continue;
      }
      if (c !== (isObject ? CLOSE_BRACE : CLOSE_BRACKET)) {
        throw this.#malformed("a comma or a closing bracket is missing", p);
      }
      at = this.#closeContainer(p++);
      isObject = this.#isInObject();
    }
    this.#at = at;
    this.#state = state;
    this.#childFrom -= p;
    return p;
  }

  /**
   * Reads members that are nothing but a plain name and a plain scalar, kept or destroyed: the common ones, in a loop of
   * few branches. What is not so is left to {@link JsonScan.#scan}, which reads it again from its comma.
   *
   * @param from - a comma behind a member that is kept, or the byte before an object's first member
   * @param first - 1 at an object's first member, else 0
   * @returns where `#scan` goes on, at `#at` and `#state`; `from` when it has to read that member itself
   */
  #plainMembers(b: Uint8Array, from: number, n: number, first: 0 | 1): number {
    const plain = PLAIN;
    const { columns } = this.#machine;
    const { table } = this.#machine.automaton;
    const below = this.#belowHere;
    const maxKey = this.#maxPlainKey;
    let comma = from;
    let skipped: number = first;
    this.#at = AFTER_VALUE;
    while (comma + 2 < n && b[comma + 1] === QUOTE && (skipped === 1 || b[comma] === COMMA)) {
      const key = comma + 2;
      let p = key;
      let state = below;
      if (below >= 0) {
        for (; p < n; p++) {
          const column = columns[b[p] as number] as number;
          if (column === 0) break;
          const next = table[state + column] as number;
          if (next === 0) return comma;
          state = next;
        }
      } else {
        p = plainEnd(b, p, n, plain);
      }
      if (p + 2 >= n || b[p] !== QUOTE || b[p + 1] !== COLON || p - key > maxKey) return comma;
      const c = b[p + 2] as number;
      const matchId = state < 0 ? 0 : (table[state] as number);
      if (c === OPEN_BRACE || c === OPEN_BRACKET || matchId !== 0 || p + 2 === this.#locatedAt) {
        if (skipped === 0) this.#childFrom = comma;
        this.#keyFrom = key;
        this.#keyTo = p;
        this.#keyBytes = undefined;
        const isLeft = skipped === 1 || p + 2 === this.#locatedAt;
        const end = isLeft ? -1 : plainScalarEnd(b, p + 2, n);
        if (end < 0 || !this.#dropPlain(comma, matchId)) {
          this.#state = state;
          this.#at = AT_VALUE;
          return p + 2;
        }
        comma = end;
        if (b[end] !== COMMA && b[end] !== CLOSE_BRACE) return end;
        this.#output.open = end;
        continue;
      }
      p = plainScalarEnd(b, p + 2, n);
      if (p < 0) return comma;
      comma = p;
      skipped = 0;
      this.#keptHere = true;
    }
    return comma;
  }

  /** Drops a scalar together with the comma before it, if all that is to be done is to destroy it. */
  #dropPlain(comma: number, matchId: number): boolean {
    const { bits, destroys } = this.#actionOf(matchId);
    if (bits !== DESTROY || this.#machine.hasRetains) return false;
    this.#count(destroys);
    this.#output.silence(comma);
    return true;
  }

  /** @returns the length of a byte-order mark, which is dropped */
  #skipMark(b: Uint8Array, n: number): number {
    if (b[0] !== 0xef || n === 0) return n === 0 ? INCOMPLETE : 0;
    if (n < 3) return INCOMPLETE;
    if (b[1] !== 0xbb || b[2] !== 0xbf) return 0;
    this.#output.open = 3;
    return 3;
  }

  /** The step from `#state` that the table does not hold yet. A machine that is full is replaced. */
  #step(column: number): number {
    const { automaton } = this.#machine;
    const next = automaton.make(this.#state, column);
    if (!automaton.isFull) return next;
    const fresh = this.#machine.fresh();
    const adopt = (state: number) => (state < 0 ? state : fresh.automaton.adopt(automaton, state));
    for (let depth = 1; depth <= this.#depth; depth++) {
      // What matched is asked by id later on, and ids belong to a machine.
      this.#own[depth] = adopt(this.#own[depth] as number);
      this.#below[depth] = adopt(this.#below[depth] as number);
      if ((this.#matchIds[depth] as number) < 0) continue;
      this.#matchIds[depth] =
        (this.#own[depth] as number) < 0 ? 0 : fresh.automaton.matchId(this.#own[depth] as number);
    }
    this.#machine = fresh;
    this.#belowHere = this.#below[this.#depth] as number;
    return adopt(next);
  }

  #stepPoint(point: number): number {
    const text = String.fromCodePoint(point);
    for (let index = 0; index < text.length; index++) {
      this.#stepColumn(this.#machine.automaton.columnOf(symbolAt(text, index)));
    }
    return this.#state;
  }

  #stepColumn(column: number): void {
    this.#state = this.#machine.automaton.table[this.#state + column] || this.#step(column);
  }

  #stepText(text: string): void {
    for (let index = 0; index < text.length; index++) {
      this.#stepColumn(this.#machine.automaton.columnOf(symbolAt(text, index)));
    }
  }

  /** Ends a key that came in several pieces, has escapes or may be too long. @returns the state behind it */
  #endLongKey(b: Uint8Array, p: number): number {
    this.#checkLength(this.#token.length + p - this.#keyFrom, "a member's name");
    let key = b.subarray(this.#keyFrom, p);
    if (this.#hasToken) {
      this.#token.append(key);
      key = this.#takeToken();
      this.#keyBytes = key;
    }
    if (this.#hasEscapes && this.#state >= 0) {
      this.#state = this.#belowHere;
      this.#stepText(keyText(key));
    }
    return this.#state;
  }

  #takeToken(): Uint8Array {
    this.#hasToken = false;
    return this.#token.take(this.#token.length);
  }

  #beginOther(first: number): number {
    const column = NUMBER_COLUMN[first] as number;
    if (first === 0x2d) this.#part = NumberPart.Minus;
    else if (column === 1 || column === 2) this.#part = column === 1 ? NumberPart.Zero : NumberPart.Integer;
    else return IN_WORD;
    return IN_NUMBER;
  }

  #isInObject(): boolean {
    return ((this.#flags[this.#depth] as number) & OBJECT) !== 0;
  }

  /** The state of the next element. */
  #beginElement(step: number): number {
    const depth = this.#depth;
    const index = (this.#index[depth] as number) + step;
    this.#index[depth] = index;
    const every = this.#below[depth] as number;
    if (every !== BY_INDEX) return every;
    this.#state = this.#own[depth] as number;
    this.#stepColumn(this.#machine.openColumn);
    this.#stepText(String(index));
    this.#stepColumn(this.#machine.closeColumn);
    return this.#state;
  }

  /** The coordinate of the current child's segment, its value beginning at `p`. */
  #segmentAt(p: number): number {
    return this.#output.coordinate(p) - (p - this.#childFrom);
  }

  /** Goes on with output at the comma at `p`; behind it when nothing stays before it: then it goes too. */
  #reopen(p: number): void {
    if (((this.#flags[this.#depth] as number) & SILENT) !== 0) return;
    this.#output.open = this.#keptHere ? p : p + 1;
    this.#childFrom = this.#output.open;
  }

  /** Every container around the current child has a retained node below. */
  #markRetained(): void {
    this.#pendingDepth = 0;
    for (let depth = this.#depth; depth > 0; depth--) {
      const flags = this.#flags[depth] as number;
      if ((flags & (RETAINED | HAS_RETAINED)) !== 0) return;
      this.#flags[depth] = flags | HAS_RETAINED;
    }
  }

  #actionOf(matchId: number): NodeAction {
    return matchId < 0 ? (this.#locatedActions[-1 - matchId] as NodeAction) : this.#machine.action(matchId);
  }

  /** The match id of a node that was located, whose path has matched what the given id says. */
  #withLocated(matchId: number): number {
    const { operations } = this.#located[this.#nextLocated++] as LocatedNode;
    this.#locatedAt = this.#located[this.#nextLocated]?.at ?? -1;
    const matched = this.#machine.automaton.matchesOf(matchId);
    return -this.#locatedActions.push(this.#machine.actionOf([...matched, ...operations]));
  }

  /** Decides what becomes of a scalar that begins at `p`, as far as that can be said before it is read. */
  #beginScalar(p: number, matchId: number): number {
    if (this.#depth === 0) return this.#beginRootScalar();
    const around = this.#flags[this.#depth] as number;
    const action = this.#actionOf(matchId);
    const isSilent = (around & SILENT) !== 0;
    if ((around & RETAINED) === 0 && (action.bits & RETAIN) === 0) {
      if (!isSilent) this.#output.takeBack(this.#segmentAt(p), p);
      return DROP;
    }
    if ((around & RETAINED) === 0) this.#markRetained();
    if ((around & DESTROYED) !== 0) return DROP;
    this.#matchId = matchId;
    if ((action.bits & READ) !== 0) {
      this.#segment = this.#segmentAt(p);
      this.#value = this.#output.coordinate(p);
      this.#tokenFrom = p;
      return HOLD;
    }
    if ((action.bits & DESTROY) !== 0) {
      this.#count(action.destroys);
      if (!isSilent) this.#output.takeBack(this.#segmentAt(p), p);
      return DROP;
    }
    if ((around & RETAINED) === 0) this.#count(action.retains);
    if ((action.bits & REPLACE) === 0 || (around & REPLACED) !== 0) return KEEP;
    this.#count(action.replaces);
    this.#output.silence(p);
    return SWAP;
  }

  #beginRootScalar(): number {
    if (!this.#machine.hasRetains) return ROOT;
    throw new WithholdSignal("the document is a scalar, of which nothing can be retained");
  }

  /** Settles a scalar that ends before `p`. @returns where the scan is then */
  #endScalar(b: Uint8Array, p: number): number {
    switch (this.#treatment) {
      case ROOT:
        return AT_END;
      case DROP:
        return AFTER_VALUE;
      case SWAP:
        this.#output.swapIn(
          maskedText(this.#strictestOf(this.#actionOf(this.#matchId).replaces)?.mask, undefined),
          p,
        );
        break;
      case HOLD:
        if (!this.#endHeld(b, p)) return AFTER_VALUE;
    }
    this.#keptHere = true;
    return AFTER_VALUE;
  }

  /** @returns whether the scalar stays, as it is or replaced */
  #endHeld(b: Uint8Array, p: number): boolean {
    const around = this.#flags[this.#depth] as number;
    const action = this.#actionOf(this.#matchId);
    const text = this.#heldText(b, p);
    const matched = action.conditional.filter((index) => {
      const { matchValue, values } = this.#operation(index);
      return matchValue?.matches(text, values) === true;
    });
    const destroying = [
      ...action.destroys,
      ...matched.filter((index) => this.#operation(index).effect === "destroy"),
    ];
    if (destroying.length > 0) {
      this.#count(destroying);
      if ((around & SILENT) === 0) this.#output.takeBack(this.#segment, p);
      return false;
    }
    if ((around & RETAINED) === 0) this.#count(action.retains);
    const replacing = [...action.replaces, ...matched];
    if (replacing.length === 0 || (around & REPLACED) !== 0) return true;
    this.#count(replacing);
    this.#output.takeBack(this.#value, p);
    this.#output.swapIn(this.#replacementOf(replacing, text), p);
    return true;
  }

  #operation(index: number): BoundOperation {
    return this.#machine.operations[index] as BoundOperation;
  }

  #strictestOf(operations: readonly number[]): BoundOperation | undefined {
    return strictest(operations.map((index) => this.#operation(index)));
  }

  #replacementOf(operations: readonly number[], text: string): string {
    const chosen = this.#strictestOf(operations);
    return chosen?.effect === "hash" ? this.#hashed(toUtf8(text)) : maskedText(chosen?.mask, text);
  }

  #hashed(bytes: Uint8Array): string {
    if (this.#hash === undefined) throw new WithholdSignal("there is no key for the operation `hash`");
    return this.#hash(bytes);
  }

  /** A scalar's text: a string's characters, of anything else the text as it stands. */
  #heldText(b: Uint8Array, p: number): string {
    this.#checkLength(this.#token.length + p - this.#tokenFrom, "a value that an operation has to see");
    let bytes = b.subarray(this.#tokenFrom, p);
    if (this.#hasToken) {
      this.#token.append(bytes);
      bytes = this.#takeToken();
    }
    const raw = decodeUtf8(bytes) ?? "";
    return raw.startsWith('"') ? (JSON.parse(raw) as string) : raw;
  }

  #openContainer(p: number, isObject: boolean, matchId: number): void {
    const outer = this.#depth;
    if (outer >= this.#limits.maxJsonDepth) {
      throw new WithholdSignal(`the document is nested deeper than ${this.#limits.maxJsonDepth}`);
    }
    const around = this.#flags[outer] as number;
    const isPlain = matchId === 0 && this.#isPlainHere;
    const inside =
      (isObject ? OBJECT : 0) |
      (isPlain ? RETAINED : outer === 0 ? around & RETAINED : this.#beginContainer(p, matchId, around));
    const state = this.#state === AT_ROOT ? this.#machine.root : this.#state;
    const depth = outer + 1;
    if (depth >= this.#flags.length) this.#makeRoom();
    this.#hasKept[outer] = this.#keptHere ? 1 : 0;
    this.#depth = depth;
    this.#flags[depth] = inside;
    this.#own[depth] = state;
    this.#index[depth] = 0;
    this.#matchIds[depth] = matchId;
    if ((around & OBJECT) === 0) this.#paths.openElement(depth);
    else this.#paths.openMember(depth, this.#keyBytes, this.#keyFrom, this.#keyTo);
    if (!isPlain) this.#segments[depth] = this.#newSegment;
    // Where nothing goes out there is nothing to hold back, and no coordinate to hold it back from.
    if (((inside & RETAINED) | (around & SILENT)) === 0 && depth > 1) this.#beginPending(p, depth);
    this.#belowHere = this.#stateBelow(state, isObject, inside);
    this.#below[depth] = this.#belowHere;
    this.#keptHere = false;
    this.#isPlainHere = (inside & (RETAINED | SILENT | REPLACED)) === RETAINED;
  }

  #stateBelow(state: number, isObject: boolean, inside: number): number {
    if (state === UNTRACKED) return UNTRACKED;
    const { automaton } = this.#machine;
    const isDecided = (inside & (RETAINED | DESTROYED)) === (RETAINED | DESTROYED);
    const { bits } = this.#actionOf(automaton.matchId(state));
    const isRetained = bits === RETAIN && (inside & RETAINED) !== 0;
    const isQuiet = automaton.table[state + SETTLED_CELL] === 1 && (bits === 0 || isRetained);
    if (isDecided || isQuiet) return UNTRACKED;
    return isObject ? this.#machine.beforeKey(state) : this.#machine.everyElement(state);
  }

  /** Flags of a container that some operation matches, or that lies in something that is not simply kept. */
  #beginContainer(p: number, matchId: number, around: number): number {
    const action = this.#actionOf(matchId);
    const isRetained = (around & RETAINED) !== 0 || (action.bits & RETAIN) !== 0;
    let inside = (around & (SILENT | DESTROYED | REPLACED)) | (isRetained ? RETAINED : 0);
    const isNewlyRetained = isRetained && (around & RETAINED) === 0;
    this.#newSegment = this.#segmentAt(p);
    if (isNewlyRetained) this.#markRetained();
    if ((around & DESTROYED) !== 0) return inside;
    if ((action.bits & DESTROY) !== 0) {
      if ((around & SILENT) === 0) this.#output.takeBack(this.#newSegment, p);
      return inside | DESTROYED | SILENT | SELF_DESTROYED;
    }
    if (isNewlyRetained) this.#count(action.retains);
    if ((action.bits & REPLACE) === 0 || (around & REPLACED) !== 0) return inside;
    inside |= REPLACED | SELF_REPLACED;
    if (this.#strictestOf(action.replaces)?.effect === "hash") {
      this.#hashDepth = this.#depth + 1;
      this.#hashFrom = this.#output.coordinate(p);
      return inside;
    }
    this.#output.silence(p);
    return inside | SILENT;
  }

  /** Closes a container without children: the white space in it was held until it was known that none comes. */
  #closeEmpty(p: number): number {
    this.#checkUndecided(p);
    return this.#closeContainer(p);
  }

  /** Closes the innermost container with the bracket at `p`. @returns where the scan is then */
  #closeContainer(p: number): number {
    const depth = this.#depth;
    const outer = depth - 1;
    const flags = this.#flags[depth] as number;
    const around = this.#flags[outer] as number;
    if (this.#output.open < 0 && (flags & SILENT) === 0) this.#output.open = p;
    this.#depth = outer;
    this.#belowHere = this.#below[outer] as number;
    this.#keptHere = this.#hasKept[outer] === 1;
    this.#isPlainHere = (around & (RETAINED | SILENT | REPLACED)) === RETAINED;
    if (outer === 0) return AT_END;
    if ((flags & (RETAINED | SELF_DESTROYED | SELF_REPLACED)) === RETAINED) this.#keptHere = true;
    else this.#settleContainer(p, depth, flags, (around & SILENT) !== 0);
    return AFTER_VALUE;
  }

  /** Settles a container that was not simply kept and closes with the bracket at `p`. */
  #settleContainer(p: number, depth: number, flags: number, isSilent: boolean): void {
    if (depth === this.#pendingDepth) this.#pendingDepth = 0;
    const isKept = (flags & (RETAINED | HAS_RETAINED)) !== 0;
    if (!isKept && !isSilent) this.#output.takeBack(this.#segments[depth] as number, p);
    if (isKept && (flags & SELF_DESTROYED) !== 0) this.#countContainer(depth, ({ destroys }) => destroys);
    else if (isKept) {
      if ((flags & SELF_REPLACED) !== 0) this.#replaceContainer(p + 1, depth, flags);
      this.#keptHere = true;
    }
    if (depth === this.#hashDepth) this.#hashDepth = 0;
  }

  #replaceContainer(end: number, depth: number, flags: number): void {
    const { replaces } = this.#actionOf(this.#matchIds[depth] as number);
    this.#countContainer(depth, () => replaces);
    if ((flags & SILENT) !== 0) {
      this.#output.swapIn(maskedText(this.#strictestOf(replaces)?.mask, undefined), end);
      return;
    }
    this.#output.silence(end);
    this.#checkLength(this.#output.coordinate(end) - this.#hashFrom, "a value that an operation has to see");
    const text = this.#output.since(this.#hashFrom, this.#bytes);
    this.#output.takeBack(this.#hashFrom, end);
    this.#output.swapIn(this.#hashed(text), end);
  }

  #checkLength(length: number, what: string): void {
    if (length > this.#limits.maxScalarBytes) {
      throw new WithholdSignal(`${what} is longer than \`maxScalarBytes\``);
    }
  }

  /** A container of which nothing is retained so far: its opening is held back, those of its kind around it too. */
  #beginPending(p: number, depth: number): void {
    if (this.#pendingDepth === 0) this.#pendingDepth = depth;
    const held = this.#output.coordinate(p) - (this.#segments[this.#pendingDepth] as number);
    if (held > this.#limits.maxScalarBytes) throw this.#undecided();
  }

  /** What is before a value belongs to it: it goes out with it, or not at all. */
  #checkUndecided(p: number): void {
    if (p - this.#childFrom > this.#mostUndecided) throw this.#undecided();
  }

  #undecided(): WithholdSignal {
    return new WithholdSignal("more is undecided at a time than `maxScalarBytes` allows");
  }

  /** The coordinate from which on output may still be taken back by the end of a container. */
  #firstUndecided(now: number): number {
    const pending = this.#pendingDepth === 0 ? now : (this.#segments[this.#pendingDepth] as number);
    return this.#hashDepth === 0 ? pending : Math.min(pending, this.#hashFrom);
  }

  #count(operations: readonly number[]): void {
    this.#tally.count(operations, this.#tally.wantsPaths ? this.#childShape() : undefined);
  }

  #countContainer(depth: number, which: (action: NodeAction) => readonly number[]): void {
    const shape = this.#tally.wantsPaths ? this.#paths.shapeOf(depth, this.#bytes) : undefined;
    this.#tally.count(which(this.#actionOf(this.#matchIds[depth] as number)), shape);
  }

  #childShape(): PathShape {
    const parent = this.#paths.shapeOf(this.#depth, this.#bytes);
    if (((this.#flags[this.#depth] as number) & OBJECT) === 0) return parent.element();
    if (this.#keyBytes !== undefined) return parent.member(this.#keyBytes, 0, this.#keyBytes.length);
    return parent.member(this.#bytes, this.#keyFrom, this.#keyTo);
  }

  /** Hands out what is decided, and keeps what is not and what will be asked for later. */
  #leavePiece(b: Uint8Array, used: number): Uint8Array {
    this.#keepToken(b, used);
    this.#keepNames(b);
    const now = this.#output.coordinate(used);
    const limit = Math.min(this.#firstUndecided(now), this.#isChildUndecided() ? this.#heldFrom(now) : now);
    // Each part of what is held has a bound that was or will be found broken; this one only keeps memory in check.
    if (now - limit > 2 * this.#mostUndecided) throw this.#undecided();
    return this.#output.endPiece(b, used, limit);
  }

  #isChildUndecided(): boolean {
    if (this.#depth === 0 || this.#at === AFTER_VALUE) return false;
    if (((this.#flags[this.#depth] as number) & SILENT) !== 0) return false;
    return !this.#isInScalar() || this.#treatment === HOLD;
  }

  /** The coordinate of the undecided child's segment, when a piece was read. */
  #heldFrom(now: number): number {
    return this.#isInScalar() ? this.#segment : now + this.#childFrom;
  }

  #isInScalar(): boolean {
    return this.#at === IN_STRING || this.#at === IN_NUMBER || this.#at === IN_WORD;
  }

  #keepToken(b: Uint8Array, used: number): void {
    if (this.#at !== IN_KEY && !(this.#isInScalar() && this.#treatment === HOLD)) return;
    this.#token.append(b, this.#at === IN_KEY ? this.#keyFrom : this.#tokenFrom, used);
    this.#hasToken = true;
    this.#checkLength(
      this.#token.length,
      this.#at === IN_KEY ? "a member's name" : "a value that an operation has to see",
    );
  }

  /** Names that lie in this piece are copied before it goes. */
  #keepNames(b: Uint8Array): void {
    if (
      this.#keyBytes === undefined &&
      (this.#at === AT_COLON || this.#at === AT_VALUE || this.#treatment === HOLD)
    ) {
      this.#keyBytes = b.slice(this.#keyFrom, this.#keyTo);
    }
    this.#paths.keepNames(this.#depth, b);
  }

  #makeRoom(): void {
    const size = this.#flags.length * 2;
    const grow = <T extends Uint8Array | Int32Array | Float64Array>(old: T, grown: T): T => {
      grown.set(old);
      return grown;
    };
    this.#flags = grow(this.#flags, new Uint8Array(size));
    this.#hasKept = grow(this.#hasKept, new Uint8Array(size));
    this.#below = grow(this.#below, new Int32Array(size));
    this.#own = grow(this.#own, new Int32Array(size));
    this.#index = grow(this.#index, new Int32Array(size));
    this.#matchIds = grow(this.#matchIds, new Int32Array(size));
    this.#segments = grow(this.#segments, new Float64Array(size));
  }

  #badCharacter(c: number, p: number): WithholdSignal {
    if (c < 0x80) return this.#malformed("a string has a bad character or escape", p);
    return new WithholdSignal(`the body is not UTF-8, near byte ${this.#read + p + 1}`);
  }

  #malformed(what: string, p: number): WithholdSignal {
    return new WithholdSignal(`the body is not JSON: ${what}, near byte ${this.#read + p + 1}`);
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const all = new Uint8Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}
