/** US social security numbers, as they are written: 3, 2 and 4 digits. Nine digits alone may be anything. */
import type { Detector } from "./detector.js";
import { SEPARATORS } from "./separators.js";
import { spansOf } from "./span.js";
import { textNeeds } from "./text-traits.js";

/** Area not 000, 666 or 900 to 999, group not 00, serial not 0000: the ranges that are or were issued. */
const NUMBER = new RegExp(
  `(?<![A-Za-z0-9])(?!000|666|9)[0-9]{3}([${SEPARATORS}])(?!00)[0-9]{2}\\1(?!0000)[0-9]{4}(?![A-Za-z0-9])`,
  "g",
);

/** With the same space or hyphen twice. */
export const usSsn: Detector<"us-ssn"> = {
  name: "us-ssn",
  class: "pii",
  needs: textNeeds(11, 9, ""),
  find: (text) => spansOf(NUMBER, text),
};
