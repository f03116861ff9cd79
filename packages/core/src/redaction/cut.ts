/** The beginning of a text, of at most so many characters; none of them half of a pair. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  const isWhole = (text.codePointAt(most - 1) ?? 0) <= 0xffff;
  return text.slice(0, isWhole ? most : most - 1);
}
