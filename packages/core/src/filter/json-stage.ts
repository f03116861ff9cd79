/**
 * One stage of a filter over one JSON text: reads it once, strictly (RFC 8259), and cuts what goes.
 *
 * Nothing is built from the text, so what is not cut stays identical to the last character, duplicate keys and
 * `__proto__` included, and depth costs no call stack (docs/spec/policy.md, "Filters").
 */
import { type PathBudget, type PathMatcher, type PathNode, pathBudgetFor } from "./path-matcher.js";

export interface JsonLimits {
  readonly maxJsonDepth: number;
  /** UTF-8 bytes of a member's key. */
  readonly maxScalarBytes: number;
}

/** One removal or retention: which operation, and the shape of the path. */
export interface Hit {
  readonly operation: number;
  readonly shape: string;
}

export type StageResult =
  | { readonly ok: true; readonly text: string; readonly hits: readonly Hit[] }
  | { readonly ok: false; readonly reason: string };

/** Runs the operations of one stage. Never throws on data. */
export function filterStage(text: string, matcher: PathMatcher, limits: JsonLimits): StageResult {
  try {
    const scan = new StageScan(text, matcher, limits);
    scan.run();
    return { ok: true, text: scan.output(), hits: scan.hits };
  } catch (error) {
    if (error instanceof WithholdSignal) return { ok: false, reason: error.message };
    throw error;
  }
}

/** Thrown inside this file only, to leave the scan from any depth. */
class WithholdSignal extends Error {}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const MINUS = 0x2d;
const PLUS = 0x2b;
const DOT = 0x2e;
const ZERO = 0x30;

/** An open container. */
interface Frame {
  readonly isObject: boolean;
  readonly node: PathNode;
  /** Below a retained node, or no operation of the stage retains. */
  readonly isRetained: boolean;
  /** Inside something that goes: nothing in here is cut or counted on its own. */
  readonly isDestroyed: boolean;
  index: number;
  /** Children that stay. */
  kept: number;
  /** Whether a retained node lies below. */
  hasRetained: boolean;
  /** Where the current child's text begins: after the brace or comma. */
  segmentStart: number;
  /** The comma before the current child, -1 for the first. */
  comma: number;
  /** Length of `cuts` when the current child began. */
  cutMark: number;
  child: PathNode;
}

class StageScan {
  readonly hits: Hit[] = [];
  readonly #text: string;
  readonly #matcher: PathMatcher;
  readonly #limits: JsonLimits;
  readonly #budget: PathBudget;
  readonly #frames: Frame[] = [];
  /** Pairs of positions, in order: from, to. */
  readonly #cuts: number[] = [];
  #position = 0;

  constructor(text: string, matcher: PathMatcher, limits: JsonLimits) {
    this.#text = text;
    this.#matcher = matcher;
    this.#limits = limits;
    this.#budget = pathBudgetFor(text);
  }

