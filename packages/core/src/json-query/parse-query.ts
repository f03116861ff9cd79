/**
 * Reads a JSONPath query: the grammar of RFC 9535, all of it and nothing else.
 *
 * What is outside is refused with a reason. Libraries are more lenient, each in its own way: `$.a-b`, `$[1:2 3]` or
 * `$[?!@.a==1]` pass in some, with meanings that an author of a policy would have to guess (docs/adr/0003-jsonpath.md).
 */
import { exactNumber } from "./exact-number.js";
import { compileIRegexp } from "./i-regexp.js";
import {
  type Comparable,
  type ComparisonOperator,
  type InnerQuery,
  isSingular,
  type LogicalExpression,
  type Query,
  type Segment,
  type Selector,
  type TextMatch,
  type TextPattern,
} from "./query.js";
import { QuerySyntaxError } from "./query-syntax-error.js";
import { readStringLiteral } from "./string-literal.js";

/** At most this many characters a query: far above any real one, and it bounds how deep filter expressions nest. */
export const MAX_QUERY_CHARACTERS = 1000;

/**
 * Parses a query.
 *
 * @throws QuerySyntaxError naming the construct, where it stands and what to write instead
 */
export function parseQuery(source: string): Query {
  if (source.length > MAX_QUERY_CHARACTERS) {
    throw new QuerySyntaxError(
      `the query has ${source.length} characters, at most ${MAX_QUERY_CHARACTERS} are allowed`,
      "select with several shorter queries",
    );
  }
  return new QueryParser(source).parse();
}

