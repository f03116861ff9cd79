/** The headers of an answer as they come from the connection. */
import { HeaderList, isHeaderName, isHeaderValue } from "../headers/header-list.js";

/**
 * @param raw - names and values in turn; each byte is one character
 * @throws TypeError as the platform's `Headers` does for what they cannot hold
 */
export function receivedHeaders(raw: readonly Buffer[]): HeaderList {
  const flat: string[] = [];
  const textOf = readerOf(raw);
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = textOf(raw[index]);
    const value = textOf(raw[index + 1]);
    if (isHeaderName(name) && isHeaderValue(value)) flat.push(name.toLowerCase(), value);
    else for (const text of asThePlatform(name, value)) flat.push(text);
  }
  return new HeaderList(flat);
}

/** Where they stand close together, as in what came in one piece, all of them are decoded at once. */
function readerOf(raw: readonly Buffer[]): (bytes: Buffer | undefined) => string {
  const [first, last] = [raw[0], raw.at(-1)];
  if (first === undefined || last === undefined) return latin1Of;
  const { buffer, byteOffset: from } = first;
  const length = last.byteOffset + last.length - from;
  if (last.buffer !== buffer || length < 0 || length > MAX_TOGETHER_BYTES) return latin1Of;
  const text = Buffer.from(buffer, from, length).toString("latin1");
  return (bytes) => {
    if (bytes?.buffer !== buffer) return latin1Of(bytes);
    const start = bytes.byteOffset - from;
    return start < 0 || start + bytes.length > length
      ? latin1Of(bytes)
      : text.slice(start, start + bytes.length);
  };
}

/** Parts of a text keep all of it. */
const MAX_TOGETHER_BYTES = 4096;

function latin1Of(bytes: Buffer | undefined): string {
  return bytes === undefined ? "" : bytes.toString("latin1");
}

function asThePlatform(name: string, value: string): readonly string[] {
  const headers = new Headers();
  headers.append(name, value);
  return [...headers].flat();
}
