/**
 * A JSON text from its beginning to its end, strictly (RFC 8259): every name with its place, repeated ones too, and the
 * first fault with its place. `JSON.parse` forgets the first and quotes the text with the second.
 *
 * Nothing is built, and what is nested deeper than a policy is refused.
 */
import { MAX_TEXT_DEPTH } from "./policy-text.js";

/** An object or array that is open. */
export interface OpenJson {
  readonly closing: "}" | "]";
  /** Of the member or element that was begun last, -1 for none; a name counts once its colon has been seen. */
  key: string | number;
}

/** Thrown where a text is not JSON, or too deep. The message holds nothing of the text. */
export class JsonFault extends Error {
  /** Of the character that is wrong, or of the value that is too deep; the length of the text when it ends too early. */
  readonly offset: number;
  /** Names and indices that lead there. */
  readonly path: readonly (string | number)[];
  readonly help: string | undefined;

  constructor(message: string, offset: number, open: readonly OpenJson[], help: string | undefined) {
    super(message);
    this.offset = offset;
    this.path = pathOf(open);
    this.help = help;
  }
}

export function pathOf(open: readonly OpenJson[]): (string | number)[] {
  return open.flatMap(({ key }) => (key === -1 ? [] : [key]));
}

/**
 * Called for each member and each element, in the order of the text.
 *
 * @param open - what is open there, outermost first; changes afterwards
 * @param offset - where the name or the element begins
 */
export type JsonVisitor = (open: readonly OpenJson[], offset: number) => void;

/** @throws JsonFault */
export function walkJson(text: string, visit: JsonVisitor): void {
  new JsonWalk(text, visit).run();
}

const BACKSLASH = 0x5c;
const QUOTE = 0x22;
const SPACE: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d]);
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const PART_OF_ESCAPE = /^\\(?:u[0-9a-fA-F]{0,3})?$/;

/** Nothing of a word may follow: `truex` and `01` are no values. */
const LITERAL = /(?:true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)(?![\w.+-])/y;

class JsonWalk {
  readonly #text: string;
  readonly #visit: JsonVisitor;
  readonly #open: OpenJson[] = [];
  #at = 0;

  constructor(text: string, visit: JsonVisitor) {
    this.#text = text;
    this.#visit = visit;
  }

  run(): void {
    do this.#enterValue();
    while (this.#isAnotherBehind());
    if (this.#at < this.#text.length) this.#fail("text follows the end of the document");
  }

  /** Reads up to the end of the first scalar or empty container. */
  #enterValue(): void {
    for (;;) {
      this.#skipSpace();
      const first = this.#text[this.#at];
      if (first !== "{" && first !== "[") {
        if (first === '"') this.#readString();
        else this.#skipLiteral();
        return;
      }
      const container: OpenJson = { closing: first === "{" ? "}" : "]", key: -1 };
      this.#at++;
      this.#skipSpace();
      if (this.#text[this.#at] === container.closing) {
        this.#at++;
        return;
      }
      if (this.#open.length === MAX_TEXT_DEPTH) this.#failTooDeep();
      this.#open.push(container);
      this.#enterChild(container);
    }
  }

  /** Closes what closes behind a value. */
  #isAnotherBehind(): boolean {
    for (;;) {
      this.#skipSpace();
      const container = this.#open.at(-1);
      if (container === undefined) return false;
      const next = this.#text[this.#at];
      if (next !== "," && next !== container.closing)
        this.#fail(`expected \`,\` or \`${container.closing}\``);
      this.#at++;
      if (next === ",") {
        this.#skipSpace();
        if (this.#text[this.#at] === container.closing)
          this.#fail(`a comma stands before \`${container.closing}\``, "remove the comma");
        this.#enterChild(container);
        return true;
      }
      this.#open.pop();
    }
  }

  /** Goes behind the name of a member, and nowhere for an element. */
  #enterChild(container: OpenJson): void {
    const from = this.#at;
    if (container.closing === "]") container.key = (container.key as number) + 1;
    else {
      if (this.#text[from] !== '"') this.#fail("expected a name in double quotes");
      const name = this.#readString();
      this.#skipSpace();
      if (this.#text[this.#at] !== ":") this.#fail("expected `:` after a name");
      this.#at++;
      container.key = name;
    }
    this.#visit(this.#open, from);
  }

  #skipSpace(): void {
    while (SPACE.has(this.#text.charCodeAt(this.#at))) this.#at++;
  }

  #readString(): string {
    const text = this.#text;
    const from = this.#at++;
    let hasEscapes = false;
    for (; ; this.#at++) {
      const code = text.charCodeAt(this.#at);
      if (code === QUOTE) break;
      if (code === BACKSLASH) {
        hasEscapes = true;
        this.#skipEscape();
      } else if (!(code >= 0x20))
        this.#fail("a line break or another control character within quotes", "write it as `\\n`");
    }
    this.#at++;
    return hasEscapes
      ? (JSON.parse(text.slice(from, this.#at)) as string)
      : text.slice(from + 1, this.#at - 1);
  }

  /** To its last character. */
  #skipEscape(): void {
    ESCAPE.lastIndex = this.#at;
    if (ESCAPE.test(this.#text)) this.#at = ESCAPE.lastIndex - 1;
    else {
      // At the end of the text it is no wrong one, but a part of one.
      if (PART_OF_ESCAPE.test(this.#text.slice(this.#at, this.#at + 6))) this.#at = this.#text.length;
      this.#fail("an unknown escape", "write a backslash as `\\\\`");
    }
  }

  /** A number, `true`, `false` or `null`. */
  #skipLiteral(): void {
    LITERAL.lastIndex = this.#at;
    if (!LITERAL.test(this.#text)) this.#fail("expected a value");
    this.#at = LITERAL.lastIndex;
  }

  #fail(message: string, help?: string): never {
    const next = this.#text[this.#at];
    if (next === undefined)
      throw new JsonFault("not JSON: the text ends too early", this.#at, this.#open, undefined);
    throw new JsonFault(`not JSON: ${message}`, this.#at, this.#open, help ?? NOT_IN_JSON[next]);
  }

  #failTooDeep(): never {
    const message = `the document is nested deeper than ${MAX_TEXT_DEPTH}`;
    throw new JsonFault(message, this.#at, this.#open, undefined);
  }
}

/** What people write where JSON has no room for it. */
const NOT_IN_JSON: Readonly<Record<string, string>> = {
  "/": "JSON has no comments",
  "#": "JSON has no comments",
  "'": "JSON has double quotes only",
};
