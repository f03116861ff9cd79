/**
 * Test-only twins of the two stream filters: over the whole text at once, line by line with regular expressions, written
 * from docs/spec/policy.md, "Streams".
 */

/** What becomes of one JSON text; `undefined` when it is withheld. */
export type FilterText = (text: string) => string | undefined;

export interface ReferenceStream {
  /** All that goes out, up to what is withheld. */
  readonly text: string;
  readonly isWhole: boolean;
}

export function jsonLinesByReference(text: string, filter: FilterText, maxBytes: number): ReferenceStream {
  let out = "";
  for (const [whole, line = "", end = ""] of text.matchAll(/([^\n]*)(\n|$)/g)) {
    if (whole === "") break;
    const isLegal = Buffer.byteLength(line) <= maxBytes && !/\r./s.test(line);
    const left = line === "" || line === "\r" ? line : isLegal ? filter(line) : undefined;
    if (left === undefined) return { text: out, isWhole: false };
    out += left + end;
  }
  return { text: out, isWhole: true };
}

export function eventStreamByReference(text: string, filter: FilterText, maxBytes: number): ReferenceStream {
  let out = "";
  let event: string[] = [];
  const lines = text.replace(/^\ufeff/, "").split(/\r\n|\r|\n/);
  const cut = lines.pop() ?? "";
  for (const line of lines) {
    if (line.startsWith(":")) {
      out += ":\n";
    } else if (line !== "") {
      event.push(line);
      if (sizeOf(event) > maxBytes) return { text: out, isWhole: false };
    } else {
      const left = eventLines(event, filter);
      if (left === undefined) return { text: out, isWhole: false };
      out += [...left, "", ""].join("\n");
      event = [];
    }
  }
  const last = cut === "" || cut.startsWith(":") ? event : [...event, cut];
  const left = sizeOf(last) > maxBytes ? undefined : eventLines(last, filter);
  if (left === undefined) return { text: out, isWhole: false };
  const rest = left.map((line) => `${line}\n`).join("");
  if (cut.startsWith(":")) return { text: `${out}${rest}:`, isWhole: true };
  return { text: out + (passes(cut) ? rest.replace(/\n$/, "") : rest), isWhole: true };
}

function sizeOf(lines: readonly string[]): number {
  return lines.reduce((size, line) => size + Buffer.byteLength(line), 0);
}

const DATA = /^data(?:$|: ?)/;
const FIELD = /^(?:(event|id)(?:$|: ?([\w.:-]{0,256})$)|(retry): ?([0-9]{1,256})$)/;

function passes(line: string): boolean {
  return DATA.test(line) || FIELD.test(line);
}

function eventLines(lines: readonly string[], filter: FilterText): string[] | undefined {
  const values = lines.filter((line) => DATA.test(line)).map((line) => line.replace(DATA, ""));
  const data = values.join("\n");
  const left = data === "" || data === "[DONE]" ? data : filter(data);
  if (left === undefined) return undefined;
  const first = lines.findIndex((line) => DATA.test(line));
  return lines.flatMap((line, index) => {
    if (index === first) return left.split("\n").map((one) => `data: ${one}`);
    const [, name, value, retry, digits] = FIELD.exec(line) ?? [];
    return name !== undefined ? [`${name}: ${value ?? ""}`] : retry === undefined ? [] : [`retry: ${digits}`];
  });
}
