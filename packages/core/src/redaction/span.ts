/** Stretches of a text, and where an expression finds them. */

/** A stretch of a text in UTF-16 code units: from `start` up to, but without, `end`. Never empty. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * All matches from left to right. `String.prototype.matchAll` would copy the expression for each text, which costs more
 * than to find nothing in it.
 *
 * @param pattern - with the flag `g`; matches no empty text
 */
export function spansOf(pattern: RegExp, text: string): readonly Span[] {
  let span = nextSpan(pattern, text, 0);
  if (span === undefined) return NONE;
  const spans: Span[] = [];
  for (; span !== undefined; span = nextSpan(pattern, text, span.end)) spans.push(span);
  return spans;
}

/** The first match that begins at `from` or later. */
export function nextSpan(pattern: RegExp, text: string, from: number): Span | undefined {
  pattern.lastIndex = from;
  const found = pattern.exec(text);
  return found === null ? undefined : { start: found.index, end: found.index + found[0].length };
}

const NONE: readonly Span[] = [];
