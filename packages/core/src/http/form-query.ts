/** A query as rules see it: `application/x-www-form-urlencoded` pairs, repeats kept, in order (WHATWG URL section 5.1). */
import { percentDecode } from "./percent.js";

export interface QueryPair {
  readonly name: string;
  readonly value: string;
}

/** Where one pair stands in the raw query, and what it decodes to; `pair` is absent when that is not UTF-8. */
export interface RawPair {
  readonly raw: string;
  readonly pair: QueryPair | undefined;
}

/** Splits a query, given without its leading `?`. Empty pieces (`a=1&&b=2`) say nothing and are left out. */
export function splitQuery(query: string): RawPair[] {
  if (query === "") return [];
  return query
    .split("&")
    .filter((raw) => raw !== "")
    .map((raw) => ({ raw, pair: decodePair(raw) }));
}

function decodePair(raw: string): QueryPair | undefined {
  const equals = raw.indexOf("=");
  const name = decodeComponent(equals < 0 ? raw : raw.slice(0, equals));
  const value = decodeComponent(equals < 0 ? "" : raw.slice(equals + 1));
  return name === undefined || value === undefined ? undefined : { name, value };
}

function decodeComponent(text: string): string | undefined {
  return percentDecode(text.replaceAll("+", " "));
}
