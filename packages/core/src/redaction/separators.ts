/**
 * The spaces and hyphens that stand between the groups of a number: those of ASCII, and what word processors, PDFs and
 * phones put in their place.
 */

/** Members of a character class: no-break, figure, thin and narrow no-break space; hyphens, figure and en dash. */
export const SEPARATORS = " \\u00a0\\u2007\\u2009\\u202f\\-\\u2010-\\u2013";

const ONE = new RegExp(`[${SEPARATORS}]`);
const ALL = new RegExp(ONE, "g");

/** Whether a separator stands at `index`. */
export function isSeparatorAt(text: string, index: number): boolean {
  return ONE.test(text.charAt(index));
}

export function withoutSeparators(text: string): string {
  return text.replaceAll(ALL, "");
}
