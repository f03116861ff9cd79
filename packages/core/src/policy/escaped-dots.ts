/** Dots that were probably meant to be dots. */

/** What is left alone: escapes, classes, and a dot that is repeated. */
const LEFT_ALONE_OR_DOT = /(\\[\s\S]|\[(?:\\[\s\S]|[^\\\]])*\]|\.[*+?{])|\./g;

/**
 * The pattern with a `\.` for every `.` that stands for one character: `^api.example$` as `^api\.example$`.
 *
 * @param pattern - one that compiles
 */
export function withEscapedDots(pattern: string): string {
  return pattern.replace(LEFT_ALONE_OR_DOT, (_, kept: string | undefined) => kept ?? "\\.");
}
