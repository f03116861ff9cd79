/** A place in the text of a pattern. */
export class Cursor {
  readonly #source: string;
  readonly #unicode: boolean;
  position = 0;

  constructor(source: string, unicode: boolean) {
    this.#source = source;
    this.#unicode = unicode;
  }

  get isAtEnd(): boolean {
    return this.position >= this.#source.length;
  }

  /** All that is not taken yet. */
  get rest(): string {
    return this.#source.slice(this.position);
  }

  /** The unit at the position, or `ahead` of it; empty past the end. */
  peek(ahead = 0): string {
    return this.#source[this.position + ahead] ?? "";
  }

  /** What stands before the next of these characters; `undefined` when there is none. */
  peekTo(character: string): string | undefined {
    const end = this.#source.indexOf(character, this.position);
    return end < 0 ? undefined : this.#source.slice(this.position, end);
  }

  /** The unit at the position, or `ahead` of it; NaN past the end. */
  unitAt(ahead: number): number {
    return this.#source.charCodeAt(this.position + ahead);
  }

  /** Takes one code point with the `u` flag, one code unit without; empty past the end. */
  take(): string {
    const point = this.#unicode ? this.#source.codePointAt(this.position) : undefined;
    const text = point === undefined ? this.peek() : String.fromCodePoint(point);
    this.position += text.length;
    return text;
  }

  /** What an expression that starts with `^` finds here; nothing is taken. */
  match(expression: RegExp): RegExpExecArray | null {
    return expression.exec(this.rest);
  }

  /** Takes what an expression that starts with `^` finds here. */
  takeMatch(expression: RegExp): RegExpExecArray | null {
    const found = this.match(expression);
    this.position += found?.[0].length ?? 0;
    return found;
  }
}