  run(): void {
    this.#skipSpace();
    const { root, hasRetains } = this.#matcher;
    if (!this.#beginValue(root, !hasRetains, false)) {
      if (hasRetains) throw new WithholdSignal("the document is a scalar, of which nothing can be retained");
    } else {
      while (this.#frames.length > 0) this.#step();
    }
    this.#skipSpace();
    if (this.#position < this.#text.length) throw this.#malformed("text after the document");
  }

  output(): string {
    if (this.#cuts.length === 0) return this.#text;
    const kept: string[] = [];
    let from = 0;
    for (let index = 0; index < this.#cuts.length; index += 2) {
      kept.push(this.#text.slice(from, this.#cuts[index]));
      from = this.#cuts[index + 1] ?? from;
    }
    kept.push(this.#text.slice(from));
    return kept.join("");
  }

  /** Reads one child of the innermost container, or closes it. */
  #step(): void {
    const frame = this.#frames[this.#frames.length - 1] as Frame;
    this.#skipSpace();
    const close = frame.isObject ? CLOSE_BRACE : CLOSE_BRACKET;
    if (frame.index === 0 && this.#peek() === close) {
      this.#endChildren(this.#closeContainer());
      return;
    }
    frame.cutMark = this.#cuts.length;
    const child = frame.isObject
      ? this.#readMemberName(frame)
      : this.#matcher.element(frame.node, frame.index, this.#budget);
    if (child === undefined) throw new WithholdSignal("the document's paths are too long to be matched");
    frame.child = child;
    frame.index++;
    const isRetained = frame.isRetained || child.retains.length > 0;
    const isDestroyed = frame.isDestroyed || child.destroys.length > 0;
    if (!frame.isDestroyed && !isDestroyed && !frame.isRetained) this.#count(child.retains, child);
    if (this.#beginValue(child, isRetained, isDestroyed)) return;
    this.#endChildren(isRetained);
  }

  #readMemberName(frame: Frame): PathNode | undefined {
    if (this.#peek() !== QUOTE) throw this.#malformed("a member's name is missing");
    const start = this.#position + 1;
    const hasEscapes = this.#skipString();
    const raw = this.#text.slice(start, this.#position - 1);
    if (raw.length * 3 > this.#limits.maxScalarBytes && utf8Length(raw) > this.#limits.maxScalarBytes) {
      throw new WithholdSignal("a member's name is longer than `maxScalarBytes`");
    }
    this.#skipSpace();
    if (this.#peek() !== COLON) throw this.#malformed("a colon is missing");
    this.#position++;
    this.#skipSpace();
    const key = hasEscapes ? (JSON.parse(`"${raw}"`) as string) : raw;
    return this.#matcher.member(frame.node, key, this.#budget);
  }

  /** Reads a scalar whole, or opens a container. @returns whether a container was opened */
  #beginValue(node: PathNode, isRetained: boolean, isDestroyed: boolean): boolean {
    const code = this.#peek();
    if (code !== OPEN_BRACE && code !== OPEN_BRACKET) {
      this.#skipScalar(code);
      return false;
    }
    if (this.#frames.length >= this.#limits.maxJsonDepth) {
      throw new WithholdSignal(`the document is nested deeper than ${this.#limits.maxJsonDepth}`);
    }
    this.#position++;
    this.#frames.push({
      isObject: code === OPEN_BRACE,
      node,
      isRetained,
      isDestroyed,
      index: 0,
      kept: 0,
      hasRetained: false,
      segmentStart: this.#position,
      comma: -1,
      cutMark: 0,
      child: node,
    });
    return true;
  }

  /** @returns whether the container stays as a child of the one around it; `undefined` for the root */
  #closeContainer(): boolean | undefined {
    this.#position++;
    const closed = this.#frames.pop() as Frame;
    return this.#frames.length === 0 ? undefined : closed.isRetained || closed.hasRetained;
  }

  /** Settles the child just read, and every container that closes right behind it. A loop: depth costs no stack. */
  #endChildren(isKept: boolean | undefined): void {
    let isChildKept = isKept;
    while (isChildKept !== undefined) isChildKept = this.#endChild(isChildKept);
  }

  /**
   * Settles the child just read and moves on to the next one or closes the container.
   *
   * @param isKept - whether it is, lies below, or lies above a retained node
   * @returns as {@link StageScan.#closeContainer}; `undefined` too when another child follows
   */
  #endChild(isKept: boolean): boolean | undefined {
    const frame = this.#frames[this.#frames.length - 1] as Frame;
    this.#skipSpace();
    const end = this.#position;
    const code = this.#peek();
    if (isKept) frame.hasRetained = true;
    const isDestroyed = frame.child.destroys.length > 0;
    if (isKept && isDestroyed && !frame.isDestroyed) this.#count(frame.child.destroys, frame.child);
    if (isKept && !isDestroyed) frame.kept++;
    else this.#cutChild(frame, end, code === COMMA);
    if (code === COMMA) {
      frame.comma = end;
      this.#position++;
      frame.segmentStart = this.#position;
      return undefined;
    }
    if (code !== (frame.isObject ? CLOSE_BRACE : CLOSE_BRACKET))
      throw this.#malformed("a comma or a closing bracket is missing");
    return this.#closeContainer();
  }

