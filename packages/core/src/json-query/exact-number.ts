/** Numbers that JavaScript holds without loss. */

const MAX_SURE_DIGITS = 15;

/**
 * The value of a number as JSON writes it.
 *
 * @returns `undefined` when JavaScript would give back other digits: two such numbers may compare as equal and are not
 */
export function exactNumber(text: string): number | undefined {
  const value = Number(text);
  if (text.length <= MAX_SURE_DIGITS && /^-?[0-9]+$/.test(text)) return value;
  return Number.isFinite(value) && digitsOf(text) === digitsOf(String(value)) ? value : undefined;
}

/** Sign, digits without zeros around them, and the power of ten behind them. */
function digitsOf(text: string): string {
  const [, sign = "", whole = "", fraction = "", power = "0"] =
    /^(-?)([0-9]*)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]+))?$/.exec(text) ?? [];
  const all = whole + fraction;
  let from = 0;
  let to = all.length;
  while (from < to && all[from] === "0") from++;
  while (to > from && all[to - 1] === "0") to--;
  if (from === to) return "0";
  return `${sign}${all.slice(from, to)}e${Number(power) - fraction.length + all.length - to}`;
}
