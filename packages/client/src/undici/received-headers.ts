/** The headers of an answer as they come from the connection. */
import { HeaderList, isHeaderName, isHeaderValue } from "../headers/header-list.js";

/**
 * @param raw - names and values in turn; each byte is one character
 * @throws TypeError as the platform's `Headers` does for what they cannot hold
 */
export function receivedHeaders(raw: readonly Buffer[]): HeaderList {
  const flat: string[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const [name, value] = [textOf(raw[index]), textOf(raw[index + 1])];
    if (isHeaderName(name) && isHeaderValue(value)) flat.push(name.toLowerCase(), value);
    else for (const text of asThePlatform(name, value)) flat.push(text);
  }
  return new HeaderList(flat);
}

function textOf(bytes: Buffer | undefined): string {
  return bytes === undefined ? "" : bytes.toString("latin1");
}

function asThePlatform(name: string, value: string): readonly string[] {
  const headers = new Headers();
  headers.append(name, value);
  return [...headers].flat();
}
