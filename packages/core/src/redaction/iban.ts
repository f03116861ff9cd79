/** International bank account numbers (ISO 13616): a country, its length, and a remainder of 1 by 97. */
import { ALPHANUMERIC, isOneAt } from "./ascii.js";
import type { Detector } from "./detector.js";
import { isSeparatorAt, SEPARATORS, withoutSeparators } from "./separators.js";
import { type Span, spansOf } from "./span.js";
import { textNeeds } from "./text-traits.js";

/** How many characters the account numbers of a country have. */
export const IBAN_LENGTHS: ReadonlyMap<string, number> = new Map(
  [
    [15, "NO"],
    [16, "BE"],
    [18, "DK FI FK FO GL NL SD"],
    [19, "MK SI"],
    [20, "AT BA EE KZ LT LU MN XK"],
    [21, "CH HR LI LV"],
    [22, "BG BH CR DE GB GE IE ME RS VA"],
    [23, "AE GI IL IQ OM SO TL"],
    [24, "AD CZ ES MD PK RO SA SE SK TN VG"],
    [25, "LY PT ST"],
    [26, "IS TR"],
    [27, "BI DJ FR GR IT MC MR SM"],
    [28, "AL AZ BY CY DO GT HN HU LB NI PL SV"],
    [29, "BR EG PS QA UA"],
    [30, "JO KW MU YE"],
    [31, "MT SC"],
    [32, "LC"],
    [33, "RU"],
  ].flatMap(([length, countries]) =>
    String(countries)
      .split(" ")
      .map((country) => [country, Number(length)] as const),
  ),
);

const BEGINNING = /(?<![A-Za-z0-9])[A-Za-z]{2}[0-9]{2}/g;

/** Of a text that is as long as the country says. */
const FORM = new RegExp(
  `^(?:[A-Za-z0-9]+|[A-Za-z0-9]{4}([${SEPARATORS}])(?:[A-Za-z0-9]{4}\\1)*[A-Za-z0-9]{1,4})$`,
);

/** Without separators, or in groups of four with one space or one hyphen between two; in capitals or not. */
export const iban: Detector<"iban"> = {
  name: "iban",
  class: "pii",
  needs: textNeeds(Math.min(...IBAN_LENGTHS.values()), 2, ""),
  find: (text) => spansOf(BEGINNING, text).flatMap(({ start }) => ibanAt(text, start) ?? []),
};

function ibanAt(text: string, start: number): Span | undefined {
  const length = IBAN_LENGTHS.get(text.slice(start, start + 2).toUpperCase());
  if (length === undefined) return undefined;
  const gaps = isSeparatorAt(text, start + 4) ? Math.ceil(length / 4) - 1 : 0;
  const end = start + length + gaps;
  const written = text.slice(start, end);
  if (end > text.length || !FORM.test(written) || isOneAt(ALPHANUMERIC, text, end)) return undefined;
  return remainderBy97(withoutSeparators(written)) === 1 ? { start, end } : undefined;
}

/** Country and check digits go last, and a letter counts as two digits: A is 10, Z is 35 (ISO 7064, MOD 97-10). */
function remainderBy97(account: string): number {
  let remainder = 0;
  for (let at = 0; at < account.length; at++) {
    const unit = account.charCodeAt((at + 4) % account.length);
    // 0x30 is `0`; the last five bits of `A` and `a` are 1.
    remainder = unit < 0x40 ? remainder * 10 + unit - 0x30 : remainder * 100 + (unit & 31) + 9;
    remainder %= 97;
  }
  return remainder;
}