  /** Takes the child's text, the white space on both sides, and the comma before it: after it, if nothing stays before. */
  #cutChild(frame: Frame, end: number, hasNext: boolean): void {
    this.#cuts.length = frame.cutMark;
    if (frame.isDestroyed) return;
    if (frame.kept > 0) this.#cuts.push(frame.comma, end);
    else this.#cuts.push(frame.segmentStart, hasNext ? end + 1 : end);
  }

  #count(operations: readonly number[], node: PathNode): void {
    for (const operation of operations) this.hits.push({ operation, shape: node.shape });
  }

  #skipScalar(code: number): void {
    if (code === QUOTE) this.#skipString();
    else if (code === MINUS || isDigit(code)) this.#skipNumber();
    else if (!this.#skipWord("true") && !this.#skipWord("false") && !this.#skipWord("null")) {
      throw this.#malformed("a value is missing");
    }
  }

  #skipWord(word: string): boolean {
    if (!this.#text.startsWith(word, this.#position)) return false;
    this.#position += word.length;
    return true;
  }

  /** From the opening quote past the closing one. @returns whether there are escapes in it */
  #skipString(): boolean {
    const text = this.#text;
    const length = text.length;
    let position = this.#position + 1;
    let hasEscapes = false;
    while (position < length) {
      const code = text.charCodeAt(position);
      if (code === QUOTE) {
        this.#position = position + 1;
        return hasEscapes;
      }
      if (code < 0x20) break;
      if (code === BACKSLASH) {
        hasEscapes = true;
        const size = escapeLength(text, position);
        if (size === 0) break;
        position += size;
      } else {
        position++;
      }
    }
    this.#position = position;
    throw this.#malformed("a string is not closed, or has a bad character or escape");
  }

  #skipNumber(): void {
    const start = this.#position;
    if (this.#peek() === MINUS) this.#position++;
    const isZero = this.#peek() === ZERO;
    if (isZero) this.#position++;
    else this.#skipDigits();
    if (this.#peek() === DOT) {
      this.#position++;
      this.#skipDigits();
    }
    if ((this.#peek() | 0x20) === 0x65) {
      this.#position++;
      if (this.#peek() === PLUS || this.#peek() === MINUS) this.#position++;
      this.#skipDigits();
    }
    // `01` and `1a` end a number where no value may begin.
    if (isDigit(this.#peek())) {
      this.#position = start;
      throw this.#malformed("a number is malformed");
    }
  }

  #skipDigits(): void {
    const start = this.#position;
    while (isDigit(this.#peek())) this.#position++;
    if (this.#position === start) throw this.#malformed("a number is malformed");
  }

  #skipSpace(): void {
    for (;;) {
      const code = this.#peek();
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.#position++;
    }
  }

  /** The code at the position; 0, which is never valid there, past the end. */
  #peek(): number {
    return this.#position < this.#text.length ? this.#text.charCodeAt(this.#position) : 0;
  }

  #malformed(what: string): WithholdSignal {
    return new WithholdSignal(`the body is not JSON: ${what}, near character ${this.#position + 1}`);
  }
}

/** Length of the escape at a backslash; 0 when it is none. */
function escapeLength(text: string, position: number): number {
  const letter = text.charAt(position + 1);
  if (letter === "u") return /^[0-9A-Fa-f]{4}$/.test(text.slice(position + 2, position + 6)) ? 6 : 0;
  return letter !== "" && '"\\/bfnrt'.includes(letter) ? 2 : 0;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function utf8Length(text: string): number {
  return new TextEncoder().encode(text).length;
}
