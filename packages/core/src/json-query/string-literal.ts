/** Quoted texts of a query (RFC 9535 section 2.3.1). */

export type StringLiteral =
  | { readonly value: string /** Behind the closing quote. */; readonly end: number }
  | { readonly value: undefined; readonly problem: string; readonly help: string; readonly end: number };

const ESCAPES: Readonly<Record<string, string>> = {
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  "/": "/",
  "\\": "\\",
};

/** All but controls, quotes, backslashes and surrogates that are not a pair. */
const PLAIN = /[ !#-&(-[\]-\ud7ff\ue000-\u{10ffff}]+/uy;
const CODE = /u([0-9A-Fa-f]{4})/y;

/** Reads the literal whose opening quote stands at a place. */
export function readStringLiteral(source: string, start: number): StringLiteral {
  const quote = source[start];
  const wrong = (problem: string, help: string, end: number) => ({ value: undefined, problem, help, end });
  let value = "";
  let at = start + 1;
  for (;;) {
    PLAIN.lastIndex = at;
    const plain = PLAIN.exec(source)?.[0] ?? "";
    value += plain;
    at += plain.length;
    const next = source[at];
    if (next === undefined) return wrong("a text in quotes is not closed", "add the closing quote", start);
    if (next === quote) return { value, end: at + 1 };
    if (next === "\\") {
      const character = readEscape(source, at + 1, quote);
      if (character === undefined) {
        return wrong("a backslash begins no escape", "write `\\\\` for a backslash", at);
      }
      value += character.text;
      at = character.end;
    } else if (next === '"' || next === "'") {
      value += next;
      at++;
    } else {
      return wrong("a control character or half a surrogate pair in a text", "write it as `\\uXXXX`", at);
    }
  }
}

function readEscape(source: string, at: number, quote: string | undefined) {
  const letter = source[at];
  if (letter === undefined) return undefined;
  const text = letter === quote ? letter : ESCAPES[letter];
  if (text !== undefined) return { text, end: at + 1 };
  const high = readCode(source, at);
  if (high === undefined || (high >= 0xdc00 && high <= 0xdfff)) return undefined;
  if (high < 0xd800 || high > 0xdbff) return { text: String.fromCharCode(high), end: at + 5 };
  const low = source[at + 5] === "\\" ? readCode(source, at + 6) : undefined;
  if (low === undefined || low < 0xdc00 || low > 0xdfff) return undefined;
  return { text: String.fromCharCode(high, low), end: at + 11 };
}

function readCode(source: string, at: number): number | undefined {
  CODE.lastIndex = at;
  const digits = CODE.exec(source)?.[1];
  return digits === undefined ? undefined : Number.parseInt(digits, 16);
}