const BLANKS = /[ \t\n\r]*/y;
const SHORTHAND = /[A-Za-z_\u0080-\ud7ff\ue000-\u{10ffff}][A-Za-z0-9_\u0080-\ud7ff\ue000-\u{10ffff}]*/uy;
const INTEGER = /0|-?[1-9][0-9]*/y;
const NUMBER = /(?:-?0|-?[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const FUNCTION = /([a-z][a-z0-9_]*)\(/y;
const OPERATOR = /==|!=|<=|>=|<|>/y;
const WORD = /[A-Za-z_][A-Za-z0-9_]*/y;

const PLACES = { match: "whole", search: "anywhere" } as const;

const CONSTANTS = new Map<string, boolean | null>([
  ["true", true],
  ["false", false],
  ["null", null],
]);

class QueryParser {
  readonly #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  parse(): Query {
    if (!this.#takes("$")) {
      throw this.#fault("a query begins with `$`", "write for example `$.data.id` or `$..password`");
    }
    const segments = this.#segments();
    if (this.#at === this.#source.length) return { segments };
    if (this.#next() === "-") {
      throw this.#fault("`-` is not part of a name after a dot", "write such a name as `['a-b']`");
    }
    throw this.#fault(
      `${this.#found()} does not continue the query`,
      "a segment is `.name`, `..name`, `.*`, `..*` or begins with `[` or `..[`",
    );
  }

  #segments(): Segment[] {
    const segments: Segment[] = [];
    for (;;) {
      const before = this.#at;
      this.#skipBlanks();
      const segment = this.#segment();
      if (segment === undefined) {
        // White space belongs to a query only where a segment follows.
        this.#at = before;
        return segments;
      }
      segments.push(segment);
    }
  }

  #segment(): Segment | undefined {
    if (this.#next() === "[") return { kind: "child", selectors: this.#bracketed() };
    if (this.#takes("..")) {
      if (this.#next() === "[") return { kind: "descendant", selectors: this.#bracketed() };
      return { kind: "descendant", selectors: [this.#dotted("..")] };
    }
    return this.#takes(".") ? { kind: "child", selectors: [this.#dotted(".")] } : undefined;
  }

  #dotted(dots: string): Selector {
    if (this.#takes("*")) return { kind: "wildcard" };
    const name = this.#match(SHORTHAND)?.[0];
    if (name !== undefined) return { kind: "name", name };
    throw this.#fault(
      `\`${dots}\` is followed by ${this.#found()}`,
      `write \`${dots}name\`, \`${dots}*\` or \`${dots === "." ? "" : ".."}['any name']\``,
    );
  }

  #bracketed(): Selector[] {
    const start = this.#at++;
    const selectors: Selector[] = [];
    do {
      this.#skipBlanks();
      selectors.push(this.#selector());
      this.#skipBlanks();
    } while (this.#takes(","));
    if (this.#takes("]")) return selectors;
    if (this.#at < this.#source.length) {
      throw this.#fault(
        `${this.#found()} stands where \`,\` or \`]\` is expected`,
        "separate selectors by commas",
      );
    }
    throw this.#fault("`[` is not closed", "add `]`", start);
  }

  #selector(): Selector {
    const next = this.#next();
    if (next === "'" || next === '"') return { kind: "name", name: this.#string() };
    if (this.#takes("*")) return { kind: "wildcard" };
    if (this.#takes("?")) {
      this.#skipBlanks();
      return { kind: "filter", test: this.#or() };
    }
    const first = this.#integer();
    const slice = this.#slice(first);
    if (slice !== undefined) return slice;
    if (first !== undefined) return { kind: "index", index: first };
    throw this.#fault(
      `${this.#found()} is no selector`,
      "write a name in quotes, an index, a slice such as `0:3`, `*`, or a filter such as `?@.kind == 'card'`",
    );
  }

  #slice(start: number | undefined): Selector | undefined {
    const before = this.#at;
    this.#skipBlanks();
    if (!this.#takes(":")) {
      this.#at = before;
      return undefined;
    }
    this.#skipBlanks();
    const end = this.#integer();
    const behindEnd = this.#at;
    if (end !== undefined) this.#skipBlanks();
    if (!this.#takes(":")) {
      this.#at = behindEnd;
      return { kind: "slice", start, end, step: 1 };
    }
    const behindColon = this.#at;
    this.#skipBlanks();
    const step = this.#integer();
    if (step === undefined) this.#at = behindColon;
    return { kind: "slice", start, end, step: step ?? 1 };
  }

  #integer(): number | undefined {
    const start = this.#at;
    const digits = this.#match(INTEGER)?.[0];
    if (digits === undefined) return undefined;
    if (/[0-9]/.test(this.#next())) {
      throw this.#fault("a number has a leading zero", "write it without", start);
    }
    const value = Number(digits);
    if (Number.isSafeInteger(value)) return value;
    throw this.#fault(`\`${digits}\` is outside ±(2^53 − 1)`, "no array is that long", start);
  }

  #or(): LogicalExpression {
    return this.#joined("or", "||", () => this.#joined("and", "&&", () => this.#basic()));
  }

  #joined(kind: "or" | "and", sign: string, read: () => LogicalExpression): LogicalExpression {
    const first = read();
    const operands = [first];
    for (;;) {
      const before = this.#at;
      this.#skipBlanks();
      if (!this.#takes(sign)) {
        this.#at = before;
        return operands.length === 1 ? first : { kind, operands };
      }
      this.#skipBlanks();
      operands.push(read());
    }
  }

  #basic(): LogicalExpression {
    const start = this.#at;
    if (!this.#takes("!")) return this.#next() === "(" ? this.#parenthesised() : this.#testOrComparison();
    this.#skipBlanks();
    if (this.#next() === "(") return { kind: "not", operand: this.#parenthesised() };
    const operand = this.#testOrComparison();
    if (operand.kind !== "comparison") return { kind: "not", operand };
    throw this.#fault("`!` before a comparison", "put the comparison in parentheses, or use `!=`", start);
  }

  #parenthesised(): LogicalExpression {
    const start = this.#at++;
    this.#skipBlanks();
    const inner = this.#or();
    this.#skipBlanks();
    if (this.#takes(")")) return inner;
    throw this.#fault("`(` is not closed", "add `)` behind the condition", start);
  }

  #testOrComparison(): LogicalExpression {
    const start = this.#at;
    const left = this.#operand();
    const behind = this.#at;
    this.#skipBlanks();
    const operator = this.#match(OPERATOR)?.[0] as ComparisonOperator | undefined;
    if (operator === undefined) {
      this.#at = behind;
      return this.#asTest(left, start);
    }
    this.#skipBlanks();
    const rightStart = this.#at;
    const right = this.#operand();
    return {
      kind: "comparison",
      operator,
      left: this.#asComparable(left, start),
      right: this.#asComparable(right, rightStart),
    };
  }

  #operand(): Operand {
    const next = this.#next();
    if (next === "@" || next === "$") return { kind: "query", query: this.#innerQuery() };
    if (next === "'" || next === '"') return { kind: "literal", value: this.#string() };
    const call = this.#match(FUNCTION)?.[1];
    if (call !== undefined) return this.#function(call, this.#at - call.length - 1);
    const number = this.#number();
    if (number !== undefined) return { kind: "literal", value: number };
    const word = this.#match(WORD)?.[0];
    const constant = word === undefined ? undefined : CONSTANTS.get(word);
    if (constant !== undefined) return { kind: "literal", value: constant };
    if (word !== undefined) this.#at -= word.length;
    throw this.#fault(
      `${this.#found()} stands where a value is expected`,
      "write `@` for the tested node, a query, a text in quotes, a number, `true`, `false`, `null` or a function",
    );
  }

  #number(): number | undefined {
    const start = this.#at;
    const text = this.#match(NUMBER)?.[0];
    if (text === undefined) return undefined;
    if (/[0-9.]/.test(this.#next()))
      throw this.#fault("the number is malformed", "write it as in JSON", start);
    const value = exactNumber(text);
    if (value !== undefined) return value;
    throw this.#fault(
      `\`${text}\` cannot be compared exactly`,
      "use at most 15 digits and a small exponent",
      start,
    );
  }

  #innerQuery(): InnerQuery {
    const from = this.#source[this.#at++] === "$" ? "root" : "current";
    return { from, segments: this.#segments() };
  }

  #function(name: string, start: number): Operand {
    const call = this.#call(name, start);
    this.#skipBlanks();
    if (this.#takes(")")) return call;
    throw this.#fault(`\`${name}(\` is not closed after its arguments`, "add `)`", start);
  }

  #call(name: string, start: number): Operand {
    switch (name) {
      case "length":
        return { kind: "length", of: this.#value() };
      case "count":
      case "value":
        return { kind: name, query: this.#nodes(name) };
      case "match":
      case "search": {
        const text = this.#value();
        this.#skipBlanks();
        if (!this.#takes(","))
          throw this.#fault(`\`${name}\` takes two arguments`, "a value and a pattern", start);
        return { kind: "match", place: PLACES[name], text, pattern: this.#pattern(name) };
      }
      default:
        throw this.#fault(
          `there is no function \`${name}\``,
          "there are `length`, `count`, `value`, `match` and `search`",
          start,
        );
    }
  }

  #value(): Comparable {
    this.#skipBlanks();
    const start = this.#at;
    return this.#asComparable(this.#operand(), start);
  }

  #nodes(name: string): InnerQuery {
    this.#skipBlanks();
    const operand = this.#next() === "@" || this.#next() === "$" ? this.#innerQuery() : undefined;
    if (operand !== undefined) return operand;
    throw this.#fault(`\`${name}\` takes a query`, `write for example \`${name}(@.*)\``);
  }

  /** A pattern that is written out has to be one: in a policy, one that never matches is a mistake. */
  #pattern(name: keyof typeof PLACES): TextPattern {
    this.#skipBlanks();
    const start = this.#at;
    const source = this.#value();
    if (source.kind !== "literal") return { kind: "computed", source };
    const compiled = compileIRegexp(String(source.value), PLACES[name]);
    if (typeof source.value === "string" && compiled.kind === "valid") {
      return { kind: "fixed", test: compiled.test };
    }
    const reason = compiled.kind === "valid" ? "the pattern is no text" : compiled.reason;
    throw this.#fault(
      `${reason}: \`${name}\` would never match`,
      "patterns of queries are I-Regexp (RFC 9485): write `[0-9]` for a digit, `\\\\` for a backslash in quotes",
      start,
    );
  }

  #asTest(operand: Operand, start: number): LogicalExpression {
    if (operand.kind === "query") return { kind: "exists", query: operand.query };
    if (operand.kind === "match") return operand;
    throw this.#fault("a value alone is no condition", "compare it, as in `@.a == 1`", start);
  }

  #asComparable(operand: Operand, start: number): Comparable {
    if (operand.kind === "match") {
      throw this.#fault("`match` and `search` have no value", "write them alone, or `!` before them", start);
    }
    if (operand.kind !== "query") return operand;
    if (isSingular(operand.query)) return { kind: "singular", query: operand.query };
    throw this.#fault(
      "a query that may have several nodes has no value",
      "use `value(…)` or `count(…)`, or select with names and indices only",
      start,
    );
  }

  #string(): string {
    const literal = readStringLiteral(this.#source, this.#at);
    if (typeof literal.value !== "string") throw this.#fault(literal.problem, literal.help, literal.end);
    this.#at = literal.end;
    return literal.value;
  }

  #next(): string {
    return this.#source[this.#at] ?? "";
  }

  #takes(text: string): boolean {
    if (!this.#source.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  #match(expression: RegExp): RegExpExecArray | undefined {
    expression.lastIndex = this.#at;
    const found = expression.exec(this.#source) ?? undefined;
    this.#at += found?.[0].length ?? 0;
    return found;
  }

  #skipBlanks(): void {
    this.#match(BLANKS);
  }

  #found(): string {
    const point = this.#source.codePointAt(this.#at);
    return point === undefined ? "the end" : `\`${String.fromCodePoint(point)}\``;
  }

  #fault(message: string, help: string, at = this.#at): QuerySyntaxError {
    return new QuerySyntaxError(`at character ${at + 1}: ${message}`, help);
  }
}

/** What may stand in a filter expression before it is known how it is used. */
type Operand =
  | { readonly kind: "query"; readonly query: InnerQuery }
  | Exclude<Comparable, { readonly kind: "singular" }>
  | TextMatch;
